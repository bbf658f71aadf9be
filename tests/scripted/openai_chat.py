"""OpenAI Chat Completions: how a turn is written, whole and as server-sent events."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from scripted.turns import Body, Call, Text, Turn, pieces

CREATED = 1_790_000_000
ERROR_TYPES = {
    401: ("invalid_request_error", "invalid_api_key"),
    404: ("invalid_request_error", "model_not_found"),
    429: ("rate_limit_error", "rate_limit_exceeded"),
}


def whole(turn: Turn, body: Body, number: int) -> Body:
    """The completion object."""
    message: Body = {"role": "assistant", "content": turn.text or None, "refusal": None}
    if turn.calls:
        message["tool_calls"] = [_call(c, number, i) for i, c in enumerate(turn.calls)]
    reason = "tool_calls" if turn.calls else "stop"
    choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": reason}
    head = _head(body, number, "chat.completion")
    return {**head, "choices": [choice], "usage": usage(turn)}


def events(turn: Turn, body: Body, number: int) -> Iterator[bytes]:
    """The same as chunks; usage comes last where `stream_options` asks for it."""
    head = _head(body, number, "chat.completion.chunk")

    def chunk(delta: Body, reason: str | None = None) -> bytes:
        choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": reason}
        return _event({**head, "choices": [choice]})

    yield chunk({"role": "assistant", "content": "", "refusal": None})
    place = 0
    for block in turn.blocks:
        if isinstance(block, Text):
            for part in pieces(block.text, turn.cut):
                yield chunk({"content": part})
        elif isinstance(block, Call):
            first = {**_call(block, number, place), "index": place}
            whole_arguments = first["function"]["arguments"]
            first["function"] = {**first["function"], "arguments": ""}
            yield chunk({"tool_calls": [first]})
            for part in pieces(whole_arguments, turn.cut):
                more = {"index": place, "function": {"arguments": part}}
                yield chunk({"tool_calls": [more]})
            place += 1
    yield chunk({}, "tool_calls" if turn.calls else "stop")
    if (body.get("stream_options") or {}).get("include_usage"):
        yield _event({**head, "choices": [], "usage": usage(turn)})
    yield b"data: [DONE]\n\n"


def error(status: int, message: str) -> Body:
    """What a status other than 200 carries."""
    usual = ("server_error" if status >= 500 else "invalid_request_error", None)
    kind, code = ERROR_TYPES.get(status, usual)
    return {"error": {"message": message, "type": kind, "param": None, "code": code}}


def error_event(message: str) -> bytes:
    """An error in the middle of a stream."""
    return _event(error(500, message))


def usage(turn: Turn) -> Body:
    """Token counts of a completion."""
    return {
        "prompt_tokens": turn.tokens_in,
        "completion_tokens": turn.tokens_out,
        "total_tokens": turn.tokens_in + turn.tokens_out,
    }


def _head(body: Body, number: int, kind: str) -> Body:
    named = f"chatcmpl-{number:024d}"
    return {"id": named, "object": kind, "created": CREATED, "model": body.get("model", "")}


def _call(wanted: Call, number: int, index: int) -> Body:
    function = {"name": wanted.name, "arguments": json.dumps(dict(wanted.arguments))}
    return {"id": f"call_{number:020d}{index:02d}", "type": "function", "function": function}


def _event(data: dict[str, Any]) -> bytes:
    return f"data: {json.dumps(data, ensure_ascii=False)}\n\n".encode()
