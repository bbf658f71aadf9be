"""Killed between any two steps of the door, the ledger verifies and says what happened."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from drafters.door_world import NOW
from undersign.ledger.event_log import EventLog

STEPS: dict[str, list[str]] = {
    "looked": [],
    "before sending": [],
    "sending": ["sending"],
    "asked": ["sending"],
    "said": ["sending"],
    "before answered": ["sending"],
    "answered": ["sending", "answered"],
}
"""Where the process is killed -> the steps the ledger then holds."""
REPAIRED: dict[str, list[str]] = {
    "before failed": ["sending"],
    "failed": ["sending", "failed"],
    "repair: looked": ["sending", "failed"],
    "repair: before sending": ["sending", "failed"],
    "repair: sending": ["sending", "failed", "sending"],
    "repair: asked": ["sending", "failed", "sending"],
    "repair: said": ["sending", "failed", "sending"],
    "repair: before answered": ["sending", "failed", "sending"],
    "repair: answered": ["sending", "failed", "sending", "answered"],
}
"""The same where the first reply does not fit its form and is asked for once more."""

CHILD = """
import sys, time
from pathlib import Path
from dataclasses import asdict
from drafters.door_world import FIT, NOW, prompt, world
from undersign.drafters import call
from undersign.drafters.providers import replay
from undersign.ledger.event_log import EventLog
from undersign.records.exchange import Said

folder, killed_at, misfit = Path(sys.argv[1]), sys.argv[2], sys.argv[3] == "misfit"
attempts = []
ledger = EventLog(folder / "ledger.db")
ledger.append("ingest", {"subject": "before"}, now=NOW)

def reach(step):
    if ("repair: " if len(attempts) > 1 else "") + step == killed_at:
        (folder / "reached").write_text(step)
        time.sleep(60)

def record(entry):
    reach(f"before {entry.step}")
    ledger.append("call", {"subject": f"call/{entry.call}", **asdict(entry)}, now=NOW)
    reach(entry.step)

def say(name, message, errand):
    reach("asked")
    return Said("{}" if misfit and len(attempts) == 1 else FIT)

def slots(*words, real=call._slots):
    reach("said")
    return real(*words)

def message(*words, real=call._message):
    attempts.append(1)
    reach("looked")
    return real(*words)

replay.say, call._slots, call._message = say, slots, message
call.converse(prompt(), "replay:x", world(record=record).door)
"""


@pytest.mark.parametrize("step", STEPS)
def test_a_killed_call_is_told_by_the_ledger(step: str, tmp_path: Path) -> None:
    killed(step, "fits", STEPS[step], tmp_path)


@pytest.mark.parametrize("step", REPAIRED)
def test_a_killed_repair_is_told_by_the_ledger(step: str, tmp_path: Path) -> None:
    killed(step, "misfit", REPAIRED[step], tmp_path)


def killed(step: str, first: str, told: list[str], tmp_path: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parents[1])}
    command = [sys.executable, "-c", CHILD, str(tmp_path), step, first]
    child = subprocess.Popen(command, env=environment)
    try:
        until = time.monotonic() + 30
        while not (tmp_path / "reached").exists() and time.monotonic() < until:
            assert child.poll() is None, "it ended before it came there"
            time.sleep(0.01)
        assert (tmp_path / "reached").exists()
    finally:
        child.send_signal(signal.SIGKILL)
        child.wait()
    with EventLog(tmp_path / "ledger.db") as ledger:
        assert not list(ledger.verify())
        calls = list(ledger.entries("call"))
        assert [entry.body["step"] for entry in calls] == told
        if calls:
            sent = calls[0].body
            assert sent["sent_digest"] and sent["prompt_digest"] and sent["drafter"] == "replay:x"
        ledger.append("ingest", {"subject": "after"}, now=NOW)
        assert not list(ledger.verify())
