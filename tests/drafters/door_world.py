"""A guard, prompts and a door for tests of the door: a policy of three lines, no workspace."""

from __future__ import annotations

import datetime as dt
import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from undersign.drafters.door import Door
from undersign.policy.guard import Guard
from undersign.policy.policy import Policy
from undersign.policy.policy_file import parse
from undersign.policy.tokens import Tokens
from undersign.records.exchange import CallEntry, Passage, Prompt
from undersign.records.ruling import Ruling, Spotted

NOW = dt.datetime(2026, 11, 24, 12, tzinfo=dt.UTC)
FORM: dict[str, Any] = {
    "type": "object",
    "properties": {
        "title": {"type": "string", "maxLength": 200},
        "notes": {"type": "string", "maxLength": 400},
    },
    "required": ["title"],
    "additionalProperties": False,
}
FIT = '{"title": "A rule"}'
RULINGS = {
    "public": Ruling.ALLOW,
    "internal": Ruling.ALLOW,
    "personal": Ruling.REDACT,
    "confidential": Ruling.ASK,
    "credentials": Ruling.REFUSE,
}
SPOTTED = ((re.compile(r"\b[\w.]{1,40}@example\.org"), "personal", "email", "EMAIL"),
           (re.compile(r"pass-\w+"), "credentials", "made-up-password", "PASS"))  # fmt: skip


@dataclass(frozen=True, slots=True)
class FakeDetector:
    """Spots with two regular expressions."""

    def spot_all(self, texts: Sequence[str]) -> tuple[tuple[Spotted, ...], ...]:
        return tuple(tuple(_spots(text)) for text in texts)


def policy() -> Policy:
    rules = "".join(
        f"  - {{id: rule-{c}, drafters: [any], classes: [{c}], purposes: all, ruling: {r.value},"
        f" why: Because of {c}.}}\n"
        for c, r in RULINGS.items()
    )
    text = (
        "format: undersign/policy/v1\n"
        "drafters: {any: ['*', '*@*']}\n"
        "purposes: {detect: Rules.}\n"
        f"rules:\n{rules}"
    )
    return parse(text, "policy.yml")


def guard(key: bytes = b"k" * 32) -> Guard:
    return Guard(policy(), FakeDetector(), Tokens(key))


def _spots(text: str) -> list[Spotted]:
    found = [
        Spotted(m.start(), m.end(), data_class, rule, label)
        for pattern, data_class, rule, label in SPOTTED
        for m in pattern.finditer(text)
    ]
    return sorted(found, key=lambda spot: spot.start)


def prompt(*passages: Passage, **changes: Any) -> Prompt:
    whole = Prompt("sigma", "detect", "Write a rule.", passages or (question(),), FORM)
    return replace(whole, **changes)


def question(text: str = "detect kerberoasting", **changes: Any) -> Passage:
    return replace(Passage("question", text), **changes)


@dataclass(frozen=True, slots=True)
class World:
    """A door and what went through it."""

    entries: list[CallEntry]
    told: list[str]
    door: Door

    @property
    def steps(self) -> list[tuple[str, int]]:
        return [(entry.step, entry.attempt) for entry in self.entries]


def world(**changes: Any) -> World:
    entries: list[CallEntry] = []
    told: list[str] = []
    door = Door(guard(), entries.append, NOW, timeout=20, progress=told.append)
    return World(entries, told, replace(door, **changes))


def script(folder: Path, code: str) -> str:
    """A `command:` drafter that runs some Python; `prompt` is what it was sent."""
    path = folder / "drafter.py"
    path.write_text(f"import os, sys, time, json, re\nprompt = sys.stdin.read()\n{code}\n")
    return f"command:{sys.executable} {path}"
