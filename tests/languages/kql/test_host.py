"""The service in its isolate: inside an event loop, after a limit, and without its files."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from pathlib import Path

import pytest

from undersign.errors import UndersignError
from undersign.languages import kql
from undersign.languages.kql import host as hosting
from undersign.languages.kql.host import GaveUp, Host


def test_inside_a_running_event_loop() -> None:
    """As in a notebook."""

    async def cell() -> list[object]:
        host = Host()
        read = host.call("read", None, "T | where a == 1")
        host.stop()
        return [read["problems"], kql.parse("T | take 1").problems]

    assert asyncio.run(cell()) == [[], ()]


def test_a_broken_limit_costs_one_isolate(monkeypatch: pytest.MonkeyPatch) -> None:
    host = Host()
    host.call("read", None, "T")
    monkeypatch.setattr(hosting, "SECONDS", 0.01)
    monkeypatch.setattr(hosting, "BUSY_SECONDS", 0.01)
    with pytest.raises(GaveUp, match="longer"):
        host.call("read", None, "T | where " + " and ".join(["a == 1"] * 900))
    monkeypatch.undo()
    assert host.call("read", None, "T | take 1")["problems"] == []
    host.stop()


def test_missing_files_say_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hosting, "SERVICE", ("not-there.js",))
    with pytest.raises(UndersignError, match="uv sync"):
        Host().call("read", None, "T")


def test_the_interpreter_ends(tmp_path: Path) -> None:
    """An isolate left open at exit may wait for ever."""
    code = (
        "from undersign.languages import kql; kql.parse('T'); kql.parse('(' * 300); print('read')"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, cwd=tmp_path
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "read\n", "")
