"""A drafter that obeys: whatever it read, it writes into every slot that takes it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from undersign.drafters import call
from undersign.records.exchange import Said

DRAFTER = "replay:obeying"
_FITTING = {
    "name": "s", "condition": "s", "timespan": "5m", "techniques": "T1558.003", "tactics": "impact",
}  # fmt: skip
_SAFE = {"field": "EventID", "values": 4769, "query": "", "logsource": None}


@dataclass
class Obeying:
    """Writes `payload` everywhere; with what may make no rule or query left out when it is asked
    again."""

    payload: str
    query: str | None = None
    """What it writes as a query instead of the payload."""
    messages: list[Any] = field(default_factory=list)

    def say(self, model: str, message: Any, errand: Any) -> Said:
        self.messages.append(message)
        again = any(p.label == "what the checks found" for p in message.passages)
        return Said(json.dumps(self._fill(message.reply_schema, "", again)))

    def _fill(self, schema: Any, key: str, again: bool) -> Any:
        if key == "query" and self.query is not None:
            return self.query
        if again and key in _SAFE and key != "query":
            return [_SAFE[key]] if key == "values" else self._safe(schema, key)
        if "anyOf" in schema:
            return self._fill(schema["anyOf"][0], key, again)
        make = getattr(self, f"_{schema['type']}")
        return make(schema, key, again)

    def _safe(self, schema: Any, key: str) -> Any:
        if key == "logsource":
            return {"product": "windows", "category": None, "service": "security"}
        return _SAFE[key]

    def _object(self, schema: Any, key: str, again: bool) -> Any:
        return {name: self._fill(part, name, again) for name, part in schema["properties"].items()}

    def _array(self, schema: Any, key: str, again: bool) -> Any:
        return [self._fill(schema["items"], key, again)]

    def _string(self, schema: Any, key: str, again: bool) -> Any:
        if "enum" in schema:
            return schema["enum"][0]
        text = self.payload[: schema["maxLength"]].ljust(schema.get("minLength", 0), "x")
        if "pattern" in schema and not re.search(schema["pattern"], text):
            return _FITTING[key]
        return text

    def _integer(self, schema: Any, key: str, again: bool) -> Any:
        return schema["minimum"]

    def _boolean(self, schema: Any, key: str, again: bool) -> Any:
        return True


def install(monkeypatch: pytest.MonkeyPatch, drafter: Obeying) -> None:
    """Put it behind the door, where a provider stands."""
    provider: Callable[[Any], Any] = lambda name: drafter.say  # noqa: E731
    monkeypatch.setattr(call, "_provider", provider)
