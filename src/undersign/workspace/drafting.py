"""`undersign draft`: a draft, its record, its proposed tests, and a threshold from history."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from undersign.drafters.call import draft as ask
from undersign.errors import UsageError
from undersign.records.artifact import Artifact, Draft
from undersign.records.drafting import DraftGrounds, DraftResult
from undersign.records.history import Histories, ThresholdProposal
from undersign.surfaces import KINDS, kind_named
from undersign.workspace import files, histories, ledgerbook
from undersign.workspace.beside import Beside, Record, record_text
from undersign.workspace.corpus import corpus
from undersign.workspace.grounds import Subject
from undersign.workspace.languages import LANGUAGES
from undersign.workspace.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Drafted:
    """A draft as it was written to disk."""

    path: str
    kind: str
    drafter: str
    record: str
    tests: str | None
    sources: tuple[str, ...]
    open_questions: tuple[str, ...]
    unused_words: tuple[str, ...]
    slots: dict[str, Any]

    def document(self) -> dict[str, Any]:
        """Return the contract's JSON of `draft`."""
        return {
            "path": self.path,
            "kind": self.kind,
            "drafter": self.drafter,
            "record": self.record,
            "tests": self.tests,
            "sources": list(self.sources),
            "open_questions": list(self.open_questions),
            "unused_words": list(self.unused_words),
            "slots": self.slots,
        }


def draft(  # noqa: PLR0913 - all of it is what a person says on drafting
    workspace: Workspace,
    kind: str,
    brief: str,
    *,
    drafter: str,
    output: Path | None,
    force: bool,
    now: datetime,
) -> Drafted:
    """Draft an artifact and keep who drafted it from what.

    Raises UsageError for an unknown kind or drafter, an empty brief, or a file that is there
    already; BadInput when the drafter can make nothing of the brief.
    """
    known = kind_named(kind)
    if known is None:
        names = ", ".join(k.name for k in KINDS)
        raise UsageError(f"no kind is called {kind!r}", hint=f"known: {names}")
    if not brief.strip():
        raise UsageError("the brief is empty: say in a sentence what to detect")
    if kind in LANGUAGES:
        result, folder = _query(workspace, kind, brief, drafter, now), workspace.config.hunts
    else:
        result = _with_threshold(workspace, kind, brief, drafter, now)
        folder = workspace.config.rules
    path = output or folder / f"{result.slug}{known.suffixes[0]}"
    beside = Beside(path)
    _keep_what_is_there(path, beside, result, force)
    artifact = Artifact(files.relative(path, workspace.root), kind, result.text)
    record = Draft(
        path=artifact.path,
        kind=kind,
        drafter=drafter,
        brief=brief.strip(),
        artifact_digest=artifact.digest,
        drafted_at=now.strftime("%Y-%m-%dT%H:%M:%SZ"),
        sources=result.sources,
        open_questions=result.open_questions,
        unused_words=result.unused_words,
        slots=dict(result.slots),
    )
    texts = {path: result.text, beside.record: record_text(Record(record))}
    if result.tests_text:
        texts[beside.tests] = result.tests_text
    files.write_all(texts, lambda: _note(workspace, record, now))
    return Drafted(
        path=artifact.path,
        kind=kind,
        drafter=drafter,
        record=files.relative(beside.record, workspace.root),
        tests=files.relative(beside.tests, workspace.root) if result.tests_text else None,
        sources=result.sources,
        open_questions=result.open_questions,
        unused_words=result.unused_words,
        slots=dict(result.slots),
    )


def _query(workspace: Workspace, kind: str, brief: str, drafter: str, now: datetime) -> DraftResult:
    """Draft a query; the brief is its question, against which `check` will hold it."""
    from undersign.drafters.call import ask as ask_for
    from undersign.surfaces.hunt.journal import slug
    from undersign.workspace.critique import Critic
    from undersign.workspace.querying import Asked

    made = ask_for(kind, drafter, Critic(workspace, kind, Asked(now)).asks(brief))
    return DraftResult(
        text=made.text if made.text.endswith("\n") else made.text + "\n",
        tests_text="",
        sources=made.sources,
        open_questions=made.open_questions,
        unused_words=made.unused_words,
        slots=made.understood,
        slug=slug(brief),
    )


def _keep_what_is_there(path: Path, beside: Beside, result: DraftResult, force: bool) -> None:
    tests = [beside.tests] if result.tests_text else []
    there = [p for p in (path, *tests, beside.record) if p.exists()]
    if there and not force:
        raise UsageError(
            f"{there[0]} is there already", hint="name another with -o, or use --force"
        )


def _with_threshold(
    workspace: Workspace, kind: str, brief: str, drafter: str, now: datetime
) -> DraftResult:
    """Draft, measure the correlation on history if there is some, and draft with the result."""
    from undersign.telemetry.profile import cached_schema

    schema = cached_schema(workspace.lake) if workspace.has_lake else None
    rules = corpus(workspace)
    grounds = DraftGrounds(schema=schema, corpus=rules if rules.rules else None)
    first = ask(kind, brief, drafter, grounds, now=now)
    found = _proposal(workspace, kind, first)
    if found is None:
        return first
    threshold, days = found
    measured = DraftGrounds(
        schema=grounds.schema,
        corpus=grounds.corpus,
        threshold=threshold,
        snapshot=workspace.lake.snapshot(),
        days=days,
    )
    return ask(kind, brief, drafter, measured, now=now)


def _proposal(
    workspace: Workspace, kind: str, result: DraftResult
) -> tuple[ThresholdProposal, float] | None:
    known = kind_named(kind)
    if known is None or not workspace.has_lake:
        return None
    path = workspace.config.rules / f".{result.slug}.draft"
    artifact = Artifact(files.relative(path, workspace.root), kind, result.text)
    subject = Subject(path, artifact, known.parse(result.text), Record())
    measured = histories.measure(workspace, [subject], since=None, until=None)
    for history in measured.get(artifact.path, Histories()).by_document.values():
        if history.threshold is not None:
            return history.threshold, history.days
    return None


def _note(workspace: Workspace, record: Draft, now: datetime) -> None:
    body = {
        "subject": record.path,
        "drafter": record.drafter,
        "brief": record.brief,
        "artifact_digest": record.artifact_digest,
    }
    ledgerbook.note(workspace, "draft", body, now=now)
