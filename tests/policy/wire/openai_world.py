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
from undersign.policy.policy_file import parse
from undersign.policy.scope import Scope
from undersign.policy.tokens import Tokens
from undersign.policy.wire import Body, Wire
from undersign.records.ruling import Spotted

NOW = datetime(2026, 11, 24, tzinfo=UTC)
KEY = b"a key for tests only" * 2
SHOWS_FILES = """
format: undersign/policy/v1
drafters: {hosted: ["openai:*"]}
purposes: {coding: Write software.}
rules:
  - {id: work, drafters: [hosted], classes: all, purposes: all, ruling: allow, why: "A test."}
  - {id: hidden, drafters: [hosted], classes: [secrets], purposes: all, ruling: redact, why: "It."}
"""
HIDES_FILES = SHOWS_FILES.replace("[secrets]", "[secrets, opaque-binary]")
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


def chat_chunks(reply: Body, rnd: random.Random) -> Iterator[Body]:
    """The chunks of a whole reply of Chat Completions; choices take turns, calls in order."""
    same = {k: v for k, v in reply.items() if k not in ("choices", "usage")}
    same["object"] = "chat.completion.chunk"
    waiting = [_choice_deltas(choice, rnd) for choice in reply["choices"]]
    numbers = [choice["index"] for choice in reply["choices"]]
    for index, deltas in zip(numbers, waiting, strict=True):
        delta, _ = next(deltas)
        yield {**same, "choices": [{"index": index, "delta": delta, "finish_reason": None}]}
    while waiting:
        at = rnd.randrange(len(waiting))
        step = next(waiting[at], None)
        if step is None:
            del waiting[at], numbers[at]
            continue
        delta, finish = step
        yield {**same, "choices": [{"index": numbers[at], "delta": delta, "finish_reason": finish}]}
    yield {**same, "choices": [], "usage": reply.get("usage")}


def _choice_deltas(choice: Body, rnd: random.Random) -> Iterator[tuple[Body, str | None]]:
    message = choice["message"]
    yield {"role": "assistant", "content": ""}, None
    for name in ("reasoning_content", "content", "refusal"):
        for piece in cut(message.get(name) or "", rnd):
            yield {name: piece}, None
    for index, call in enumerate(message.get("tool_calls") or []):
        function = call["function"]
        first = {"name": function["name"], "arguments": ""}
        yield {"tool_calls": [{**call, "index": index, "function": first}]}, None
        for piece in cut(function["arguments"], rnd):
            yield {"tool_calls": [{"index": index, "function": {"arguments": piece}}]}, None
    yield {}, choice["finish_reason"]


def chat_bytes(reply: Body, rnd: random.Random, end: str = "\n", *, strange: bool = True) -> bytes:
    """A streamed reply; with comments and events no client can read, where `strange` says so."""
    chunks = [event(chunk, end=end) for chunk in chat_chunks(reply, rnd)]
    odds = [f": keep-alive{end}{end}".encode(), event("{not json", end=end), event([1], end=end)]
    for odd in odds if strange else odds[:1]:
        chunks.insert(rnd.randint(1, len(chunks)), odd)
    return b"".join([*chunks, event("[DONE]", end=end)])


def response_events(reply: Body, rnd: random.Random) -> Iterator[Body]:
    """The events of a whole reply of Responses, numbered."""
    begun = {**reply, "output": [], "status": "in_progress"}
    events = [{"type": "response.created", "response": begun}]
    for index, item in enumerate(reply["output"]):
        at = {"output_index": index, "item_id": item["id"]}
        events += _item_events(item, at, rnd)
    events.append({"type": "response.completed", "response": reply})
    for number, one in enumerate(events):
        yield {**one, "sequence_number": number}


_EMPTY: dict[str, Body] = {
    "message": {"content": [], "status": "in_progress"},
    "reasoning": {"summary": []},
    "function_call": {"arguments": "", "status": "in_progress"},
    "custom_tool_call": {"input": ""},
}


def _item_events(item: Body, at: Body, rnd: random.Random) -> Iterator[Body]:
    where = {"output_index": at["output_index"]}
    yield {"type": "response.output_item.added", **where, "item": {**item, **_EMPTY[item["type"]]}}
    for place, part in enumerate(item.get("content", [])):
        here = {**at, "content_index": place}
        field = "text" if part["type"] == "output_text" else "refusal"
        empty = {**part, field: ""}
        yield {"type": "response.content_part.added", **here, "part": empty}
        yield from _deltas(f"response.{part['type']}", field, part[field], here, rnd)
        yield {"type": "response.content_part.done", **here, "part": part}
    for place, part in enumerate(item.get("summary", [])):
        here = {**at, "summary_index": place}
        yield {
            "type": "response.reasoning_summary_part.added",
            **here,
            "part": {**part, "text": ""},
        }
        yield from _deltas("response.reasoning_summary_text", "text", part["text"], here, rnd)
        yield {"type": "response.reasoning_summary_part.done", **here, "part": part}
    if item["type"] == "function_call":
        family = "response.function_call_arguments"
        yield from _deltas(family, "arguments", item["arguments"], at, rnd)
    if item["type"] == "custom_tool_call":
        yield from _deltas("response.custom_tool_call_input", "input", item["input"], at, rnd)
    yield {"type": "response.output_item.done", **where, "item": item}


def _deltas(family: str, field: str, text: str, here: Body, rnd: random.Random) -> Iterator[Body]:
    more = {"logprobs": []} if family == "response.output_text" else {}
    for piece in cut(text, rnd):
        yield {"type": f"{family}.delta", **here, **more, "delta": piece}
    yield {"type": f"{family}.done", **here, **more, field: text}


def response_bytes(
    reply: Body, rnd: random.Random, end: str = "\n", *, strange: bool = True
) -> bytes:
    """A streamed reply; with comments and events no client can read, where `strange` says so."""
    events = [event(e, e["type"], end) for e in response_events(reply, rnd)]
    odds = [
        f": keep-alive{end}{end}".encode(),
        event("{not json", "response.output_text.delta", end),
        event({"type": "response.novel", "text": ["novel"]}, "response.novel", end),
    ]
    for odd in odds if strange else odds[:1]:
        events.insert(rnd.randint(1, len(events)), odd)
    return b"".join(events)
