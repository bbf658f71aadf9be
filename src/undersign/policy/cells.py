"""Is the policy whole? Every cell of groups, classes and purposes, and what nobody decided.

A cell that no rule names is refused, so a hole leaks nothing; but nobody signed that answer, and
whoever meets it asks for an exception. A policy that is fit to be signed has none.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from itertools import product

from undersign.policy.decide import DEFAULT, ruled_of_group
from undersign.policy.policy import Client, Policy, PolicyException, Rule
from undersign.records.policing import Block, Trouble
from undersign.records.ruling import Cell, Ruled, Ruling

SOON = timedelta(days=14)
"""How long before its last day an exception is told to expire soon."""


def cells(policy: Policy, now: datetime) -> Iterator[Ruled]:
    """Rule every cell of the policy, in the order of the file."""
    for group, data_class, purpose in product(policy.drafters, policy.classes, policy.purposes):
        yield ruled_of_group(policy, Cell(group, data_class, purpose), now)


def holes(policy: Policy, now: datetime) -> tuple[Block, ...]:
    """Return the cells that nothing decides, as few blocks."""
    return blocks(ruled.cell for ruled in cells(policy, now) if ruled.rule == DEFAULT)


def blocks(some: Iterable[Cell]) -> tuple[Block, ...]:
    """Say cells in as few blocks as come from merging purposes, then classes, then drafters."""
    purposes: dict[tuple[str, str], list[str]] = {}
    for cell in some:
        purposes.setdefault((cell.drafter, cell.data_class), []).append(cell.purpose)
    classes: dict[tuple[str, tuple[str, ...]], list[str]] = {}
    for (drafter, data_class), found in purposes.items():
        classes.setdefault((drafter, tuple(found)), []).append(data_class)
    drafters: dict[tuple[tuple[str, ...], tuple[str, ...]], list[str]] = {}
    for (drafter, of), named in classes.items():
        drafters.setdefault((tuple(named), of), []).append(drafter)
    return tuple(Block(tuple(who), what, of) for (what, of), who in drafters.items())


def troubles(policy: Policy, now: datetime) -> tuple[Trouble, ...]:
    """Return everything that keeps the policy from being signed, then what is only told."""
    found = [
        *(Trouble("hole", f"nothing decides {said(b, policy)}") for b in holes(policy, now)),
        *_contradictions(policy, now),
        *_rules_that_never_decide(policy),
        *_exceptions(policy, now),
        *_clients(policy, now),
    ]
    return tuple(sorted(found, key=lambda one: not one.open))


def _contradictions(policy: Policy, now: datetime) -> Iterator[Trouble]:
    held = [one for one in policy.exceptions if one.holds(now)]
    for at, one in enumerate(held):
        for other in held[at + 1 :]:
            if one.ruling is not other.ruling and _overlap(one, other):
                yield Trouble(
                    "contradiction",
                    f"the exceptions {one.id} ({one.ruling}) and {other.id} ({other.ruling}) name "
                    "the same cells; the stricter holds",
                    other.line,
                )


def _overlap(one: PolicyException, other: PolicyException) -> bool:
    return all(
        set(a) & set(b)
        for a, b in (
            (one.drafters, other.drafters),
            (one.classes, other.classes),
            (one.purposes, other.purposes),
        )
    )


def _rules_that_never_decide(policy: Policy) -> Iterator[Trouble]:
    named = [Cell(*one) for one in product(policy.drafters, policy.classes, policy.purposes)]
    owned = {rule.id: [cell for cell in named if rule.names(cell)] for rule in policy.rules}
    winners: dict[Cell, Rule] = {}
    for rule in policy.rules:
        for cell in owned[rule.id]:
            best = winners.setdefault(cell, rule)
            if _before(rule.ruling, rule.id) < _before(best.ruling, best.id):
                winners[cell] = rule
    for rule in policy.rules:
        by = {winners[cell].id for cell in owned[rule.id]}
        if by and rule.id not in by:
            yield Trouble(
                "never-decides",
                f"the rule {rule.id} decides no cell: {', '.join(sorted(by))} names each of them, "
                "as strict or stricter",
                rule.line,
            )


def _before(ruling: Ruling, name: str) -> tuple[int, str]:
    return -ruling.strictness, name


def _exceptions(policy: Policy, now: datetime) -> Iterator[Trouble]:
    for one in policy.exceptions:
        asks = f"ask {one.owner}"
        if not one.holds(now):
            text = f"the exception {one.id} expired on {one.expires}: remove it, or {asks}"
            yield Trouble("expired", text, one.line)
            continue
        if not one.holds(now + SOON):
            text = f"the exception {one.id} expires on {one.expires}: {asks} what then"
            yield Trouble("expires-soon", text, one.line, open=False)
        yield from _against_rules(policy, one, now)


def _against_rules(policy: Policy, one: PolicyException, now: datetime) -> Iterator[Trouble]:
    """Compare an exception with what the rules alone say of the groups it names."""
    groups = [name for name in one.drafters if name in policy.drafters]
    if len(groups) != len(one.drafters):
        return  # of an exact drafter several groups may speak; comparing would only confuse
    named = (Cell(*cell) for cell in product(groups, one.classes, one.purposes))
    without = [ruled_of_group(_rules_alone(policy), cell, now) for cell in named]
    if all(ruled.ruling is one.ruling and ruled.rule != DEFAULT for ruled in without):
        text = f"the exception {one.id} changes nothing: the rules say {one.ruling} as well"
        yield Trouble("changes-nothing", text, one.line)
    alone = blocks(ruled.cell for ruled in without if ruled.rule == DEFAULT)
    for block in alone:
        text = f"only the exception {one.id} decides {said(block, policy)}: a rule should too"
        yield Trouble("exception-alone", text, one.line, open=False)


def _rules_alone(policy: Policy) -> Policy:
    return Policy(policy.drafters, policy.classes, policy.purposes, policy.rules)


def _clients(policy: Policy, now: datetime) -> Iterator[Trouble]:
    """Tell of clients whose every request is refused: a gateway has nobody to ask either."""
    for client in policy.clients.values():
        ruled = [
            ruled_of_group(policy, Cell(group, client.data_class, client.purpose), now)
            for group in _groups_of_client(policy, client)
        ]
        if not ruled:
            yield Trouble("client-refused", f"no group holds what {client.name} may call")
        elif all(one.ruling in (Ruling.ASK, Ruling.REFUSE) for one in ruled):
            why = ", ".join(dict.fromkeys(f"{one.rule} ({one.ruling})" for one in ruled))
            yield Trouble(
                "client-refused",
                f"everything {client.name} sends is refused, it is of the class "
                f"{client.data_class} for {client.purpose}: {why}; a gateway can ask nobody",
            )


def _groups_of_client(policy: Policy, client: Client) -> list[str]:
    wires = client.wires or ("anthropic", "openai-chat")
    drafters = [client.drafter] if client.drafter else [w.partition("-")[0] + ":" for w in wires]
    providers = {one.partition(":")[0] for one in drafters}
    return [
        group
        for group, patterns in policy.drafters.items()
        if any(pattern.partition(":")[0] in providers for pattern in patterns)
    ]


def said(block: Block, policy: Policy) -> str:
    """Write a block for people: `hosted / secrets, credentials / every purpose`."""
    return " / ".join((
        _listed(block.drafters, policy.drafters, "every group"),
        _listed(block.classes, policy.classes, "every class"),
        _listed(block.purposes, policy.purposes, "every purpose"),
    ))  # fmt: skip


def _listed(some: tuple[str, ...], known: Iterable[str], every: str) -> str:
    return every if set(some) == set(known) else ", ".join(some)
