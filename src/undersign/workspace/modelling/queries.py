"""Queries written or edited with a model, and summaries of rows."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from undersign.drafters import call
from undersign.errors import BadInput
from undersign.records.drafting import HuntGrounds, QueryDraft
from undersign.records.exchange import Passage, Prompt, Reply
from undersign.records.hunt import Summary
from undersign.records.query import Query
from undersign.records.visible import Visible
from undersign.surfaces import prompts
from undersign.surfaces.hunt.query_slots import QueryFacts, edited, query_draft, query_text
from undersign.surfaces.hunt.summary_slots import counted_summary, summed
from undersign.workspace.critique import Critic
from undersign.workspace.modelling import first_checks
from undersign.workspace.modelling.drafter_line import OFFLINE, Line
from undersign.workspace.modelling.grounds import (
    VALUES,
    query_passages,
    ranked,
    seen_values,
    without_values,
)
from undersign.workspace.modelling.modelled import Made, Provenance, modelled

PURPOSE = "hunt"
SUMMED_ROWS = 100
"""Rows that a summary is written from; it says when there are more."""
_VALUE_TABLES = 12


@dataclass(frozen=True)
class _Unvalued(Critic):
    """A critic that has never seen a value: what it says may be shown like names of columns."""

    @cached_property
    def visible(self) -> Visible:
        """The tables without examples."""
        return without_values(Critic(self.workspace, self.language, self.asked).visible)


def draft_query(critic: Critic, question: str, line: Line) -> tuple[QueryDraft, Provenance]:
    """Have a drafter write a query for a question; raises as `modelling.modelled` does."""
    grounds = critic.asks(question)
    first = _first_try(_shown_critic(critic, line), question)
    told = prompts.read("hunt", ("query", critic.language))
    named = _tables_of(critic.bound(first.text)) if first else ()
    shown = query_passages(grounds, first.text if first else "", line.shows, named)
    prompt = _prompt(critic, told, (Passage("question", question), *shown))
    facts = _facts(critic, grounds, line, (question, first.text if first else ""))
    return _written(critic, prompt, line, facts, None)


def edit_query(
    critic: Critic, before: Query, instruction: str, line: Line
) -> tuple[QueryDraft, Provenance]:
    """Have a drafter edit a query by an instruction; raises as `modelling.modelled` does."""
    grounds = critic.asks(f"{instruction}\n{before.text}")
    told = prompts.read("hunt", ("refine", critic.language), "query")
    shown = query_passages(grounds, "", line.shows, _tables_of(before))
    passages = (Passage("instruction", instruction), Passage("query", before.text), *shown)
    prompt = _prompt(critic, told, passages)
    facts = _facts(critic, grounds, line, (instruction, before.text))
    return _written(critic, prompt, line, facts, before)


def summarise(
    question: str, rows: Sequence[Mapping[str, Any]], total: int, line: Line
) -> tuple[Summary, Reply]:
    """Have a drafter sum rows up; claims that the rows do not show are struck.

    `total`: how many rows there are in all.
    """
    told = prompts.read("hunt", ("summary",))
    shown = rows[:SUMMED_ROWS]
    numbered = "\n".join(
        f"{n}. {json.dumps(row, ensure_ascii=False, default=str)}"
        for n, row in enumerate(shown, start=1)
    )
    counted = f"{total} rows in all, {len(shown)} of them below"
    passages = (
        Passage("question", question),
        Passage("count of rows", counted),
        Passage("rows", numbered, VALUES, span_needed=False),
    )
    prompt = Prompt("summary", PURPOSE, told.text, passages, told.reply_schema)
    reply = line.talk(prompt, None)
    return Summary(line.drafter, summed(reply.slots, shown, total).text()), reply


def summarise_offline(rows: Sequence[Mapping[str, Any]], total: int) -> Summary:
    """Sum rows up by counting: how many there are, and the value most of them share by column."""
    return Summary(OFFLINE, counted_summary(rows, total))


def _prompt(critic: Critic, told: prompts.Instructions, passages: tuple[Passage, ...]) -> Prompt:
    return Prompt(critic.language, PURPOSE, told.text, passages, told.reply_schema)


def _facts(critic: Critic, grounds: HuntGrounds, line: Line, said: tuple[str, str]) -> QueryFacts:
    """`said`: what was asked in words, and a query that is known already."""
    asked, known = said
    tables = ranked(grounds)
    estate = grounds.estate
    own = "\n".join(estate.corporate) if estate else ""
    here = f"names of {len(tables)} tables here" if tables else "the question alone"
    return QueryFacts(
        drafter=line.drafter,
        language=critic.language,
        question=asked,
        sources=(here,),
        stated=(own, known, seen_values(tables[:_VALUE_TABLES])),
    )


def _tables_of(query: Query) -> tuple[str, ...]:
    sources = (source for pipeline in query.pipelines() for source in pipeline.sources)
    return tuple(dict.fromkeys(source.table for source in sources if source.table))


def _shown_critic(critic: Critic, line: Line) -> Critic:
    """Return a critic whose words may be shown to the drafter."""
    if line.shows(VALUES):
        return critic
    return _Unvalued(critic.workspace, critic.language, critic.asked)


def _first_try(critic: Critic, question: str) -> QueryDraft | None:
    grounds = critic.asks(question)
    if not grounds.visible.tables:
        return None
    try:
        return call.ask(critic.language, OFFLINE, grounds)
    except BadInput:
        return None  # the offline drafter can make nothing of it: one passage less


def _written(
    critic: Critic, prompt: Prompt, line: Line, facts: QueryFacts, before: Query | None
) -> tuple[QueryDraft, Provenance]:
    judge = _shown_critic(critic, line)

    def make(reply: Reply) -> Made[QueryDraft]:
        query = critic.bound(query_text(reply.slots))
        draft = query_draft(reply.slots, query, facts)
        if before is not None:
            draft = edited(draft, before, query)
        work = judge.critique(judge.bound(query.text), facts.question if not before else None, None)
        return Made(draft, first_checks.findings(work))

    made, provenance = modelled(prompt, line.talk, make)
    return made.artifact, provenance
