"""A journal entry from what `query`, `ask` and `refine` have at hand, bounded in rows and bytes."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from undersign.records.finding import Outcome, Status
from undersign.records.hunt import (
    Cell,
    Critique,
    Entry,
    NotRun,
    Remark,
    Shown,
    StageRows,
    Summary,
)
from undersign.records.query_run import QueryRun, StageCount

MOST_ROWS = 20
MOST_CELL = 500
"""Characters of one value."""
MOST_BYTES = 16 * 1024
"""Of all rows of one entry; later rows are left out."""
_HALF_PAIR = re.compile(r"[\ud800-\udfff]")
_LARGEST = 2**63


@dataclass(frozen=True, slots=True)
class Asked:
    """A query and where it came from."""

    question: str
    language: str
    query: str
    drafter: str
    """A drafter's name, or `person:NAME` for one that was typed."""
    unused_words: tuple[str, ...] = ()
    open_questions: tuple[str, ...] = ()
    summary: Summary | None = None


@dataclass(frozen=True, slots=True)
class Read:
    """What it takes to read the same rows again."""

    pins: Mapping[str, str]
    """Lake table -> its snapshot id."""
    digest: str = ""
    """Over all rows of the result, in any order."""
    truncated: bool = False


def entry(
    asked: Asked,
    at: str,
    outcomes: Sequence[Outcome] | None = None,
    run: QueryRun | None = None,
    read: Read | None = None,
) -> Entry:
    """Make an entry, numbered by the journal when it takes it.

    `outcomes` None: no check was asked. `run` None: the query was not run.
    """
    return Entry(
        nth=0,
        at=at,
        question=clean(asked.question),
        language=asked.language,
        query=clean(asked.query),
        drafter=clean(asked.drafter),
        unused_words=tuple(map(clean, asked.unused_words)),
        open_questions=tuple(map(clean, asked.open_questions)),
        critique=None if outcomes is None else critique(outcomes),
        as_of=run.as_of if run else "",
        snapshot=run.snapshot if run else "",
        pins=tuple(sorted(read.pins.items())) if read else (),
        shown=None if run is None else shown(run, read),
        summary=asked.summary,
    )


def critique(outcomes: Iterable[Outcome]) -> Critique:
    """Keep of every check's outcome what a reader of the journal needs."""
    outcomes = tuple(outcomes)
    found = tuple(
        Remark(
            check=f.check,
            code=f.code,
            severity=f.severity.value,
            message=clean(f.message),
            line=f.span.line if f.span else None,
            column=f.span.column if f.span else None,
            suggestion=clean(f.suggestion or ""),
        )
        for outcome in outcomes
        for f in outcome.findings
    )
    blind = [o for o in outcomes if o.status is Status.NOT_RUN]
    not_run = tuple(NotRun(o.check, o.reason or f"needs {', '.join(o.needs)}") for o in blind)
    return Critique(found, not_run, tuple(o.check for o in outcomes if o.status is Status.CLEAN))


def shown(run: QueryRun, read: Read | None = None) -> Shown:
    """Keep of a run its counts, its digest and the first rows that fit."""
    return Shown(
        rows=None if run.refused else run.rows,
        truncated=bool(read and read.truncated),
        columns=tuple((clean(name), kind) for name, kind in run.columns),
        sample=sample(run.sample, [name for name, _ in run.columns]),
        digest=read.digest if read else "",
        stages=stages(run.stages),
        refused=clean(run.refused),
    )


def stages(counts: Iterable[StageCount]) -> tuple[StageRows, ...]:
    """Keep the counts of stages without their places."""
    return tuple(
        StageRows(clean(one.text), one.rows, clean(one.reason), clean(one.pipeline))
        for one in counts
    )


def sample(rows: Sequence[Mapping[str, Any]], names: Sequence[str]) -> tuple[tuple[Cell, ...], ...]:
    """Keep the first rows that fit the bounds, each value cut to its own."""
    kept: list[tuple[Cell, ...]] = []
    used, most = 0, max(40, min(MOST_CELL, MOST_BYTES // max(len(names), 1)))
    for row in rows[:MOST_ROWS]:
        cells = tuple(cell(row.get(name), most) for name in names)
        used += sum(len(str(one).encode()) + 4 for one in cells)
        if used > MOST_BYTES and kept:
            break
        kept.append(cells)
    return tuple(kept)


def cell(value: Any, most: int = MOST_CELL) -> Cell:
    """Turn any value of a result into one that the journal holds, cut to `most` characters."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int):
        return value if -_LARGEST <= value < _LARGEST else str(value)
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    if isinstance(value, timedelta):
        return value.total_seconds()
    return _cut(clean(_as_text(value)), most)


def _as_text(value: Any) -> str:
    if isinstance(value, datetime):
        utc = value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
        return utc.isoformat().replace("+00:00", "Z")
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, bytes | bytearray | memoryview):
        return bytes(value).hex()
    if isinstance(value, Mapping | list | tuple):
        return json.dumps(value, ensure_ascii=False, default=_as_text)
    return str(value.normalize()) if isinstance(value, Decimal) else str(value)


def _cut(text: str, most: int) -> str:
    if len(text) <= most:
        return text
    return f"{text[:most]}… ({len(text) - most:,} more characters)"


def clean(text: str) -> str:
    """Replace halves of surrogate pairs, which no UTF-8 file can hold."""
    return _HALF_PAIR.sub("\ufffd", text)
