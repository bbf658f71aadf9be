"""The wire of OpenAI Chat Completions: a `Wire` (see the package).

A reply's `content`, `refusal` and spoken `transcript` are for the person and are restored; the
arguments of tool calls are restored where `calls` allows it. Reasoning in any of its spellings,
log probabilities, annotations, names and ids stay as they came. In a stream nothing is added but
one chunk before the end of a choice, or before its next tool call, with what was held until then.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from undersign.policy.restoring.restore import Restorer, restore_text
from undersign.policy.scope import Scope, Source, Withheld
from undersign.policy.wire import Body, Text
from undersign.policy.wire.body_map import Path, said, texts_of, with_texts_of
from undersign.policy.wire.json_body import dumped
from undersign.policy.wire.openai_calls import Call, parsed, restored_text
from undersign.policy.wire.openai_maps import CHAT
from undersign.policy.wire.openai_stream import EventRewriter, refused, sent
from undersign.policy.wire.sse import Event

_PEOPLE = ("user", "system", "developer")
_FOR_THE_PERSON = ("content", "refusal")
_INPUT_OF = {"function": "arguments", "custom": "input", "function_call": "arguments"}
"""Kind of tool call -> the field that holds what it is called with."""
_REPEATED = ("id", "object", "created", "model", "system_fingerprint", "service_tier")
"""Fields of a chunk that stand in every chunk of a reply."""


def texts(body: Body) -> list[Text]:
    """Return every text of a request that leaves, in the order of the body."""
    return texts_of(body, CHAT, _Sources(body).of)


def with_texts(body: Body, replaced: Sequence[str]) -> Body:
    """Return the request with other texts, one for each that `texts` gave."""
    new: Body = with_texts_of(body, CHAT, replaced)
    return new


def refusal(message: str, status: int = 403) -> tuple[int, bytes]:
    """Return the status and body of a refusal."""
    return refused(message, status)


def restored(body: Body, scope: Scope) -> tuple[Body, tuple[Withheld, ...]]:
    """Return a whole reply with the values back in it, and the calls and texts that kept tokens."""
    choices = body.get("choices")
    if not isinstance(choices, list):
        return body, ()
    withheld: list[Withheld] = []
    new = [_whole_choice(choice, scope, withheld) for choice in choices]
    return (body if new == choices else {**body, "choices": new}), tuple(withheld)


def stream(scope: Scope) -> ChatStream:
    """Return what restores the reply of one request as it comes."""
    return ChatStream(scope)


class ChatStream(EventRewriter):
    """The chunks of one reply, restored as they come."""

    def __init__(self, scope: Scope) -> None:
        super().__init__(scope)
        self._choices: dict[int, _Choice] = {}
        self._last: tuple[Event, Mapping[str, Any]] | None = None

    def changed(self, event: Event, data: Mapping[str, Any]) -> bytes:
        """Return a chunk restored, behind a chunk with what had to come before it."""
        choices = data.get("choices")
        if not isinstance(choices, list):
            return event.raw
        self._last = event, data
        before: list[dict[str, Any]] = []
        new = [self._restored(choice, before) for choice in choices]
        return self._added(before) + sent(event, data, {**data, "choices": new})

    def ended(self) -> bytes:
        """Return a chunk with what is still held, if anything is."""
        before: list[dict[str, Any]] = []
        for index, choice in self._choices.items():
            before += self._choices_of(index, choice.left())
        return self._added(before)

    def _restored(self, choice: Any, before: list[dict[str, Any]]) -> Any:
        delta = choice.get("delta") if isinstance(choice, dict) else None
        if not isinstance(delta, dict):
            return choice
        index = choice.get("index") if isinstance(choice.get("index"), int) else 0
        state = self._choices.setdefault(index, _Choice(self._scope))
        last = bool(choice.get("finish_reason"))
        if delta.get("tool_calls") or delta.get("function_call"):
            before += self._choices_of(index, state.left_before(delta))
        new = state.fed(delta, last)
        before += self._choices_of(index, state.left() if last else [])
        return {**choice, "delta": new}

    def _choices_of(self, index: int, deltas: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
        state = self._choices[index]
        for number, called in enumerate(state.called):
            self.noted((index, number), called.call.withheld)
        for name, restorer in state.texts.items():
            self.noted((index, name), restorer.withheld)
        for delta in deltas:
            yield {"index": index, "delta": delta, "finish_reason": None}

    def _added(self, choices: list[dict[str, Any]]) -> bytes:
        if self._last is None:
            return b""
        event, data = self._last
        same = {name: data[name] for name in _REPEATED if name in data}
        # One choice a chunk: some clients read only the first.
        return b"".join(event.with_data(dumped({**same, "choices": [c]})) for c in choices)


@dataclass(slots=True)
class _Called:
    """A tool call of a stream and how the upstream tells it from others."""

    index: Any
    """None where the upstream does not number its calls."""
    id: Any
    kind: str
    """`function`, `custom`, or `function_call` for the older way to call the only function."""
    call: Call

    def delta(self, text: str) -> dict[str, Any]:
        """Return a delta of a message with one more piece of this call."""
        if self.kind == "function_call":
            return {"function_call": {"arguments": text}}
        named = {"id": self.id} if self.index is None else {"index": self.index}
        return {"tool_calls": [{**named, self.kind: {_INPUT_OF[self.kind]: text}}]}


class _Choice:
    """What is still held of one choice of a stream."""

    def __init__(self, scope: Scope) -> None:
        self.called: list[_Called] = []
        """In the order they began."""
        self._scope = scope
        self.texts: dict[str, Restorer] = {}
        """Name of a field for the person -> what restores it."""

    def fed(self, delta: Mapping[str, Any], last: bool) -> dict[str, Any]:
        """Return a delta with what is certain of it; with all of it when it is the last."""
        new = dict(delta)
        for name in _FOR_THE_PERSON:
            if isinstance(delta.get(name), str):
                new[name] = self._text(name, delta[name], last)
        audio = delta.get("audio")
        if isinstance(audio, dict) and isinstance(audio.get("transcript"), str):
            new["audio"] = {**audio, "transcript": self._text("audio", audio["transcript"], last)}
        if isinstance(delta.get("tool_calls"), list):
            new["tool_calls"] = [self._call(call, last) for call in delta["tool_calls"]]
        if isinstance(delta.get("function_call"), dict):
            new |= self._call({"function_call": delta["function_call"]}, last)
        return new

    def left_before(self, delta: Mapping[str, Any]) -> list[dict[str, Any]]:
        """Return deltas with what has ended when a tool call begins or goes on.

        The text for the person has; and when one begins, so has every other that is whole.
        """
        calls = delta.get("tool_calls")
        known = [self._known(call) for call in calls] if isinstance(calls, list) else []
        begins = None in known
        ended = [c for c in self.called if begins and c not in known and c.call.holds]
        return self._left([c for c in ended if c.call.whole])

    def left(self) -> list[dict[str, Any]]:
        """Return deltas with everything that is held."""
        return self._left(self.called)

    def _left(self, ended: list[_Called]) -> list[dict[str, Any]]:
        deltas: list[dict[str, Any]] = []
        for name, restorer in self.texts.items():
            if held := restorer.flush():
                deltas.append({name: {"transcript": held} if name == "audio" else held})
        return deltas + [c.delta(held) for c in ended if (held := c.call.end())]

    def _text(self, name: str, piece: str, last: bool) -> str:
        restorer = self.texts.setdefault(name, Restorer(self._scope))
        return restorer.feed(piece) + (restorer.flush() if last else "")

    def _call(self, delta: Any, last: bool) -> Any:
        kind = _kind(delta)
        if kind is None:
            return delta
        field = _INPUT_OF[kind]
        known = self._known(delta)
        called = known or self._begun(delta, kind)
        name, piece = delta[kind].get("name"), delta[kind].get(field)
        renamed = called.call.drop() if name and name != called.call.tool else ""
        if not isinstance(piece, str):
            # Without a field of its own what was held cannot be said; it goes with this one.
            return {**delta, kind: {**delta[kind], field: renamed}} if renamed else delta
        text = renamed + called.call.feed(piece)
        # Some servers send a whole call as one piece; nothing else of it will come.
        if last or (known is None and called.call.holds and called.call.whole):
            text += called.call.end()
        return {**delta, kind: {**delta[kind], field: text}}

    def _known(self, delta: Any) -> _Called | None:
        """Return the call a delta goes on with; None when it begins one."""
        kind = _kind(delta)
        for called in reversed(self.called):
            if kind == called.kind and delta.get("index") == called.index:
                return None if delta.get("id") not in (None, "", called.id) else called
        return None

    def _begun(self, delta: dict[str, Any], kind: str) -> _Called:
        name = delta[kind].get("name")
        tool = name if isinstance(name, str) else ""
        call = Call(tool, self._scope, plain=kind == "custom")
        self.called.append(_Called(delta.get("index"), delta.get("id"), kind, call))
        return self.called[-1]


def _kind(call: Any) -> str | None:
    if not isinstance(call, dict):
        return None
    return next((kind for kind in _INPUT_OF if isinstance(call.get(kind), dict)), None)


def _whole_choice(choice: Any, scope: Scope, withheld: list[Withheld]) -> Any:
    message = choice.get("message") if isinstance(choice, dict) else None
    if not isinstance(message, dict):
        return choice
    new = dict(message)
    for name in _FOR_THE_PERSON:
        if isinstance(message.get(name), str):
            new[name] = _whole_text(message[name], scope, withheld)
    audio = message.get("audio")
    if isinstance(audio, dict) and isinstance(audio.get("transcript"), str):
        spoken = _whole_text(audio["transcript"], scope, withheld)
        new["audio"] = {**audio, "transcript": spoken}
    if isinstance(message.get("tool_calls"), list):
        new["tool_calls"] = [_whole_call(call, scope, withheld) for call in message["tool_calls"]]
    if isinstance(message.get("function_call"), dict):
        new |= _whole_call({"function_call": message["function_call"]}, scope, withheld)
    return {**choice, "message": new}


def _whole_text(text: str, scope: Scope, withheld: list[Withheld]) -> str:
    new, kept = restore_text(text, scope)
    withheld += [kept] if kept else []
    return new


def _whole_call(call: Any, scope: Scope, withheld: list[Withheld]) -> Any:
    kind = _kind(call)
    if kind is None or not isinstance(call[kind].get(_INPUT_OF[kind]), str):
        return call
    inside, field = call[kind], _INPUT_OF[kind]
    tool = inside.get("name") if isinstance(inside.get("name"), str) else ""
    text, reason = restored_text(tool, inside[field], scope, plain=kind == "custom")
    if reason is not None:
        withheld.append(reason)
    return {**call, kind: {**inside, field: text}}


class _Sources:
    """Who wrote what of a request: texts of one block share one source."""

    def __init__(self, body: Body) -> None:
        messages = body.get("messages")
        self._messages: list[Any] = messages if isinstance(messages, list) else []
        self._of: dict[Path, Source] = {}
        self._calls: dict[Any, Source] = {}
        """Id of a call, or the name of a function called the older way -> the call."""
        for number, message in enumerate(self._messages):
            self._note_calls(number, message)

    def of(self, path: Path) -> Source:
        """Return who wrote the string at a path."""
        if len(path) < 3 or path[0] != "messages" or not isinstance(path[1], int):
            return self._of.setdefault(path[:2], Source("person"))
        block = path[: 4 if len(path) > 3 and isinstance(path[3], int) else 3]
        if block not in self._of:
            self._of[block] = self._block(self._messages[path[1]], block)
        return self._of[block]

    def _block(self, message: Mapping[str, Any], block: Path) -> Source:
        role = message.get("role")
        if role in ("tool", "function"):
            called = message.get("tool_call_id") if role == "tool" else message.get("name")
            made = self._calls.get(called) if isinstance(called, str) else None
            return Source("result", made.tool, made.arguments) if made else Source("result")
        if role in _PEOPLE and block[2] == "content":
            content = message["content"]
            return said(content[block[3]] if len(block) > 3 else content)
        return Source("drafter" if role == "assistant" else "result")

    def _note_calls(self, number: int, message: Any) -> None:
        if not isinstance(message, dict):
            return
        calls = message.get("tool_calls")
        for place, call in enumerate(calls if isinstance(calls, list) else []):
            self._note(("messages", number, "tool_calls", place), call)
        self._note(("messages", number, "function_call"), message)

    def _note(self, path: Path, call: Any) -> None:
        kind = _kind(call)
        if kind is None:
            return
        name, text = call[kind].get("name"), call[kind].get(_INPUT_OF[kind])
        arguments = parsed(text) if isinstance(text, str) and kind != "custom" else text
        source = Source("call", name if isinstance(name, str) else "", arguments)
        self._of[path] = source
        called = call.get("id", name) if kind != "function_call" else name
        if isinstance(called, str):
            self._calls[called] = source
