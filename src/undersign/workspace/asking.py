"""`undersign ask` and `refine`: from a question to a query, its critique, its rows, the journal."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from time import perf_counter
from typing import Any

from undersign.drafters import call
from undersign.errors import BadInput, DrafterFailed, PolicyRefused, QueryRefused, UsageError
from undersign.records.artifact import Artifact
from undersign.records.drafting import DraftEntry, QueryDraft
from undersign.records.hunt import Summary
from undersign.records.query import Query
from undersign.records.query_run import QueryRun
from undersign.records.work import Work
from undersign.surfaces.hunt import entries
from undersign.workspace import files, hunting, ledgerbook, querying
from undersign.workspace.critique import Critic
from undersign.workspace.modelling import first_checks
from undersign.workspace.modelling.drafter_line import OFFLINE, Line, Reach, in_effect, open_line
from undersign.workspace.modelling.modelled import Provenance
from undersign.workspace.querying import Answer, Asked
from undersign.workspace.withholding import withheld
from undersign.workspace.workspace import Workspace

KEPT_ROWS = 1000
"""Rows that are fetched, digested and journalled, however few of them are shown."""
_BRIEF = 500
LAST = "last_query.json"
"""In the state folder: what `refine` edits when it is told nothing else."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What came of one question, in the order in which it is to be read."""

    question: str
    draft: QueryDraft
    drafter: str
    work: Work
    """The critique."""
    run: QueryRun | None
    """What the query did on history; None when it was not run."""
    answer: Answer | None
    """None when it was not run, or was refused; `run.refused` then says why."""
    hunt: str | None
    """Path of the hunt it was journalled in."""
    entry: int | None = None
    """Its number there."""
    before: str | None = None
    """Of `refine`: the query that was edited."""
    provenance: Provenance = field(default_factory=Provenance)
    """The calls it came of; none for the offline drafter."""
    summary: Summary | None = None
    """Of the rows, when it was asked for; judged by `unsupported-summary` in the critique."""
    not_kept: str = ""
    """What of the question is kept in neither ledger nor journal, in a sentence."""
    unsummed: PolicyRefused | DrafterFailed | BadInput | None = None
    """Why there is no summary although one was asked for."""


@dataclass(frozen=True, slots=True)
class _By:
    """Who writes the query, and whether the rows are summed up."""

    drafter: str
    line: Line | None
    """One for all that is asked of it; None for the offline drafter."""
    summary: bool
    reach: Reach
    begun: float = field(default_factory=perf_counter)


def _by(critic: Critic, drafter: str, reach: Reach | None, summary: bool) -> _By:
    reach = reach or Reach()
    if drafter == OFFLINE:
        return _By(drafter, None, summary, reach)
    from undersign.workspace.modelling.queries import PURPOSE

    name = in_effect(drafter)
    line = open_line(critic.workspace, name, PURPOSE, reach, critic.asked.now)
    return _By(name, line, summary, reach)


def ask(  # noqa: PLR0913 - all of it is what a person says on asking
    workspace: Workspace,
    question: str,
    language: str,
    asked: Asked,
    *,
    drafter: str = OFFLINE,
    reach: Reach | None = None,
    summary: bool = False,
    hunt: str | None = None,
) -> Reply:
    """Draft a query for a question, criticise it, run it, and journal it in the open hunt.

    Raises UsageError for an empty question or an unknown drafter, BadInput when nothing can be made
    of the question; for a drafter behind the door also what `drafters.call.converse` raises. A
    query that is refused is a reply without an answer.
    """
    if not question.strip():
        raise UsageError("the question is empty: say in a sentence what to look for")
    critic = Critic(workspace, language, asked)
    by = _by(critic, drafter, reach, summary)
    if by.line is None:
        draft, provenance = call.ask(language, OFFLINE, critic.asks(question)), Provenance()
    else:
        from undersign.workspace.modelling.queries import draft_query

        draft, provenance = draft_query(critic, question, by.line)
    return _replied(critic, question, draft, by, provenance, hunt=hunt)


def refine(  # noqa: PLR0913 - as `ask`, and the query
    workspace: Workspace,
    instruction: str,
    asked: Asked,
    *,
    query: tuple[str, str] | None = None,
    question: str = "",
    drafter: str = OFFLINE,
    reach: Reach | None = None,
    summary: bool = False,
    hunt: str | None = None,
) -> Reply:
    """Edit a query by an instruction and say what changed; `query` is (language, text).

    Without `query` the last one that was asked here is edited. `question` is what the query was
    asked for; the critique holds the edited one against both. Raises as `ask` does.
    """
    if not instruction.strip():
        raise UsageError("the instruction is empty: say what to change")
    question, language, text = (question, *query) if query else _last(workspace)
    critic = Critic(workspace, language, asked)
    bound = critic.bound(text)
    if bound.unreadable:
        raise BadInput("the query cannot be read, so it cannot be edited", hint="undersign check")
    by = _by(critic, drafter, reach, summary)
    if by.line is None:
        draft, provenance = call.refine(bound, OFFLINE, critic.asks(instruction)), Provenance()
    else:
        from undersign.workspace.modelling.queries import edit_query

        draft, provenance = edit_query(critic, bound, instruction, by.line)
    both = f"{question.rstrip('. ')}; {instruction}" if question else instruction
    return _replied(critic, both, draft, by, provenance, hunt=hunt, before=text)


def _replied(  # noqa: PLR0913 - the parts of a reply
    critic: Critic,
    question: str,
    draft: QueryDraft,
    by: _By,
    provenance: Provenance,
    *,
    hunt: str | None,
    before: str | None = None,
) -> Reply:
    drafted = perf_counter()
    query = critic.bound(draft.text)
    # What cannot be read is handed over with its faults, and never run.
    run = None if query.unreadable else critic.run(query)
    draft = replace(draft, open_questions=(*draft.open_questions, *provenance.remarks))
    work = critic.critique(query, question, run)
    try:
        answer = _answer(critic, query, run)
    except QueryRefused as error:
        # What was counted within its limits may still be too much for all rows.
        answer, run = None, replace(run or QueryRun(), refused=str(error))
    reply = Reply(question, draft, by.drafter, work, run, answer, None, None, before, provenance)
    if by.summary and answer is not None:
        reply = _summed(critic, query, reply, by)
    secret = withheld(critic.workspace, question)
    reply = replace(reply, not_kept=secret.told)
    noted = replace(
        reply,
        question=secret.of(question),
        draft=replace(
            draft,
            unused_words=tuple(map(secret.of, draft.unused_words)),
            open_questions=tuple(map(secret.of, draft.open_questions)),
        ),
    )
    now = by.reach.at(critic.asked.now)
    kept = _journalled(critic, noted, hunt, now)
    _remember(critic.workspace, question, draft)
    if kept is None:
        return reply
    _note(critic, noted, f"{kept[0]}#{kept[1]}", round(drafted - by.begun, 3), now)
    return replace(reply, hunt=kept[0], entry=kept[1])


def _summed(critic: Critic, query: Query, reply: Reply, by: _By) -> Reply:
    """Add a summary of the rows, and the critique with it; one that is refused is told."""
    from undersign.workspace.modelling.queries import summarise, summarise_offline

    assert reply.answer is not None
    rows, total = _rows(reply.answer), reply.answer.table.num_rows
    try:
        if by.line is None:
            summary, calls = summarise_offline(rows, total), reply.provenance.calls
        else:
            summary, said = summarise(reply.question, rows, total, by.line)
            calls = (*reply.provenance.calls, said.call)
    except (PolicyRefused, DrafterFailed, BadInput) as why:
        return replace(reply, unsummed=why)
    provenance = replace(reply.provenance, calls=calls)
    work = critic.critique(query, reply.question, reply.run, summary)
    return replace(reply, work=work, summary=summary, provenance=provenance)


def _rows(answer: Answer) -> list[dict[str, Any]]:
    """Return the rows as they are shown, in their order."""
    from undersign.telemetry.cells import plain_rows

    names = [name for name, _ in answer.columns]
    return [dict(zip(names, row, strict=True)) for row in plain_rows(answer.table)]


def _answer(critic: Critic, query: Query, run: QueryRun | None) -> Answer | None:
    if run is None or run.refused:
        return None
    limits = replace(critic.asked.limits, rows=KEPT_ROWS)
    asked = replace(critic.asked, stages=False, as_of=run.as_of, limits=limits)
    answer = querying.query(critic.workspace, query.language, query.text, asked)
    return replace(answer, stages=run.stages)


def _journalled(
    critic: Critic, reply: Reply, hunt: str | None, now: datetime
) -> tuple[str, int] | None:
    draft, run = reply.draft, reply.run
    asked = entries.Asked(
        reply.question,
        draft.language,
        draft.text,
        reply.drafter,
        draft.unused_words,
        draft.open_questions,
        reply.summary,
    )
    refused = run.refused if run else ""
    entry = hunting.entry_of(
        critic.workspace,
        asked,
        reply.answer,
        reply.work.outcomes,
        now=critic.asked.now,
        refused=refused,
    )
    kept = hunting.record_entry(critic.workspace, entry, now=now, hunt=hunt)
    return (kept[0].path, kept[1]) if kept else None


def _note(critic: Critic, reply: Reply, subject: str, seconds: float, now: datetime) -> None:
    """Tell the ledger of a query that went into a hunt, as of any draft."""
    digest = Artifact(subject, critic.language, reply.draft.text).digest
    brief = reply.question.strip()[:_BRIEF]
    entry = DraftEntry(subject, critic.language, reply.drafter, brief, digest, seconds)
    body = asdict(first_checks.measured(entry, reply.work, reply.provenance))
    ledgerbook.note(critic.workspace, "draft", body, now=now)


def _remember(workspace: Workspace, question: str, draft: QueryDraft) -> None:
    """Keep what `refine` edits next; a folder that is no workspace keeps nothing."""
    if workspace.declared:
        kept = {"question": question, "language": draft.language, "query": draft.text}
        files.write(workspace.state / LAST, json.dumps(kept))


def _last(workspace: Workspace) -> tuple[str, str, str]:
    path = workspace.state / LAST
    nothing = UsageError(
        "nothing was asked here yet", hint="undersign ask QUESTION, or name a query with --query"
    )
    if not path.is_file():
        raise nothing
    try:
        kept = json.loads(files.read_text(path))
        return str(kept["question"]), str(kept["language"]), str(kept["query"])
    except (ValueError, KeyError, TypeError):
        raise nothing from None


def _first(answer: Answer, most: int) -> Answer:
    more = answer.truncated or answer.table.num_rows > most
    return replace(answer, table=answer.table.slice(0, most), truncated=more)


def document(reply: Reply, most: int) -> dict[str, Any]:
    """Return the contract's JSON of `ask` with the first `most` rows.

    The critique is not part of it: `render.json` writes that.
    """
    shown: dict[str, Any] = {
        "question": reply.question,
        "language": reply.draft.language,
        "query": reply.draft.text,
        "drafter": reply.drafter,
        "understood": dict(reply.draft.understood),
        "open_questions": list(reply.draft.open_questions),
        "unused_words": list(reply.draft.unused_words),
        "sources": list(reply.draft.sources),
        "refused": reply.run.refused if reply.run else "",
        "summary": reply.summary.text if reply.summary else None,
        "summary_refused": str(reply.unsummed) if reply.unsummed else "",
        "calls": list(reply.provenance.calls),
        "repaired": reply.provenance.repaired,
        "withheld": reply.provenance.withheld,
        "not_kept": reply.not_kept,
        "hunt": reply.hunt,
        "entry": reply.entry,
        "stages": [querying.stage_document(s) for s in reply.run.stages] if reply.run else [],
        "columns": [],
        "rows": [],
        "truncated": False,
    }
    if reply.before is not None:
        shown["before"] = reply.before
        shown["added"] = list(reply.draft.added)
        shown["removed"] = list(reply.draft.removed)
        shown["changed"] = [list(pair) for pair in reply.draft.changed]
    if reply.answer is not None:
        told = querying.document(_first(reply.answer, most))
        shown |= {k: v for k, v in told.items() if k not in ("language", "stages")}
    return shown
