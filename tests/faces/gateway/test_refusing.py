"""What does not go through, and that nothing of it reaches a socket."""

from __future__ import annotations

import gzip
import json
import socket
from pathlib import Path
from typing import Any

import httpx
import pytest

from gateway_world import NOW, running, secret
from scripted.server import serve
from scripted.turns import Turn, say
from undersign.errors import StorageError
from undersign.workspace.gateway.gateway import MAX_BYTES

MESSAGES = "/claude-code/v1/messages"


def anthropic(text: str, **more: Any) -> dict[str, Any]:
    said = [{"role": "user", "content": text}]
    return {"model": "claude-sonnet-4-5", "max_tokens": 9, "messages": said, **more}


def refused(root: Path, path: str, **request: Any) -> tuple[httpx.Response, dict[str, Any]]:
    """Send what must be refused; return the answer and its row, after the socket was looked at."""
    with serve() as upstream, running(root, upstream.url) as gateway:
        answer = httpx.request(request.pop("method", "POST"), gateway.url + path, **request)
        rows = gateway.rows()
    assert upstream.connections == 0
    assert [(r["step"], r["upstream"]) for r in rows] == [("refused", "")]
    assert rows[0]["status"] == answer.status_code
    return answer, dict(rows[0])


def test_a_refused_class_is_told_by_class_and_rule_and_never_by_value(root: Path) -> None:
    answer, row = refused(root, MESSAGES, json=anthropic("all about Operation Nightjar"))
    assert answer.status_code == 403
    said = answer.json()
    assert said["type"] == "error"
    message = said["error"]["message"]
    for word in ("incident-restricted", "never-out", "It stays here.", "undersign policy explain"):
        assert word in message
    assert "Nightjar" not in answer.text + json.dumps(row)
    assert row["classes"]["incident-restricted"] == 1
    assert (row["ruling"], row["rule"]) == ("refuse", "never-out")


def test_where_the_policy_would_ask_the_way_to_consent_is_told(root: Path) -> None:
    answer, row = refused(root, MESSAGES, json=anthropic("what of Example Bank?"))
    assert "exception in policy.yml" in answer.json()["error"]["message"]
    assert (row["ruling"], row["rule"]) == ("ask", "person-decides")


@pytest.mark.parametrize("path", ["/v1/chat/completions", "/v1/responses"])
def test_a_refusal_has_the_shape_of_its_wire(root: Path, path: str) -> None:
    body = {"model": "gpt-5", "messages": [{"role": "user", "content": "Operation Nightjar"}],
            "input": "Operation Nightjar"}  # fmt: skip
    answer, _ = refused(root, "/codex" + path, json=body)
    assert answer.status_code == 403
    assert set(answer.json()["error"]) >= {"message", "type", "code", "param"}


@pytest.mark.parametrize(
    "path",
    ["/nobody/v1/messages", "/v1/messages", "/v1/chat/completions", "//v1/messages", "/", "/x"],
)
def test_a_client_that_the_policy_does_not_name_is_refused(root: Path, path: str) -> None:
    answer, row = refused(root, path, json=anthropic("hello"))
    assert answer.status_code == 403
    assert row["subject"] == "gateway/unknown"


def test_a_model_in_no_group_is_refused(root: Path) -> None:
    answer, row = refused(root, MESSAGES, json=anthropic("hello", model="other-1"))
    assert answer.status_code == 403
    assert row["rule"] == "default"


def test_a_wire_that_the_client_may_not_speak_is_refused(root: Path) -> None:
    answer, _ = refused(root, "/codex/v1/messages", json=anthropic("hello"))
    assert "openai" not in answer.json()["error"]["message"]
    assert answer.status_code == 403


@pytest.mark.parametrize(
    ("content", "headers"),
    [
        (b"{not json", {}),
        (b"[]", {}),
        (b"", {}),
        (b'{"model": "claude-x", "model": "claude-y", "messages": []}', {}),
        (b'{"model": "claude-x", "messages": "\xff"}', {}),
        (b'{"model": 7, "messages": []}', {}),
        (b'{"model": "claude-x\\n", "messages": []}', {}),
        (b'{"model": "claude-x", "messages": ' + b"[" * 100_000 + b"]" * 100_000 + b"}", {}),
        (b"not gzip", {"content-encoding": "gzip"}),
        (gzip.compress(b"{}")[:-6], {"content-encoding": "gzip"}),
        (gzip.compress(b"{}") + gzip.compress(b"{}"), {"content-encoding": "gzip"}),
        (gzip.compress(bytes(MAX_BYTES + 1)), {"content-encoding": "gzip"}),
        (b"{}", {"content-encoding": "snappy"}),
    ],
    ids=["broken", "list", "empty", "key twice", "not UTF-8", "odd model", "line in the model",
         "deep", "not packed", "cut", "two members", "bomb", "unknown packing"],
)  # fmt: skip
def test_what_cannot_be_read_is_refused(root: Path, content: bytes, headers: Any) -> None:
    answer, _ = refused(root, MESSAGES, content=content, headers=headers)
    assert answer.status_code == 400
    assert answer.json()["type"] == "error"


SMUGGLED: dict[str, dict[str, Any]] = {
    "a string": {"json": {"model": "gpt-5", "input": [secret()]}},
    "a key": {"json": {"model": "gpt-5", secret(): 1}},
    "deep inside": {"json": {"model": "gpt-5", "a": [{"b": {"c": [[secret()]]}}]}},
    "escaped": {"content": json.dumps({"a": secret()}).replace("g", "\\u0067").encode()},
    "a form": {"data": {"a": secret()}},
    "bytes": {"content": bytes(range(256))},
    "another path for messages": {"json": anthropic(f"x {secret()}"), "path": "/v1/messages/"},
    "an escaped path": {"json": anthropic(f"x {secret()}"), "path": "/v1/%6dessages"},
    "another method": {"json": anthropic(f"x {secret()}"), "path": "/v1/messages", "method": "PUT"},
    "a query": {"json": {"model": "gpt-5"}, "path": f"/v1/files?q={secret()}"},
    "a query without a body": {"path": f"/v1/models?q={secret()}", "method": "GET"},
    "an escaped query": {"path": "/v1/models?q=" + secret().replace("_", "%5F"), "method": "GET"},
    "a path": {"path": f"/v1/files/{secret()}", "method": "GET"},
    "a model": {"json": {"model": secret(), "input": "x"}},
    "escaped dots": {"path": "/v1/x/%2E%2e/messages", "method": "GET"},
    "escaped slashes": {"path": "/v1/x%2F..%2fmessages", "method": "GET"},
}


@pytest.mark.parametrize("name", SMUGGLED)
def test_nothing_is_smuggled_where_nothing_can_be_hidden(root: Path, name: str) -> None:
    request = dict(SMUGGLED[name])
    path = "/both" + request.pop("path", "/v1/embeddings")
    answer, row = refused(root, path, **request)
    assert answer.status_code == 403
    assert secret() not in answer.text + json.dumps(row)


@pytest.mark.parametrize(
    "target",
    ["/both/v1/x/../messages", "http://example.org/v1/messages", "/both@example.org/v1/messages",
     "/both/@example.org/v1/messages", "*"],
)  # fmt: skip
def test_a_path_names_no_other_host(root: Path, target: str) -> None:
    with serve() as upstream, running(root, upstream.url) as gateway:
        place = gateway.url.removeprefix("http://").split(":")
        with socket.create_connection((place[0], int(place[1]))) as raw:
            raw.sendall(f"GET {target} HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n".encode())
            answer = raw.recv(4096)
    hosts = {s.header("host") for s in upstream.seen}
    assert hosts <= {upstream.url.removeprefix("http://")}
    assert answer.startswith((b"HTTP/1.1 403 ", b"HTTP/1.1 400 ")) or hosts


@pytest.mark.parametrize(
    "headers",
    [
        {"host": "rebound.example.org"},
        {"host": "127.0.0.1.example.org:4100"},
        {"host": "localhost.example.org"},
        {"host": "192.0.2.7"},
        {"host": ""},
        {"origin": "https://example.org"},
        {"origin": "null"},
        {"origin": "http://127.0.0.1:4100"},
    ],
    ids=str,
)
@pytest.mark.parametrize("path", [MESSAGES, "/_undersign/metrics"])
def test_web_pages_do_not_come_in(root: Path, headers: dict[str, str], path: str) -> None:
    with serve() as upstream, running(root, upstream.url) as gateway:
        got = httpx.post(gateway.url + path, json=anthropic("hi"), headers=headers)
    assert got.status_code == 403
    assert upstream.connections == 0


@pytest.mark.parametrize("host", ["127.0.0.1:1", "localhost", "LOCALHOST:9", "[::1]:4100"])
def test_names_of_this_machine_come_in(root: Path, host: str) -> None:
    with serve([say("hi")]) as upstream, running(root, upstream.url) as gateway:
        got = httpx.post(gateway.url + MESSAGES, json=anthropic("hi"), headers={"host": host})
    assert got.status_code == 200


def test_a_request_beyond_the_limit_is_refused_by_its_size(root: Path) -> None:
    with serve() as upstream, running(root, upstream.url) as gateway:
        got = httpx.post(gateway.url + MESSAGES, content=bytes(MAX_BYTES + 1))
    assert got.status_code == 413
    assert "64 MB" in got.json()["error"]["message"]
    assert upstream.connections == 0


def test_nothing_is_sent_while_the_ledger_cannot_be_written(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serve() as upstream, running(root, upstream.url) as gateway:

        def full(_: object) -> None:
            raise StorageError("the disk is full")

        monkeypatch.setattr(gateway.gateway, "_record", full)
        got = httpx.post(gateway.url + MESSAGES, json=anthropic("hi"))
    assert got.status_code == 503
    assert got.json()["type"] == "error"
    assert upstream.connections == 0
    assert "the disk is full" in gateway.troubles[0]


def test_an_end_that_cannot_be_recorded_is_told_to_the_operator(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serve([say("hi")]) as upstream, running(root, upstream.url) as gateway:
        record, written = gateway.gateway._record, []

        def full_soon(entry: Any) -> None:
            if written:
                raise StorageError("the disk is full")
            written.append(record(entry))

        monkeypatch.setattr(gateway.gateway, "_record", full_soon)
        got = httpx.post(gateway.url + MESSAGES, json=anthropic("hi"))
        metrics = httpx.get(gateway.url + "/_undersign/metrics").text
    assert got.status_code == 200
    assert "the disk is full" in gateway.troubles[0]
    assert "undersign_gateway_audit_failures_total 1" in metrics


def test_a_redirect_is_neither_followed_nor_handed_on(root: Path) -> None:
    with serve() as elsewhere:
        there = Turn(status=307, raw=b"", headers={"location": elsewhere.url + "/v1/messages"})
        with serve([there]) as upstream, running(root, upstream.url) as gateway:
            got = httpx.post(
                gateway.url + MESSAGES, json=anthropic(secret()), follow_redirects=True
            )
            rows = gateway.rows()
    assert got.status_code == 502
    assert "redirect" in got.json()["error"]["message"]
    assert elsewhere.connections == 0
    assert [r["step"] for r in rows] == ["sending", "failed"]


def test_the_clock_of_the_rows_is_the_one_handed_in(root: Path) -> None:
    from undersign.ledger.event_log import EventLog

    refused(root, MESSAGES, json=anthropic("Operation Nightjar"))
    with EventLog(root / ".undersign" / "ledger.db", read_only=True) as ledger:
        assert [e.at[:16] for e in ledger.entries()] == [NOW.isoformat()[:16]]


@pytest.mark.parametrize("model", ["gpt-5@http://127.0.0.1:1", "gpt-5@HTTPS://x.example.org"])
def test_a_model_cannot_pass_for_one_at_an_address(root: Path, model: str) -> None:
    policy = (root / "policy.yml").read_text()
    looser = '  local: ["openai:*@http*"]\npurposes:'
    (root / "policy.yml").write_text(policy.replace("purposes:", looser, 1))
    body = {"model": model, "messages": [{"role": "user", "content": "hello"}]}
    answer, row = refused(root, "/codex/v1/chat/completions", json=body)
    assert answer.status_code == 400
    assert row["drafter"] == ""
