"""What the streams of both OpenAI wires share: events in, restored events out."""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any

from undersign.policy.scope import Scope, Withheld
from undersign.policy.wire.json_body import dumped, written
from undersign.policy.wire.sse import Event, Events


class EventRewriter(ABC):
    """A stream (see `wire.Stream`) whose subclass says what becomes of each event.

    An event that is not JSON, or in which nothing is restored, passes as the bytes it came as.
    """

    def __init__(self, scope: Scope) -> None:
        self._scope = scope
        self._events = Events()
        self._withheld: dict[Any, Withheld] = {}

    def feed(self, chunk: bytes) -> bytes:
        """Take bytes, cut anywhere, and return what the client may have by now."""
        if not len(self._scope):
            return chunk
        return b"".join(self._event(event) for event in self._events.feed(chunk))

    def flush(self) -> bytes:
        """Return what is left when the upstream has ended, in good order or not."""
        rest = Event(self._events.rest())
        if not rest.raw or _object(rest) is None:
            return self.ended() + rest.raw  # half an event: nothing can follow it
        last, held = self.changed(rest, _object(rest) or {}), self.ended()
        return last + b"\n\n" + held if held else last

    @property
    def withheld(self) -> tuple[Withheld, ...]:
        """The tool calls and texts so far whose tokens were left in them."""
        return tuple(self._withheld.values())

    @abstractmethod
    def changed(self, event: Event, data: Mapping[str, Any]) -> bytes:
        """Return what is sent in place of an event of this wire."""

    @abstractmethod
    def ended(self) -> bytes:
        """Return what must be sent before the end of the stream."""

    def noted(self, what: Any, withheld: Withheld | None) -> None:
        """Remember what kept its tokens; the same call or text counts once."""
        if withheld is not None:
            self._withheld[what] = withheld

    def _event(self, event: Event) -> bytes:
        data = _object(event)
        if data is not None:
            return self.changed(event, data)
        return self.ended() + event.raw if event.data.strip() == b"[DONE]" else event.raw


def sent(event: Event, old: Mapping[str, Any], new: Mapping[str, Any]) -> bytes:
    """Return an event's bytes with new data; the bytes it came as when nothing changed."""
    if new is old or new == old:
        return event.raw
    return event.with_data(written(event.data, old, new))


def _object(event: Event) -> dict[str, Any] | None:
    """Return the JSON object of an event; None for what is not this wire's, or hostile."""
    try:
        data = json.loads(event.data.decode("utf-8"))
    except (ValueError, RecursionError):
        return None
    return data if isinstance(data, dict) else None


def refused(message: str, status: int) -> tuple[int, bytes]:
    """Return a refusal as both OpenAI wires write an error."""
    error = {"message": message, "type": "permission_error", "code": "policy", "param": None}
    return status, dumped({"error": error})
