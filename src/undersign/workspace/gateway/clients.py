"""What the policy makes of each client of the gateway, for the person who starts it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from undersign.records.ruling import Cell, Ruling
from undersign.workspace.gateway.routes import ROUTES

if TYPE_CHECKING:
    from undersign.policy.policy import Client, Policy

Rulings = Mapping[str, Ruling]
"""Data class -> what is ruled of it."""


def rulings_of(policy: Policy, client: Client, now: datetime) -> dict[str, Rulings]:
    """Return, by group of drafters that a client can reach, what is ruled of every data class.

    A drafter in several groups gets the strictest; an exception for one drafter is not in it.
    """
    from undersign.policy.decide import ruled_of_group

    return {
        group: {
            name: ruled_of_group(policy, Cell(group, name, client.purpose), now).ruling
            for name in policy.classes
        }
        for group in _groups(policy, client)
    }


def sentence(rulings: Rulings, client: Client) -> str:
    """Say in one line what is hidden and what is refused; `ask` is refused behind a gateway."""
    hidden = [name for name, ruling in rulings.items() if ruling is Ruling.REDACT]
    refused = [n for n, r in rulings.items() if r in (Ruling.ASK, Ruling.REFUSE)]
    if client.data_class in refused:
        return f"refuses everything: it is of the class {client.data_class}"
    if client.data_class in hidden:
        return f"withholds every text: it is of the class {client.data_class}"
    parts = [f"hides {', '.join(hidden)}"] if hidden else []
    parts += [f"refuses {', '.join(refused)}"] if refused else []
    return "; ".join(parts) or "hides nothing, refuses nothing"


def _groups(policy: Policy, client: Client) -> list[str]:
    wires = client.wires or tuple(route.wire for route in ROUTES)
    spoken = {route.provider for route in ROUTES if route.wire in wires}
    providers = {client.drafter.partition(":")[0]} if client.drafter else spoken
    return [
        group
        for group, patterns in policy.drafters.items()
        if any(_provider(pattern) in {*providers, "*"} for pattern in patterns)
    ]


def _provider(pattern: str) -> str:
    return pattern.partition(":")[0]
