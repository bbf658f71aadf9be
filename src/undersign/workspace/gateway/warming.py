"""What the first request would wait for, done before it: a small one of each wire is looked at."""

from __future__ import annotations

import json
from contextlib import suppress
from datetime import datetime
from typing import TYPE_CHECKING, Any

from undersign.errors import BadInput
from undersign.workspace.gateway.looking import Refused, Request, look
from undersign.workspace.gateway.routes import ROUTES, Route

if TYPE_CHECKING:
    from undersign.policy.guard import Guard
    from undersign.policy.policy import Client
    from undersign.policy.vault import Vault

_TEXT = "write to someone@example.org, and once more to someone@example.org"


def warm(guard: Guard, vault: Vault, clients: tuple[Client, ...], now: datetime) -> None:
    """Look at a request of every wire, as each client: what is ruled of it is nobody's business."""
    for client in clients:
        for route in ROUTES:
            with suppress(Refused, BadInput):
                look(_request(client, route), guard, guard.scope(), vault, now)


def _request(client: Client, route: Route) -> Request:
    said = [{"role": "user", "content": _TEXT}]
    body: dict[str, Any] = {"model": "x", "messages": said, "input": said}
    return Request(
        client=client,
        provider=route.provider,
        route=route,
        answer=route,
        kept="",
        path=route.path,
        query=b"",
        headers=(),
        body=json.dumps(body).encode(),
    )
