"""How exchanges end: whole, broken off by the upstream, left by the client, killed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from hashlib import sha256
from pathlib import Path
from typing import Any

import httpx
import pytest

from gateway_world import KEY, POLICY, running, secret
from scripted.leaks import leaks
from scripted.server import serve
from scripted.turns import Call, Text, Turn, say
from undersign.ledger.event_log import EventLog

MESSAGES = "/claude-code/v1/messages"
LONG = Turn((Text("word " * 40),), cut=5)
GATEWAY = (
    "import sys; from undersign.faces.cli import app; "
    "known = [c.name for c in app.COMMANDS]; "
    "app.COMMANDS += () if 'gateway' in known else (app.Line('gateway', 'gateway', 'x'),); "
    "sys.exit(app.run(sys.argv[1:]))"
)


def body(text: str = "hello", **more: Any) -> dict[str, Any]:
    said = [{"role": "user", "content": text}]
    return {"model": "claude-sonnet-4-5", "max_tokens": 9, "messages": said, **more}


def turn(**how: Any) -> Turn:
    return Turn(LONG.blocks, cut=5, **how)


def wait_for(what: Callable[[], bool], seconds: float = 10.0) -> None:
    end = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < end, "it never came"
        time.sleep(0.01)


@pytest.mark.parametrize("hidden", [False, True], ids=["as it is", "restored"])
def test_a_stream_that_breaks_off_does_not_look_complete(root: Path, hidden: bool) -> None:
    text = f"token {secret()}" if hidden else "hello"
    with serve([turn(trouble="drop", after=6)]) as upstream, running(root, upstream.url) as gateway:
        with (
            pytest.raises(httpx.RemoteProtocolError),
            httpx.stream("POST", gateway.url + MESSAGES, json=body(text, stream=True)) as got,
        ):
            assert got.status_code == 200
            read = b"".join(got.iter_bytes())
            pytest.fail(f"it ended well: {read!r}")
        rows = gateway.rows()
    assert [r["step"] for r in rows] == ["sending", "failed"]
    assert "broke off" in rows[1]["error"]
    assert rows[1]["reply_bytes"] > 0


def test_an_answer_that_breaks_off_before_anything_was_told_is_an_error(root: Path) -> None:
    script = [turn(trouble="drop")]
    with serve(script) as upstream, running(root, upstream.url) as gateway:
        got = httpx.post(gateway.url + MESSAGES, json=body(f"token {secret()}"))
        steps = gateway.steps()
    assert got.status_code == 502
    assert got.json()["type"] == "error"
    assert steps == ["sending", "failed"]


def test_an_upstream_that_is_not_there_is_an_error(root: Path) -> None:
    with serve() as gone:
        pass
    with running(root, gone.url) as gateway:
        got = httpx.post(gateway.url + MESSAGES, json=body(), headers={"x-api-key": KEY})
        rows = gateway.rows()
    assert got.status_code == 502
    assert "no connection" in got.json()["error"]["message"]
    assert [r["step"] for r in rows] == ["sending", "failed"]
    assert KEY not in json.dumps(rows)


def test_an_error_event_in_a_stream_passes(root: Path) -> None:
    script = [turn(trouble="error", after=5)]
    with serve(script) as upstream, running(root, upstream.url) as gateway:
        got = httpx.post(gateway.url + MESSAGES, json=body(f"token {secret()}", stream=True))
    assert "event: error" in got.text


@pytest.mark.parametrize(
    "script", [turn(trouble="stall", after=6), say("late", delay=20)], ids=["in it", "before it"]
)
def test_a_client_that_leaves_stops_the_upstream(root: Path, script: Turn) -> None:
    with serve([script]) as upstream, running(root, upstream.url) as gateway:
        patience = httpx.Timeout(5, read=0.4)
        with pytest.raises(httpx.ReadTimeout):
            httpx.post(gateway.url + MESSAGES, json=body(stream=True), timeout=patience)
        wait_for(lambda: upstream.left == 1)
        wait_for(lambda: len(gateway.steps()) == 2)
        rows = gateway.rows()
        metrics = httpx.get(gateway.url + "/_undersign/metrics").text
    assert rows[1]["step"] == "cut short"
    assert rows[1]["error"] == "the client went away"
    assert "undersign_gateway_active 0" in metrics


def test_an_event_passes_before_the_next_one_comes(root: Path) -> None:
    slow = turn(trouble="stall", after=6)
    with serve([slow]) as upstream, running(root, upstream.url) as gateway:
        text = f"token {secret()}"
        with httpx.stream("POST", gateway.url + MESSAGES, json=body(text, stream=True)) as got:
            seen = b""
            for chunk in got.iter_bytes():
                seen += chunk
                if seen.count(b"text_delta") == 3:  # start, ping, block, and then three of it
                    break
    assert seen.count(b"text_delta") == 3


def test_a_gateway_that_is_stopped_says_so_of_what_was_running(root: Path) -> None:
    with (
        serve([turn(trouble="stall", after=6)]) as upstream,
        child(root, upstream.url) as gateway,
        httpx.stream("POST", gateway.url + MESSAGES, json=body(stream=True)) as got,
    ):
        pieces = got.iter_bytes()  # kept: an iterator that is dropped hangs up
        next(pieces)
        gateway.process.send_signal(signal.SIGINT)
        assert gateway.process.wait(15) == 130
    assert steps(root) == [("sending", ""), ("cut short", "the gateway was stopped")]
    assert "Traceback" not in gateway.said()


class Child:
    """A gateway in its own process."""

    def __init__(self, process: subprocess.Popen[str], url: str) -> None:
        self.process = process
        self.url = url

    def said(self) -> str:
        assert self.process.stderr is not None
        return self.process.stderr.read()

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()


@contextmanager
def child(root: Path, upstream: str, *more: str, program: str = "") -> Iterator[Child]:
    process = start(root, "--upstream", f"anthropic={upstream}", *more, program=program)
    assert process.stdout is not None
    text = process.stdout.readline()
    while not text.endswith("}\n") or not _whole(text):
        line = process.stdout.readline()
        assert line, process.stderr.read() if process.stderr else ""
        text += line
    try:
        yield Child(process, json.loads(text)["url"])
    finally:
        process.kill()
        process.wait()


def _whole(text: str) -> bool:
    try:
        json.loads(text)
    except ValueError:
        return False
    return True


def start(root: Path, *words: str, program: str = "") -> subprocess.Popen[str]:
    command = [sys.executable, "-c", program or GATEWAY, "gateway", "--port", "0", "--json", *words]
    return subprocess.Popen(
        [*command, "--workspace", str(root)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )


def steps(root: Path) -> list[tuple[str, str]]:
    with EventLog(root / ".undersign" / "ledger.db", read_only=True) as ledger:
        assert list(ledger.verify()) == []
        return [(e.body["step"], e.body["error"]) for e in ledger.entries(kind="gateway")]


STOPS = {
    "before the answer": say("late", delay=20),
    "in the stream": turn(trouble="stall", after=6),
    "in the first event": turn(trouble="stall", after=0),
}


@pytest.mark.parametrize("name", STOPS)
def test_a_killed_gateway_leaves_a_ledger_that_says_what_was_sent(root: Path, name: str) -> None:
    planted = secret()
    answering = threading.Event()
    ends: list[str] = []

    def ask(url: str) -> None:
        asked = body(f"token {planted}", stream=True)
        try:
            with httpx.stream("POST", url + MESSAGES, json=asked, timeout=60) as got:
                answering.set()
                got.read()
        except httpx.HTTPError as error:
            ends.append(type(error).__name__)

    with serve([STOPS[name]]) as upstream, child(root, upstream.url) as gateway:
        asking = threading.Thread(target=ask, args=(gateway.url,))
        asking.start()
        wait_for(lambda: bool(upstream.seen))
        assert name == "before the answer" or answering.wait(10)
        gateway.kill()
        asking.join(10)
        assert len(ends) == 1, "the client sees that it was broken off"
    assert steps(root) == [("sending", "")]
    assert leaks([planted], upstream.received) == []
    with running(root, upstream.url) as again:  # and the ledger goes on after it
        httpx.post(again.url + MESSAGES, json=body("hello"))
    assert [step for step, _ in steps(root)] == ["sending", "sending", "failed"]


BEFORE_SENDING = """
import asyncio, os
from pathlib import Path
from undersign.drafters.passage import Upstream

def waits(self, outgoing, real=Upstream.send):
    class Waiting:
        async def __aenter__(self):
            Path(os.environ["REACHED"]).write_text("row written, nothing sent")
            await asyncio.sleep(60)
        async def __aexit__(self, *_): ...
    return Waiting()

Upstream.send = waits
"""


def test_a_gateway_killed_between_its_row_and_the_send(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reached = tmp_path / "reached"
    monkeypatch.setenv("REACHED", str(reached))
    program = BEFORE_SENDING + GATEWAY

    def ask(url: str) -> None:
        with suppress(httpx.HTTPError):
            httpx.post(url + MESSAGES, json=body("hello"), timeout=60)

    with (
        serve([say("hi")]) as upstream,
        child(root, upstream.url, program=program) as gateway,
    ):
        asking = threading.Thread(target=ask, args=(gateway.url,))
        asking.start()
        wait_for(reached.exists)
        gateway.kill()
        asking.join(10)
    assert steps(root) == [("sending", "")]
    assert upstream.seen == [] and upstream.connections == 0


def test_a_ledger_row_stands_before_the_first_byte_leaves(root: Path) -> None:
    rows_at_arrival: list[int] = []

    def look(sent: dict[str, Any], number: int) -> Turn:
        rows_at_arrival.append(len(steps(root)))
        return say("hi")

    with serve(look) as upstream, running(root, upstream.url) as gateway:
        for _ in range(3):
            httpx.post(gateway.url + MESSAGES, json=body())
    assert rows_at_arrival == [1, 3, 5]


def test_a_port_in_use_is_told_in_one_line(root: Path) -> None:
    with serve() as upstream, child(root, upstream.url) as gateway:
        port = gateway.url.rsplit(":", 1)[1]
        second = start(root, "--port", port)
        out, err = second.communicate(timeout=30)
    assert second.returncode == 2
    assert out == ""
    assert err.count("\n") == 1
    assert "in use" in err
    assert "--port 0" in err


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--upstream", "anthropic=http://example.org"), "https"),
        (("--upstream", "anthropic=ftp://127.0.0.1"), "no address"),
        (("--upstream", "anthropic=https://me:pw@example.org"), "nothing else"),
        (("--upstream", "nobody=https://example.org"), "NAME=URL"),
        (("--upstream", "https://example.org"), "NAME=URL"),
    ],
)
def test_an_upstream_that_may_not_be_one(root: Path, words: tuple[str, ...], told: str) -> None:
    process = start(root, *words)
    _, err = process.communicate(timeout=30)
    assert process.returncode == 2
    assert told in err
    assert err.count("\n") == 1


def test_it_prints_what_to_set(root: Path) -> None:
    command = [sys.executable, "-c", GATEWAY, "gateway", "--port", "0", "--workspace", str(root)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        lines = [process.stdout.readline() for _ in range(8)]
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(15) != 0
    url = lines[0].split()[2]
    digest = sha256((root / "policy.yml").read_bytes()).hexdigest()
    assert lines[1] == f"policy: {root / 'policy.yml'} (digest {digest[:12]})\n"
    ruled = (
        "  hides secrets, credentials, personal; refuses internal-names, confidential, customer, "
        "regulated, incident-restricted, opaque-binary\n"
    )
    assert lines[2:] == [
        "claude-code, for coding:\n", f"  export ANTHROPIC_BASE_URL={url}/claude-code\n", ruled,
        "codex, for coding:\n", f"  export OPENAI_BASE_URL={url}/codex/v1\n", ruled,
    ]  # fmt: skip


def test_a_folder_that_is_no_workspace_is_told(tmp_path: Path) -> None:
    command = [sys.executable, "-c", GATEWAY, "gateway", "--port", "0"]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, timeout=30)
    assert done.returncode == 2
    assert "undersign init" in done.stderr


def joined(stream: bytes, field: str) -> str:
    events = [json.loads(line[6:]) for line in stream.splitlines() if line.startswith(b"data: {")]
    return "".join(event.get("delta", {}).get(field, "") for event in events)


def broken_off(root: Path, text: str, answer: Callable[[str], Turn]) -> tuple[bytes, str]:
    """Ask, and return what came before the answer broke off, and the token that was sent."""
    token: list[str] = []

    def told(sent: dict[str, Any], number: int) -> Turn:
        token.append(sent["messages"][0]["content"].split()[1])
        return answer(token[0])

    came = b""
    with serve(told) as upstream, running(root, upstream.url) as gateway:
        with (
            pytest.raises(httpx.RemoteProtocolError),
            httpx.stream("POST", gateway.url + MESSAGES, json=body(text, stream=True)) as got,
        ):
            for chunk in got.iter_bytes():
                came += chunk
        assert gateway.steps() == ["sending", "failed"]
    return came, token[0]


@pytest.mark.parametrize("pieces", range(1, 14))
def test_what_is_held_of_a_text_that_breaks_off_is_not_lost(root: Path, pieces: int) -> None:
    planted = secret()
    start_and_ping = 3
    came, token = broken_off(
        root,
        f"token {planted} please",
        lambda t: Turn((Text(f"It is {t} and {t}."),), cut=4, trouble="drop",
                       after=start_and_ping + pieces),
    )  # fmt: skip
    sent = f"It is {token} and {token}."[: 4 * pieces]
    assert joined(came, "text") == sent.replace(token, planted)


def test_half_a_call_keeps_its_tokens(root: Path) -> None:
    planted = secret()
    came, token = broken_off(
        root,
        f"token {planted} please",
        lambda t: Turn((Call("Read", {"file_path": f"/srv/{t}/notes"}),), cut=4, trouble="drop",
                       after=15),
    )  # fmt: skip
    said = joined(came, "partial_json")
    assert token in said
    assert planted.encode() not in came


def test_the_operator_is_told_of_a_changed_policy_though_nobody_asks(root: Path) -> None:
    policy = root / "policy.yml"
    with serve() as upstream, child(root, upstream.url) as gateway:
        late = threading.Timer(20, gateway.kill)
        late.start()
        policy.write_text(policy.read_text() + "# changed\n")
        assert gateway.process.stderr is not None
        told = [gateway.process.stderr.readline()]
        policy.write_text("format: [")
        told.append(gateway.process.stderr.readline())
        late.cancel()
    digest = sha256((POLICY + "# changed\n").encode()).hexdigest()
    assert told[0] == f"undersign gateway: policy taken up: {digest}\n"
    assert "every request is refused" in told[1]
