"""A workspace with a policy, and a gateway of it that runs in this process, for tests."""

from __future__ import annotations

import random
import string
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from undersign.faces.gateway.serve import listen, settings
from undersign.ledger.event_log import EventLog
from undersign.workspace.gateway.gateway import Gateway, open_gateway
from undersign.workspace.workspace import Workspace

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
KEY = "key-of-the-user-0123456789"

POLICY = """\
format: undersign/policy/v1
drafters:
  hosted: ["anthropic:claude-*", "openai:gpt-*"]
purposes:
  coding: Write software.
rules:
  - {id: ordinary, drafters: all, classes: [public, internal, source-code], purposes: all,
     ruling: allow, why: "What an assistant works on."}
  - {id: never-in-clear, drafters: all, classes: [secrets, credentials, personal], purposes: all,
     ruling: redact, why: "No draft needs the value."}
  - {id: person-decides, drafters: all, classes: [customer], purposes: all, ruling: ask,
     why: "A person answers for it."}
  - {id: never-out, drafters: all, classes: [incident-restricted, opaque-binary, regulated,
     confidential], purposes: all, ruling: refuse, why: "It stays here."}
clients:
  claude-code: {purpose: coding, class: source-code, wires: [anthropic]}
  codex: {purpose: coding, class: source-code, wires: [openai-chat, openai-responses]}
  both: {purpose: coding, class: source-code}
words:
  incident-restricted: {list: [Operation Nightjar]}
  customer: {list: [Example Bank]}
"""


def secret(seed: int = 7) -> str:
    """A token in the form of a GitHub one, made up here."""
    letters = string.ascii_letters + string.digits
    return "ghp_" + "".join(random.Random(seed).choices(letters, k=36))


@dataclass
class Running:
    """A gateway that answers at `url`, and what it wrote."""

    url: str
    root: Path
    gateway: Gateway
    troubles: list[str] = field(default_factory=list)

    def rows(self) -> list[Mapping[str, Any]]:
        """The rows of the ledger, in order, after the chain has been verified."""
        with EventLog(self.root / ".undersign" / "ledger.db", read_only=True) as ledger:
            assert list(ledger.verify()) == []
            return [e.body for e in ledger.entries(kind="gateway")]

    def steps(self) -> list[str]:
        return [row["step"] for row in self.rows()]


def workspace(root: Path, policy: str = POLICY) -> Workspace:
    root.mkdir(exist_ok=True)
    (root / "undersign.toml").write_text("")
    (root / "policy.yml").write_text(policy)
    return Workspace(root)


@contextmanager
def running(root: Path, upstream: str, *, host: str = "127.0.0.1") -> Iterator[Running]:
    """Run a gateway of the workspace at `root`, both providers being `upstream`."""
    troubles: list[str] = []
    gateway = open_gateway(
        Workspace(root),
        {"anthropic": upstream, "openai": upstream},
        troubles.append,
        clock=lambda: NOW,
    )
    with serving(gateway, host) as url:
        yield Running(url, root, gateway, troubles)


@contextmanager
def serving(gateway: Gateway, host: str = "127.0.0.1") -> Iterator[str]:
    import uvicorn

    config = settings(gateway, host, 0)
    listening = listen(config)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, args=([listening],))
    thread.start()
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()
