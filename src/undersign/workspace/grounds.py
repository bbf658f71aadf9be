"""Grounds of truth for the checks: gathered once, handed out per artifact, absences explained."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from undersign.checks.spec import Grounds
from undersign.records.artifact import Artifact
from undersign.records.reviewed import Digests
from undersign.workspace.beside import Record
from undersign.workspace.languages import LANGUAGES
from undersign.workspace.workspace import Workspace

if TYPE_CHECKING:
    from undersign.records.query import Query
    from undersign.workspace.critique import Critic

PAPERS = ("timeline", "clocks", "postmortem", "notice")
"""Kinds of the papers of an incident."""
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

    def __init__(
        self, workspace: Workspace, *, history: bool, now: datetime, question: str | None = None
    ) -> None:
        self._workspace = workspace
        self._wants_history = history
        self._now = now
        self._question = question
        self._critics: dict[str, Critic] = {}
        self._histories: dict[str, Any] = {}

    def prepare(self, subjects: Sequence[Subject]) -> None:
        """Measure all artifacts that history can be had for, in one pass over the lake."""
        if self._wants_history and self._workspace.has_lake:
            from undersign.workspace.histories import measured

            rules = [s for s in subjects if s.artifact.kind not in LANGUAGES]
            self._histories = measured(self._workspace, rules)

    def bound(self, subject: Subject) -> Subject:
        """Return a query bound to the tables that are here; any other artifact as it is."""
        kind = subject.artifact.kind
        if kind not in LANGUAGES:
            return subject
        return replace(subject, parsed=self._critic(kind).bound(subject.artifact.text))

    def grounds(self, subject: Subject) -> Grounds:
        """Return the grounds for one artifact; a query must be bound."""
        if subject.artifact.kind in LANGUAGES:
            return self._query_grounds(subject)
        if subject.artifact.kind == "review":
            from undersign.workspace.reviewing.digests import digests_now

            return Grounds({Digests: digests_now(self._workspace.root, subject.parsed)}, {})
        if subject.artifact.kind in PAPERS:
            from undersign.workspace.responding.grounds import respond_grounds

            return respond_grounds(self._workspace, subject, self._now)
        if subject.artifact.kind == "threatmodel":
            from undersign.workspace.threatmodelling.grounds import threat_grounds

            return threat_grounds(self._workspace, subject, self._now)
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

    def _query_grounds(self, subject: Subject) -> Grounds:
        critic = self._critic(subject.artifact.kind)
        query: Query = subject.parsed  # type: ignore[assignment]  # `bound` made it one
        draft = subject.record.draft
        question = self._question or (draft.brief if draft else None)
        run = critic.run(query) if self._wants_history else None
        return critic.grounds(question, run, draft)

    def _critic(self, language: str) -> Critic:
        from undersign.workspace.critique import Critic
        from undersign.workspace.querying import Asked

        if language not in self._critics:
            self._critics[language] = Critic(self._workspace, language, Asked(self._now))
        return self._critics[language]

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
