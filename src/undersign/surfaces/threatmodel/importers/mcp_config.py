"""The configuration of an MCP client: an agent, and the servers whose tools it may call."""

from __future__ import annotations

import re
from typing import Any

from undersign.surfaces.threatmodel.importers.imported import Imported, Item, mapping, of_json

_RUNNERS = ("npx", "uvx", "bunx", "pipx", "docker", "podman", "dnx")
_PINNED = re.compile(r"@v?\d+\.\d+(?:\.\d+)?[\w.-]*$|==\d+\.\d+|@sha256:")


def read(text: str) -> Imported:
    """Read a configuration; values of the environment and headers are never copied."""
    servers = mapping(
        mapping(of_json(text), "a configuration").get("mcpServers") or {}, "mcpServers"
    )
    made = Imported("Agent with MCP servers")
    desk = made.boundary("workstation", "Workstation")
    agent = made.component("agent", "Agent", "ai.agent", boundary=desk, runs_on_workstation=True)
    for name, raw in servers.items():
        server = mapping(raw or {}, f"server {name}")
        is_remote = bool(server.get("url") or server.get("serverUrl"))
        place = made.boundary("remote", "Remote servers") if is_remote else desk
        found = made.component(str(name), str(name), "ai.mcp_server", boundary=place,
                               **_facts(server, is_remote))  # fmt: skip
        made.specs[found] = {
            k: sorted(v) if k in ("env", "headers") else v for k, v in server.items()
        }
        made.flow(agent, found, data="tool calls", encrypted=_encrypted(server, is_remote))
        made.flow(found, agent, data="tool results", encrypted=_encrypted(server, is_remote))
    return made


def _facts(server: Any, is_remote: bool) -> Item:
    command = str(server.get("command") or "").rpartition("/")[2]
    arguments = [str(one) for one in server.get("args") or ()]
    fetched = command in _RUNNERS
    return {
        "third_party": True if is_remote or fetched else None,
        "pinned_version": any(_PINNED.search(one) for one in arguments) if fetched else None,
        "holds_secrets": True if server.get("env") or server.get("headers") else None,
        "auth": True if is_remote and server.get("headers") else None,
    }


def _encrypted(server: Any, is_remote: bool) -> bool | None:
    url = str(server.get("url") or server.get("serverUrl") or "")
    return url.startswith("https://") if is_remote else None
