"""`undersign draft`: a draft, its record, its proposed tests, and a threshold from history."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path
from time import perf_counter
from typing import Any

from undersign.drafters.call import draft as ask
from undersign.errors import UsageError
from undersign.records.artifact import Artifact, Draft
from undersign.records.drafting import DraftEntry, DraftGrounds, DraftResult, QueryDraft
from undersign.records.history import Histories
from undersign.surfaces import KINDS, kind_named
from undersign.workflow.kind import Kind
from undersign.workspace import files, histories, ledgerbook
from undersign.workspace.beside import Beside, Record, record_text
from undersign.workspace.corpus import corpus
from undersign.workspace.grounds import Subject
from undersign.workspace.languages import LANGUAGES
from undersign.workspace.modelling import first_checks
from undersign.workspace.modelling.drafter_line import OFFLINE, Reach, in_effect, open_line
from undersign.workspace.modelling.first_checks import FirstChecks
from undersign.workspace.modelling.modelled import Provenance
from undersign.workspace.modelling.rules import Measured, draft_rule
from undersign.workspace.scorecard import DRAFTS
from undersign.workspace.withholding import Withheld, withheld
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
    calls: tuple[str, ...] = ()
    repaired: bool = False
    withheld: int = 0
    """Hidden values that did not come back in the reply: they stand as tokens in the artifact."""
    not_kept: str = ""
    """What of the brief is kept in neither ledger nor record, in a sentence."""

    def document(self) -> dict[str, Any]:
        """Return the contract's JSON of `draft`."""
        lists = ("sources", "open_questions", "unused_words", "calls")
        return asdict(self) | {name: list(getattr(self, name)) for name in lists}


@dataclass(frozen=True, slots=True)
class _Task:
    """One brief on its way to a file."""

    workspace: Workspace
    kind: Kind
    brief: str
    drafter: str
    reach: Reach
    now: datetime
    secret: Withheld
    """What of the brief must not be kept."""


def draft(  # noqa: PLR0913 - all of it is what a person says on drafting
    workspace: Workspace,
    kind: str,
    brief: str,
    *,
    drafter: str = OFFLINE,
    reach: Reach | None = None,
    output: Path | None,
    force: bool,
    now: datetime,
) -> Drafted:
    """Draft an artifact and keep who drafted it from what.

    Raises UsageError for an unknown kind or drafter, an empty brief, or a file that is there
    already; BadInput when the drafter can make nothing of the brief; for a drafter behind the door
    also what `drafters.call.converse` raises.
    """
    begun = perf_counter()
    known = kind_named(kind)
    if known is None or not known.prompt:
        names = ", ".join(k.name for k in KINDS if k.prompt)
        what = f"no kind is called {kind!r}" if known is None else f"a {kind} is not drafted"
        raise UsageError(what, hint=f"drafted are: {names}")
    if not brief.strip():
        raise UsageError("the brief is empty: say in a sentence what to detect")
    secret = withheld(workspace, brief)
    task = _Task(workspace, known, brief, in_effect(drafter), reach or Reach(), now, secret)
    _keep_what_is_there(output, force)
    if kind in LANGUAGES:
        (result, provenance), folder = _query(task), workspace.config.hunts
    else:
        (result, provenance), folder = _rule(task), workspace.config.rules
    path = output or folder / f"{result.slug}{known.suffixes[0]}"
    beside = Beside(path)
    tests = [beside.tests] if result.tests_text else []
    _keep_what_is_there(path, force, *tests, beside.record)
    record = _record(task, path, result, provenance)
    entry = _entry(task, path, result, record, provenance)
    texts = {path: result.text, beside.record: record_text(Record(record))}
    if result.tests_text:
        texts[beside.tests] = result.tests_text
    if workspace.declared:
        texts[workspace.state / DRAFTS / record.artifact_digest] = result.text

    def note() -> None:
        taken = round(perf_counter() - begun, 3)
        body = asdict(replace(entry, seconds=taken))
        ledgerbook.note(workspace, "draft", body, now=task.reach.at(now))

    files.write_all(texts, note)
    return Drafted(
        path=record.path,
        kind=kind,
        drafter=task.drafter,
        record=files.relative(beside.record, workspace.root),
        tests=files.relative(beside.tests, workspace.root) if result.tests_text else None,
        sources=record.sources,
        open_questions=record.open_questions,
        unused_words=record.unused_words,
        slots=dict(record.slots),
        calls=provenance.calls,
        repaired=provenance.repaired,
        withheld=provenance.withheld,
        not_kept=secret.told,
    )


def _query(task: _Task) -> tuple[DraftResult, Provenance]:
    """Draft a query; the brief is its question, against which `check` will hold it."""
    from undersign.drafters.call import ask as ask_for
    from undersign.surfaces.hunt.journal import slug
    from undersign.workspace.critique import Critic
    from undersign.workspace.modelling.queries import PURPOSE, draft_query
    from undersign.workspace.querying import Asked

    critic = Critic(task.workspace, task.kind.name, Asked(task.now))
    if task.drafter == OFFLINE:
        made = ask_for(task.kind.name, OFFLINE, critic.asks(task.brief))
        provenance = Provenance()
    else:
        line = open_line(task.workspace, task.drafter, PURPOSE, task.reach, task.now)
        made, provenance = draft_query(critic, task.brief, line)
    return _of_query(made, slug(task.secret.of(task.brief))), provenance


def _of_query(made: QueryDraft, slug: str) -> DraftResult:
    return DraftResult(
        text=made.text if made.text.endswith("\n") else made.text + "\n",
        tests_text="",
        sources=made.sources,
        open_questions=made.open_questions,
        unused_words=made.unused_words,
        slots=made.understood,
        slug=slug,
    )


def _rule(task: _Task) -> tuple[DraftResult, Provenance]:
    """Draft a rule; a correlation's threshold is measured on history if there is some."""
    if task.drafter == OFFLINE:
        return _offline_rule(task), Provenance()
    line = open_line(task.workspace, task.drafter, task.kind.surface, task.reach, task.now)
    drafted = draft_rule(task.workspace, task.kind.name, task.brief, line, now=task.now)
    measured = _measured(task, drafted.result)
    if measured is not None:
        drafted = drafted.with_threshold(measured)
    return drafted.result, drafted.provenance


def _offline_rule(task: _Task) -> DraftResult:
    from undersign.telemetry.profile import cached_schema

    workspace = task.workspace
    schema = cached_schema(workspace.lake) if workspace.has_lake else None
    rules = corpus(workspace)
    grounds = DraftGrounds(schema=schema, corpus=rules if rules.rules else None)
    first = ask(task.kind.name, task.brief, OFFLINE, grounds, now=task.now)
    found = _measured(task, first)
    if found is None:
        return first
    again = replace(grounds, threshold=found.threshold, snapshot=found.snapshot, days=found.days)
    return ask(task.kind.name, task.brief, OFFLINE, again, now=task.now)


def _measured(task: _Task, result: DraftResult) -> Measured | None:
    workspace = task.workspace
    if not workspace.has_lake:
        return None
    path = workspace.config.rules / f".{result.slug}.draft"
    artifact = Artifact(files.relative(path, workspace.root), task.kind.name, result.text)
    subject = Subject(path, artifact, task.kind.parse(result.text), Record())
    measured = histories.measure(workspace, [subject], since=None, until=None)
    for history in measured.get(artifact.path, Histories()).by_document.values():
        if history.threshold is not None:
            return Measured(history.threshold, workspace.lake.snapshot(), history.days)
    return None


def _keep_what_is_there(path: Path | None, force: bool, *others: Path) -> None:
    there = [p for p in (path, *others) if p is not None and p.exists()]
    if there and not force:
        raise UsageError(
            f"{there[0]} is there already", hint="name another with -o, or use --force"
        )


def _record(task: _Task, path: Path, result: DraftResult, provenance: Provenance) -> Draft:
    name = files.relative(path, task.workspace.root)
    return Draft(
        path=name,
        kind=task.kind.name,
        drafter=task.drafter,
        brief=task.secret.of(task.brief.strip()),
        artifact_digest=Artifact(name, task.kind.name, result.text).digest,
        drafted_at=task.now.strftime("%Y-%m-%dT%H:%M:%SZ"),
        sources=result.sources,
        open_questions=_each(task, (*result.open_questions, *provenance.remarks)),
        unused_words=_each(task, result.unused_words),
        slots=task.secret.of(dict(result.slots)),
        calls=provenance.calls,
        repaired=provenance.repaired,
    )


def _each(task: _Task, kept: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(map(task.secret.of, kept)))


def _entry(
    task: _Task, path: Path, result: DraftResult, record: Draft, provenance: Provenance
) -> DraftEntry:
    checks = FirstChecks(task.workspace, task.now)
    work = checks.of(path, task.kind.name, result.text, record, result.tests_text)
    entry = DraftEntry(
        record.path, record.kind, record.drafter, record.brief, record.artifact_digest
    )
    return first_checks.measured(entry, work, provenance)
