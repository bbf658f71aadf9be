"""KQL into DuckDB SQL, through a library that nothing else in the house imports.

`scan` sees what may never run, `engine` compiles, `extensions` and its neighbours add what the
library leaves out. What cannot be said exactly is refused with `QueryRefused`, which names the
operator and its place. Differences that are known and meant: `dcount` counts exactly where Kusto
estimates; `take` and `sample` return some rows, as Kusto promises no more.

SQL that comes out expects `SET TimeZone = 'UTC'`.
"""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache
from typing import TYPE_CHECKING

from undersign.errors import QueryRefused
from undersign.records.artifact import Span
from undersign.records.query import Query
from undersign.records.visible import Visible
from undersign.telemetry.translate import StageSql, Translated
from undersign.telemetry.translate.kql.output import refuse_unsafe
from undersign.telemetry.translate.kql.scan import place, refuse_forbidden

if TYPE_CHECKING:
    from undersign.telemetry.translate.kql.engine import StageText


def translate(query: Query, visible: Visible, now: datetime) -> Translated:
    """Return the query and each of its stages as DuckDB SQL over visible tables.

    `now` is what `now()` and `ago()` mean; naive is read as UTC. Raises `QueryRefused`.
    """
    _refuse_unreadable(query)
    return _translated(query.text, visible, _naive(now))


def translate_stages(query: Query, visible: Visible, now: datetime) -> tuple[StageSql, ...]:
    """Return the stages before the one for which `translate` refuses the whole query.

    Raises `QueryRefused` when not even the first can be said.
    """
    _refuse_unreadable(query)
    refuse_forbidden(query.text)
    from undersign.telemetry.translate.kql import engine

    stages = engine.compile_stages(query.text, visible, _naive(now))
    return tuple(_stage(stage, query.text) for stage in stages)


@lru_cache(maxsize=64)
def _translated(text: str, visible: Visible, now: datetime) -> Translated:
    refuse_forbidden(text)
    from undersign.telemetry.translate.kql import engine

    compiled = engine.compile_query(text, visible, now)
    refuse_unsafe(compiled.sql)
    stages = tuple(_stage(stage, text) for stage in compiled.stages)
    return Translated(compiled.sql, stages, compiled.tables)


def _refuse_unreadable(query: Query) -> None:
    for problem in query.problems:
        if problem.kind == "syntax":
            raise QueryRefused(
                f"the KQL cannot be parsed: {problem.message}",
                line=problem.span.line,
                column=problem.span.column,
            )


def _naive(now: datetime) -> datetime:
    return now.astimezone(UTC).replace(tzinfo=None) if now.tzinfo else now


def _stage(stage: StageText, text: str) -> StageSql:
    line, column = place(text, stage.start)
    end_line, end_column = place(text, stage.end)
    return StageSql(
        text=text[stage.start : stage.end],
        span=Span(line, column, end_line, end_column),
        sql=stage.sql,
        refused=str(stage.refused) if stage.refused else "",
        pipeline=stage.pipeline,
    )
