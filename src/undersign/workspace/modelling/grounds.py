"""What a drafter is shown besides the brief: bounded passages, each with its data class.

Names and types of tables are `internal`. Values really seen are `confidential`, and are shown only
where the policy allows that class to this drafter outright: they help, but no draft needs them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from undersign.catalogs.attack import Attack
from undersign.catalogs.log_sources import LogSources
from undersign.drafters.neighbours import Neighbour
from undersign.drafters.reply import whole_words
from undersign.records.drafting import DraftResult, HuntGrounds
from undersign.records.estate import Estate
from undersign.records.exchange import Passage
from undersign.records.visible import Visible, VisibleColumn, VisibleTable
from undersign.telemetry.schema import Schema

Shows = Callable[[str], bool]
"""Whether a drafter may see data of a class in clear, without anybody being asked."""
NAMES, VALUES, PUBLISHED = "internal", "confidential", "public"
MOST_TABLES = 12
"""Tables shown with their columns; of the others the names are listed."""
MOST_COLUMNS = 80
"""Of one table, with and without values each."""
MOST_VALUES = 5
"""Examples of one column."""
_VALUE_TABLES = 4
_WIDEST = 60
"""Characters of an example; a longer one would be half a log line."""
_LISTED = 200
_TECHNIQUE = re.compile(r"\bT\d{4}(?:\.\d{3})?\b", re.IGNORECASE)


def query_passages(
    grounds: HuntGrounds, first_try: str, shows: Shows, named: Iterable[str] = ()
) -> tuple[Passage, ...]:
    """Return what helps to write a query: tables, values, the estate, a first try.

    `named`: tables that are read by a query that is known already; they are shown first.
    """
    tables = ranked(grounds, named)
    found = [Passage("tables", "\n".join(_tables(tables)), NAMES)] if tables else []
    values = "\n".join(_values(tables[:_VALUE_TABLES])) if shows(VALUES) else ""
    found += [Passage("values", values, VALUES)] if values else []
    found += [Passage("estate", _estate(grounds.estate), NAMES)] if grounds.estate else []
    found += [Passage("first try", first_try, NAMES)] if first_try else []
    return tuple(found)


def ranked(grounds: HuntGrounds, named: Iterable[str] = ()) -> tuple[VisibleTable, ...]:
    """Return the tables: those named, then those that words of the question are linked to."""
    links = (*grounds.links.tables, *grounds.links.columns, *grounds.links.values)
    linked = dict.fromkeys((*named, *(link.table for link in links)))
    first = [table for name in linked if (table := grounds.visible.find(name))]
    names = {table.name for table in first}
    rest = [table for table in grounds.visible.tables.values() if table.name not in names]
    rest.sort(key=lambda table: (not table.rows, table.name))
    return (*first, *rest)


def without_values(visible: Visible) -> Visible:
    """Return the tables without a value that was ever seen in them."""
    tables = {
        name: replace(table, columns={n: replace(c, examples=()) for n, c in table.columns.items()})
        for name, table in visible.tables.items()
    }
    return replace(visible, tables=tables)


def seen_values(tables: Iterable[VisibleTable]) -> str:
    """Return all values really seen in some tables, as one text to look others up in."""
    columns = (column for table in tables for column in table.columns.values())
    return "\n".join(example for column in columns for example in column.examples)


def _tables(tables: tuple[VisibleTable, ...]) -> Iterator[str]:
    for table in tables[:MOST_TABLES]:
        time = f", time is in {table.time}" if table.time else ""
        also = f", also called {', '.join(table.also[:5])}" if table.also else ""
        yield f"{table.name} ({_size(table)}{time}{also})"
        yield f"  {_columns(c for c in table.columns.values() if c.fill != 0)}"
        empty = _columns(c for c in table.columns.values() if c.fill == 0)
        if empty and table.rows:
            yield f"  without a value here: {empty}"
    others = [table.name for table in tables[MOST_TABLES:]]
    if others:
        more = len(others) - _LISTED
        yield f"Also here: {', '.join(others[:_LISTED])}" + (
            f" and {more} more" if more > 0 else ""
        )


def _columns(columns: Iterable[VisibleColumn]) -> str:
    names = [f"{c.name} {c.type}" for c in columns]
    more = len(names) - MOST_COLUMNS
    return ", ".join(names[:MOST_COLUMNS]) + (f" and {more} more columns" if more > 0 else "")


def _size(table: VisibleTable) -> str:
    if table.imported:
        return "no events here, the schema is imported"
    return "events not counted" if table.rows is None else f"{table.rows:,} events"


def _values(tables: Iterable[VisibleTable]) -> Iterator[str]:
    for table in tables:
        for column in table.columns.values():
            examples = [e for e in column.examples if len(e) <= _WIDEST][:MOST_VALUES]
            if examples:
                yield f"{table.name}.{column.name}: {json.dumps(examples, ensure_ascii=False)}"


def _estate(estate: Estate) -> str:
    lines = [f"own address ranges: {', '.join(estate.corporate)}"] if estate.corporate else []
    lines += [f"time zone: {estate.time_zone}"] if estate.time_zone else []
    lines += [f"logs are kept for {estate.retention_days} days"] if estate.retention_days else []
    return "\n".join(lines)


@dataclass(frozen=True, slots=True)
class RuleGrounds:
    """What a Sigma rule may stand on."""

    brief: str
    attack: Attack
    log_sources: LogSources
    schema: Schema | None = None
    neighbours: tuple[Neighbour, ...] = ()
    own_rules: str = ""
    """Where the workspace keeps its own rules, as their paths begin: these are not published."""
    first_try: DraftResult | None = None
    """What the offline drafter made of the brief; None when it made nothing of it."""

    @property
    def stated(self) -> tuple[str, ...]:
        """The texts a value of the rule may come from."""
        near = [n.rule.detection for n in self.neighbours]
        seen = [e for f in self._fields() for e in f[2]]
        return (*near, self.first_try.text if self.first_try else "", "\n".join(seen))

    def passages(self) -> tuple[Passage, ...]:
        """Return what helps to write the rule."""
        found = [Passage("fields", fields, NAMES)] if (fields := self._field_lists()) else []
        for number, near in enumerate(self.neighbours, start=1):
            own = bool(self.own_rules) and near.rule.path.startswith(self.own_rules)
            text = json.dumps(_shown_rule(near), ensure_ascii=False, indent=1)
            found.append(Passage(f"neighbour rule {number}", text, NAMES if own else PUBLISHED))
        techniques = "\n".join(self._techniques())
        found += [Passage("techniques", techniques, PUBLISHED)] if techniques else []
        found += (
            [Passage("first try", _undated(self.first_try.text), NAMES)] if self.first_try else []
        )
        return tuple(found)

    def _field_lists(self) -> str:
        lines = []
        for table, names in self._by_table().items():
            more = len(names) - _LISTED
            shown = ", ".join(names[:_LISTED]) + (f" and {more} more" if more > 0 else "")
            lines.append(f"{table}: {shown}")
        return "\n".join(lines[:MOST_TABLES])

    def _by_table(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for table, name, _ in self._fields():
            found.setdefault(table, []).append(name)
        return found

    def _fields(self) -> Iterator[tuple[str, str, tuple[str, ...]]]:
        """Yield (log source, field, values seen) of every log source that may be asked."""
        for name in self._asked_sources():
            source = self.log_sources.by_name(name)
            table = self.schema.tables.get(name) if self.schema else None
            title = f"{source.title} ({name})" if source else name
            if table is not None:
                yield from ((title, f.name, f.examples) for f in table.fields.values())
            elif source is not None:
                yield from ((title, name, ()) for name in source.fields)

    def _asked_sources(self) -> list[str]:
        """Name the log sources of the first try, else of the neighbours, else all that are here."""
        tried = str(self.first_try.slots.get("source", "")) if self.first_try else ""
        triples = [_triple(tried)] if tried else [n.rule.logsource for n in self.neighbours]
        names = [a.source.name for t in triples for a in self.log_sources.answers(*t)]
        here = list(self.schema.tables) if self.schema else []
        return list(dict.fromkeys(names or here))[:MOST_TABLES]

    def _techniques(self) -> Iterator[str]:
        tags = " ".join(tag for n in self.neighbours for tag in n.rule.tags)
        tried = str(self.first_try.slots.get("technique", "")) if self.first_try else ""
        named = _TECHNIQUE.findall(f"{self.brief} {tried} {tags}")
        for name in dict.fromkeys(n.upper() for n in named):
            known = self.attack.techniques.get(name)
            if known is not None and known.status == "active":
                yield f"{known.id} {known.name} ({', '.join(known.tactics)})"


def _undated(text: str) -> str:
    """Leave out what a drafter has no use for; a date would make every day's prompt another one."""
    return "".join(line for line in text.splitlines(True) if not line.startswith(("date:", "id:")))


def _triple(source: str) -> tuple[str | None, str | None, str | None]:
    """Read `product: windows, service: security` back."""
    parts = dict(part.split(": ", 1) for part in source.split(", ") if ": " in part)
    return parts.get("product"), parts.get("category"), parts.get("service")


def _shown_rule(near: Neighbour) -> Mapping[str, Any]:
    rule = near.rule
    product, category, service = rule.logsource
    source = {"product": product, "category": category, "service": service}
    return {
        "title": rule.title,
        "description": whole_words(rule.description, 1000),
        "logsource": {k: v for k, v in source.items() if v},
        "detection": json.loads(rule.detection),
        "tags": list(rule.tags),
        "level": rule.level,
    }
