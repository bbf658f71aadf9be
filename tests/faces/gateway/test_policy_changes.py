"""A policy that changes, breaks and is mended while the gateway runs."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import Any

import httpx
import pytest

from gateway_world import POLICY, Running, running
from scripted.server import serve
from scripted.turns import say
from undersign.policy.policy_file import default_text
from undersign.workspace.gateway import policy as gateway_policy
from undersign.workspace.gateway.policy import Standing

MESSAGES = "/claude-code/v1/messages"


def ask(gateway: Running, text: str = "hello", path: str = MESSAGES) -> httpx.Response:
    said = [{"role": "user", "content": text}]
    body = {"model": "claude-sonnet-4-5", "max_tokens": 9, "messages": said}
    return httpx.post(gateway.url + path, json=body)


def digest_of(root: Path) -> str:
    return sha256((root / "policy.yml").read_bytes()).hexdigest()


def word(policy: str, name: str) -> str:
    return policy.replace("[Operation Nightjar]", f"[Operation Nightjar, {name}]")


def test_a_changed_policy_holds_from_the_next_request_on(root: Path) -> None:
    first = digest_of(root)
    with serve([say("hi")] * 2) as upstream, running(root, upstream.url) as gateway:
        before = ask(gateway, "all about Operation Wryneck")
        (root / "policy.yml").write_text(word(POLICY, "Operation Wryneck"))
        after = ask(gateway, "all about Operation Wryneck")
        rows = gateway.rows()
    assert [before.status_code, after.status_code] == [200, 403]
    assert len(upstream.seen) == 1
    assert [r["policy"] for r in rows] == [first, first, digest_of(root)]
    assert gateway.troubles == [f"policy taken up: {digest_of(root)}"]


def test_a_client_that_is_added_comes_in_and_one_that_is_removed_does_not(root: Path) -> None:
    with serve([say("hi")] * 2) as upstream, running(root, upstream.url) as gateway:
        (root / "policy.yml").write_text(POLICY.replace("  claude-code:", "  another:"))
        assert ask(gateway, path="/another/v1/messages").status_code == 200
        assert ask(gateway).status_code == 403
    assert len(upstream.seen) == 1


def test_two_changes_within_one_tick_of_the_clock_are_both_seen(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = root / "policy.yml"
    monkeypatch.setattr(gateway_policy, "_mark", lambda _: (0,))  # a clock that never ticks
    with serve([say("hi")]) as upstream, running(root, upstream.url) as gateway:
        for name in ("Operation Wryneck", "Operation Redpoll"):
            path.write_text(word(POLICY, name))
            assert ask(gateway, f"all about {name}").status_code == 403
    assert upstream.connections == 0


def hide(path: Path) -> None:
    path.unlink()


def tear(path: Path) -> None:
    path.write_text(path.read_text()[:300] + "\n  - {")


def name_a_list(path: Path) -> None:
    path.write_text(POLICY + "  regulated: {files: [not-there.txt]}\n")


@pytest.mark.parametrize("damage", [hide, tear, name_a_list])
def test_a_policy_that_cannot_be_used_any_more_stops_everything(
    root: Path, damage: Callable[[Path], None]
) -> None:
    path = root / "policy.yml"
    with serve([say("hi")]) as upstream, running(root, upstream.url) as gateway:
        damage(path)
        answers = [ask(gateway), ask(gateway), ask(gateway, path="/codex/v1/responses")]
        listed = httpx.get(gateway.url + "/both/v1/models")
        assert upstream.connections == 0
        path.write_text(POLICY)
        mended = ask(gateway)
        rows = gateway.rows()
    assert [a.status_code for a in (*answers, listed)] == [403] * 4
    assert answers[0].json()["type"] == "error"
    assert "error" in answers[2].json()
    for one in (*answers, listed):
        assert "nothing is sent until" in one.text
        assert str(root) not in one.text
    assert [r["step"] for r in rows] == ["refused"] * 4 + ["sending", "answered"]
    assert [(r["subject"], r["policy"]) for r in rows[:1]] == [("gateway/claude-code", "")]
    assert mended.status_code == 200
    assert len(gateway.troubles) == 2
    assert gateway.troubles[0].startswith("every request is refused until the policy is mended")
    assert "policy.yml" in gateway.troubles[0]
    assert gateway.troubles[1] == f"policy taken up: {digest_of(root)}"


def test_what_is_wrong_with_it_is_told_to_the_operator_alone(root: Path) -> None:
    with serve() as upstream, running(root, upstream.url) as gateway:
        (root / "policy.yml").write_text(POLICY + "  no-such-class: {list: [Operation Redpoll]}\n")
        answer = ask(gateway)
        rows = gateway.rows()
    assert "no-such-class" in gateway.troubles[0]
    assert "no-such-class" not in answer.text + str(rows)
    assert "policy.yml, line" in answer.text
    assert upstream.connections == 0


def test_a_file_that_was_missing_is_found_when_it_comes(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gateway_policy, "_AGAIN", 0.0)
    with serve([say("hi")]) as upstream, running(root, upstream.url) as gateway:
        name_a_list(root / "policy.yml")
        assert ask(gateway).status_code == 403
        (root / "not-there.txt").write_text("Account 4711\n")
        assert ask(gateway).status_code == 200
    assert len(upstream.seen) == 1


@pytest.mark.parametrize("kind", ["words", "gitleaks", "estate"])
def test_what_the_policy_reads_besides_is_taken_up_too(root: Path, kind: str) -> None:
    def write(name: str, text: str) -> None:
        (root / name).write_text(text)

    strict = POLICY.replace("ruling: redact", "ruling: refuse").replace(
        "confidential]", "confidential, internal-names]"
    )
    changes: dict[str, tuple[str, Any, str]] = {
        "words": (
            strict + "  regulated: {files: [lists/more.txt]}\n",
            lambda n: write("lists/more.txt", ["Account 4711", "Operation Redpoll"][n] + "\n"),
            "all about Operation Redpoll",
        ),
        "gitleaks": (
            strict + "secrets: {gitleaks: leaks.toml}\n",
            lambda n: write(
                "leaks.toml",
                f"[[rules]]\nid = \"own\"\nregex = '''{['zzz', 'okay'][n]}_[0-9]{{8}}'''\n",
            ),
            "the key okay_20304050",
        ),
        "estate": (
            strict,
            lambda n: write(
                "undersign.toml", ["", '[estate]\ncorporate = ["203.0.113.0/24"]\n'][n]
            ),
            "it runs on 203.0.113.77",
        ),
    }
    policy, change, text = changes[kind]
    (root / "lists").mkdir()
    change(0)
    write("policy.yml", policy)
    with serve([say("hi")]) as upstream, running(root, upstream.url) as gateway:
        assert ask(gateway, text).status_code == 200
        change(1)
        assert ask(gateway, text).status_code == 403
        rows = gateway.rows()
    assert len(upstream.seen) == 1
    assert rows[0]["policy"] == rows[2]["policy"] == digest_of(root)
    assert rows[0]["lists"] != rows[2]["lists"]
    assert gateway.troubles == [f"policy taken up: {digest_of(root)} with lists {rows[2]['lists']}"]


def test_a_policy_that_comes_takes_the_place_of_the_built_in_one(root: Path) -> None:
    (root / "policy.yml").unlink()
    with serve([say("hi")]) as upstream, running(root, upstream.url) as gateway:
        assert ask(gateway, "all about Operation Nightjar").status_code == 200
        (root / "policy.yml").write_text(POLICY)
        assert ask(gateway, "all about Operation Nightjar").status_code == 403
        (root / "policy.yml").unlink()  # and from now on it is not given up for the built-in one
        assert ask(gateway).status_code == 403
        rows = gateway.rows()
    assert rows[0]["policy"] == sha256(default_text().encode()).hexdigest()
    assert len(upstream.seen) == 1


def test_a_configuration_that_cannot_be_read_stops_everything_too(root: Path) -> None:
    with serve() as upstream, running(root, upstream.url) as gateway:
        (root / "undersign.toml").write_text("[estate\n")
        assert "undersign.toml" in ask(gateway).text
    assert upstream.connections == 0


def test_nothing_is_read_while_nothing_changes(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gateway_policy, "_SAME_TIME", 0.0)
    with serve([say("hi")] * 2) as upstream, running(root, upstream.url) as gateway:
        ask(gateway)
        monkeypatch.delattr(gateway_policy, "_digest")
        assert ask(gateway).status_code == 200
    assert len(upstream.seen) == 2


def test_a_file_that_was_only_touched_changes_nothing(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serve([say("hi")]) as upstream, running(root, upstream.url) as gateway:
        monkeypatch.delattr(Standing, "_read")
        os.utime(root / "policy.yml", (time.time() + 60,) * 2)
        assert ask(gateway).status_code == 200
    assert gateway.troubles == []
    assert len(upstream.seen) == 1


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
def test_a_pipe_in_the_place_of_a_policy_is_not_waited_for(root: Path) -> None:
    with serve() as upstream, running(root, upstream.url) as gateway:
        (root / "policy.yml").unlink()
        os.mkfifo(root / "policy.yml")
        # Should it wait all the same, a writer that comes and goes lets this test end.
        rescue = threading.Timer(5, _open_and_close, [root / "policy.yml"])
        rescue.start()
        began = time.monotonic()
        assert ask(gateway).status_code == 403
        took = time.monotonic() - began
        rescue.cancel()
    assert not upstream.connections
    assert took < 4


def _open_and_close(pipe: Path) -> None:
    for _ in range(20):
        with suppress(OSError):  # nobody reads
            os.close(os.open(pipe, os.O_WRONLY | os.O_NONBLOCK))
        time.sleep(0.2)
