"""Draft a query from a question, offline: words, names and values that are really there."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from typing import Any

from undersign.drafters.offline.hunt import place, sequence, shape
from undersign.drafters.offline.hunt.desk import Desk
from undersign.drafters.offline.hunt.plan import Plan, Side, Test
from undersign.errors import BadInput
from undersign.records.drafting import QueryDraft
from undersign.records.estate import Estate
from undersign.records.question import Link, Links, Piece, Question
from undersign.records.visible import Visible

WRITERS = {
    "kql": "undersign.drafters.offline.hunt.write_kql",
    "spl": "undersign.drafters.offline.hunt.write_spl",
    "sql": "undersign.drafters.offline.hunt.write_sql",
}
"""Language -> module with `write(plan)`."""


def ask(
    question: Question, links: Links, visible: Visible, language: str, estate: Estate | None
) -> QueryDraft:
    """Draft a query that answers a question as far as it could be understood.

    Raises:
        BadInput: There is no table here, or no word of the question names one.
    """
    if language not in WRITERS:
        raise BadInput(f"no query can be drafted in {language!r}", hint=", ".join(WRITERS))
    desk, plan = _best(_desks(question, links, visible, estate))
    writer: Callable[[Plan], str] = import_module(WRITERS[language]).write
    return QueryDraft(
        text=writer(plan),
        language=language,
        understood=_understood(plan),
        open_questions=(*question.notes, *desk.open),
        unused_words=unused(desk),
        sources=tuple(dict.fromkeys(desk.sources)),
    )


def _best(desks: Sequence[tuple[float, Desk]]) -> tuple[Desk, Plan]:
    """Return the plan of the table that answers best: named well, with a column for each word."""
    made = [(score, desk, _plan(desk)) for score, desk in desks]
    _, desk, plan = max(made, key=lambda one: one[0] - _MISSING * one[1].missing)
    return desk, plan


_MISSING = 0.25
"""How much a stated value or grouping without a column speaks against a table."""
_TRIED = 4
"""Tables for which a plan is tried."""


def _desks(
    question: Question, links: Links, visible: Visible, estate: Estate | None
) -> list[tuple[float, Desk]]:
    if not visible.tables:
        raise BadInput(
            "there are no tables here to ask", hint="undersign ingest FILE, or schema import"
        )
    named = [one for one in links.tables if _searchable(visible, one.table)][:_TRIED]
    if named:
        return [(one.score, _desk(question, links, visible, estate, one)) for one in named]
    name = _by_columns(links) or _only(visible)
    if name is None:
        raise BadInput(
            "no word of the question names a table that is here",
            hint="name a log source: " + ", ".join(sorted(visible.tables)[:8]),
        )
    return [(0.0, Desk(question, links, visible, estate, visible.tables[name]))]


def _desk(
    question: Question, links: Links, visible: Visible, estate: Estate | None, named: Link
) -> Desk:
    desk = Desk(question, links, visible, estate, visible.tables[named.table])
    desk.use(named.piece)
    desk.sources.append(f"table {named.table}: {named.why or 'its columns'}")
    if named.score < _SURE:
        desk.ask(f"no word of the question names a table for sure; {named.table} is a guess")
    for word, several in links.ambiguous.items():
        others = ", ".join(one.table for one in several)
        desk.ask(f"'{word}' may mean any of {others}; {named.table} is read")
    return desk


_SURE = 0.3
"""Score from which a table counts as named."""
_DATASET = re.compile(r"[A-Z][A-Za-z_]*\.[A-Z][A-Za-z_]*\Z")


def _searchable(visible: Visible, table: str) -> bool:
    """Tell whether a draft may read it: in SPL a search names a sourcetype, no CIM dataset."""
    return visible.language != "spl" or not _DATASET.match(table)


def _by_columns(links: Links) -> str | None:
    return max(links.columns, key=lambda one: one.score).table if links.columns else None


def _only(visible: Visible) -> str | None:
    filled = [t for t in visible.tables.values() if t.rows or not t.imported]
    return filled[0].name if len(filled) == 1 else None


def _plan(desk: Desk) -> Plan:
    if desk.question.output == "sequence":
        made = sequence.planned(desk)
        if made is not None:
            return made
        desk.ask("the two events could not be told apart in one table; only one is looked for")
    time = desk.ref(desk.table.time) if desk.table.time else None
    span = place.span(desk)
    if span is None and time is not None and desk.question.output not in ("first_seen", "spike"):
        desk.ask("the question states no time, so the query reads all there is")
    conditions = place.conditions(desk)
    return shape.shaped(desk, Side(desk.table.name, time, span, tuple(conditions)))


def _understood(plan: Plan) -> Mapping[str, Any]:
    side = plan.side
    filters = [
        " or ".join(c.name for c in one.columns)
        + (" not " if one.negated else " ")
        + f"{one.op} {', '.join(str(v) for v in one.values)}".strip()
        for one in side.conditions
        if isinstance(one, Test)
    ]
    made: dict[str, Any] = {
        "table": side.table,
        "output": plan.shape,
        "seconds": side.span.seconds if side.span else None,
        "filters": filters,
        "groups": [ref.name for ref in plan.groups],
        "columns": [ref.name for ref in plan.columns],
        "limit": plan.limit,
    }
    return {slot: value for slot, value in made.items() if value}


def unused(desk: Desk) -> tuple[str, ...]:
    """Return the telling words that shaped nothing, as written, once each."""
    left = [w.text for w in desk.question.words if not _covered(desk, w)]
    return tuple(dict.fromkeys(left))


def _covered(desk: Desk, word: Piece) -> bool:
    return any(one.start <= word.start < one.end for one in desk.used)
