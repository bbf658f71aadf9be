"""The parts of the gateway that need no HTTP."""

from __future__ import annotations

import asyncio
import gzip
import json
import zlib
from collections.abc import AsyncIterator
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest
import zstandard

from gateway_world import NOW, secret, workspace
from undersign.drafters.passage import Incoming, Unreachable, Upstream, is_loopback
from undersign.errors import BadInput, UsageError
from undersign.policy.policy import Client
from undersign.policy.policy_file import default_text, parse
from undersign.policy.restoring.calls import teaches
from undersign.policy.scope import Scope, Source
from undersign.policy.tokens import Tokens
from undersign.policy.wire import openai_responses
from undersign.workspace import ledgerbook
from undersign.workspace.gateway.audit import METRICS, Counters
from undersign.workspace.gateway.bodies import unpacked, words
from undersign.workspace.gateway.clients import rulings_of, sentence
from undersign.workspace.gateway.gateway import Asked, Denied, Ended, open_gateway
from undersign.workspace.gateway.replies import Answer
from undersign.workspace.gateway.routes import base_urls, named_client, provider_of, route_of

MESSAGES = (
    b'{"model": "claude-x", "max_tokens": 1, "messages": [{"role": "user", "content": "%s"}]}'
)


def asked(text: str, path: bytes = b"/claude-code/v1/messages") -> Asked:
    return Asked("POST", path, b"", (), MESSAGES % text.encode())


@pytest.mark.parametrize(
    ("path", "client", "rest"),
    [
        (b"/claude-code/v1/messages", "claude-code", b"/v1/messages"),
        (b"/v1/messages", "default", b"/v1/messages"),
        (b"/claude-code", "claude-code", b"/"),
        (b"/claude-code/", "claude-code", b"/"),
        (b"//v1/messages", "", b"/v1/messages"),
        (b"/v1", "default", b"/v1"),
        (b"*", "", b"/"),
    ],
)
def test_the_first_segment_names_the_client(path: bytes, client: str, rest: bytes) -> None:
    assert named_client(path) == (client, rest)


@pytest.mark.parametrize(
    ("method", "path", "wire"),
    [
        ("POST", b"/v1/messages", "anthropic"),
        ("POST", b"/v1/messages/count_tokens", "anthropic"),
        ("POST", b"/v1/chat/completions", "openai-chat"),
        ("POST", b"/v1/responses", "openai-responses"),
        ("GET", b"/v1/messages", None),
        ("POST", b"/v1/messages/", None),
        ("POST", b"/V1/messages", None),
        ("POST", b"/v1/%6dessages", None),
        ("POST", b"/v1/responses/compact", "openai-responses"),
        ("POST", b"/v1/responses/compact/", None),
        ("GET", b"/v1/responses/resp_1", None),
    ],
)
def test_a_route_is_met_exactly_or_not_at_all(method: str, path: bytes, wire: str | None) -> None:
    route = route_of(method, path)
    assert (route.wire if route else None) == wire


def test_an_unknown_path_goes_to_the_provider_the_client_speaks_to() -> None:
    both, one = Client("both", "coding"), Client("one", "coding", wires=("openai-chat",))
    assert provider_of(one, None, [b"anthropic-version"]) == "openai"
    assert provider_of(both, None, [b"anthropic-version"]) == "anthropic"
    assert provider_of(both, None, [b"authorization"]) == "openai"


def test_each_client_is_told_its_own_address() -> None:
    url = "http://127.0.0.1:4100"
    assert base_urls(Client("cc", "coding", wires=("anthropic",)), url) == {
        "ANTHROPIC_BASE_URL": f"{url}/cc"
    }
    assert base_urls(Client("default", "coding"), url) == {
        "ANTHROPIC_BASE_URL": url,
        "OPENAI_BASE_URL": f"{url}/v1",
    }


@pytest.mark.parametrize(
    ("packed", "encoding"),
    [
        (gzip.compress(b"hello"), "gzip"),
        (zlib.compress(b"hello"), "deflate"),
        (zstandard.compress(b"hello"), "zstd"),
        (b"hello", ""),
    ],
)
def test_bodies_are_unpacked_whole_or_not_at_all(packed: bytes, encoding: str) -> None:
    assert unpacked(packed, encoding) == b"hello"
    if encoding:
        for broken in (packed[:-1], packed + b"x", b"\0" + packed):
            with pytest.raises(BadInput):
                unpacked(broken, encoding)


def test_every_word_of_a_value_is_seen() -> None:
    value = {"a": ["b", {"c": 4111111111111111, "d": None}], "e": True, "f": 12, "g": -1.2345678}
    assert sorted(words(value)) == sorted([
        "a", "b", "c", "4111111111111111", "d", "e", "f", "g", "-1.2345678",
    ])  # fmt: skip


@pytest.mark.parametrize(
    ("host", "ours"),
    [("localhost", True), ("LocalHost.", True), ("127.8.8.8", True), ("::1", True), ("[::1]", True),
     ("192.0.2.1", False), ("localhost.example.org", False), ("127.0.0.1.example.org", False),
     ("", False), ("2130706433", False), ("0.0.0.0", False)],
)  # fmt: skip
def test_what_is_this_machine(host: str, ours: bool) -> None:
    assert is_loopback(host) is ours


@pytest.mark.parametrize(
    "url",
    ["http://example.org", "http://192.0.2.1:80", "http://0.0.0.0", "ftp://127.0.0.1", "127.0.0.1",
     "https://", "https://a:b@example.org", "https://example.org/?q=1", "https://example.org:0",
     "https://example.org:x", "http://localhost.example.org"],
)  # fmt: skip
def test_an_upstream_is_far_and_safe_or_here(url: str) -> None:
    with pytest.raises(UsageError):
        Upstream(url)


def test_an_upstream_may_be_written_as_either_sdk_does() -> None:
    assert Upstream("https://example.org/v1/").url == "https://example.org"
    assert Upstream("http://127.0.0.1:8000/llm").url == "http://127.0.0.1:8000/llm"


def test_totals_are_written_as_prometheus_reads_them() -> None:
    counters = Counters()
    counters.add("undersign_gateway_pieces_total", 2, data_class="secrets")
    counters.add("undersign_gateway_pieces_total", 1, data_class="secrets")
    counters.add("undersign_gateway_withheld_total", reason='a "new" place\\\n')
    lines = counters.text().splitlines()
    assert 'undersign_gateway_pieces_total{data_class="secrets"} 3' in lines
    assert "# TYPE undersign_gateway_pieces_total counter" in lines
    assert r'undersign_gateway_withheld_total{reason="a \"new\" place\\\n"} 1' in lines
    assert all(kind in ("counter", "gauge") for kind, _ in METRICS.values())


def test_rows_are_found_by_the_client_and_hold_no_value(tmp_path: Path) -> None:
    here = workspace(tmp_path / "w")
    gateway = open_gateway(here, {}, print, clock=lambda: NOW)
    admitted = gateway.admit(asked(f"my token {secret()}"))
    gateway.ended(admitted, Ended("failed", "no connection", 0.5))
    with pytest.raises(Denied):
        gateway.admit(asked("hello", b"/nobody/v1/messages"))
    shown = ledgerbook.show(here, "gateway/claude-code", 10)
    assert [e.body["step"] for e in shown] == ["sending", "failed"]
    assert secret() not in str(shown)
    assert secret() not in repr(admitted.scope) + repr(admitted.sending)
    assert ledgerbook.verify(here, None, now=NOW).valid


def test_the_policy_of_a_new_workspace_lets_claude_code_through(tmp_path: Path) -> None:
    here = workspace(tmp_path / "w", default_text())
    gateway = open_gateway(here, {}, print, clock=lambda: NOW)
    admitted = gateway.admit(asked(f"fix the code, token {secret()}"))
    assert admitted.sending.ruling == "redact"
    assert secret().encode() not in admitted.seen.body


def called(*, whole: bool) -> str:
    """Return what a client gets of a call whose every piece would be restored in a whole one."""
    value = secret()
    scope = Scope(Tokens(bytes(32)))
    token = scope.hide("TOKEN", value)
    scope.note(value, teaches(Source("call", "store", f"keep {value}")))
    item = {"type": "custom_tool_call", "name": "store", "input": ""}
    delta = {"type": "response.custom_tool_call_input.delta", "delta": f"keep {token}"}
    done = {"type": "response.custom_tool_call_input.done", "input": f"keep {token}"}
    events: list[dict[str, Any]] = [
        {"type": "response.output_item.added", "item": item}, delta, *([done] if whole else []),
    ]  # fmt: skip

    async def chunks() -> AsyncIterator[bytes]:
        for event in events:
            yield b"data: %s\n\n" % json.dumps({**event, "output_index": 0}).encode()
        if not whole:
            raise Unreachable("the upstream broke off")

    async def read() -> bytes:
        incoming = Incoming(200, ((b"content-type", b"text/event-stream"),), chunks())
        answer, got = Answer(incoming, openai_responses, scope), b""
        with nullcontext() if whole else pytest.raises(Unreachable):
            async for chunk in answer.chunks():
                got += chunk
        return got

    told = asyncio.run(read()).decode()
    assert scope.known(value)
    return told.replace(value, "VALUE").replace(token, "TOKEN")


def test_a_call_that_breaks_off_is_not_judged_by_its_half() -> None:
    assert '"keep VALUE"' in called(whole=True)
    assert "TOKEN" not in called(whole=True)
    assert '"keep TOKEN"' in called(whole=False)
    assert "VALUE" not in called(whole=False)


def test_a_gateway_that_is_warm_has_kept_and_told_nothing(tmp_path: Path) -> None:
    here = workspace(tmp_path / "w")
    told: list[str] = []
    gateway = open_gateway(here, {}, told.append, clock=lambda: NOW)
    asyncio.run(gateway.open())
    assert list(ledgerbook.show(here, None, 10)) == []
    assert not (here.state / "policy.kept").exists()
    assert gateway.counters.text() == "\n"
    assert told == []


def test_the_person_who_starts_it_reads_what_is_ruled_of_each_client() -> None:
    policy = parse(
        default_text().replace(
            "clients:", "clients:\n  mine: {purpose: hunt, drafter: 'x:{model}'}"
        ),
        "",
    )
    client = policy.clients["claude-code"]
    rulings = rulings_of(policy, client, NOW)
    assert list(rulings) == ["hosted"]
    assert sentence(rulings["hosted"], client) == (
        "hides internal-names, confidential, secrets, credentials, personal, customer, regulated; "
        "refuses incident-restricted, opaque-binary"
    )
    asking = Client("one", "hunt", "source-code")
    told = sentence(rulings_of(policy, asking, NOW)["hosted"], asking)
    assert told == "refuses everything: it is of the class source-code"
    assert rulings_of(policy, policy.clients["mine"], NOW) == {}


def test_a_number_written_with_a_point_is_the_same_number() -> None:
    assert list(words({"n": 4111111111111111.0})) == ["n", "4111111111111111"]
