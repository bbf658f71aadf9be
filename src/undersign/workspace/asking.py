"""`undersign ask` and `refine`: from a question to a query, its critique, its rows, the journal."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import Any

from undersign.drafters import call
from undersign.errors import BadInput, QueryRefused, UsageError
from undersign.records.drafting import QueryDraft
from undersign.records.query import Query
from undersign.records.query_run import QueryRun
from undersign.records.work import Work
from undersign.surfaces.hunt import entries
from undersign.workspace import files, hunting, querying
from undersign.workspace.critique import Critic
from undersign.workspace.querying import Answer, Asked
from undersign.workspace.workspace import Workspace

KEPT_ROWS = 1000
"""Rows that are fetched, digested and journalled, however few of them are shown."""
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


def ask(  # noqa: PLR0913 - all of it is what a person says on asking
    workspace: Workspace,
    question: str,
    language: str,
    asked: Asked,
    *,
    drafter: str = "offline",
    hunt: str | None = None,
) -> Reply:
    """Draft a query for a question, criticise it, run it, and journal it in the open hunt.

    Raises UsageError for an empty question or an unknown drafter, BadInput when nothing can be made
    of the question. A query that is refused is a reply without an answer.
    """
    if not question.strip():
        raise UsageError("the question is empty: say in a sentence what to look for")
    critic = Critic(workspace, language, asked)
    draft = call.ask(language, drafter, critic.asks(question))
    return _replied(critic, question, draft, drafter, hunt=hunt)


def refine(  # noqa: PLR0913 - as `ask`, and the query
    workspace: Workspace,
    instruction: str,
    asked: Asked,
    *,
    query: tuple[str, str] | None = None,
    question: str = "",
    drafter: str = "offline",
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
    draft = call.refine(bound, drafter, critic.asks(instruction))
    both = f"{question.rstrip('. ')}; {instruction}" if question else instruction
    return _replied(critic, both, draft, drafter, hunt=hunt, before=text)


def _replied(  # noqa: PLR0913 - the parts of a reply
    critic: Critic,
    question: str,
    draft: QueryDraft,
    drafter: str,
    *,
    hunt: str | None,
    before: str | None = None,
) -> Reply:
    query = critic.bound(draft.text)
    run = critic.run(query)
    work = critic.critique(query, question, run)
    try:
        answer = _answer(critic, query, run)
    except QueryRefused as error:
        # What was counted within its limits may still be too much for all rows.
        answer, run = None, replace(run or QueryRun(), refused=str(error))
    kept = _journalled(critic, question, draft, drafter, (work, run, answer, hunt))
    _remember(critic.workspace, question, draft)
    path, nth = kept if kept else (None, None)
    return Reply(question, draft, drafter, work, run, answer, path, nth, before)


def _answer(critic: Critic, query: Query, run: QueryRun | None) -> Answer | None:
    if run is None or run.refused:
        return None
    limits = replace(critic.asked.limits, rows=KEPT_ROWS)
    asked = replace(critic.asked, stages=False, as_of=run.as_of, limits=limits)
    answer = querying.query(critic.workspace, query.language, query.text, asked)
    return replace(answer, stages=run.stages)


def _journalled(
    critic: Critic,
    question: str,
    draft: QueryDraft,
    drafter: str,
    came: tuple[Work, QueryRun | None, Answer | None, str | None],
) -> tuple[str, int] | None:
    work, run, answer, hunt = came
    asked = entries.Asked(
        question,
        draft.language,
        draft.text,
        drafter,
        draft.unused_words,
        draft.open_questions,
    )
    now = critic.asked.now
    refused = run.refused if run else ""
    entry = hunting.entry_of(
        critic.workspace, asked, answer, work.outcomes, now=now, refused=refused
    )
    kept = hunting.record_entry(critic.workspace, entry, now=now, hunt=hunt)
    return (kept[0].path, kept[1]) if kept else None


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
        "summary": None,
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
