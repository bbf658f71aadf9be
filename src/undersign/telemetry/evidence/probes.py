"""Every comparison of a query counted on the table it reads: one pass over each table."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from undersign.errors import QueryRefused
from undersign.records.query import Comparison, Query, comparisons
from undersign.records.query_run import Probe, SourceSpan
from undersign.records.visible import Visible, VisibleTable
from undersign.telemetry.evidence.predicates import Ground, Reading, column, predicate
from undersign.telemetry.evidence.windows import Leaf, leaves

if TYPE_CHECKING:
    from sqlglot import exp

    from undersign.telemetry.engines.duckdb import Session

MOST_PROBES = 60
"""Comparisons of one table that are counted; a longer query has its first ones counted."""
_VALUES = 2000
_NEAR = 3


@dataclass(frozen=True, slots=True)
class Counted:
    """What was counted on the tables of one query."""

    probes: tuple[Probe, ...] = ()
    sources: dict[str, SourceSpan] = field(default_factory=dict)


def count_probes(
    session: Session, query: Query, visible: Visible, now: datetime, seconds: float
) -> Counted:
    """Count the comparisons of a query and what history holds of each table it reads.

    A table that cannot be counted in time, or a comparison that cannot be said, is left out.
    """
    read = leaves(query, visible)
    probes: dict[object, Probe] = {}
    sources: dict[str, SourceSpan] = {}
    for name in dict.fromkeys(leaf.table for leaf in read):
        table = visible.find(name)
        if table is None:
            continue
        scan = _Scan(session, table, query.language, now, seconds)
        mine = [leaf for leaf in read if leaf.table == name]
        span = _source_span(scan, mine)
        if span is not None:
            sources[name] = span
        for leaf in mine:
            found = _probes(replace(scan, window=scan.within(leaf)), _compared(leaf, query))
            probes |= {probe.span: probe for probe in found}
    return Counted(tuple(probes.values()), sources)


@dataclass(frozen=True, slots=True)
class _Scan:
    """Passes over one table, all rows or those of a window."""

    session: Session
    table: VisibleTable
    language: str
    now: datetime
    seconds: float
    window: exp.Expr | None = None

    def within(self, leaf: Leaf) -> exp.Expr | None:
        """Return the bounds of a leaf as one condition; None when there are none."""
        from sqlglot import exp

        compiled = [made for one in leaf.bounds if (made := self.compiled(one)) is not None]
        return exp.and_(*compiled) if compiled else None

    def compiled(self, one: Comparison, reading: Reading = "written") -> exp.Expr | None:
        """Return a comparison as an expression over this table; None when it cannot be said."""
        known = self.table.find(str(one.table_column))
        if known is None or _has_path(one):
            return None
        return predicate(one, Ground(self.language, known.name, known.type, self.now), reading)

    def counted(self, *conditions: exp.Expr) -> exp.Expr:
        """Return the count of rows in the window for which the conditions hold."""
        from sqlglot import exp

        held = [c.copy() for c in (self.window, *conditions) if c is not None]
        every = exp.Count(this=exp.Star())
        if not held:
            return every
        return exp.Filter(this=every, expression=exp.Where(this=exp.and_(*held)))

    def run(self, wanted: dict[str, exp.Expr]) -> dict[str, Any] | None:
        """Return every aggregate by name; None when the engine refuses any of them."""
        from sqlglot import exp

        listed = [exp.alias_(made, f"c{n}") for n, made in enumerate(wanted.values())]
        select = exp.select(*listed).from_(self.source())
        try:
            row = self.session.one(select.sql(dialect="duckdb"), self.seconds)
        except QueryRefused:
            return None
        return dict(zip(wanted, row, strict=True))

    def source(self) -> exp.Expr:
        """Return the table as FROM names it."""
        from sqlglot import exp

        name = self.table.name
        schema, _, inner = name.rpartition(".") if self.language == "sql" else ("", "", name)
        of = exp.to_identifier(schema, quoted=True) if schema else None
        return exp.table_(exp.to_identifier(inner, quoted=True), of)


def _source_span(scan: _Scan, mine: Sequence[Leaf]) -> SourceSpan | None:
    from sqlglot import exp

    time = scan.table.time
    wanted: dict[str, exp.Expr] = {"rows": scan.counted()}
    if time:
        wanted |= {"first": exp.func("min", column(time)), "last": exp.func("max", column(time))}
    windows = [scan.within(leaf) for leaf in mine]
    bounded = [window for window in windows if window is not None]
    if bounded and len(bounded) == len(windows):
        wanted["in_window"] = scan.counted(exp.or_(*bounded))
    found = scan.run(wanted)
    if found is None:
        return None
    first, last = _rfc3339(found.get("first")), _rfc3339(found.get("last"))
    return SourceSpan(scan.table.name, found["rows"], first, last, found.get("in_window"))


def _compared(leaf: Leaf, query: Query) -> list[Comparison]:
    """Return the comparisons with columns of a leaf's table: its pipeline's and, when nothing else
    reads that table, those of all others; without the bounds of the window.
    """
    everywhere = [p for p in query.pipelines() if leaf.table in {s.table for s in p.sources}]
    looked = list(query.pipelines()) if len(everywhere) == 1 else [leaf.pipeline]
    found = [
        one
        for pipeline in looked
        for stage in pipeline.stages
        for one in comparisons(stage.condition)
        if one.table == leaf.table and one.table_column and one not in leaf.bounds
    ]
    return found[:MOST_PROBES]


def _probes(scan: _Scan, compared: Sequence[Comparison]) -> Iterator[Probe]:
    rows = {"rows": scan.counted()}
    each = [_aggregates(scan, one) for one in compared]
    together = rows | {f"{n}.{k}": e for n, made in enumerate(each) for k, e in made.items()}
    found = scan.run(together)
    for number, (one, made) in enumerate(zip(compared, each, strict=True)):
        if not made:
            continue
        if found is not None:
            held: dict[str, Any] | None = {k: found[f"{number}.{k}"] for k in made}
            held = {"rows": found["rows"], **(held or {})}
        else:
            # One of them fails on the data, a bad regex for one: the others still count.
            held = scan.run(rows | made)
        if held is not None:
            yield _probe(scan, one, held)


def _aggregates(scan: _Scan, one: Comparison) -> dict[str, exp.Expr]:
    """Return what is counted for one comparison; nothing when it cannot be said."""
    from sqlglot import exp

    written, known = scan.compiled(one), scan.table.find(str(one.table_column))
    if written is None or known is None:
        return {}
    held = column(known.name)
    wanted = {"matches": scan.counted(written)}
    readings: tuple[Reading, ...] = ("any_case", "anywhere")
    for reading in readings:
        loose = scan.compiled(one, reading)
        if loose is not None:
            wanted[reading] = scan.counted(loose)
    wanted["nulls"] = scan.counted(exp.Is(this=held, expression=exp.Null()))
    if known.type == "string":
        empty = exp.EQ(this=held.copy(), expression=exp.Literal.string(""))
        wanted["empties"] = scan.counted(empty)
    return wanted


def _probe(scan: _Scan, one: Comparison, held: dict[str, Any]) -> Probe:
    return Probe(
        span=one.span,
        rows=held["rows"],
        matches=held["matches"],
        any_case=held.get("any_case"),
        contains=held.get("anywhere"),
        nulls=held["nulls"],
        empties=held.get("empties", 0),
        near=_near(scan, one) if not held["matches"] and held["rows"] else (),
    )


def _near(scan: _Scan, one: Comparison) -> tuple[tuple[str, int], ...]:
    """Return values really seen that look like the literals of a comparison without a match."""
    from sqlglot import exp

    texts = [str(v.value) for v in one.values if v.kind in ("string", "long")]
    known = scan.table.find(str(one.table_column))
    if one.negated or one.op not in ("==", "in", "has", "contains") or not texts or known is None:
        return ()
    shown = exp.cast(column(known.name), "VARCHAR")
    select = exp.select(exp.alias_(shown, "v"), exp.alias_(exp.Count(this=exp.Star()), "n"))
    select = select.from_(scan.source()).group_by("1").order_by("2 DESC").limit(_VALUES)
    try:
        rows = scan.session.many(select.sql(dialect="duckdb"), scan.seconds)
    except QueryRefused:
        return ()
    counts = {str(value): int(count) for value, count in rows if value not in (None, "")}
    return tuple((value, counts[value]) for value in _alike(texts[:5], counts))


def _alike(texts: Sequence[str], counts: dict[str, int]) -> list[str]:
    lowered: dict[str, str] = {}
    for value in counts:
        lowered.setdefault(value.lower()[:200], value)
    found: dict[str, None] = {}
    for text in texts:
        wanted = text.lower()[:200]
        inside = [v for low, v in lowered.items() if len(wanted) > 2 and wanted in low]
        close = get_close_matches(wanted, lowered, n=_NEAR, cutoff=0.75)
        found |= dict.fromkeys([*(lowered[c] for c in close), *inside][:_NEAR])
    return list(found)[: 2 * _NEAR]


def _has_path(one: Comparison) -> bool:
    """Tell whether a path into the column is compared, as in `a.b == 1`: the model has no word."""
    after = one.text.partition(one.column)[2] if one.column else ""
    return after[:1] in (".", "[") and "." not in one.column


def _rfc3339(moment: Any) -> str | None:
    if not isinstance(moment, datetime):
        return None
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return aware.astimezone(UTC).isoformat().replace("+00:00", "Z")
