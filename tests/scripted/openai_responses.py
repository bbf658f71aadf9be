"""OpenAI Responses: how a turn is written, whole and as server-sent events."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import count
from typing import Any

from scripted import openai_chat
from scripted.turns import Body, Call, Text, Turn, pieces

error = openai_chat.error


def whole(turn: Turn, body: Body, number: int) -> Body:
    """The response object."""
    return _response(body, number, "completed", _items(turn, number), _usage(turn))


def events(turn: Turn, body: Body, number: int) -> Iterator[bytes]:
    """The same as numbered events, the whole response once more in the last of them."""
    numbers = count()

    def event(kind: str, data: Body) -> bytes:
        return _event({"type": kind, "sequence_number": next(numbers), **data})

    started = _response(body, number, "in_progress", [], None)
    yield event("response.created", {"response": started})
    yield event("response.in_progress", {"response": started})
    for index, item in enumerate(_items(turn, number)):
        empty = {**item, "status": "in_progress"}
        empty["content" if item["type"] == "message" else "arguments"] = (
            [] if item["type"] == "message" else ""
        )
        yield event("response.output_item.added", {"output_index": index, "item": empty})
        place = {"item_id": item["id"], "output_index": index}
        if item["type"] == "message":
            inside = _message_events(item, place, turn.cut)
        else:
            inside = _call_events(item, place, turn.cut)
        for kind, data in inside:
            yield event(kind, data)
        yield event("response.output_item.done", {"output_index": index, "item": item})
    yield event("response.completed", {"response": whole(turn, body, number)})


def error_event(message: str) -> bytes:
    """An error in the middle of a stream."""
    said = {"code": "server_error", "message": message, "param": None}
    return _event({"type": "error", "sequence_number": 99, **said})


def _message_events(item: Body, place: Body, cut: int) -> Iterator[tuple[str, Body]]:
    part = item["content"][0]
    place = {**place, "content_index": 0}
    yield "response.content_part.added", {**place, "part": {**part, "text": ""}}
    for piece in pieces(part["text"], cut):
        yield "response.output_text.delta", {**place, "delta": piece, "logprobs": []}
    yield "response.output_text.done", {**place, "text": part["text"], "logprobs": []}
    yield "response.content_part.done", {**place, "part": part}


def _call_events(item: Body, place: Body, cut: int) -> Iterator[tuple[str, Body]]:
    for piece in pieces(item["arguments"], cut):
        yield "response.function_call_arguments.delta", {**place, "delta": piece}
    done = {**place, "name": item["name"], "arguments": item["arguments"]}
    yield "response.function_call_arguments.done", done


def _items(turn: Turn, number: int) -> list[Body]:
    items: list[Body] = []
    for index, block in enumerate(turn.blocks):
        place = f"{number:020d}{index:02d}"
        if isinstance(block, Text):
            part = {"type": "output_text", "text": block.text, "annotations": [], "logprobs": []}
            said = {"id": f"msg_{place}", "type": "message", "role": "assistant"}
            items.append({**said, "status": "completed", "content": [part]})
        elif isinstance(block, Call):
            asked = {"id": f"fc_{place}", "type": "function_call", "call_id": f"call_{place}"}
            arguments = json.dumps(dict(block.arguments))
            done = {"name": block.name, "arguments": arguments, "status": "completed"}
            items.append({**asked, **done})
    return items


def _response(
    body: Body, number: int, status: str, items: list[Body], usage: Body | None
) -> dict[str, Any]:
    return {
        "id": f"resp_{number:024d}",
        "object": "response",
        "created_at": openai_chat.CREATED,
        "status": status,
        "error": None,
        "incomplete_details": None,
        "instructions": body.get("instructions"),
        "model": body.get("model", ""),
        "output": items,
        "parallel_tool_calls": True,
        "previous_response_id": body.get("previous_response_id"),
        "tool_choice": "auto",
        "tools": body.get("tools", []),
        "usage": usage,
    }


def _usage(turn: Turn) -> Body:
    return {
        "input_tokens": turn.tokens_in,
        "input_tokens_details": {"cached_tokens": 0},
        "output_tokens": turn.tokens_out,
        "output_tokens_details": {"reasoning_tokens": 0},
        "total_tokens": turn.tokens_in + turn.tokens_out,
    }


def _event(data: dict[str, Any]) -> bytes:
    written = json.dumps(data, ensure_ascii=False)
    return f"event: {data['type']}\ndata: {written}\n\n".encode()
