"""What a question, a query or a measurement gave: rows, and everything one must know of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from undersign.errors import QueryRefused, UndersignError, UsageError
from undersign.faces.library import frames
from undersign.faces.library.findings import Findings
from undersign.records.query_run import StageCount

if TYPE_CHECKING:
    import pandas as pd  # type: ignore[import-untyped]  # its stubs are a package apart
    import polars as pl
    import pyarrow as pa

_SHOWN = 10
"""Rows that a result shows of itself."""


@dataclass(frozen=True, repr=False, eq=False)
class Result:
    """Rows as an Arrow table. Times in it are UTC; iterating gives one dict a row.

    A query that was refused has no rows, which is not the same as none: asking for them raises
    QueryRefused, and `refused` says why.
    """

    _rows: pa.Table | None
    _judge: Callable[[], Findings] | None = None
    question: str = ""
    query: str = ""
    """The text that ran; empty for what is no query."""
    language: str = ""
    drafter: str = ""
    """Who wrote the query; empty when you did."""
    sql: str = ""
    """The DuckDB SQL that ran; empty for Sigma."""
    stages: tuple[StageCount, ...] = ()
    """Rows that came out of each stage; `rows` None with a `reason` was not counted."""
    truncated: bool = False
    """Whether there are more rows than the limit let through."""
    as_of: str = ""
    """RFC 3339 UTC: what `now` meant."""
    snapshot: str = ""
    """The state of the lake that was read."""
    refused: str = ""
    """Why nothing was run, in one sentence; empty when it was."""
    open_questions: tuple[str, ...] = ()
    """What only you can settle; each says what was assumed meanwhile."""
    unused_words: tuple[str, ...] = ()
    """Words of the question that shaped nothing."""
    added: tuple[str, ...] = ()
    """Of `refine`: filters that are new."""
    removed: tuple[str, ...] = ()
    changed: tuple[tuple[str, str], ...] = ()
    """Of `refine`: (before, after)."""
    remarks: tuple[str, ...] = ()
    """What did not stop it from running but must be known, each a sentence."""
    unmeasured: tuple[str, ...] = field(default=())
    """Of `baseline`: rules that could not be measured, which is not zero, and why."""

    @property
    def table(self) -> pa.Table:
        """The rows. Raises QueryRefused when nothing was run."""
        if self._rows is None:
            raise QueryRefused(self.refused or "nothing was run")
        return self._rows

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of the columns; `.table.schema` has their types."""
        return tuple(self.table.column_names)

    @cached_property
    def findings(self) -> Findings:
        """The critique: the query held against question, schema and history.

        Computed when first asked for, on the same snapshot and with the same `now` as the rows.
        Raises UsageError for a result that is no query.
        """
        if self._judge is None:
            raise UsageError("this is no query, so there is nothing to criticise")
        return self._judge()

    @property
    def not_run(self) -> tuple[str, ...]:
        """What could not be looked at and why: the refusal, checks without their grounds, rules."""
        refused = (self.refused,) if self.refused else ()
        blind = self.findings.not_run if self._judge else ()
        checks = tuple(f"{o.check}: {o.reason or 'no reason was given'}" for o in blind)
        return refused + checks + self.unmeasured

    def df(self) -> pd.DataFrame:
        """Return the rows as a pandas frame.

        Raises UsageError, with the command to run, without pandas; QueryRefused when nothing ran.
        """
        return frames.to_pandas(self.table)

    def pl(self) -> pl.DataFrame:
        """Return the rows as a polars frame.

        Raises UsageError, with the command to run, without polars; QueryRefused when nothing ran.
        """
        return frames.to_polars(self.table)

    def __len__(self) -> int:
        return int(self.table.num_rows)

    def __iter__(self) -> Iterator[dict[str, Any]]:
        for batch in frames.with_durations(self.table).to_batches(max_chunksize=1000):
            yield from batch.to_pylist()

    def __repr__(self) -> str:
        from undersign.faces.library.shown import text

        return text(self, self.__dict__.get("findings"), _SHOWN)

    def _repr_html_(self) -> str:
        from undersign.faces.library.shown import document
        from undersign.render.html_result import render

        told = document(self, _SHOWN)
        try:
            works = self.findings.works if self._judge else None
        except UndersignError as error:
            return render({**told, "uncriticised": str(error)}, ())
        return render(told, works)
