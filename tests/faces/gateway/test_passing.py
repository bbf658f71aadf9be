"""What goes through: bytes, headers, statuses, streams; and what is hidden on the way."""

from __future__ import annotations

import gzip
import json
import re
from pathlib import Path
from typing import Any

import httpx
import pytest

from gateway_world import KEY, Running, running, secret
from scripted.leaks import leaks
from scripted.server import serve
from scripted.turns import Body, Turn, fail, say

ROUTES = (
    ("/claude-code/v1/messages", "anthropic"),
    ("/codex/v1/chat/completions", "openai_chat"),
    ("/codex/v1/responses", "openai_responses"),
)
MODELS = {"anthropic": "claude-sonnet-4-5", "openai_chat": "gpt-5", "openai_responses": "gpt-5"}


def body_of(wire: str, text: str, **more: Any) -> Body:
    said = [{"role": "user", "content": text}]
    body = {"model": MODELS[wire], "max_tokens": 100, **more}
    if wire == "openai_responses":
        del body["max_tokens"]
        return {**body, "input": said}
    return {**body, "messages": said}


def echo(body: Body, number: int) -> Turn:
    """Say what the person said, so that a token comes back in the answer."""
    said = body.get("messages") or body["input"]
    content = said[-1]["content"]
    return say(f"You wrote: {content} Well.", cut=5, shred=number)


def told(text: str, wire: str, stream: bool) -> str:
    """Everything an answer says to the person."""
    if not stream:
        return text
    events = [json.loads(line[6:]) for line in text.splitlines() if line.startswith("data: {")]
    if wire == "anthropic":
        return "".join(e.get("delta", {}).get("text", "") for e in events)
    if wire == "openai_chat":
        deltas = [c["delta"] for e in events for c in e["choices"]]
        return "".join(d.get("content") or "" for d in deltas)
    return "".join(e["delta"] for e in events if e["type"] == "response.output_text.delta")


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])
@pytest.mark.parametrize(("path", "wire"), ROUTES, ids=[w for _, w in ROUTES])
def test_a_secret_leaves_as_a_token_and_comes_back_as_itself(
    root: Path, path: str, wire: str, stream: bool
) -> None:
    planted = secret()
    body = body_of(wire, f"my token is {planted} ok?", stream=stream)
    with serve(echo) as upstream, running(root, upstream.url) as gateway:
        answer = httpx.post(gateway.url + path, json=body, headers={"x-api-key": KEY})
        rows = gateway.rows()
    assert answer.status_code == 200
    assert planted in told(answer.text, wire, stream)
    assert "USX_" not in answer.text
    assert leaks([planted], upstream.received) == []
    assert b"USX_" in upstream.received
    assert [r["step"] for r in rows] == ["sending", "answered"]
    assert {r["upstream"] for r in rows} == {upstream.url}
    assert rows[0]["classes"]["secrets"] == 1
    assert rows[0]["tokens"] == 1
    assert rows[1]["status"] == 200
    assert planted not in json.dumps(rows)
    assert KEY not in json.dumps(rows)


def test_the_same_request_leaves_as_the_same_bytes(root: Path) -> None:
    body = body_of("anthropic", f"my token is {secret()}")
    with serve(echo) as upstream, running(root, upstream.url) as gateway:
        for _ in range(2):
            httpx.post(gateway.url + "/claude-code/v1/messages", json=body)
    assert upstream.seen[0].raw == upstream.seen[1].raw


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])
@pytest.mark.parametrize(("path", "wire"), ROUTES, ids=[w for _, w in ROUTES])
def test_what_holds_nothing_passes_byte_for_byte(
    root: Path, path: str, wire: str, stream: bool
) -> None:
    written = json.dumps(body_of(wire, "h\u00e9llo", stream=stream), indent=3).encode() + b"\n "
    with serve(echo) as upstream, running(root, upstream.url) as gateway:
        through = httpx.post(gateway.url + path, content=written)
        direct = httpx.post(upstream.url + path, content=written)
    assert upstream.seen[0].raw == written
    # The scripted server numbers its answers, and nothing else differs between the two.
    assert through.text.replace("0000", "") != ""
    assert len(through.content) == len(direct.content)


def test_headers_pass_both_ways_but_those_of_one_connection(root: Path) -> None:
    sent = {
        "anthropic-beta": "a-2025-01-01,b-2026-02-02",
        "anthropic-version": "2023-06-01",
        "authorization": f"Bearer {KEY}",
        "x-stainless-lang": "js",
        "accept-encoding": "br, gzip",
        "connection": "keep-alive, x-hop",
        "x-hop": "1",
        "te": "trailers",
        "expect": "100-continue",
    }
    answer = Turn(say("hi").blocks, headers={"anthropic-ratelimit-requests-limit": "7"})
    with serve([answer]) as upstream, running(root, upstream.url) as gateway:
        got = httpx.post(
            gateway.url + "/claude-code/v1/messages?beta=true",
            json=body_of("anthropic", "hello"),
            headers=sent,
        )
    seen = upstream.seen[0]
    for name in ("anthropic-beta", "anthropic-version", "authorization", "x-stainless-lang"):
        assert seen.header(name) == sent[name]
    assert seen.header("accept-encoding") == "br, gzip"
    assert seen.path == "/v1/messages?beta=true"
    assert seen.header("host") == upstream.url.removeprefix("http://")
    assert seen.header("x-hop") is None
    assert seen.header("te") is None
    assert seen.header("expect") is None
    assert got.headers["anthropic-ratelimit-requests-limit"] == "7"
    assert got.headers["request-id"] == "req_scripted"
    assert "uvicorn" not in got.headers.get("server", "")


@pytest.mark.parametrize("status", [400, 401, 404, 429, 500, 529])
def test_errors_of_the_upstream_pass_as_they_are(root: Path, status: int) -> None:
    body = body_of("anthropic", f"my token is {secret()}")
    turns = [fail(status, "said upstream", retry_after="3")] * 2
    with serve(turns) as upstream, running(root, upstream.url) as gateway:
        got = httpx.post(gateway.url + "/claude-code/v1/messages", json=body)
        direct = httpx.post(upstream.url + "/v1/messages", json=body)
        rows = gateway.rows()
    assert (got.status_code, got.content) == (status, direct.content)
    assert got.headers["retry-after"] == "3"
    assert rows[-1]["status"] == status


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])
def test_an_answer_that_is_packed_all_the_same_is_restored(root: Path, stream: bool) -> None:
    planted = secret()

    def packed(body: Body, number: int) -> Turn:
        return Turn(echo(body, number).blocks, gzip=True)

    with serve(packed) as upstream, running(root, upstream.url) as gateway:
        got = httpx.post(
            gateway.url + "/claude-code/v1/messages",
            json=body_of("anthropic", f"token {planted}", stream=stream),
        )
    assert upstream.seen[0].header("accept-encoding") == "identity"
    assert planted in told(got.text, "anthropic", stream)


def test_a_packed_request_is_looked_into(root: Path) -> None:
    planted = secret()
    packed = gzip.compress(json.dumps(body_of("anthropic", f"token {planted}")).encode())
    with serve(echo) as upstream, running(root, upstream.url) as gateway:
        got = httpx.post(
            gateway.url + "/claude-code/v1/messages",
            content=packed,
            headers={"content-encoding": "gzip"},
        )
    assert planted in got.text
    assert leaks([planted], upstream.received) == []


def test_counting_tokens_is_redacted_too(root: Path) -> None:
    planted = secret()
    with serve() as upstream, running(root, upstream.url) as gateway:
        got = httpx.post(
            gateway.url + "/claude-code/v1/messages/count_tokens",
            json=body_of("anthropic", f"token {planted}"),
        )
        rows = gateway.rows()
    assert got.json()["input_tokens"] > 0
    assert leaks([planted], upstream.received) == []
    assert rows[0]["request"] == "POST /v1/messages/count_tokens"


def test_other_paths_of_the_upstream_pass(root: Path) -> None:
    with serve() as upstream, running(root, upstream.url) as gateway:
        asked_first = httpx.head(gateway.url + "/claude-code/api/hello")
        listed = httpx.get(gateway.url + "/both/v1/models?limit=10")
        deleted = httpx.delete(gateway.url + "/codex/v1/responses/resp_1")
        steps = gateway.steps()
    assert (asked_first.status_code, asked_first.content) == (200, b"")
    assert listed.json()["object"] == "list"
    assert deleted.status_code == 200
    assert [(s.method, s.path) for s in upstream.seen] == [
        ("HEAD", "/api/hello"),
        ("GET", "/v1/models?limit=10"),
        ("DELETE", "/v1/responses/resp_1"),
    ]
    assert steps == ["sending", "answered"] * 3


def test_a_body_of_an_unknown_form_passes_when_it_holds_nothing(root: Path) -> None:
    body = b'{"model": "gpt-5",  "input": ["cats", "dogs"], "dimensions": 512}'
    with serve() as upstream, running(root, upstream.url) as gateway:
        got = httpx.post(gateway.url + "/codex/v1/embeddings", content=body)
    assert got.status_code == 404  # the scripted server has no embeddings: its own answer
    assert upstream.seen[0].raw == body


def test_many_at_once_keep_apart(root: Path) -> None:
    from concurrent.futures import ThreadPoolExecutor

    def one(gateway: Running, number: int) -> bool:
        planted = secret(number)
        got = httpx.post(
            gateway.url + "/claude-code/v1/messages",
            json=body_of("anthropic", f"token {planted}", stream=bool(number % 2)),
        )
        return planted in told(got.text, "anthropic", bool(number % 2))

    with serve(echo) as upstream, running(root, upstream.url) as gateway:
        with ThreadPoolExecutor(12) as pool:
            right = list(pool.map(lambda n: one(gateway, n), range(24)))
        steps = gateway.steps()
    assert all(right)
    assert leaks([secret(n) for n in range(24)], upstream.received) == []
    assert sorted(steps) == ["answered"] * 24 + ["sending"] * 24


def test_connections_to_the_upstream_are_kept(root: Path) -> None:
    with serve(echo) as upstream, running(root, upstream.url) as gateway, httpx.Client() as client:
        for _ in range(5):
            client.post(
                gateway.url + "/claude-code/v1/messages", json=body_of("anthropic", "hello")
            )
    assert len(upstream.seen) == 5
    assert upstream.connections == 1


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])
def test_a_conversation_that_the_upstream_keeps_goes_on_restored(root: Path, stream: bool) -> None:
    planted = secret()
    token: list[str] = []

    def remember(body: Body, number: int) -> Turn:
        token[len(token) :] = re.findall(r"USX_\w+Z", json.dumps(body))
        return say(f"It was {token[0]}.", cut=5)

    first = body_of("openai_responses", f"my token is {planted}", stream=stream)
    later = {
        **body_of("openai_responses", "what was it?", stream=stream),
        "previous_response_id": "resp_" + "0" * 24,
    }
    with serve(remember) as upstream, running(root, upstream.url) as gateway:
        httpx.post(gateway.url + "/codex/v1/responses", json=first)
        again = httpx.post(gateway.url + "/codex/v1/responses", json=later)
        other = httpx.post(gateway.url + "/both/v1/responses", json=later)
    assert planted in told(again.text, "openai_responses", stream)
    assert planted not in other.text
    assert token[0] in other.text
    assert leaks([planted], upstream.received) == []
    kept = b"".join(p.read_bytes() for p in (root / ".undersign").rglob("*") if p.is_file())
    assert leaks([planted], kept) == []


def test_what_the_upstream_shall_not_keep_is_not_kept_here(root: Path) -> None:
    body = body_of("openai_responses", f"my token is {secret()}", store=False)
    with serve(echo) as upstream, running(root, upstream.url) as gateway:
        httpx.post(gateway.url + "/codex/v1/responses", json=body)
    assert not list((root / ".undersign").glob("policy.kept/*"))
