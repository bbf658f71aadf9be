"""Grounds of truth for the checks: gathered once, handed out per artifact, absences explained."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any

from undersign.checks.spec import Grounds
from undersign.records.artifact import Artifact
from undersign.workspace.beside import Record
from undersign.workspace.workspace import Workspace

NO_LOGS = "no logs here yet; run: undersign ingest PATH"


@dataclass(frozen=True, slots=True)
class Subject:
    """One artifact that was read and parsed, with the record beside it."""

    path: Path
    artifact: Artifact
    parsed: object
    record: Record


class GroundKeeper:
    """Gathers what is dear to gather once per run: schema, catalogs, corpus, measured history."""

    def __init__(self, workspace: Workspace, *, history: bool, now: datetime) -> None:
        self._workspace = workspace
        self._wants_history = history
        self._now = now
        self._histories: dict[str, Any] = {}

    def prepare(self, subjects: Sequence[Subject]) -> None:
        """Measure all artifacts that history can be had for, in one pass over the lake."""
        if self._wants_history and self._workspace.has_lake:
            from undersign.workspace.histories import measured

            self._histories = measured(self._workspace, subjects)

    def grounds(self, subject: Subject) -> Grounds:
        """Return the grounds for one artifact."""
        from undersign.workspace.testing import rule_tests

        at_hand: list[Any] = [
            self._log_sources,
            self._attack,
            self._schema,
            self._corpus.without(subject.artifact.path),
            rule_tests(self._workspace, subject),
            subject.record.draft,
            self._histories.get(subject.artifact.path),
        ]
        by_type = {type(g): g for g in at_hand if g is not None}
        return Grounds(by_type=by_type, missing=self._missing())

    @cached_property
    def _log_sources(self) -> Any:
        from undersign.catalogs.log_sources import load

        return load()

    @cached_property
    def _attack(self) -> Any:
        from undersign.catalogs.attack import load

        return load()

    @cached_property
    def _schema(self) -> Any:
        from undersign.telemetry.profile import cached_schema, refresh

        if not self._workspace.has_lake:
            return None
        return cached_schema(self._workspace.lake) or refresh(self._workspace.lake)

    @cached_property
    def _corpus(self) -> Any:
        from undersign.workspace.corpus import corpus

        return corpus(self._workspace)

    def _missing(self) -> dict[str, str]:
        if self._workspace.has_lake and not self._wants_history:
            unmeasured = "history was not asked for; run without --no-history"
        else:
            unmeasured = NO_LOGS
        return {
            "Schema": NO_LOGS,
            "History": unmeasured,
            "Draft": "no draft record beside the artifact",
        }
