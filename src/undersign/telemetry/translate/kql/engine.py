"""The one place that knows `duckdb_kql`: KQL text in, one SELECT for every stage out.

The library (1.1.2, MIT, pinned) parses with Microsoft's grammar, keeps Kusto's rules about nulls,
case and names, and refuses what it does not know. `extensions` adds what it leaves out; here its
tables become the workspace's views, its clock becomes the query's, its errors become ours.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from duckdb_kql import ir
from duckdb_kql.errors import KqlError, KqlSchemaError, KqlSyntaxError, KqlUnsupportedError
from duckdb_kql.lower import lower
from duckdb_kql.schema import output_columns
from duckdb_kql.translate import clock, quote_ident, to_sql

from undersign.errors import QueryRefused
from undersign.records.visible import Visible
from undersign.telemetry.translate.kql import extensions
from undersign.telemetry.translate.kql.rebuild import rebuild, size
from undersign.telemetry.translate.kql.refusals import Located, refusal
from undersign.telemetry.translate.kql.scan import without_bare_serialize
from undersign.telemetry.translate.kql.sources import Reading, begin, named_in, reading
from undersign.telemetry.translate.kql.spelling import clash, respelled
from undersign.telemetry.translate.kql.stages import Cut, cuts, unmarked
from undersign.telemetry.translate.kql.windows import with_order

_FRAMES = 9_000
"""Python frames for the grammar's recursion: about 50 for each bracket within a bracket."""
_STAGE_CHARACTERS = 1_500_000
"""SQL for all stages together, about a third of a second of work."""
_NODES = 150_000
"""Of a query with every let written out: ten lets that each read the last twice make 1,024."""

extensions.install()


@dataclass(frozen=True, slots=True)
class StageText:
    """One stage: half-open offsets in the text, its SQL, or why there is none."""

    start: int
    end: int
    sql: str
    refused: QueryRefused | None
    pipeline: str


@dataclass(frozen=True, slots=True)
class Compiled:
    """The whole query and each of its stages, as SQL."""

    sql: str
    stages: tuple[StageText, ...]
    tables: tuple[str, ...]


def compile_query(text: str, visible: Visible, now: datetime) -> Compiled:
    """Compile a KQL text over visible tables; `now` is naive UTC.

    Raises `QueryRefused` when the whole query cannot be said exactly.
    """
    visible = named_in(text, visible)
    with (
        _deep_recursion(),
        clock(now) as active,
        reading(visible, lambda: active.moment or now) as read,
        _our_errors(text),
    ):
        written = without_bare_serialize(text)
        names: dict[str, str] = {}
        while True:
            try:
                return _compiled(written, names, read)
            except (KqlSchemaError, Located) as error:
                again = _respelled(error, written, visible)
                if again is None:
                    raise
                written = again[0]
                names[again[1]] = again[2]


def compile_stages(text: str, visible: Visible, now: datetime) -> tuple[StageText, ...]:
    """Compile as many stages as can be said, for a query that as a whole cannot."""
    visible = named_in(text, visible)
    with _deep_recursion(), clock(now), reading(visible, lambda: now) as read, _our_errors(text):
        token = extensions.keeping.set(True)
        try:
            query = _at(lower(without_bare_serialize(text)), now)
        finally:
            extensions.keeping.reset(token)
        return _stages(cuts(query, text), read.schema(), text)


def _compiled(text: str, names: dict[str, str], read: Reading) -> Compiled:
    lowered = lower(text)  # which reads `set query_now`
    query = with_order(_at(lowered, read.clock()))
    schema = read.schema()
    main = cuts(query, text)
    sql = _named_back(_whole(query, main, schema), query, schema, names)
    return Compiled(sql, _stages(main, schema, text), tuple(read.used))


def _respelled(
    error: KqlSchemaError | Located, text: str, visible: Visible
) -> tuple[str, str, str] | None:
    schema_error = error.error if isinstance(error, Located) else error
    pair = clash(schema_error) if isinstance(schema_error, KqlSchemaError) else None
    columns = {c for table in visible.tables.values() for c in table.columns}
    return respelled(text, pair, columns) if pair else None


def _named_back(
    sql: str, query: ir.Query, schema: dict[str, list[str]], names: dict[str, str]
) -> str:
    """Give columns with a stand-in their own names, where no other column has them."""
    if not names:
        return sql
    columns = output_columns(unmarked(query), schema)
    there = {c.lower() for c in columns}
    back = {c: names[c] for c in columns if c in names and names[c].lower() not in there}
    if not back:
        return sql
    chosen = ", ".join(f"{quote_ident(c)} AS {quote_ident(back.get(c, c))}" for c in columns)
    return f"SELECT {chosen} FROM ({sql})"  # noqa: S608 - quoted names, SQL of our own


def _stages(
    found: tuple[Cut, ...], schema: dict[str, list[str]], text: str
) -> tuple[StageText, ...]:
    """Emit each stage while they stay small: a query of 300 stages has 300 prefixes."""
    made: list[StageText] = []
    left = _STAGE_CHARACTERS
    for cut in found:
        if left <= 0:
            too_long = QueryRefused("the query has too many stages to count each")
            made.append(StageText(cut.start, cut.end, "", too_long, cut.pipeline))
            continue
        made.append(_stage(cut, schema, text))
        left -= len(made[-1].sql)
    return tuple(made)


def _whole(query: ir.Query, main: tuple[Cut, ...], schema: dict[str, list[str]]) -> str:
    begin()
    try:
        return str(to_sql(unmarked(query), schema))
    except KqlError as error:
        span = getattr(error, "span", None)
        if span is None:
            _blame(error, main, schema)
        raise


def _blame(error: KqlError, main: tuple[Cut, ...], schema: dict[str, list[str]]) -> None:
    """Raise the error with the place of the first stage that cannot be said."""
    for cut in main:
        try:
            to_sql(unmarked(cut.query), schema)
        except KqlError as first:
            raise Located(first, cut.start) from error


def _stage(cut: Cut, schema: dict[str, list[str]], text: str) -> StageText:
    if cut.error is not None:
        refused = refusal(cut.error, text, cut.start)
        return StageText(cut.start, cut.end, "", refused, cut.pipeline)
    begin()
    try:
        return StageText(
            cut.start, cut.end, str(to_sql(unmarked(cut.query), schema)), None, cut.pipeline
        )
    except (KqlError, RecursionError, ValueError, TypeError, AssertionError) as error:
        return StageText(cut.start, cut.end, "", refusal(error, text, cut.start), cut.pipeline)


def _at(query: ir.Query, moment: datetime) -> ir.Query:
    """Put the query's clock in as a constant, and defaults for declared parameters."""
    if size(query) > _NODES:
        raise QueryRefused("the query's let statements multiply to more than can be written out")
    now = ir.Literal(moment.isoformat(), "datetime")

    def visit(node: Any) -> Any:
        if isinstance(node, ir.Parameter):
            return _default(node, query)
        if not isinstance(node, ir.FunctionCall):
            return node
        name = node.name.lower()
        if name == "now" and len(node.args) <= 1:
            return ir.BinaryOp("+", now, node.args[0]) if node.args else now
        if name in ("timespan", "time") and len(node.args) == 1 and _is_timespan(node.args[0]):
            return node.args[0]
        if name == "ago" and len(node.args) == 1:
            return ir.BinaryOp("-", now, node.args[0])
        return node

    placed: ir.Query = rebuild(query, visit)
    return replace(placed, parameters=[])


def _is_timespan(node: ir.Expr) -> bool:
    return isinstance(node, ir.Literal) and node.kind == "timespan"


def _default(node: ir.Parameter, query: ir.Query) -> ir.Expr:
    for declared in query.parameters:
        if declared.name == node.name and declared.default is not None:
            return ir.Literal(declared.default, node.kind)
    raise KqlUnsupportedError(f"query_parameters:{node.name}")


@contextmanager
def _deep_recursion() -> Iterator[None]:
    """Allow the grammar's recursion; Python frames need no C stack since 3.11."""
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(max(before, _FRAMES))
    try:
        yield
    finally:
        sys.setrecursionlimit(before)


@contextmanager
def _our_errors(text: str) -> Iterator[None]:
    try:
        yield
    except QueryRefused:
        raise
    except (KqlSyntaxError, KqlSchemaError, KqlUnsupportedError) as error:
        raise refusal(error, text) from error
    # Hostile text reaches a parser of 57,000 lines: whatever else it raises is a refusal too, for
    # a query that did not translate must never look like one without rows.
    except Exception as error:
        raise refusal(error, text) from error
