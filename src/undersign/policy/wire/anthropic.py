"""The Anthropic Messages wire: `POST /v1/messages`, streaming or not, and `.../count_tokens`.

Thinking blocks are verbatim in both directions: they are signed, so the tokens in them stay. Calls
of tools that the provider runs itself stay as they are too: the value must not get there. Replies
are restored in text (with its citations) and in the arguments of the client's own tools.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from undersign.policy.restoring.addresses import Addresses
from undersign.policy.restoring.restore import CallRestorer, Restorer, restore_input, restore_text
from undersign.policy.scope import Scope, Source, Withheld
from undersign.policy.wire import Body, Text
from undersign.policy.wire.anthropic_map import MESSAGES
from undersign.policy.wire.body_map import Path, texts_of, with_texts_of
from undersign.policy.wire.json_body import dumped
from undersign.policy.wire.sse import Event, Events

_ERRORS = {
    400: "invalid_request_error",
    401: "authentication_error",
    403: "permission_error",
    404: "not_found_error",
    413: "request_too_large",
    429: "rate_limit_error",
    503: "overloaded_error",
    529: "overloaded_error",
}
_FIELDS = {"text_delta": "text", "input_json_delta": "partial_json"}
_GENERATED = re.compile(r"\s*<[a-z][a-z_-]*>")
"""A client puts what it read itself (files, output of commands) between tags of its own."""


def texts(body: Body) -> list[Text]:
    """Return every text of a request that a drafter reads; BadInput when it is nested too deep."""
    return texts_of(body, MESSAGES, _sources(body))


def with_texts(body: Body, replaced: Sequence[str]) -> Body:
    """Return the request with other texts, one for each that `texts` gave."""
    changed: Body = with_texts_of(body, MESSAGES, replaced)
    return changed


def restored(body: Body, scope: Scope) -> tuple[Body, tuple[Withheld, ...]]:
    """Return a whole reply with the values back in it, and the calls left as they were."""
    blocks = body.get("content")
    if not isinstance(blocks, list):
        return body, ()
    reply = _Reply(scope)
    new = [reply.block(block) for block in blocks]
    changed = {**body, "content": new}
    if isinstance(body.get("stop_sequence"), str):
        changed["stop_sequence"] = scope.restored(body["stop_sequence"])
    return changed, tuple(reply.withheld)


def stream(scope: Scope) -> MessageStream:
    """Return what restores a streamed reply as it comes."""
    return MessageStream(scope)


def refusal(message: str, status: int = 403) -> tuple[int, bytes]:
    """Return a refusal as the API's own error, which its clients show and do not retry."""
    kind = _ERRORS.get(status, "api_error")
    return status, dumped({"type": "error", "error": {"type": kind, "message": message}})


class MessageStream:
    """A streamed reply on its way to the client. Events in which nothing changes are untouched."""

    __slots__ = ("_events", "_open", "_reply", "_scope")

    def __init__(self, scope: Scope) -> None:
        self._scope = scope
        self._events = Events()
        self._open: dict[int, Restorer | CallRestorer | None] = {}
        self._reply = _Reply(scope)

    @property
    def withheld(self) -> tuple[Withheld, ...]:
        """The tool calls and texts so far whose tokens were left in them."""
        return tuple(self._reply.withheld)

    def feed(self, chunk: bytes) -> bytes:
        """Take bytes as they come, cut anywhere, and return what the client may have by now."""
        return b"".join(map(self._event, self._events.feed(chunk)))

    def flush(self) -> bytes:
        """Return what is left when the upstream has ended, in good order or not."""
        last = Event(self._events.rest())
        if _parsed(last) is None:
            # A torn event can follow what was held, but nothing can follow a torn event.
            return self._closed(list(self._open), b"\n") + last.raw
        return self._event(last) + self._closed(list(self._open), b"\n", begun=True)

    def _event(self, event: Event) -> bytes:
        said = _parsed(event)
        if said is None:
            return event.raw
        try:
            return self._said(event, said)
        except RecursionError:
            # Only an upstream that means harm nests so deep; its tokens stay tokens.
            return event.raw

    def _said(self, event: Event, said: dict[str, Any]) -> bytes:
        kind, index = said.get("type"), said.get("index")
        if kind in ("message_stop", "error"):
            return self._closed(list(self._open), _newline(event)) + event.raw
        if kind == "message_delta":
            return self._stopped(event, said)
        if not isinstance(index, int):
            return event.raw
        if kind == "content_block_start":
            return self._closed([index], _newline(event)) + self._started(event, said, index)
        if kind == "content_block_stop":
            return self._closed([index], _newline(event)) + event.raw
        return self._delta(event, said, index) if kind == "content_block_delta" else event.raw

    def _started(self, event: Event, said: dict[str, Any], index: int) -> bytes:
        block = said.get("content_block")
        if not isinstance(block, dict):
            return event.raw
        kind = block.get("type")
        self._open[index] = None
        if kind == "text":
            self._open[index] = restorer = self._reply.text()
            text = block.get("text")
            if isinstance(text, str):
                return _changed(event, said, "content_block", {"text": restorer.feed(text)})
        elif kind == "tool_use":
            tool = str(block.get("name", ""))
            self._open[index] = CallRestorer(tool, self._scope)
            new = self._reply.block(block)
            return _changed(event, said, "content_block", new)
        return event.raw

    def _delta(self, event: Event, said: dict[str, Any], index: int) -> bytes:
        delta = said.get("delta")
        if not isinstance(delta, dict):
            return event.raw
        kind = str(delta.get("type"))
        if kind == "citations_delta":
            citation = self._reply.apart(delta.get("citation"))
            return _changed(event, said, "delta", {"citation": citation})
        field = _FIELDS.get(kind)
        piece = delta.get(field) if field else None
        if field is None or not isinstance(piece, str):
            return event.raw
        if index not in self._open:
            # A block nobody announced: its text is for the person, its call names no tool.
            plain = kind == "text_delta"
            self._open[index] = self._reply.text() if plain else CallRestorer("", self._scope)
        restorer = self._open[index]
        if restorer is None:
            return event.raw
        return _changed(event, said, "delta", {field: restorer.feed(piece)})

    def _stopped(self, event: Event, said: dict[str, Any]) -> bytes:
        delta = said.get("delta")
        sequence = delta.get("stop_sequence") if isinstance(delta, dict) else None
        if not isinstance(sequence, str):
            return event.raw
        return _changed(event, said, "delta", {"stop_sequence": self._scope.restored(sequence)})

    def _closed(self, indexes: Sequence[int], newline: bytes, *, begun: bool = False) -> bytes:
        """Return what the blocks of these indexes still hold, as events of their own."""
        out: list[bytes] = []
        for index in indexes:
            restorer = self._open.pop(index, None)
            held = restorer.flush() if restorer else ""
            self._reply.note(restorer.withheld if restorer else None)
            if held:
                out.append(_held(index, restorer, held, newline))
        return (newline * 2 if begun and out else b"") + b"".join(out)


def _held(index: int, restorer: object, held: str, newline: bytes) -> bytes:
    kind = "input_json_delta" if isinstance(restorer, CallRestorer) else "text_delta"
    delta = {"type": kind, _FIELDS[kind]: held}
    data = dumped({"type": "content_block_delta", "index": index, "delta": delta})
    return newline.join([b"event: content_block_delta", b"data: " + data, b"", b""])


def _parsed(event: Event) -> dict[str, Any] | None:
    """Return what an event says; None for one that is no JSON object, which passes verbatim."""
    data = event.data
    if not data:
        return None
    try:
        said = json.loads(data.decode("utf-8"))
    except (ValueError, RecursionError):
        return None
    return said if isinstance(said, dict) else None


def _changed(event: Event, said: dict[str, Any], part: str, new: Mapping[str, Any]) -> bytes:
    """Return the event with other fields in one part of it; the same bytes if they are the same."""
    if all(said[part].get(name) == value for name, value in new.items()):
        return event.raw
    return event.with_data(dumped({**said, part: {**said[part], **new}}))


def _newline(event: Event) -> bytes:
    return b"\r\n" if b"\r\n" in event.raw else b"\n"


class _Reply:
    """What the blocks of one reply share."""

    __slots__ = ("_addresses", "_scope", "withheld")

    def __init__(self, scope: Scope) -> None:
        self.withheld: list[Withheld] = []
        self._scope = scope
        # With citations one text comes in many blocks, which a client joins.
        self._addresses = Addresses(scope)

    def text(self) -> Restorer:
        """Return what restores the next block of text."""
        return Restorer(self._scope, self._addresses)

    def note(self, withheld: Withheld | None) -> None:
        """Remember what stayed."""
        self.withheld += [withheld] if withheld else []

    def apart(self, value: Any) -> Any:
        """Return JSON data with every string in it restored as a text of its own."""
        if isinstance(value, str):
            text, kept = restore_text(value, self._scope)
            self.note(kept)
            return text
        if isinstance(value, list):
            return [self.apart(item) for item in value]
        if isinstance(value, dict):
            return {self.apart(name): self.apart(item) for name, item in value.items()}
        return value

    def block(self, block: Any) -> Any:
        """Return one block with the values back in it."""
        kind = block.get("type") if isinstance(block, dict) else None
        if kind == "text":
            new = {n: self.apart(block[n]) for n in ("citations",) if n in block}
            if isinstance(block.get("text"), str):
                restorer = self.text()
                new["text"] = restorer.feed(block["text"]) + restorer.flush()
                self.note(restorer.withheld)
            return {**block, **new}
        if kind == "tool_use":
            tool = str(block.get("name", ""))
            arguments, kept = restore_input(tool, block.get("input"), self._scope)
            self.note(kept)
            return {**block, "input": arguments}
        return block


def _sources(body: Body) -> Callable[[Path], Source]:
    """Return what says where the text at a path stands; all texts of a block get one object."""
    calls: dict[str, Mapping[str, Any]] = {}
    sources: dict[Path, Source] = {}
    person = Source("person")
    unknown = Source("result")

    def of(path: Path) -> Source:
        if path[0] != "messages":
            return person
        key = path[:4]
        if key not in sources:
            sources[key] = _source(body, key, calls) or unknown
        return sources[key]

    return of


def _source(body: Body, key: Path, calls: dict[str, Mapping[str, Any]]) -> Source | None:
    message, block = _message(body, key)
    role = message.get("role")
    if isinstance(block, str):
        return _plain(role, block)
    if not isinstance(block, Mapping):
        return None
    kind = block.get("type")
    if kind == "text":
        return _plain(role, str(block.get("text")))
    if kind == "tool_use":
        calls[str(block.get("id"))] = block
        return Source("call", str(block.get("name")), block.get("input"))
    if kind == "tool_result" and role == "user":
        call = calls.get(str(block.get("tool_use_id")), {})
        return Source("result", str(call.get("name", "")), call.get("input"))
    return Source("drafter") if role == "assistant" else None


def _message(body: Body, key: Path) -> tuple[Mapping[str, Any], Any]:
    """Return the message a path leads through, and its block or its whole content."""
    messages = body["messages"]
    message = messages[key[1]] if isinstance(messages, list) and isinstance(key[1], int) else None
    if not isinstance(message, Mapping) or key[2:3] != ("content",):
        return {}, None
    content = message["content"]
    if isinstance(content, list) and isinstance(key[3], int):
        return message, content[key[3]]
    return message, content


def _plain(role: object, text: str) -> Source | None:
    if role == "assistant":
        return Source("drafter")
    # What a client read for its person is no more the person's word than a tool's result is.
    return None if _GENERATED.match(text) else Source("person")
