"""Anthropic Messages: how a turn is written, whole and as server-sent events."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from scripted.turns import Block, Body, Call, Text, Thinking, Turn, pieces

ERROR_TYPES = {
    400: "invalid_request_error",
    401: "authentication_error",
    403: "permission_error",
    404: "not_found_error",
    413: "request_too_large",
    429: "rate_limit_error",
    529: "overloaded_error",
}


def whole(turn: Turn, body: Body, number: int) -> Body:
    """The message object; `number` is the turn's, so that ids are the same in every run."""
    return {
        "id": f"msg_{number:024d}",
        "type": "message",
        "role": "assistant",
        "model": body.get("model", ""),
        "content": [_block(b, number, i) for i, b in enumerate(turn.blocks)],
        "stop_reason": "tool_use" if turn.calls else "end_turn",
        "stop_sequence": None,
        "usage": _usage(turn),
    }


def events(turn: Turn, body: Body, number: int) -> Iterator[bytes]:
    """The same message as a stream, one `event:` and `data:` each."""
    message = whole(turn, body, number)
    start = {**message, "content": [], "stop_reason": None}
    yield _event("message_start", {"message": start})
    yield _event("ping", {})
    for index, block in enumerate(message["content"]):
        empty, deltas = _opened(block, turn.cut)
        yield _event("content_block_start", {"index": index, "content_block": empty})
        for delta in deltas:
            yield _event("content_block_delta", {"index": index, "delta": delta})
        yield _event("content_block_stop", {"index": index})
    delta = {"stop_reason": message["stop_reason"], "stop_sequence": None}
    usage = {"output_tokens": turn.tokens_out}
    yield _event("message_delta", {"delta": delta, "usage": usage})
    yield _event("message_stop", {})


def error(status: int, message: str) -> Body:
    """What a status other than 200 carries, and what an `error` event carries."""
    kind = ERROR_TYPES.get(status, "api_error")
    return {"type": "error", "error": {"type": kind, "message": message}, "request_id": "req_0"}


def error_event(message: str) -> bytes:
    """An error in the middle of a stream."""
    return _event("error", {"error": error(529, message)["error"]})


def _block(block: Block, number: int, index: int) -> Body:
    match block:
        case Text(text):
            return {"type": "text", "text": text}
        case Thinking(text, signature):
            return {"type": "thinking", "thinking": text, "signature": signature}
        case Call(name, arguments):
            named = f"toolu_{number:020d}{index:02d}"
            return {"type": "tool_use", "id": named, "name": name, "input": dict(arguments)}


def _opened(block: Body, cut: int) -> tuple[Body, list[Body]]:
    if block["type"] == "text":
        parts = pieces(block["text"], cut)
        return {**block, "text": ""}, [{"type": "text_delta", "text": p} for p in parts]
    if block["type"] == "thinking":
        parts = pieces(block["thinking"], cut)
        deltas: list[Body] = [{"type": "thinking_delta", "thinking": p} for p in parts]
        deltas.append({"type": "signature_delta", "signature": block["signature"]})
        return {"type": "thinking", "thinking": "", "signature": ""}, deltas
    parts = ["", *pieces(json.dumps(block["input"]), cut)]
    deltas = [{"type": "input_json_delta", "partial_json": p} for p in parts]
    return {**block, "input": {}}, deltas


def _usage(turn: Turn) -> Body:
    return {
        "input_tokens": turn.tokens_in,
        "output_tokens": turn.tokens_out,
        "cache_creation_input_tokens": 0,
        "cache_read_input_tokens": 0,
    }


def _event(name: str, data: dict[str, Any]) -> bytes:
    written = json.dumps({"type": name, **data}, ensure_ascii=False)
    return f"event: {name}\ndata: {written}\n\n".encode()
