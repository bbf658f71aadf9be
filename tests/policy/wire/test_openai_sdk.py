"""The `openai` package reads a restored stream, offline: exactly the restored texts and calls."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator

import pytest

from policy.wire.openai_world import AWKWARD, chat_bytes, response_bytes
from policy.wire.test_openai_replies import (
    HOSTILE,
    call,
    chat_reply,
    chat_scope,
    function_call,
    response,
    response_scope,
    said,
    write,
)
from undersign.policy.wire import Stream, openai_chat, openai_responses

openai = pytest.importorskip("openai")
httpx2 = pytest.importorskip("httpx2")


def client(raw: bytes, stream: Stream, rnd: random.Random):
    """A client whose every request is answered by the stream, restored piece by piece."""

    def pieces() -> Iterator[bytes]:
        rest = raw
        while rest:
            size = rnd.randint(1, 90)
            yield stream.feed(rest[:size])
            rest = rest[size:]
        yield stream.flush()

    def answer(request):
        headers = {"content-type": "text/event-stream"}
        return httpx2.Response(200, headers=headers, content=pieces())

    http = httpx2.Client(transport=httpx2.MockTransport(answer))
    return openai.OpenAI(api_key="none", base_url="http://127.0.0.1:9/v1", http_client=http)


@pytest.mark.parametrize("seed", range(20))
def test_chat(seed) -> None:
    rnd = random.Random(seed)
    scope, token = chat_scope(AWKWARD)
    reply = chat_reply(
        {
            "content": f"{token}é{token} U",
            "tool_calls": [
                call("Write", write(token)),
                call("WebFetch", json.dumps({"url": HOSTILE + token}), 1),
            ],
        },
        {"content": f"second {token}", "refusal": f"{token}US"},
    )
    want = openai_chat.restored(reply, scope)[0]["choices"]
    sdk = client(chat_bytes(reply, rnd, strange=False), openai_chat.stream(scope), rnd)
    done = []
    with sdk.chat.completions.stream(model="gpt-x", messages=[]) as stream:
        done.extend(event for event in stream if event.type.endswith(".done"))
        final = stream.get_final_completion()
    for choice, whole in zip(final.choices, want, strict=True):
        message = whole["message"]
        assert choice.message.content == message["content"]
        assert choice.message.refusal == message.get("refusal")
        calls = [c.function.arguments for c in choice.message.tool_calls or []]
        assert calls == [c["function"]["arguments"] for c in message.get("tool_calls", [])]
        assert choice.finish_reason == "stop"
    arguments = [e.arguments for e in done if e.type == "tool_calls.function.arguments.done"]
    assert arguments == [c["function"]["arguments"] for c in want[0]["message"]["tool_calls"]]
    contents = {e.content for e in done if e.type == "content.done"}
    assert contents == {choice["message"]["content"] for choice in want}


@pytest.mark.parametrize("seed", range(20))
def test_responses(seed) -> None:
    rnd = random.Random(seed)
    scope, token = response_scope(AWKWARD)
    reply = response(
        said(f"{token}é{token} USX_"),
        function_call("Write", write(token)),
        function_call("WebFetch", json.dumps({"url": HOSTILE + token}), 1),
    )
    want = openai_responses.restored(reply, scope)[0]["output"]
    sdk = client(response_bytes(reply, rnd, strange=False), openai_responses.stream(scope), rnd)
    snapshots: dict[int, str] = {}
    numbers = []
    with sdk.responses.stream(model="gpt-x", input="hi") as stream:
        for event in stream:
            numbers.append(getattr(event, "sequence_number", None))
            if event.type in (
                "response.output_text.delta",
                "response.function_call_arguments.delta",
            ):
                snapshots[event.output_index] = event.snapshot
            if event.type == "response.output_text.done":
                assert event.text == want[event.output_index]["content"][0]["text"]
        final = stream.get_final_response()
    assert snapshots == {
        0: want[0]["content"][0]["text"],
        1: want[1]["arguments"],
        2: want[2]["arguments"],
    }
    assert final.output_text == want[0]["content"][0]["text"]
    assert [item.arguments for item in final.output[1:]] == [i["arguments"] for i in want[1:]]
    assert [n for n in numbers if n is not None] == sorted(n for n in numbers if n is not None)
