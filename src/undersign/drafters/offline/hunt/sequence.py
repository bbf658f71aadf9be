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
    r"log\s?[oi]n|sign\s?-?in|authenticat|getcalleridentity|getsessiontoken|getfederationtoken"
    r"|switchrole|kerberos|tgt",
    re.IGNORECASE,
)
_ASKED_AUTHENTICATION = re.compile(r"authenticat|log\s?-?[oi]n|sign\s?-?[io]n", re.IGNORECASE)
DEFAULT_GAP = 12 * 3600.0
"""Seconds between the two events when the question does not say."""
_KEYS = (
    "access key id", "user identity access key id", "user identity principal id",
    "user identity arn", "session id", "logon id",
)  # fmt: skip


def planned(desk: Desk) -> Plan | None:
    """Return the plan of a sequence; None when its two events cannot both be told apart here."""
    asked = desk.question
    if len(asked.events) != 2 or desk.table.time is None:
        return None
    key = desk.role("user", "host", "source_address")
    if key is None:
        return None
    first, second = (_conditions(desk, piece) for piece in asked.events)
    if not first or not second:
        return None
    desk.use(asked.output_piece)
    time = desk.ref(desk.table.time)
    shared = _shared(desk)
    span = place.span(desk)
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
        return tuple(e for e in examples if _AUTHENTICATION.search(e))
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
