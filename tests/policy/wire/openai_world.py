"""A guard with a spotter that knows a few values, and the streams of both OpenAI wires, made up."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from undersign.policy.guard import Guard
from undersign.policy.policy_file import default_text, parse
from undersign.policy.scope import Scope
from undersign.policy.tokens import Tokens
from undersign.policy.wire import Body, Wire
from undersign.records.ruling import Spotted

NOW = datetime(2026, 11, 24, tzinfo=UTC)
KEY = b"a key for tests only" * 2
WITHOUT_FILES = default_text().replace(
    "[incident-restricted, opaque-binary]", "[incident-restricted]"
)
SHOWS_FILES = WITHOUT_FILES.replace(
    "classes: [source-code], purposes: [coding]",
    "classes: [source-code, opaque-binary], purposes: [coding]",
)
HIDES_FILES = WITHOUT_FILES.replace("customer, regulated]", "customer, regulated, opaque-binary]")
PLAIN = "s3cr3tValue99"
AWKWARD = 'p"a\\ss\nwörd€😀'


@dataclass(frozen=True)
class Knows:
    """Spots the values it was told."""

    values: tuple[str, ...]

    def spot_all(self, texts: Sequence[str]) -> tuple[tuple[Spotted, ...], ...]:
        find = re.compile("|".join(map(re.escape, self.values)))
        return tuple(
            tuple(
                Spotted(m.start(), m.end(), "secrets", "test", "SECRET") for m in find.finditer(t)
            )
            for t in texts
        )


def hidden(wire: Wire, body: Body, *values: str, policy: str = SHOWS_FILES) -> tuple[Body, Scope]:
    """What the upstream gets of a request, and the scope for its reply."""
    guard = Guard(parse(policy, "policy.yml"), Knows(values), Tokens(KEY))
    scope = guard.scope()
    texts = wire.texts(body)
    looked = guard.look([(t.text, t.data_class) for t in texts], "openai:gpt-x", "coding", NOW)
    shown = guard.hide([t.text for t in texts], looked, scope, [t.source for t in texts])
    return wire.with_texts(body, shown), scope


def swapped(value: Any, old: str, new: str) -> Any:
    """JSON data with one string put in place of another, in names too."""
    if isinstance(value, str):
        return value.replace(old, new)
    if isinstance(value, list):
        return [swapped(item, old, new) for item in value]
    if isinstance(value, dict):
        return {swapped(k, old, new): swapped(v, old, new) for k, v in value.items()}
    return value


def event(data: Any, name: str = "", end: str = "\n") -> bytes:
    text = data if isinstance(data, str) else json.dumps(data, ensure_ascii=False)
    head = f"event: {name}{end}" if name else ""
    return f"{head}data: {text}{end}{end}".encode()


def cut(text: str, rnd: random.Random, longest: int = 9) -> Iterator[str]:
    while text:
        size = rnd.randint(1, longest)
        yield text[:size]
        text = text[size:]


def through(stream: Any, raw: bytes, rnd: random.Random | None = None) -> bytes:
    """Feed a stream with bytes cut anywhere; byte for byte without a random source."""
    out: list[bytes] = []
    while raw:
        size = rnd.randint(1, 120) if rnd else 1
        out.append(stream.feed(raw[:size]))
        raw = raw[size:]
    return b"".join([*out, stream.flush()])
