"""The check `unseen-value`."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from undersign.checks.reading.query_filters import Filter, filters, seen_column
from undersign.checks.reading.stage_rows import probe_at
from undersign.checks.reading.wording import listed, nearest, plural, quoted
from undersign.checks.spec import CannotRun
from undersign.records.finding import Fault
from undersign.records.query import Query
from undersign.records.query_run import QueryRun
from undersign.records.visible import Visible, VisibleColumn

_FITS: dict[str, Callable[[str, str], bool]] = {
    "==": str.__eq__,
    "!=": str.__eq__,
    "in": str.__eq__,
    "contains": str.__contains__,
    "has": str.__contains__,
    "startswith": str.startswith,
    "endswith": str.endswith,
}
"""Operator -> does a value seen fit a literal, both in lower case."""


_VERBS = {"contains": "held", "has": "held", "startswith": "began with", "endswith": "ended with"}


def unseen_value(query: Query, visible: Visible, run: QueryRun | None) -> Iterator[Fault]:
    """Report a literal that its column never held, with the values that look like it."""
    looked, faults = False, []
    compared = [one for one in filters(query) if one.comparison.op in _FITS and _tells(one)]
    for one in compared:
        column = seen_column(one.comparison, visible)
        if column is not None and _counted(column):
            looked = True
            faults += list(_absent(one, column))
        elif (probe := probe_at(run, one.comparison.span)) is not None:
            looked = True
            negated = one.excludes and not one.flipped
            fits = probe.rows - probe.matches if negated else probe.matches
            if negated and query.language != "kql":
                fits -= probe.nulls  # no comparison with them holds, so they are thrown out too
            if probe.rows and not fits and (one.excludes or not probe.any_case):
                near = [value for value, _ in probe.near]
                faults.append(_fault(one, list(one.texts), near, probe.rows))
    if compared and not looked:
        raise CannotRun("History", "no value of these columns was ever counted here")
    yield from faults


def _tells(one: Filter) -> bool:
    """Tell whether the literals are values: `contains ":"` asks for a form, such as IPv6."""
    return any(character.isalnum() for text in one.texts for character in text)


def _counted(column: VisibleColumn) -> bool:
    return column.distinct is not None and 0 < column.distinct <= len(column.examples)


def _absent(one: Filter, column: VisibleColumn) -> Iterator[Fault]:
    known = [e.lower() for e in column.examples]
    fits = _FITS[one.comparison.op]
    absent = [t for t in one.texts if not any(fits(e, t.lower()) for e in known)]
    if absent and not (one.comparison.functions or one.comparison.type == "dynamic"):
        near = nearest(absent[0], column.examples) or list(column.examples[:3])
        yield _fault(one, absent, near, None)


def _fault(one: Filter, absent: list[str], near: list[str], rows: int | None) -> Fault:
    among = f" in {plural(rows, 'row')}" if rows else ""
    seen = f"; seen are {listed(map(quoted, near))}" if near else ""
    values = listed(map(quoted, absent[:3])) if absent else quoted(one.comparison.text)
    verb = _VERBS.get(one.comparison.op, "was")
    return Fault(
        f"{quoted(one.comparison.column)} never {verb} {values}{among}{seen}",
        one.comparison.span,
        {"values": absent, "nearest": near, "rows": rows},
        f"did you mean {listed(map(quoted, near), 'or')}?" if near else None,
    )
