"""Queries into DuckDB SQL over the views of `telemetry.views`: one file a language.

Each has `translate(query, visible, now) -> Translated`; what it cannot say exactly it refuses with
`QueryRefused`, which names the operator and its place. A refused stage does not lose the others.
"""

from __future__ import annotations

from dataclasses import dataclass

from undersign.records.artifact import Span


@dataclass(frozen=True, slots=True)
class StageSql:
    """The SQL whose rows are what comes out of one stage."""

    text: str
    """The stage as written."""
    span: Span
    sql: str
    """A complete SELECT; empty when it cannot be said, and `refused` says why."""
    refused: str = ""
    pipeline: str = ""
    """As in `StageCount`."""


@dataclass(frozen=True, slots=True)
class Translated:
    """One query as DuckDB SQL."""

    sql: str
    """A complete SELECT over visible table names, quoted as DuckDB wants them."""
    stages: tuple[StageSql, ...] = ()
    """The source first, then every stage of every pipeline in order of text."""
    tables: tuple[str, ...] = ()
    """Visible tables that are read."""
