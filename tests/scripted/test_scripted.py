"""The scripted servers, read by the real SDKs, directly: what they say is what the SDKs hear."""

from __future__ import annotations

import json
import socket
import time
from typing import Any

import pytest

from scripted.leaks import leaks
from scripted.server import serve
from scripted.turns import Call, Text, Thinking, Turn, call, fail, say, slots

WORDS = "Grüße, 世界 🙂 — a text that falls into several deltas"
LOOP = Turn((Thinking("hm"), Text(WORDS), Call("read", {"path": "a.txt", "note": "ü 🙂"})))
TOOL = {"type": "object", "properties": {"path": {"type": "string"}}}


def anthropic_sdk(url: str) -> Any:
    import anthropic

    return anthropic.Anthropic(api_key="dummy", base_url=url, max_retries=0)


def openai_sdk(url: str) -> Any:
    import openai

    return openai.OpenAI(api_key="dummy", base_url=f"{url}/v1", max_retries=0)


ASK: dict[str, Any] = {
    "model": "claude-scripted",
    "max_tokens": 64,
    "messages": [{"role": "user", "content": "hello"}],
}
CHAT: dict[str, Any] = {"model": "gpt-scripted", "messages": ASK["messages"]}


@pytest.mark.parametrize("how", [{}, {"shred": 1}, {"gzip": True}, {"shred": 2, "gzip": True}])
def test_anthropic_whole_and_streamed_are_one_message(how: dict[str, Any]) -> None:
    turn = Turn(LOOP.blocks, **how)
    with serve([turn, turn]) as upstream:
        client = anthropic_sdk(upstream.url)
        whole = client.messages.create(**ASK)
        with client.messages.stream(**ASK) as stream:
            streamed = stream.get_final_message()
    assert [b.type for b in whole.content] == ["thinking", "text", "tool_use"]
    assert whole.content[1].text == streamed.content[1].text == WORDS
    assert whole.content[2].input == streamed.content[2].input == LOOP.calls[0].arguments
    assert whole.content[0].signature == streamed.content[0].signature
    assert whole.stop_reason == streamed.stop_reason == "tool_use"
    assert upstream.seen[0].header("authorization") == "Bearer dummy"


@pytest.mark.parametrize("shred", [None, 3])
def test_chat_whole_and_streamed_are_one_message(shred: int | None) -> None:
    turn = Turn(LOOP.blocks, shred=shred)
    with serve([turn, turn]) as upstream:
        client = openai_sdk(upstream.url)
        whole = client.chat.completions.create(**CHAT)
        with client.chat.completions.stream(**CHAT) as stream:
            streamed = stream.get_final_completion()
    one, two = whole.choices[0], streamed.choices[0]
    assert one.message.content == two.message.content == WORDS
    told = [json.loads(c.message.tool_calls[0].function.arguments) for c in (one, two)]
    assert told == [LOOP.calls[0].arguments] * 2
    assert one.finish_reason == two.finish_reason == "tool_calls"


@pytest.mark.parametrize("shred", [None, 4])
def test_responses_whole_and_streamed_are_one_response(shred: int | None) -> None:
    turn = Turn(LOOP.blocks, shred=shred)
    with serve([turn, turn]) as upstream:
        client = openai_sdk(upstream.url)
        whole = client.responses.create(model="gpt-scripted", input="hello")
        with client.responses.stream(model="gpt-scripted", input="hello") as stream:
            deltas = "".join(e.delta for e in stream if e.type == "response.output_text.delta")
            streamed = stream.get_final_response()
    assert whole.output_text == streamed.output_text == deltas == WORDS
    arguments = [json.loads(r.output[1].arguments) for r in (whole, streamed)]
    assert arguments == [LOOP.calls[0].arguments] * 2


def test_google_whole_and_streamed_are_one_answer() -> None:
    from google import genai

    with serve([LOOP, LOOP]) as upstream:
        options = genai.types.HttpOptions(base_url=upstream.url)
        client = genai.Client(api_key="dummy", vertexai=False, http_options=options)
        ask = {"model": "gemini-scripted", "contents": "hello"}
        whole = client.models.generate_content(**ask)
        parts = [
            p
            for answer in client.models.generate_content_stream(**ask)
            for p in answer.candidates[0].content.parts
        ]
    assert whole.candidates[0].content.parts[0].text == WORDS
    assert "".join(p.text or "" for p in parts) == WORDS
    assert parts[-1].function_call.args == dict(LOOP.calls[0].arguments)
    assert whole.model_version == "gemini-scripted"


@pytest.mark.parametrize("status", [429, 500, 529])
def test_errors_come_in_the_shape_the_sdk_knows(status: int) -> None:
    import anthropic
    import openai

    with serve([fail(status, "slow down", retry_after="7")] * 2) as upstream:
        with pytest.raises(anthropic.APIStatusError, match="slow down") as first:
            anthropic_sdk(upstream.url).messages.create(**ASK)
        with pytest.raises(openai.APIStatusError, match="slow down") as second:
            openai_sdk(upstream.url).chat.completions.create(**CHAT)
    for error in (first.value, second.value):
        assert error.status_code == status
        assert error.response.headers["retry-after"] == "7"


def test_an_sdk_retries_to_the_next_turn() -> None:
    with serve([fail(429, retry_after="0"), say("now")]) as upstream:
        client = anthropic_sdk(upstream.url).with_options(max_retries=1)
        assert client.messages.create(**ASK).content[0].text == "now"
    assert len(upstream.asked) == 2


@pytest.mark.parametrize("trouble", ["drop", "error"])
def test_a_stream_that_breaks_is_an_error_for_the_sdk(trouble: Any) -> None:
    import httpx
    import httpx2
    from anthropic import APIError

    broken = (APIError, httpx.TransportError, httpx2.TransportError)
    with serve([say(WORDS, trouble=trouble, after=4)]) as upstream:  # noqa: SIM117
        with (
            pytest.raises(broken),
            anthropic_sdk(upstream.url).messages.stream(**ASK) as stream,
        ):
            stream.get_final_message()


def test_a_client_that_leaves_a_stalled_stream_is_noticed() -> None:
    with serve([say(WORDS, trouble="stall", after=4)]) as upstream:
        with anthropic_sdk(upstream.url).messages.stream(**ASK) as stream:
            next(iter(stream))
        deadline = time.monotonic() + 5
        while not upstream.left and time.monotonic() < deadline:
            time.sleep(0.01)
        assert upstream.left == 1


def test_a_server_of_chat_completions_only() -> None:
    import openai

    wanted = {"type": "json_schema", "json_schema": {"name": "x", "schema": TOOL}}
    with serve([slots({"a": 1})], wires=["openai_chat"], json_schema=False) as upstream:
        client = openai_sdk(upstream.url)
        with pytest.raises(openai.BadRequestError):
            client.chat.completions.create(**CHAT, response_format=wanted)
        with pytest.raises(openai.NotFoundError):
            client.responses.create(model="m", input="hello")
        simple = {"type": "json_object"}
        answer = client.chat.completions.create(**CHAT, response_format=simple)
        assert json.loads(answer.choices[0].message.content) == {"a": 1}


def test_a_script_can_be_a_function_and_a_list_ends() -> None:
    def echo(body: dict[str, Any], number: int) -> Turn:
        return say(f"{number}: {body['messages'][-1]['content']}")

    with serve(echo) as upstream:
        client = anthropic_sdk(upstream.url)
        told = [client.messages.create(**ASK).content[0].text for _ in range(2)]
        assert told == ["0: hello", "1: hello"]
        assert client.messages.count_tokens(
            model="claude-scripted", messages=ASK["messages"]
        ).input_tokens
        assert len(upstream.asked) == 2 and len(upstream.seen) == 3
    with serve([]) as upstream, pytest.raises(Exception, match="the script is over"):
        anthropic_sdk(upstream.url).messages.create(**ASK)
    assert upstream.overrun == 1


def test_everything_that_arrives_is_kept() -> None:
    with serve([say("x")]) as upstream:
        port = int(upstream.url.rsplit(":", 1)[1])
        with socket.create_connection(("127.0.0.1", port)) as client:
            client.sendall(
                b"POST /v1/messages HTTP/1.1\r\nHost: x\r\nX-Odd: planted-in-a-header\r\n"
                b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n"
            )
            assert client.recv(9).startswith(b"HTTP/1.1 ")
    assert upstream.connections == 1 and upstream.seen[0].raw == b"{}"
    assert leaks(["planted-in-a-header"], upstream.received)


def test_a_leak_is_found_in_every_form() -> None:
    import base64
    import gzip

    value = 'pa"ss-wörd-12345'
    said = json.dumps({"a": json.dumps({"b": f"x{value}y"})})
    for received in (
        value.encode(),
        json.dumps(value).encode(),
        said.encode(),
        *(base64.b64encode(b"z" * n + value.encode() + b"tail") for n in range(4)),
        b"HTTP\r\n\r\n" + gzip.compress(value.encode()),
        value.encode().hex().encode(),
        "".join(f"\\u{ord(c):04x}" for c in value).encode(),
    ):
        assert leaks([value], received), received
        assert not leaks(["another-value-67890"], received)


def test_ids_are_the_same_in_every_run() -> None:
    def run() -> list[str]:
        with serve([call("read", {}), say("x")]) as upstream:
            client = anthropic_sdk(upstream.url)
            return [client.messages.create(**ASK).model_dump_json() for _ in range(2)]

    assert run() == run()
