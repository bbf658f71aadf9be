"""The check `costly-scan`."""

from __future__ import annotations

from collections.abc import Iterator

from undersign.checks.reading.query_filters import Filter, filters
from undersign.checks.reading.sources import Leaf, leaves
from undersign.checks.reading.wording import plural, quoted
from undersign.records.finding import Fault, Severity
from undersign.records.query import Query
from undersign.records.visible import Visible

MANY = 1_000_000
"""Rows from which on reading them all is felt."""


def costly_scan(query: Query, visible: Visible | None) -> Iterator[Fault]:
    """Report a filter that must look into every value, and a large table read unfiltered."""
    for one in filters(query):
        reason = _costly(one)
        if reason:
            rows = _rows(one, visible)
            scanned = f" of {plural(rows, 'row')}" if rows else ""
            yield Fault(
                f"{quoted(one.comparison.text)} {reason}, in every value{scanned}",
                one.comparison.span,
                {"rows": rows, "operator": one.comparison.op},
                "filter by time and by an exact value first",
                Severity.WARNING if rows >= MANY else None,
            )
    for leaf in leaves(query, visible):
        held = (leaf.table.rows or 0) if leaf.table else 0
        if held >= MANY and not _filtered(leaf):
            yield Fault(
                f"{plural(held, 'row')} of {leaf.name} are read without any filter",
                leaf.source.span,
                {"rows": held},
                "filter first",
                Severity.WARNING,
            )


def _costly(one: Filter) -> str:
    op, texts = one.comparison.op, one.texts
    if op == "regex":
        return "runs a regular expression"
    if op == "like" and any(t.startswith(("*", "?")) for t in texts):
        return "begins with a wildcard"
    return "searches the whole event" if op == "contains" and not one.comparison.column else ""


def _rows(one: Filter, visible: Visible | None) -> int:
    table = visible.find(one.comparison.table) if visible and one.comparison.table else None
    return (table.rows or 0) if table else 0


def _filtered(leaf: Leaf) -> bool:
    return any(s.kind == "filter" or s.limit is not None or s.join for s in leaf.stages)
