"""One contract over every line of PROVIDERS: the wires against scripted servers on loopback."""

from __future__ import annotations

import json
import logging
import socket
import sys
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from drafters.door_world import FIT, World, prompt, question, script, world
from scripted.server import Upstream, serve
from scripted.turns import Turn, fail, say
from undersign.drafters import names
from undersign.drafters.call import converse
from undersign.drafters.names import DrafterName
from undersign.drafters.providers import PROVIDERS, sending
from undersign.errors import BadInput, DrafterFailed, PolicyRefused, UndersignError, UsageError

pytestmark = pytest.mark.usefixtures("model_requests")

KEY = "made-up-" + "k3y" * 12
"""No token of any format: only its own text is looked for."""
MAIL = "a.b" + "@example.org"
ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, slots=True)
class Wire:
    """How a provider that speaks HTTP is pointed at a scripted server."""

    drafter: str
    """With {url} where the address goes."""
    key: str

    @property
    def model(self) -> str:
        """The drafter without an address."""
        return self.drafter.partition("@")[0]


WIRES = {
    "anthropic": Wire("anthropic:claude-sonnet-5@{url}", "ANTHROPIC_API_KEY"),
    "openai": Wire("openai:gpt-5-mini@{url}/v1", "OPENAI_API_KEY"),
    "google": Wire("google:gemini-2.5-flash@{url}", "GOOGLE_API_KEY"),
    "openai-compatible": Wire(
        "openai-compatible:small@{url}/v1", "OPENAI_COMPATIBLE_API_KEY"
    ),
}  # fmt: skip
LOCAL = ("command", "replay")


@pytest.fixture(autouse=True)
def only_these_keys(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No key of whoever runs the tests, no proxy, no keyring."""
    for provider in PROVIDERS:
        for variable in provider.keys:
            monkeypatch.delenv(variable, raising=False)
    for variable in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.delenv(variable, raising=False)
        monkeypatch.delenv(variable.lower(), raising=False)
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")
    yield


@contextmanager
def upstream(
    provider: str, monkeypatch: pytest.MonkeyPatch, turns: Any
) -> Iterator[tuple[str, Upstream]]:
    """A scripted server and the drafter's name that leads to it."""
    wire = WIRES[provider]
    with serve(turns, json_schema=provider != "openai-compatible") as server:
        yield _pointed(wire, monkeypatch, server.url), server


def _pointed(wire: Wire, monkeypatch: pytest.MonkeyPatch, url: str) -> str:
    monkeypatch.setenv(wire.key, KEY)
    return wire.drafter.format(url=url)


@pytest.fixture
def asks(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[[str, Sequence[str]], Any]:
    """Have any provider of the table give these texts in order."""

    @contextmanager
    def give(provider: str, texts: Sequence[str]) -> Iterator[str]:
        if provider in WIRES:
            with upstream(provider, monkeypatch, [say(t) for t in texts]) as (name, _):
                yield name
        elif provider == "replay":
            kept = tmp_path / "kept.jsonl"
            kept.write_text("".join(json.dumps({"reply": t}) + "\n" for t in texts))
            yield f"replay:{kept}"
        else:
            assert provider == "command"
            count = tmp_path / "count"
            count.write_text("")
            code = f"""n = os.path.getsize({str(count)!r}); open({str(count)!r}, "a").write("x")
print({list(texts)!r}[n])"""
            yield script(tmp_path, code)

    return give


def test_every_provider_is_under_the_contract() -> None:
    assert {p.name for p in PROVIDERS} == {*WIRES, *LOCAL}
    for provider in PROVIDERS:
        page = (ROOT / "docs" / "add" / "provider.md").read_text(encoding="utf-8")
        assert f"| `{provider.syntax}` |" in page, f"docs/add/provider.md lacks {provider.name}"


every = pytest.mark.parametrize("provider", [p.name for p in PROVIDERS])
wires = pytest.mark.parametrize("provider", WIRES)


@every
@pytest.mark.parametrize(
    "text",
    [FIT, f"Here it is:\n```json\n{FIT}\n```\nHope it helps.", f"Sure. {FIT} Done."],
    ids=["bare", "fenced", "prose"],
)
def test_a_reply_that_fits(provider: str, text: str, asks: Any) -> None:
    here = world()
    with asks(provider, [text]) as drafter:
        reply = converse(prompt(), drafter, here.door)
    assert reply.slots == {"title": "A rule"} and reply.drafter == drafter
    assert here.steps == [("sending", 1), ("answered", 1)]


@every
@pytest.mark.parametrize(
    "bad",
    ['{"title": 7}', '{"titel": "x"}', "{", "no", '{"title": "a"} {"title": "b"}',
     '{"title": "a", "title": "b"}', '{"title": "nul \\u0000"}', '{"title": "half \\ud800"}',
     '{"title": NaN}', "[" * 5000, '{"title": ' + "[" * 5000],
    ids=lambda bad: bad[:24],
)  # fmt: skip
def test_a_reply_that_does_not_fit_is_repaired_once(provider: str, bad: str, asks: Any) -> None:
    here = world()
    with asks(provider, [bad, FIT]) as drafter:
        assert converse(prompt(), drafter, here.door).repaired
    assert here.steps == [("sending", 1), ("failed", 1), ("sending", 2), ("answered", 2)]
    here = world()
    with asks(provider, [bad, bad]) as drafter, pytest.raises(BadInput):
        converse(prompt(), drafter, here.door)
    assert here.steps[-1] == ("failed", 2)


@wires
def test_what_is_sent(provider: str, monkeypatch: pytest.MonkeyPatch) -> None:
    here = world()
    with upstream(provider, monkeypatch, [say(FIT, tokens_in=7, tokens_out=3)]) as (name, server):
        reply = converse(prompt(question("mail of a.b@example.org")), name, here.door)
    (asked,) = server.asked
    text = json.dumps(asked.body)
    assert b"a.b@example.org" not in server.received
    assert "Write a rule." in text and "USX_EMAIL_" in text
    assert "tools" not in asked.body and asked.body.get("store") in (None, False)
    assert "additionalProperties" in text, "the form goes with it"
    assert (reply.usage.tokens_in, reply.usage.tokens_out) == (7, 3)
    assert reply.answered_by
    assert here.entries[-1].usage == reply.usage
    assert here.told and "characters so far" in here.told[-1]


@wires
@pytest.mark.parametrize(
    "form", sorted((ROOT / "src").rglob("*.reply.json")), ids=lambda form: form.name
)
def test_the_forms_of_the_package_can_be_sent(
    provider: str, form: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    schema = json.loads(form.read_text(encoding="utf-8"))
    with (
        upstream(provider, monkeypatch, [say("{}"), say("{}")]) as (name, server),
        pytest.raises(BadInput, match="lacks"),
    ):
        converse(prompt(reply_schema=schema), name, world().door)
    assert len(server.asked) == 2
    sent = json.dumps(server.asked[0].body)
    assert all(slot in sent for slot in schema["properties"])


def test_a_price_is_told_where_it_is_known_and_none_where_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    costs = {}
    for provider in ("anthropic", "openai-compatible"):
        with upstream(provider, monkeypatch, [say(FIT)]) as (name, _):
            costs[provider] = converse(prompt(), name, world().door).usage.cost_usd
    assert costs["anthropic"] is not None and costs["anthropic"] > 0
    assert costs["openai-compatible"] is None


@wires
@pytest.mark.parametrize("status", [429, 500, 503, 529])
def test_a_busy_provider_is_asked_again(
    provider: str, status: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    turns = [fail(status, retry_after="0"), say(FIT)]
    here = world()
    with upstream(provider, monkeypatch, turns) as (name, server):
        assert converse(prompt(), name, here.door).slots == {"title": "A rule"}
    assert len(server.asked) == 2
    assert any("busy" in told for told in here.told)
    assert here.steps == [("sending", 1), ("answered", 1)]


@wires
def test_a_broken_provider_is_given_up(provider: str, monkeypatch: pytest.MonkeyPatch) -> None:
    here = world()
    turns = [fail(500, f"we saw {KEY} and a.b@example.org", retry_after="0")] * 9
    with upstream(provider, monkeypatch, turns) as (name, server):
        failed = _fails(here, name)
    assert "500" in failed and "after 4 tries" in failed
    assert len(server.asked) == 4


@wires
@pytest.mark.parametrize("status", [400, 401, 403, 404])
def test_a_refusal_is_not_repeated(
    provider: str, status: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = world()
    with upstream(provider, monkeypatch, [fail(status, f"bad key {KEY}")] * 3) as (name, server):
        failed = _fails(here, name)
    assert len(server.asked) == 1
    if status == 401:
        assert "does not accept the key" in failed and WIRES[provider].key in failed


@wires
def test_a_wait_longer_than_is_left_is_not_waited(
    provider: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with upstream(provider, monkeypatch, [fail(429, retry_after="3600")]) as (name, _):
        assert "3600 s" in _fails(world(), name)


@wires
@pytest.mark.parametrize("turn", [Turn(say(FIT).blocks, delay=30),
                                  Turn(say(FIT).blocks, trouble="stall", after=2)],
                         ids=["silent", "stalls"])  # fmt: skip
def test_a_slow_provider_is_stopped(
    provider: str, turn: Turn, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = world(timeout=0.7)
    with upstream(provider, monkeypatch, [turn]) as (name, _):
        failed = _fails(here, name)
    assert "no answer" in failed and "--drafter-timeout" in failed


@wires
@pytest.mark.parametrize(
    "turn",
    [say(FIT, trouble="drop", after=3), say(FIT, raw=b"<html>no</html>"), Turn(raw=b'{"a": ')],
    ids=["drops", "no protocol", "half"],
)
def test_a_wire_that_breaks_is_told(
    provider: str, turn: Turn, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = world(timeout=10)
    with (
        upstream(provider, monkeypatch, [turn] * 9) as (name, _),
        pytest.raises(UndersignError) as failed,
    ):
        converse(prompt(), name, here.door)
    assert failed.value.exit_code == 2
    assert here.entries[-1].step == "failed"


@wires
def test_no_server_is_told(provider: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"
        failed = _fails(world(), _pointed(WIRES[provider], monkeypatch, url))
    assert "cannot be reached" in failed


@wires
def test_a_redirect_is_not_followed(provider: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with serve([say(FIT)]) as other:
        away = Turn(status=307, headers={"location": f"{other.url}/v1/messages"})
        with upstream(provider, monkeypatch, [away]) as (name, _):
            failed = _fails(world(), name)
        assert not other.connections
    assert "another address" in failed


@every
def test_a_refused_call_opens_nothing(
    provider: str, monkeypatch: pytest.MonkeyPatch, asks: Any
) -> None:
    happened: list[str] = []

    def watch(event: str, _: object) -> None:
        if watching and event in (
            "socket.connect", "socket.getaddrinfo", "subprocess.Popen", "os.posix_spawn",
            "os.fork", "os.exec", "os.system", "socket.sendto", "socket.bind",
        ):  # fmt: skip
            happened.append(event)

    here = world()
    with asks(provider, [FIT]) as drafter:
        watching = True
        sys.addaudithook(watch)
        try:
            with pytest.raises(PolicyRefused):
                converse(prompt(question("use pass-hunter2")), drafter, here.door)
            assert not happened
            if provider != "replay":  # the hook sees what there is to see
                converse(prompt(), drafter, here.door)
                assert happened
        finally:
            watching = False
    assert here.steps[0] == ("refused", 1)


@wires
def test_a_refused_call_reaches_no_server(provider: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with upstream(provider, monkeypatch, [say(FIT)]) as (name, server):
        with pytest.raises(PolicyRefused):
            converse(prompt(question("use pass-hunter2")), name, world().door)
        assert not server.connections


@wires
def test_allow_model_requests_is_respected(provider: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from pydantic_ai.models import override_allow_model_requests

    with upstream(provider, monkeypatch, [say(FIT)]) as (name, server):
        with override_allow_model_requests(False):
            _fails(world(), name)
        assert not server.connections


@pytest.mark.parametrize("provider", [p.name for p in PROVIDERS if p.keys and not p.at_address])
def test_a_missing_key_is_named_and_nothing_is_recorded_as_sent(provider: str) -> None:
    here = world()
    with pytest.raises(UsageError, match=WIRES[provider].key):
        converse(prompt(), WIRES[provider].model, here.door)
    assert here.steps == []


ELSEWHERE = {
    "ANTHROPIC_BASE_URL": "", "OPENAI_BASE_URL": "/v1", "GOOGLE_GEMINI_BASE_URL": "",
    "GOOGLE_VERTEX_BASE_URL": "", "ANTHROPIC_VERTEX_BASE_URL": "", "AZURE_OPENAI_ENDPOINT": "",
    "OPENAI_API_BASE": "/v1",
}  # fmt: skip
"""Variables by which the providers' packages are, or once were, sent to another address."""


@pytest.mark.parametrize("provider", [p.name for p in PROVIDERS if p.home])
def test_what_the_environment_says_moves_nothing(
    provider: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(WIRES[provider].key, KEY)
    monkeypatch.setenv("GOOGLE_GENAI_USE_VERTEXAI", "true")
    bound: list[str] = []

    async def watched(name: DrafterName, request: Any) -> None:
        bound.append(str(request.url))
        raise DrafterFailed("seen")

    monkeypatch.setattr(sending, "_only_to", watched)
    with serve([say(FIT)]) as server:
        for variable, path in ELSEWHERE.items():
            monkeypatch.setenv(variable, server.url + path)
        with pytest.raises(DrafterFailed, match="seen"):
            converse(prompt(), WIRES[provider].model, world().door)
        assert not server.connections
    (home,) = [p.home for p in PROVIDERS if p.name == provider]
    assert len(bound) == 1 and bound[0].startswith(f"{home}/")


@pytest.mark.parametrize("provider", [p.name for p in PROVIDERS if p.home])
def test_a_request_to_another_server_than_named_is_not_sent(
    provider: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    module = import_module(f"undersign.drafters.providers.{provider}")
    send, other = module.send, names.parse("openai-compatible:x@http://127.0.0.1:1")
    # As if its package went where it likes, and not to the address of the name.
    monkeypatch.setattr(module, "send", lambda line, *rest: send(replace(line, name=other), *rest))
    with upstream(provider, monkeypatch, [say(FIT)]) as (name, server):
        with pytest.raises(DrafterFailed, match="another address: not sent"):
            converse(prompt(), name, world().door)
        assert not server.connections


@pytest.mark.parametrize("provider", WIRES)
def test_what_is_for_this_machine_goes_through_no_proxy(
    provider: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for variable in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(variable, raising=False)
    with serve([fail(400)] * 3) as proxy, upstream(provider, monkeypatch, [say(FIT)]) as (name, to):
        for variable in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(variable, proxy.url)
        assert converse(prompt(), name, world().door).slots == json.loads(FIT)
        assert (proxy.connections, to.connections) == (0, 1)


def test_a_key_of_the_keyring_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    import keyring

    monkeypatch.setattr(keyring, "get_password", lambda *asked: KEY if asked == (
        "undersign", "anthropic") else None)  # fmt: skip
    with upstream("anthropic", monkeypatch, [say(FIT)]) as (name, server):
        monkeypatch.delenv("ANTHROPIC_API_KEY")
        converse(prompt(), name, world().door)
    assert KEY.encode() in server.received


def test_a_missing_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    from undersign.drafters import keys

    monkeypatch.setattr(keys, "find_spec", lambda _: None)
    with pytest.raises(UsageError, match=r"undersign\[models\]"):
        converse(prompt(), "anthropic:x", world().door)


def test_another_server_never_gets_the_key_of_openai(monkeypatch: pytest.MonkeyPatch) -> None:
    with upstream("openai-compatible", monkeypatch, [say(FIT)]) as (name, server):
        monkeypatch.delenv("OPENAI_COMPATIBLE_API_KEY")
        monkeypatch.setenv("OPENAI_API_KEY", KEY)
        converse(prompt(), name, world().door)
    assert KEY.encode() not in server.received


def test_a_program_that_fails_is_told_without_its_words(tmp_path: Path) -> None:
    here = world()
    drafter = script(tmp_path, "print('secret words', file=sys.stderr); sys.exit(3)")
    assert _fails(here, drafter).endswith("failed: exit 3 (it said: secret words)")
    assert "secret words" not in repr(here.entries), "the person sees it, the ledger does not"


def test_a_program_that_hangs_is_stopped_with_all_it_started(tmp_path: Path) -> None:
    import os
    import time

    pid = tmp_path / "pid"
    drafter = script(
        tmp_path,
        f"""import subprocess
child = subprocess.Popen(["sleep", "60"]); open({str(pid)!r}, "w").write(str(child.pid))
time.sleep(60)""",
    )
    assert "within 1.5 s" in _fails(world(timeout=1.5), drafter)
    until = time.monotonic() + 5
    while time.monotonic() < until and _runs(int(pid.read_text())):
        time.sleep(0.02)
    assert not _runs(int(pid.read_text()))
    assert os.getpid()


def _runs(pid: int) -> bool:
    state = Path(f"/proc/{pid}/stat")
    return state.exists() and state.read_text().rpartition(")")[2].split()[0] != "Z"


@pytest.mark.parametrize(
    ("code", "told"),
    [
        ("while True: print('x' * 100000)", "more than 1,000,000 bytes"),
        ("sys.stdout.buffer.write(b'\\xff\\xfe')", "not UTF-8"),
        ("os.kill(os.getpid(), 9)", "signal 9"),
    ],
)
def test_a_program_that_misbehaves_is_told(tmp_path: Path, code: str, told: str) -> None:
    assert told in _fails(world(), script(tmp_path, code))


def test_a_program_that_does_not_read_its_prompt_may_answer(tmp_path: Path) -> None:
    path = tmp_path / "rude.py"
    path.write_text(f"print({FIT!r})")
    long = prompt(question("word " * 100_000))
    assert converse(long, f"command:{sys.executable} {path}", world().door).slots


def _fails(here: World, drafter: str) -> str:
    """Have a call fail; look everywhere for what must not show; return what is told."""
    kept: list[str] = []
    handler = logging.Handler(logging.NOTSET)
    handler.emit = lambda record: kept.append(record.getMessage())  # type: ignore[method-assign]
    logging.getLogger().addHandler(handler)
    level = logging.getLogger().level
    logging.getLogger().setLevel(logging.DEBUG)
    try:
        with pytest.raises(DrafterFailed) as failed:
            converse(prompt(question(f"mail of {MAIL}")), drafter, here.door)
    finally:
        logging.getLogger().removeHandler(handler)
        logging.getLogger().setLevel(level)
    shown = [str(failed.value), repr(failed.value), *traceback.format_exception(failed.value),
             repr(here.entries), repr(here.door), *here.told, *kept]  # fmt: skip
    assert not [text for text in shown if KEY in text or MAIL in text]
    assert here.entries[-1].step == "failed" and here.entries[-1].error
    return str(failed.value)
