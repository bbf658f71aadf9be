"""The words of a script: what a scripted server answers to one request."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Body = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Text:
    """Text for the person."""

    text: str


@dataclass(frozen=True, slots=True)
class Call:
    """A tool call."""

    name: str
    arguments: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Thinking:
    """A thinking block with its signature; the OpenAI and Google wires leave it out."""

    text: str
    signature: str = "c2lnbmVkLWJ5LW5vYm9keQ=="


Block = Text | Call | Thinking


@dataclass(frozen=True, slots=True)
class Turn:
    """One answer. The same turn can be told on every wire, whole or as a stream."""

    blocks: tuple[Block, ...] = ()
    status: int = 200
    """Another than 200 is an error in the wire's own shape, with `message`."""
    message: str = "scripted error"
    headers: Mapping[str, str] = field(default_factory=dict)
    """Besides the usual ones: `retry-after` for instance."""
    delay: float = 0.0
    """Seconds before the first byte."""
    pace: float = 0.0
    """Seconds between two events of a stream."""
    cut: int = 7
    """Characters in one delta of a stream: tokens of 20 characters fall into several."""
    shred: int | None = None
    """A seed: the bytes of the stream are written in random pieces, so that lines, JSON and
    characters are cut anywhere. None: one write an event."""
    trouble: Literal["drop", "stall", "error"] | None = None
    """What happens after `after` events: the connection is dropped, nothing more comes until the
    client leaves, or an error event ends the stream."""
    after: int = 3
    gzip: bool = False
    raw: bytes | None = None
    """Sent as the body in place of anything else, whatever the wire (not JSON, for instance)."""
    tokens_in: int = 11
    tokens_out: int = 5

    @property
    def text(self) -> str:
        return "".join(b.text for b in self.blocks if isinstance(b, Text))

    @property
    def calls(self) -> tuple[Call, ...]:
        return tuple(b for b in self.blocks if isinstance(b, Call))


def say(text: str, **how: Any) -> Turn:
    """Text, and the end of the turn."""
    return Turn((Text(text),), **how)


def call(name: str, arguments: Mapping[str, Any], before: str = "", **how: Any) -> Turn:
    """One tool call, after some text where `before` is given."""
    said = (Text(before),) if before else ()
    return Turn((*said, Call(name, arguments)), **how)


def slots(values: Mapping[str, Any], **how: Any) -> Turn:
    """A structured reply: the JSON of `values` as text."""
    return say(json.dumps(values), **how)


def fail(status: int, message: str = "scripted error", *, retry_after: str = "") -> Turn:
    """An error in the wire's own shape: 429, 500, 529 ..."""
    headers = {"retry-after": retry_after} if retry_after else {}
    return Turn(status=status, message=message, headers=headers)


def pieces(text: str, size: int) -> list[str]:
    """Cut a text into deltas."""
    return [text[i : i + size] for i in range(0, len(text), size)]
