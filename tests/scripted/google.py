"""Google generateContent and streamGenerateContent: how a turn is written."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from scripted.turns import Block, Body, Call, Text, Turn, pieces

STATUSES = {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    429: "RESOURCE_EXHAUSTED",
    503: "UNAVAILABLE",
}


def whole(turn: Turn, body: Body, number: int) -> Body:
    """The response object. The model's name stands in the path: `server` puts it into `body`."""
    return _answer(turn, body, number, [p for b in turn.blocks for p in _parts(b, 0)], "STOP")


def events(turn: Turn, body: Body, number: int) -> Iterator[bytes]:
    """The same in several `data:` events, as with `alt=sse`; there is no closing mark."""
    parts = [p for b in turn.blocks for p in _parts(b, turn.cut)]
    for place, part in enumerate(parts, 1):
        reason = "STOP" if place == len(parts) else None
        yield _event(_answer(turn, body, number, [part], reason))


def error(status: int, message: str) -> Body:
    """What a status other than 200 carries."""
    named = STATUSES.get(status, "INTERNAL")
    return {"error": {"code": status, "message": message, "status": named}}


def error_event(message: str) -> bytes:
    """An error in the middle of a stream."""
    return _event(error(503, message))


def _parts(block: Block, cut: int) -> list[Body]:
    if isinstance(block, Text):
        return [{"text": p} for p in (pieces(block.text, cut) if cut else [block.text])]
    if isinstance(block, Call):
        return [{"functionCall": {"name": block.name, "args": dict(block.arguments)}}]
    return []


def _answer(
    turn: Turn, body: Body, number: int, parts: list[Body], reason: str | None
) -> dict[str, Any]:
    candidate: Body = {"content": {"parts": parts, "role": "model"}, "index": 0}
    if reason:
        candidate["finishReason"] = reason
    return {
        "candidates": [candidate],
        "usageMetadata": {
            "promptTokenCount": turn.tokens_in,
            "candidatesTokenCount": turn.tokens_out,
            "totalTokenCount": turn.tokens_in + turn.tokens_out,
        },
        "modelVersion": body.get("model", ""),
        "responseId": f"google-{number:020d}",
    }


def _event(data: Body) -> bytes:
    return f"data: {json.dumps(data, ensure_ascii=False)}\r\n\r\n".encode()
