"""Two events of one entity: which rows are the first, which the second, and what ties them."""

from __future__ import annotations

import re
from dataclasses import replace

from undersign.drafters.offline.hunt import place
from undersign.drafters.offline.hunt.desk import Desk
from undersign.drafters.offline.hunt.plan import Condition, Plan, Ref, Sequence, Side, Test
from undersign.languages.question.names import stems_of
from undersign.languages.question.synonyms import NEAR
from undersign.records.question import Piece
from undersign.records.visible import VisibleTable

_AUTHENTICATION = re.compile(
    r"(?!(?:create|delete|update|get|list|put|describe|set|modify|add|remove|disable|enable)[A-Z ])"
    r".*(?:log\s?[oi]n|sign\s?-?in(?!g)|authenticat|switchrole|kerberos|tgt)"
    r"|getcalleridentity|getsessiontoken|getfederationtoken",
    re.IGNORECASE,
)
"""What an action that authenticates is called; managing a login profile is none."""
_ASKED_AUTHENTICATION = re.compile(r"authenticat|log\s?-?[oi]n|sign\s?-?[io]n", re.IGNORECASE)
DEFAULT_GAP = 12 * 3600.0
"""Seconds between the two events when the question does not say."""


def planned(desk: Desk) -> Plan | None:
    """Return the plan of a sequence; None when its two events cannot both be told apart here."""
    asked = desk.question
    if len(asked.events) != 2 or desk.table.time is None:
        return None
    key = desk.entity("user") or desk.role("host", "source_address")
    if key is None:
        return None
    first, second = (_conditions(desk, piece) for piece in asked.events)
    if not first or not second:
        return None
    desk.use(asked.output_piece)
    _use_repeated(desk, (*first, *second))
    time = desk.ref(desk.table.time)
    shared = _shared(desk)
    span = place.span(desk)
    if span is None:
        desk.ask("the question states no time, so the query reads all there is")
    side = Side(desk.table.name, time, span, (*first, *shared))
    changed = tuple(ref for ref in (_changed(desk, piece) for piece in asked.changed) if ref)
    gap = asked.within.seconds if asked.within and asked.within.seconds else DEFAULT_GAP
    if asked.within:
        desk.use(asked.within.piece)
    else:
        desk.ask(f"the two events may be {gap / 3600:g} hours apart at most; is that right?")
    desk.ask(
        f"the two events belong together when {key.name} is the same; is that the right entity?"
    )
    shown = tuple(r for r in (desk.role("action"), desk.role("user_agent")) if r)
    sequence = Sequence(
        replace(side, conditions=(*second, *shared)),
        ((key, key),),
        tuple((ref, ref) for ref in changed),
        shown,
        gap,
    )
    return Plan(side, shape="sequence", limit=asked.limit, sequence=sequence)


def _use_repeated(desk: Desk, conditions: tuple[Condition, ...]) -> None:
    """Note words outside of the events that name the same action: `anomalous AssumeRole ...`."""
    values = {str(v) for one in conditions if isinstance(one, Test) for v in one.values}
    for one in desk.links.values:
        if one.table == desk.table.name and one.value in values:
            desk.use(one.piece)
    for word in desk.question.words:
        if word.text.lower() in ("anomalous", "unusual", "suspicious"):
            desk.use(word)
            desk.ask(
                f"'{word.text}' is taken to mean the sequence itself; nothing more is required"
            )


def _shared(desk: Desk) -> tuple[Condition, ...]:
    """Return what holds for both events: stated values outside of them, network words."""
    return tuple(one for one in place.conditions(desk) if not _of_action(desk, one))


def _of_action(desk: Desk, one: Condition) -> bool:
    action = desk.role("action")
    return isinstance(one, Test) and action is not None and one.columns[0] == action


def _changed(desk: Desk, piece: Piece) -> Ref | None:
    best = desk.best_in(piece.start, piece.end)
    desk.use(piece)
    if best and best.column:
        return desk.ref(best.column)
    low = piece.text.lower()
    role = "country" if re.search("country|location|region", low) else "source_address"
    if "agent" in low:
        role = "user_agent"
    elif re.search("device|host|machine", low):
        role = "host"
    return desk.role(role)


def _conditions(desk: Desk, piece: Piece) -> tuple[Condition, ...]:
    """Return the test for one of the two events, from the actions really seen."""
    values = _actions(desk, desk.table, piece)
    action = desk.role("action")
    found: list[Condition] = []
    if values and action:
        desk.use(piece)
        found.append(Test((action,), "==", values))
        listed = ", ".join(values[:6]) + (" ..." if len(values) > 6 else "")
        desk.ask(f"'{piece.text}' is taken as {action.name} {listed}; is something missing?")
    for polarity in desk.question.polarity:
        if piece.start <= polarity.piece.start < piece.end:
            test = place.outcome(desk, failed=polarity.failed)
            if test is not None:
                desk.use(piece)
                found.append(test)
    return tuple(found)


def _actions(desk: Desk, table: VisibleTable, piece: Piece) -> tuple[str, ...]:
    """Return the actions really seen that these words name."""
    action = desk.role("action")
    if action is None:
        return ()
    examples = table.columns[action.name].examples
    if _ASKED_AUTHENTICATION.search(piece.text):
        return tuple(e for e in examples if _AUTHENTICATION.match(e))
    said = set(stems_of(piece.text))
    wider = said | {near for one in said for near in NEAR.get(one, ())}
    linked = {
        v.value for v in desk.links.values
        if v.table == table.name and v.column == action.name and v.value
        and piece.start <= v.piece.start < piece.end
    }  # fmt: skip
    whole = [e for e in examples if e in linked or _covers(stems_of(e), wider)]
    return tuple(dict.fromkeys(whole))


def _covers(stems: tuple[str, ...], said: set[str]) -> bool:
    """Tell whether words name an action: its first two parts are said (`AssumeRoleWithSAML`)."""
    return len(stems) >= 2 and set(stems[:2]) <= said
