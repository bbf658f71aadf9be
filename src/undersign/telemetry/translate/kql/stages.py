"""Where each stage of a pipeline ends, kept through the library's own passes.

`extensions` puts a `Mark` behind the operators of every stage as they are read; `cuts` turns the
marks into one query for each stage, and `unmarked` takes them out again.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from duckdb_kql import ir

from undersign.telemetry.translate.kql.rebuild import rebuild
from undersign.telemetry.translate.kql.scan import place


@dataclass(frozen=True)
class Mark(ir.Operator):
    """Behind the operators of one stage: the stage's half-open offsets in the text."""

    start: int
    end: int


@dataclass(frozen=True)
class Refused(Mark):
    """In place of a stage that cannot be said, and of all behind it."""

    error: BaseException


@dataclass(frozen=True, slots=True)
class Cut:
    """A query that ends behind one stage."""

    query: ir.Query
    start: int
    end: int
    pipeline: str
    error: BaseException | None = None


def unmarked(query: ir.Query) -> ir.Query:
    """Return the query without marks."""

    def visit(node: Any) -> Any:
        if isinstance(node, ir.Query):
            return replace(
                node, operators=[op for op in node.operators if not isinstance(op, Mark)]
            )
        return node

    made: ir.Query = rebuild(query, visit)
    return made


def cuts(query: ir.Query, text: str) -> tuple[Cut, ...]:
    """Return a query for each stage of each pipeline, in order of text."""
    found: list[Cut] = []
    for index, (name, bound) in enumerate(query.lets):
        if isinstance(bound, ir.Query):
            _cut(bound, query.lets[:index], name, text, found)
    _cut(query, [], "", text, found)
    return tuple(sorted(found, key=lambda cut: (cut.start, cut.end)))


def _cut(query: ir.Query, outer: list[Any], name: str, text: str, found: list[Cut]) -> None:
    lets = [*outer, *query.lets]
    for index, op in enumerate(query.operators):
        if isinstance(op, Mark):
            upto = ir.Query(query.source, query.operators[:index], lets)
            error = op.error if isinstance(op, Refused) else None
            found.append(Cut(upto, op.start, op.end, name, error))
        elif isinstance(op, ir.Join | ir.Lookup):
            mark = next(o for o in query.operators[index:] if isinstance(o, Mark))
            line, _ = place(text, mark.start)
            _cut(op.right, lets, f"join at line {line}", text, found)
