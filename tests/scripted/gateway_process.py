"""The real gateway as a process of its own, before a scripted upstream."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path
from typing import Any

from scripted.planted import INTERNAL

CLIENTS = """
  both: {purpose: coding, class: source-code}
"""
WORDS = """words:
  incident-restricted: {list: [Operation Nightjar]}
"""
STARTING = 30.0


@dataclass
class Process:
    """A running gateway."""

    url: str
    clients: Mapping[str, Mapping[str, str]]
    """Client -> variable -> base URL, as announced."""
    root: Path
    running: subprocess.Popen[str]
    printed: list[str] = field(default_factory=list)
    """What it wrote on both outputs; complete once it has stopped."""

    def rows(self) -> list[Mapping[str, Any]]:
        """The gateway's rows of the ledger, after the chain has been verified."""
        from undersign.ledger.event_log import EventLog

        with EventLog(self.root / ".undersign" / "ledger.db", read_only=True) as ledger:
            assert list(ledger.verify()) == []
            return [entry.body for entry in ledger.entries(kind="gateway")]

    def written(self) -> bytes:
        """Every byte that stands in the workspace's own folder."""
        own = self.root / ".undersign"
        return b"\n".join(p.read_bytes() for p in sorted(own.rglob("*")) if p.is_file())


def workspace(root: Path) -> Path:
    """Make a workspace with the default policy, names of its own, and one client more."""
    root.mkdir(parents=True, exist_ok=True)
    (root / "undersign.toml").write_text("")
    policy = files("undersign.policy").joinpath("default.yml").read_text("utf-8")
    replaced = {
        "wires: [anthropic]}\n": f"wires: [anthropic]}}{CLIENTS}",
        "words: {} ": WORDS + "#",
        "internal: {hosts: []": f"internal: {{hosts: [{INTERNAL}]",
    }
    for old, new in replaced.items():
        assert policy.count(old) == 1, old
        policy = policy.replace(old, new)
    (root / "policy.yml").write_text(policy, encoding="utf-8")
    return root


@contextmanager
def gateway(root: Path, upstream: str) -> Iterator[Process]:
    """Run `undersign gateway` on a free port until the block ends, then interrupt it as Ctrl-C."""
    home = root / "home"
    home.mkdir(exist_ok=True)
    errors = root / "gateway.stderr"
    command = [sys.executable, "-m", "undersign", "gateway", "--port", "0", "--json"]
    for name in ("anthropic", "openai"):
        command += ["--upstream", f"{name}={upstream}"]
    environment = {"PATH": os.environ["PATH"], "HOME": str(home), "LANG": "C.UTF-8"}
    with (
        errors.open("w") as told,
        subprocess.Popen(
            command, cwd=root, env=environment, stdout=subprocess.PIPE, stderr=told, text=True
        ) as running,
    ):
        try:
            announced, text = _announced(running, errors)
            process = Process(announced["url"], announced["clients"], root, running, [text])
            yield process
        finally:
            running.send_signal(signal.SIGINT)
            try:
                rest, _ = running.communicate(timeout=10)
            except subprocess.TimeoutExpired:
                running.kill()
                raise AssertionError("the gateway did not stop within 10 s of Ctrl-C") from None
    process.printed += [rest, errors.read_text()]
    assert running.returncode in (0, 130), (running.returncode, process.printed)


def _announced(running: subprocess.Popen[str], errors: Path) -> tuple[dict[str, Any], str]:
    """Read lines until they are the JSON document that says where it listens."""
    assert running.stdout is not None
    end, text = time.monotonic() + STARTING, ""
    while time.monotonic() < end:
        line = running.stdout.readline()
        text += line
        try:
            return json.loads(text), text
        except ValueError:
            if not line:
                break
    raise AssertionError(f"no gateway: {text!r} {errors.read_text()!r}")
