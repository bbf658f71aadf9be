"""Who may come in at all, before anything of a request is read.

1. The Host header names this machine. A web page whose own name is made to point here (DNS
   rebinding) sends that name.
2. There is no Origin header: browsers send one, coding assistants do not.
3. The pages of the gateway itself are for connections of this machine, whatever host it listens on.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Any

from undersign.workspace.gateway.gateway import is_loopback

ANYWHERE = ("0.0.0.0", "::")  # noqa: S104 - compared with, not bound
"""Hosts to listen on that mean every address of the machine."""


@dataclass(frozen=True, slots=True)
class Entrance:
    """The rules above, for a gateway that listens on `host`."""

    host: str

    def objection(self, scope: Mapping[str, Any]) -> str | None:
        """Return why a request may not come in, one line for its sender; None when it may."""
        headers = dict(scope["headers"])
        if b"origin" in headers:
            return "a web page may not call this gateway"
        hosts = [value for name, value in scope["headers"] if name == b"host"]
        if len(hosts) != 1 or not self._is_ours(_name(hosts[0].decode("latin-1"))):
            return "the Host header does not name this machine"
        return None

    def _is_ours(self, name: str) -> bool:
        if is_loopback(name) or name == self.host.lower():
            return True
        # Listening everywhere, it is called by address; a name could be anybody's.
        return self.host in ANYWHERE and _is_address(name)


def is_local(scope: Mapping[str, Any]) -> bool:
    """Say whether a connection comes from this machine."""
    peer = scope.get("client")
    return peer is not None and is_loopback(str(peer[0]))


def _name(host: str) -> str:
    host = host.strip().lower()
    if host.startswith("["):
        return host[1:].partition("]")[0]
    return host.partition(":")[0]


def _is_address(name: str) -> bool:
    try:
        ip_address(name)
    except ValueError:
        return False
    return True
