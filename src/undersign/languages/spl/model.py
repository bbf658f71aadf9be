"""A tree as the `Query` that everything above the language reads."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from undersign.languages.spl.conditions import Reader, calls
from undersign.languages.spl.macros import DEFAULT, Macros
from undersign.languages.spl.reading import Parsed, tree
from undersign.languages.spl.scope import Origin, Scope, dataset, event_tables, of_tables
from undersign.languages.spl.stages import STAGES
from undersign.languages.spl.tree import Both, Command, Compare, Search, Tree
from undersign.records.query import Pipeline, Problem, Query, Source, Stage
from undersign.records.visible import Visible

MAX_UNKNOWN = 50
"""Unknown fields that are told of one search."""


def parse(text: str, macros: Macros = DEFAULT) -> Query:
    """Read a search without looking its names up; problems are in the answer, none is raised."""
    return _Builder(tree(text, macros), None).query(text)


def bind(text: str, visible: Visible, macros: Macros = DEFAULT) -> Query:
    """Read a search and look its tables and fields up in what a workspace shows."""
    return _Builder(tree(text, macros), visible).query(text)


class _Builder:
    """One search being turned into records."""

    def __init__(self, parsed: Parsed, visible: Visible | None) -> None:
        self.parsed = parsed
        self.visible = visible
        self.problems = list(parsed.problems)
        self.hints = list(parsed.hints)
        self.scope = Scope()
        self.reader = Reader(parsed.placed, self.origin)
        self.unknown: set[str] = set()
        self.functions: list[tuple[str, int, int]] = []

    def query(self, text: str) -> Query:
        """Return the whole search."""
        main = self.pipeline(self.parsed.tree, None)
        functions = tuple((n, self.parsed.placed.span(s, e)) for n, s, e in self.functions)
        return Query(
            "spl", text, main, problems=tuple(self.problems), bound=self.visible is not None,
            functions=functions, hints=tuple(self.hints),
        )  # fmt: skip

    def origin(self, name: str, start: int, end: int) -> Origin:
        """Return where a field comes from; one that no row has is noted as a problem."""
        found = self.scope.find(name)
        if found is not None:
            return found
        new = "*" not in name and name not in self.unknown and len(self.unknown) < MAX_UNKNOWN
        if new and self.visible is not None:
            self.unknown.add(name)
            tables = {o.table for o in self.scope.fields.values() if o.table}
            near = self.visible.nearest_columns(name.rpartition(".")[2], sorted(tables), 1)
            hint = f"; did you mean {near[0]}?" if near else ""
            message = f"no field `{name[:80]}` comes out of what is before it{hint}"
            span = self.parsed.placed.span(start, end)
            self.problems.append(Problem("unknown-column", message, span, name))
        return Origin()

    def pipeline(self, found: Tree, scope: Scope | None) -> Pipeline:
        """Return one pipeline; `scope` is what it goes on from (appendpipe)."""
        kept, self.scope = self.scope, scope or Scope()
        sources: tuple[Source, ...] = ()
        stages: list[Stage] = []
        for place, command in enumerate(found.commands):
            if place == 0 and scope is None:
                sources = self.source(command)
            stages += self.stages(command)
            self._note(command)
        self.scope, self.ended = kept, self.scope
        return Pipeline(sources, tuple(stages), self.parsed.placed.span(found.start, found.end))

    def stages(self, command: Command) -> list[Stage]:
        """Return a command as stages, and move on to the fields that come out of it."""
        span = self.parsed.placed.span(command.start, command.end)
        text = self.parsed.placed.text[command.start : command.end]
        plain = Stage("other", command.name, text, span)
        build = STAGES.get(command.name)
        if command.broken or build is None:
            self.scope.open = True
            return [plain]
        before = self._where_of_tstats(command)
        made = build(command, self, plain)
        return [*before, replace(made, columns=self.scope.columns())]

    def _where_of_tstats(self, command: Command) -> list[Stage]:
        """Return the where of tstats as a filter of its own."""
        if command.name != "tstats" or command.search is None:
            return []
        start, end = command.search.start, command.search.end
        span = self.parsed.placed.span(start, end)
        condition = self.reader.search(command.search)
        text = self.parsed.placed.text[start:end]
        return [Stage("filter", "tstats where", text, span, condition=condition)]

    def source(self, command: Command) -> tuple[Source, ...]:
        """Return where rows come from, and begin with the fields that they have."""
        span = self.parsed.placed.span(command.start, command.end)
        if command.name == "search" or (command.name == "tstats" and not command.text):
            return self._events(command)
        if command.name in ("tstats", "from"):
            return self._dataset(command)
        if command.name == "makeresults":
            self.scope = Scope({"_time": Origin("timestamp")}, open=False)
            return (Source("makeresults", "inline", span),)
        if command.name == "inputlookup":
            table = self.visible.find(command.text) if self.visible else None
            self.scope = of_tables([table] if table else [])
            return (Source(command.text, "external", span, table.name if table else None),)
        return ()

    def _events(self, command: Command) -> tuple[Source, ...]:
        span = self.parsed.placed.span(command.start, command.end)
        named = _named(command.search)
        if self.visible is None:
            names = named or [("", command.start, command.end)]
            return tuple(self._source(n, s, e, None) for n, s, e in names)
        tables = event_tables(self.visible, command.search)
        self.scope = of_tables(tables)
        if not tables and named:
            name, start, end = named[0]
            near = self.visible.nearest_tables(name, 1)
            hint = f"; did you mean {near[0]}?" if near else ""
            place = self.parsed.placed.span(start, end)
            message = f"no events of `{name[:80]}` are here{hint}"
            self.problems.append(Problem("unknown-table", message, place, name))
            return (self._source(name, start, end, None),)
        if not named:
            kind = "events" if len(tables) == 1 else "wildcard"
            return tuple(Source(t.name, kind, span, t.name) for t in tables)  # type: ignore[arg-type]
        return tuple(self._source(t.name, *named[0][1:], t.name) for t in tables)

    def _source(self, name: str, start: int, end: int, table: str | None) -> Source:
        return Source(name, "events", self.parsed.placed.span(start, end), table)

    def _dataset(self, command: Command) -> tuple[Source, ...]:
        name = command.text
        start = self.parsed.placed.text.find(name.rpartition(".")[2], command.start, command.end)
        span = self.parsed.placed.span(max(start, command.start), command.end)
        if start >= 0:
            end = start + len(name.rpartition(".")[2])
            span = self.parsed.placed.span(start, end)
        names = [*(a.field.value for a in command.aggregates if a.field),
                 *(b.field.value for b in command.by), *_searched(command.search)]  # fmt: skip
        prefixes = list(dict.fromkeys(n.split(".")[0] for n in names if "." in n))
        table = dataset(self.visible, name, prefixes) if self.visible else None
        if self.visible is not None and table is None:
            near = self.visible.nearest_tables(name, 1)
            hint = f"; did you mean {near[0]}?" if near else ""
            message = f"no source here fills the data model `{name[:80]}`{hint}"
            self.problems.append(Problem("unknown-table", message, span, name))
        self.scope = of_tables([table] if table else [])
        self.scope.prefixes = (*prefixes, *name.split("."))
        return (Source(name, "datamodel", span, table.name if table else None),)

    def inner(self, found: Tree) -> tuple[Pipeline, Scope]:
        """Return a subsearch and the fields that come out of it."""
        pipeline = self.pipeline(found, None)
        return pipeline, self.ended

    def _note(self, command: Command) -> None:
        """Note the functions of a command."""
        for assign in command.assigns:
            self.functions += calls(assign.value)
        self.functions += calls(command.where)
        for agg in command.aggregates:
            self.functions.append((agg.function, agg.start, agg.end))
            self.functions += calls(agg.expression)


def _named(search: Search | None) -> list[tuple[str, int, int]]:
    """Return what a search says about its source, most telling first."""
    found: list[tuple[int, str, int, int]] = []
    for item in _outer(search):
        if isinstance(item, Compare) and item.op == "=":
            rank = {"sourcetype": 0, "source": 1, "eventtype": 2}.get(item.field.value, 9)
            if rank < 9:
                found += [(rank, v.value, item.start, item.end) for v in item.values]
    return [row[1:] for row in sorted(found, key=lambda r: r[0])]


def _outer(search: Search | None) -> Iterator[Search]:
    if isinstance(search, Both) and search.op != "not":
        for item in search.items:
            yield from _outer(item)
    elif search is not None:
        yield search


def _searched(search: Search | None) -> Iterator[str]:
    if isinstance(search, Compare):
        yield search.field.value
    elif isinstance(search, Both):
        for item in search.items:
            yield from _searched(item)
