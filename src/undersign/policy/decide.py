"""What the policy rules of one request.

1. A drafter in no group, a class or a purpose that the policy does not know: refused.
2. Of the rules that name a cell the strictest holds, wherever it stands; no rule: refused.
3. An exception that has not expired holds instead of the rules, for exactly the cells it names; of
   several the strictest. One that names the drafter itself goes before one that names its group.
4. A drafter in several groups gets the strictest of what they get.
5. A request gets the strictest of what is ruled of its data classes.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from undersign.policy.policy import Policy, PolicyException, Rule, elsewhere
from undersign.records.ruling import Cell, Judgement, Ruled, Ruling

DEFAULT = "default"
"""The `rule` of what nothing in the policy names."""


def decide(
    policy: Policy, drafter: str, purpose: str, classes: Iterable[str], *, now: datetime
) -> Judgement:
    """Judge a request: this drafter, this purpose, data of these classes.

    `now` is aware: exceptions expire. A request without any data class is judged as `public`: it
    is still a question whether this drafter may be used for this purpose at all.
    """
    judged = tuple(dict.fromkeys(classes)) or ("public",)
    ruled = [_ruled(policy, Cell(drafter, one, purpose), now) for one in judged]
    ruled.sort(key=lambda one: -one.ruling.strictness)
    return Judgement(ruled[0].ruling, tuple(ruled))


def ruled_of_group(policy: Policy, cell: Cell, now: datetime) -> Ruled:
    """Rule one cell whose drafter is the name of a group."""
    unknown = _unknown(policy, cell)
    if unknown:
        return Ruled(cell, Ruling.REFUSE, DEFAULT, unknown)
    excepted = _excepted(policy, cell, now)
    if excepted:
        return excepted
    found = [rule for rule in policy.rules if rule.names(cell)]
    if not found:
        return Ruled(cell, Ruling.REFUSE, DEFAULT, "No rule names this: it is refused.")
    return _by(cell, _strictest(found))


def _ruled(policy: Policy, cell: Cell, now: datetime) -> Ruled:
    """Rule one cell whose drafter is a drafter."""
    groups = policy.groups_of(cell.drafter)
    if not groups:
        why = f"The drafter {cell.drafter} is in no group of the policy."
        if elsewhere(cell.drafter):
            provider = cell.drafter.partition(":")[0]
            why = f"{why[:-1]}; a pattern without an address means {provider} itself."
        return Ruled(cell, Ruling.REFUSE, DEFAULT, why)
    unknown = _unknown(policy, cell)
    if unknown:
        return Ruled(cell, Ruling.REFUSE, DEFAULT, unknown)
    own = _excepted(policy, cell, now)
    if own:
        return own
    cells = [Cell(group, cell.data_class, cell.purpose) for group in groups]
    return max(
        (ruled_of_group(policy, one, now) for one in cells), key=lambda one: one.ruling.strictness
    )


def _unknown(policy: Policy, cell: Cell) -> str:
    if cell.purpose not in policy.purposes:
        return f"The policy does not know the purpose {cell.purpose}."
    if cell.data_class not in policy.classes:
        return f"The policy does not know the data class {cell.data_class}."
    return ""


def _excepted(policy: Policy, cell: Cell, now: datetime) -> Ruled | None:
    held = [one for one in policy.exceptions if one.names(cell) and one.holds(now)]
    return _by(cell, _strictest(held)) if held else None


def _strictest(found: Sequence[Rule | PolicyException]) -> Rule | PolicyException:
    # By id among equals, so that the order in the file changes not even the reason.
    return min(found, key=lambda one: (-one.ruling.strictness, one.id))


def _by(cell: Cell, deciding: Rule | PolicyException) -> Ruled:
    if isinstance(deciding, Rule):
        return Ruled(cell, deciding.ruling, deciding.id, deciding.why)
    why = f"{deciding.reason} ({deciding.owner} answers for it until {deciding.expires})"
    return Ruled(cell, deciding.ruling, deciding.id, why)
