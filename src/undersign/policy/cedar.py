"""The policy in Cedar: the same answer for every cell, for whoever already runs a Cedar service.

- principal: `Drafter::"anthropic:claude-sonnet-4-5"`, in a `DrafterGroup` for every group of the
  policy whose patterns mean it. Cedar does not read the patterns; `entities` hands it the groups.
- resource: `DataClass::"secrets"`.
- action: `send` (our allow), `sendRedacted` (redact), `sendAfterConsent` (ask); none when refused.
- context: `purpose`, a text, and `now`, a datetime, by which exceptions expire.

A rule permits its own action and forbids every milder one, so that the strictest of several holds
by Cedar's own law that forbid goes before permit; what nothing permits is denied, by its other law.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from undersign.policy.cells import holes
from undersign.policy.decide import DEFAULT
from undersign.policy.policy import Policy, PolicyException
from undersign.records.ruling import Ruling

ACTIONS = {
    Ruling.ALLOW: "send",
    Ruling.REDACT: "sendRedacted",
    Ruling.ASK: "sendAfterConsent",
}
"""What a ruling permits; refuse permits nothing."""


@dataclass(frozen=True, slots=True)
class _Part:
    """A rule, an exception or a hole, for some drafters."""

    id: str
    why: str
    ruling: Ruling
    who: str
    """Cedar condition over the principal."""
    classes: tuple[str, ...]
    purposes: tuple[str, ...]
    until: str = ""
    """Cedar condition over the time; empty: always."""
    unless: tuple[str, ...] = ()
    """Cedar conditions of the exceptions that hold instead."""


def to_cedar(policy: Policy, now: datetime) -> str:
    """Return the policy as a Cedar policy set; exceptions that expired before `now` are left out.

    The others expire in Cedar too, by `context.now`.
    """
    held = [one for one in policy.exceptions if one.holds(now)]
    parts = [*_rules(policy, held), *_holes(policy, now, held), *_exceptions(policy, held)]
    digest = f" {policy.digest}" if policy.digest else ""
    head = [
        f"// Written by `undersign policy cedar` from the policy{digest}; do not edit.",
        "// principal: Drafter, in a DrafterGroup; action: send, sendRedacted, sendAfterConsent;",
        "// resource: DataClass; context: { purpose: String, now: datetime }.",
    ]
    return "\n".join([*head, *(text for part in parts for text in _statements(part))]) + "\n"


def entities(policy: Policy, drafters: Iterable[str]) -> list[dict[str, Any]]:
    """Return drafters and the groups they belong to, as Cedar reads entities from JSON."""
    return [
        {
            "uid": {"type": "Drafter", "id": drafter},
            "attrs": {},
            "parents": [{"type": "DrafterGroup", "id": g} for g in policy.groups_of(drafter)],
        }
        for drafter in drafters
    ]


def _rules(policy: Policy, held: Sequence[PolicyException]) -> list[_Part]:
    return [
        _Part(
            rule.id,
            rule.why,
            rule.ruling,
            _in_groups(groups),
            tuple(policy.classes) if rule.classes is None else rule.classes,
            tuple(policy.purposes) if rule.purposes is None else rule.purposes,
            unless=unless,
        )
        for rule in policy.rules
        for unless, groups in _alike(
            policy, tuple(policy.drafters) if rule.drafters is None else rule.drafters, held
        )
    ]


def _holes(policy: Policy, now: datetime, held: Sequence[PolicyException]) -> list[_Part]:
    """Forbid what nothing decides, for a drafter that another of its groups would permit it."""
    rules_alone = Policy(policy.drafters, policy.classes, policy.purposes, policy.rules)
    return [
        _Part(
            DEFAULT,
            "No rule names this: it is refused.",
            Ruling.REFUSE,
            _in_groups(groups),
            block.classes,
            block.purposes,
            unless=unless,
        )
        for block in holes(rules_alone, now)
        for unless, groups in _alike(policy, block.drafters, held)
    ]


def _alike(
    policy: Policy, groups: Iterable[str], held: Sequence[PolicyException]
) -> Iterable[tuple[tuple[str, ...], list[str]]]:
    """Return groups of which the same exceptions hold, so that one statement serves them."""
    found: dict[tuple[str, ...], list[str]] = {}
    for group in groups:
        found.setdefault(_instead(policy, group, held), []).append(group)
    return found.items()


def _exceptions(policy: Policy, held: Sequence[PolicyException]) -> list[_Part]:
    parts = []
    for one in held:
        for name in one.drafters:
            is_group = name in policy.drafters
            parts.append(
                _Part(
                    one.id,
                    f"{one.reason} ({one.owner} answers for it)",
                    one.ruling,
                    _in_groups([name]) if is_group else _is_drafter(name),
                    one.classes,
                    one.purposes,
                    _until(one),
                    _instead(policy, "", held) if is_group else (),
                )
            )
    return parts


def _instead(policy: Policy, group: str, held: Sequence[PolicyException]) -> tuple[str, ...]:
    """Return when exceptions hold instead of what is said of a group: its own, and of drafters."""
    conditions = []
    for one in held:
        of_drafters = [name for name in one.drafters if name not in policy.drafters]
        who = [_is_drafter(name) for name in of_drafters]
        if group and group in one.drafters:
            who = ["true"]  # the statement is about this group alone
        if who:
            named = " || ".join(who)
            cells = f"{_classes(one.classes)} && {_purposes(one.purposes)}"
            conditions.append(f"({named}) && {cells} && {_until(one)}")
    return tuple(conditions)


def _statements(part: _Part) -> list[str]:
    own = ACTIONS.get(part.ruling)
    milder = [a for r, a in ACTIONS.items() if r.strictness < part.ruling.strictness]
    found = []
    if own:
        found.append(_statement("permit", [own], part))
    if milder:
        found.append(_statement("forbid", milder, part))
    return found


def _statement(effect: str, actions: Sequence[str], part: _Part) -> str:
    named = ", ".join(f"Action::{_quoted(action)}" for action in actions)
    conditions = [part.who, _classes(part.classes), _purposes(part.purposes)]
    if part.until:
        conditions.append(part.until)
    lines = [
        "",
        f"@id({_quoted(part.id)})",
        f"@why({_quoted(part.why)})",
        f"{effect} (principal, action in [{named}], resource)",
        f"when {{ {' && '.join(conditions)} }}",
        *(f"unless {{ {condition} }}" for condition in part.unless),
    ]
    return "\n".join(lines) + ";"


def _in_groups(groups: Sequence[str]) -> str:
    named = [f"DrafterGroup::{_quoted(group)}" for group in groups]
    return f"principal in {named[0]}" if len(named) == 1 else f"principal in [{', '.join(named)}]"


def _is_drafter(drafter: str) -> str:
    return f"principal == Drafter::{_quoted(drafter)}"


def _classes(classes: Iterable[str]) -> str:
    named = ", ".join(f"DataClass::{_quoted(one)}" for one in classes)
    return f"[{named}].contains(resource)"


def _purposes(purposes: Iterable[str]) -> str:
    return f"[{', '.join(map(_quoted, purposes))}].contains(context.purpose)"


def _until(one: PolicyException) -> str:
    after = datetime(one.expires.year, one.expires.month, one.expires.day, tzinfo=UTC)
    try:
        after += timedelta(days=1)
    except OverflowError:
        return "true"  # the last day there is
    return f'context.now < datetime("{after:%Y-%m-%d}")'


def _quoted(text: str) -> str:
    """Write a Cedar string: what is not printable as its code point."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + "".join(c if c.isprintable() else _code_point(c) for c in escaped) + '"'


def _code_point(character: str) -> str:
    return f"\\u{{{ord(character):x}}}"
