"""Which path belongs to which wire and which upstream, and the addresses clients are given."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from undersign.policy.policy import Client

PROVIDERS = {"anthropic": "https://api.anthropic.com", "openai": "https://api.openai.com"}
"""Provider -> where its requests go unless the command line says otherwise."""
UNKNOWN = "unknown"
"""The wire of a path that is not in ROUTES."""


@dataclass(frozen=True, slots=True)
class Route:
    """A path whose requests and replies can be read."""

    path: bytes
    wire: str
    """As a policy's clients name it."""
    module: str
    """Where the wire is; imported when it is asked for."""
    provider: str


_ANTHROPIC = ("anthropic", "undersign.policy.wire.anthropic", "anthropic")
_CHAT = ("openai-chat", "undersign.policy.wire.openai_chat", "openai")
_RESPONSES = ("openai-responses", "undersign.policy.wire.openai_responses", "openai")
ROUTES = (
    Route(b"/v1/messages", *_ANTHROPIC),
    Route(b"/v1/messages/count_tokens", *_ANTHROPIC),
    Route(b"/v1/chat/completions", *_CHAT),
    Route(b"/v1/responses", *_RESPONSES),
    Route(b"/v1/responses/compact", *_RESPONSES),
)
_KEPT = {
    "GET": re.compile(rb"/v1/responses/([\w-]{1,200})", re.ASCII),
    "POST": re.compile(rb"/v1/responses/([\w-]{1,200})/cancel", re.ASCII),
}
"""Requests whose answer is a reply that the upstream kept, by method: its id."""
_RESPONSES_ROUTE = ROUTES[3]
_BY_PROVIDER = {_ANTHROPIC[2]: _ANTHROPIC[1], _CHAT[2]: _CHAT[1]}


def route_of(method: str, path: bytes) -> Route | None:
    """Return the route of a request, its path exactly as written; None: an unknown wire.

    Another way to write the same path is unknown here, and so judged as a whole: never looser.
    """
    return next((r for r in ROUTES if method == "POST" and r.path == path), None)


def kept_reply(method: str, path: bytes) -> str:
    """Return the id of the kept reply that is asked for once more; empty for other requests."""
    asked = _KEPT[method].fullmatch(path) if method in _KEPT else None
    return asked[1].decode("ascii") if asked else ""


def answered_by(method: str, path: bytes) -> Route | None:
    """Return the route whose wire the answer to a request speaks; None: an unknown wire."""
    return _RESPONSES_ROUTE if kept_reply(method, path) else route_of(method, path)


def named_client(path: bytes) -> tuple[str, bytes]:
    """Split a path into the client's name and what the upstream is asked for.

    The first segment names the client; `/v1/...` without one is the client `default`.
    """
    first, slash, rest = path[1:].partition(b"/")
    if first == b"v1":
        return "default", path
    return first.decode("ascii", "replace"), slash + rest or b"/"


def provider_of(client: Client | None, route: Route | None, names: Iterable[bytes]) -> str:
    """Return whose request it is; `names` are those of its headers."""
    if route is not None:
        return route.provider
    spoken = {r.provider for r in ROUTES if client is not None and r.wire in client.wires}
    if len(spoken) == 1:
        return spoken.pop()
    anthropic = {b"anthropic-version", b"anthropic-beta", b"x-api-key"} & set(names)
    return "anthropic" if anthropic else "openai"


def module_for(route: Route | None, provider: str) -> str:
    """Return the module in whose shape a refusal is written."""
    return route.module if route else _BY_PROVIDER[provider]


def base_urls(client: Client, url: str) -> dict[str, str]:
    """Return environment variable -> base URL, for a client of a gateway at `url`."""
    place = url if client.name == "default" else f"{url}/{client.name}"
    wires = client.wires or tuple(dict.fromkeys(r.wire for r in ROUTES))
    spoken = {r.provider for r in ROUTES if r.wire in wires}
    # The OpenAI SDKs write the version into the base URL, Anthropic's into the path.
    places = {
        "anthropic": ("ANTHROPIC_BASE_URL", place),
        "openai": ("OPENAI_BASE_URL", f"{place}/v1"),
    }
    return dict(places[name] for name in PROVIDERS if name in spoken)
