"""One search, command by command, into a chain of common table expressions."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from sqlglot import exp

from undersign.errors import QueryRefused
from undersign.languages.spl.reading import Parsed
from undersign.languages.spl.tree import Command, Sub, Tree
from undersign.records.artifact import Span
from undersign.records.visible import Visible
from undersign.telemetry.translate import StageSql
from undersign.telemetry.translate.spl import (
    data_models,
    extracting,
    grouping,
    joining,
    matching,
    sources,
    steps,
)
from undersign.telemetry.translate.spl.fields import Needs, needs, weight
from undersign.telemetry.translate.spl.grouping import limited
from undersign.telemetry.translate.spl.relation import Chain, Relation
from undersign.telemetry.translate.spl.values import Unsaid

MAX_COMMANDS = 200
MAX_WEIGHT = 2_000
"""Fields and conditions in one command; more would take seconds only to be said."""
Step = Callable[[Command, Relation, "Search"], Relation]

STEPS: Mapping[str, Step] = {
    "search": steps.search, "where": steps.where, "eval": steps.evaluated, "rename": steps.rename,
    "fields": steps.fields, "table": steps.tabled, "rex": extracting.rex, "regex": extracting.regex,
    "bin": steps.binned, "fillnull": steps.fillnull, "mvexpand": steps.mvexpand,
    "makemv": steps.makemv, "nomv": steps.nomv, "convert": steps.convert, "spath": steps.spath,
    "foreach": steps.foreach,
    "reverse": steps.reverse, "stats": grouping.stats, "chart": grouping.chart,
    "eventstats": grouping.eventstats, "streamstats": grouping.streamstats,
    "timechart": grouping.timechart, "top": grouping.top, "rare": grouping.top,
    "sort": grouping.sort, "head": grouping.head, "tail": grouping.tail, "dedup": grouping.dedup,
    "join": joining.join, "append": joining.append, "appendpipe": joining.appendpipe,
    "appendcols": joining.appendcols, "union": joining.union, "lookup": joining.lookup,
    "inputlookup": joining.inputlookup,
}  # fmt: skip
"""Commands that go on from rows."""
UNSOUND = {
    "transaction": "which events belong together depends on their order and on limits that SQL "
    "cannot keep; stats by the same fields shows the groups",
}


@dataclass(slots=True)
class Search:
    """The search being translated, with its subsearches, on one chain."""

    parsed: Parsed
    visible: Visible
    now: dt.datetime
    chain: Chain = field(default_factory=Chain)
    stages: list[StageSql] = field(default_factory=list)
    rest: tuple[Command, ...] = ()
    depth: int = 0
    at: Command | None = None

    def run(self, partly: bool = False) -> Relation:
        """Translate the whole search; `partly` up to what cannot be read. Raises QueryRefused."""
        problems = [p for p in self.parsed.problems if not partly or not self.parsed.tree.commands]
        for problem in problems:
            raise QueryRefused(
                problem.message, operator=problem.name,
                line=problem.span.line, column=problem.span.column,
            )  # fmt: skip
        return self.pipeline(self.parsed.tree)

    def refused(self, error: QueryRefused) -> StageSql:
        """Return the stage that says why the search goes no further."""
        span = self.span(self.at.start, self.at.end) if self.at else Span(1, 1, 1, 1)
        text = self.parsed.placed.text[self.at.start : self.at.end] if self.at else ""
        return StageSql(text, span, "", refused=error.message)

    @property
    def tables(self) -> tuple[str, ...]:
        """Return the visible tables that are read, each once."""
        return tuple(dict.fromkeys(self.chain.tables))

    def pipeline(self, tree: Tree, relation: Relation | None = None) -> Relation:
        """Translate one pipeline, from its own source or from a relation."""
        if len(tree.commands) > MAX_COMMANDS:
            span = self.span(tree.start, tree.start + 1)
            raise QueryRefused(
                f"more than {MAX_COMMANDS} commands", line=span.line, column=span.column
            )
        kept = self.rest
        for place, command in enumerate(tree.commands):
            self.rest = tree.commands[place + 1 :]
            self.at = command
            relation = self.command(command, relation)
        self.rest = kept
        if relation is None:
            raise QueryRefused("there is no command", line=1, column=1)
        return relation

    def command(self, command: Command, relation: Relation | None) -> Relation:
        """Translate one command; raises QueryRefused with its place."""
        try:
            if weight(command) > MAX_WEIGHT:
                raise Unsaid("so many fields and conditions in one command")
            if relation is None:
                return self.source(command)
            step = STEPS.get(command.name)
            if command.broken or step is None:
                raise Unsaid(UNSOUND.get(command.name, "it cannot go on from rows here"))
            found = step(command, relation, self)
        except Unsaid as error:
            span = self.span(command.start, command.end)
            raise error.refused(command.name, span.line, span.column) from error
        self.stage(command.start, command.end, found)
        return found

    def source(self, command: Command) -> Relation:
        """Translate a command that makes rows."""
        if command.name == "search":
            return self._events(command)
        if command.name == "tstats":
            return self._tstats(command)
        makers: Mapping[str, Callable[[], Relation]] = {
            "makeresults": lambda: steps.makeresults(command, self.empty(), self),
            "inputlookup": lambda: joining.inputlookup(command, None, self),
            "from": lambda: data_models.from_rows(command, self.chain, self),
            "union": lambda: joining.union(command, None, self),
        }
        if command.name not in makers:
            reason = "a search cannot begin with it" if command.name in STEPS else "not supported"
            raise Unsaid(UNSOUND.get(command.name, reason))
        found = makers[command.name]()
        self.stage(command.start, command.end, found)
        return found

    def _events(self, command: Command) -> Relation:
        times, rest = matching.split_time(command.search)
        within = sources.window(times, self.now)
        first = (Command("search", command.start, command.end, search=rest), *self.rest)
        found = sources.events(self.chain, self.visible, rest, needs(first), within)
        self.stage(command.start, command.start, found)
        told = matching.without_places(rest, found.columns) if rest else None
        if rest is not None and told is not None:
            marks = sources.marks(rest, found)
            exists = self.exists(found)
            found = found.where(matching.condition(told, found.get, exists, marks))
        found = sources.unmarked(found)
        self.stage(command.start, command.end, found)
        return found

    def _tstats(self, command: Command) -> Relation:
        rows = data_models.tstats_rows(command, self.chain, self)
        self.stage(command.start, command.start, rows)
        if command.search is not None:
            rows = data_models.tstats_filter(command, rows, self)
            self.stage(command.search.start, command.search.end, rows)
        found = data_models.tstats(command, rows, self)
        self.stage(command.start, command.end, found)
        return found

    def empty(self) -> Relation:
        """Return a relation that nothing is read from."""
        return Relation(self.chain, "", {})

    def later(self) -> Needs:
        """Return what the commands after this one read."""
        return needs(self.rest)

    def exists(self, relation: Relation) -> Callable[[Sub], exp.Expr]:
        """Return how a subsearch in place of a condition becomes one."""
        return joining.exists(relation, self)

    def subsearch_chain(self) -> Chain:
        """Return the chain that every part of this search is on."""
        return self.chain

    def subsearch(self, tree: Tree, limit: int) -> Relation:
        """Translate a subsearch, of which so many rows count."""
        self.depth += 1
        found = self.pipeline(tree)
        self.depth -= 1
        return limited(found, limit)

    def piped(self, tree: Tree, relation: Relation) -> Relation:
        """Translate a pipeline that goes on from a relation."""
        self.depth += 1
        found = self.pipeline(tree, relation)
        self.depth -= 1
        return found

    def span(self, start: int, end: int) -> Span:
        """Return where a part of the expanded text was written."""
        return self.parsed.placed.span(start, end)

    def stage(self, start: int, end: int, found: Relation) -> None:
        """Keep the SQL whose rows are what comes out of a command."""
        text = self.parsed.placed.text[start:end] or "events"
        span = self.span(start, end)
        where = f"subsearch at line {span.line}" if self.depth else ""
        self.stages.append(StageSql(text, span, found.final(ordered=False), pipeline=where))
