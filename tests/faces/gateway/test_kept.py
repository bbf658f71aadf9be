"""Replies that the upstream keeps and is asked for once more, and conversations made shorter."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx

from gateway_world import running, secret

Answering = Callable[[str, str, bytes], tuple[str, bytes]]
"""Method, path and body -> content type and body of the answer."""
ID = "resp_" + "1" * 24


@contextmanager
def upstream_of(answering: Answering) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_: Any) -> None:
            pass

        def do_GET(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            kind, answer = answering(self.command, self.path, body)
            self.send_response(200)
            self.send_header("content-type", kind)
            self.send_header("content-length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        do_POST = do_GET

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def said(text: str) -> dict[str, Any]:
    part = {"type": "output_text", "text": text, "annotations": []}
    return {"type": "message", "id": "msg_1", "role": "assistant", "content": [part]}


class Background:
    """An upstream that answers later, with the token it was shown."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str, bytes]] = []
        self.token = ""

    def __call__(self, method: str, path: str, body: bytes) -> tuple[str, bytes]:
        self.asked.append((method, path, body))
        found = re.search(rb"USX_\w+Z", body)
        self.token = found[0].decode() if found else self.token
        reply = {"id": ID, "object": "response", "status": "queued", "output": []}
        if method == "GET" or path.endswith("/cancel"):
            reply |= {"status": "completed", "output": [said(f"It was {self.token}.")]}
        if "stream=true" in path:
            event = {"type": "response.completed", "sequence_number": 9, "response": reply}
            return "text/event-stream", f"data: {json.dumps(event)}\n\n".encode()
        return "application/json", json.dumps(reply).encode()


def test_a_reply_made_in_the_background_is_restored_when_it_is_fetched(root: Path) -> None:
    planted, upstream = secret(), Background()
    body = {"model": "gpt-5", "input": f"my token is {planted}", "background": True}
    kept = f"/v1/responses/{ID}"
    with upstream_of(upstream) as url, running(root, url) as gateway:
        began = httpx.post(gateway.url + "/codex/v1/responses", json=body)
        fetched = httpx.get(gateway.url + "/codex" + kept)
        streamed = httpx.get(gateway.url + "/codex" + kept + "?stream=true&starting_after=3")
        cancelled = httpx.post(gateway.url + "/codex" + kept + "/cancel")
        other = httpx.get(gateway.url + "/both" + kept)
        unknown = httpx.get(gateway.url + "/codex" + f"/v1/responses/{ID.replace('1', '2')}")
        rows = gateway.rows()
    assert began.json()["status"] == "queued"
    for answer in (fetched, streamed, cancelled):
        assert f"It was {planted}." in answer.text
    for answer in (other, unknown):
        assert f"It was {upstream.token}." in answer.text
        assert planted not in answer.text
    assert not [one for one in upstream.asked if planted.encode() in b"".join(map(to_bytes, one))]
    assert {(r["wire"], r["tokens"]) for r in rows[2:]} == {("openai-responses", 0)}
    assert rows[0]["tokens"] == 1


def to_bytes(part: str | bytes) -> bytes:
    return part if isinstance(part, bytes) else part.encode()


def test_a_client_that_may_not_speak_the_wire_may_not_fetch_its_replies(root: Path) -> None:
    upstream = Background()
    with upstream_of(upstream) as url, running(root, url) as gateway:
        got = httpx.get(gateway.url + f"/claude-code/v1/responses/{ID}")
    assert got.status_code == 403
    assert upstream.asked == []


def test_a_conversation_is_made_shorter_without_its_values(root: Path) -> None:
    planted, seen = secret(), []

    def compact(method: str, path: str, body: bytes) -> tuple[str, bytes]:
        seen.append((path, body))
        kept = json.loads(body)["input"]
        sealed = {"type": "compaction", "id": "cmp_1", "encrypted_content": "c2VhbGVk"}
        reply = {"id": ID, "object": "response.compaction", "output": [*kept, sealed]}
        return "application/json", json.dumps(reply).encode()

    part = {"type": "input_text", "text": f"my token is {planted}"}
    asked = {"type": "message", "role": "user", "content": [part]}
    body = {"model": "gpt-5", "instructions": "Be brief.", "input": [asked]}
    with upstream_of(compact) as url, running(root, url) as gateway:
        short = httpx.post(gateway.url + "/codex/v1/responses/compact", json=body)
        later = {"model": "gpt-5", "input": [*short.json()["output"], said("Go on.")]}
        httpx.post(gateway.url + "/codex/v1/responses", json=later)
    assert [path for path, _ in seen] == ["/v1/responses/compact", "/v1/responses"]
    assert all(planted.encode() not in sent and b"USX_" in sent for _, sent in seen)
    assert short.json()["output"][0] == asked
    assert short.json()["output"][1]["encrypted_content"] == "c2VhbGVk"
