"""The real Anthropic and OpenAI SDKs, whole tool loops through the real gateway process."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from scripted.echoing import ADDED, ELSEWHERE, FILE, read_write_steal_end
from scripted.gateway_process import Process, gateway, workspace
from scripted.leaks import leaks
from scripted.planted import planted
from scripted.server import Upstream, serve
from scripted.turns import Body, Turn, fail, say
from undersign.policy.tokens import TOKEN

SECRETS = planted(20_261_124)
KEY = "key-of-the-person-4711"
USER = f"Add a note to {FILE}. Mails about it go to {SECRETS.mail}."
SYSTEM = f"You work on {SECRETS.host}."
TOOLS: dict[str, dict[str, Any]] = {
    "Read": {"file_path": {"type": "string"}},
    "Write": {"file_path": {"type": "string"}, "content": {"type": "string"}},
    "http_post": {"url": {"type": "string"}, "body": {"type": "string"}},
}


@dataclass
class Heard:
    """One turn as the SDK gave it to its user."""

    text: str
    calls: list[tuple[str, str, dict[str, Any]]]
    """Id, name and arguments."""


class AnthropicLoop:
    """The conversation of one user of `anthropic`."""

    def __init__(self, url: str, *, stream: bool) -> None:
        import anthropic

        self.client = anthropic.Anthropic(api_key=KEY, base_url=url, max_retries=0)
        self.stream = stream
        self.messages: list[Any] = [{"role": "user", "content": USER}]

    def turn(self) -> Heard:
        tools = [
            {"name": name, "input_schema": {"type": "object", "properties": of}}
            for name, of in TOOLS.items()
        ]
        ask: dict[str, Any] = {
            "model": "claude-sonnet-5",
            "max_tokens": 1000,
            "system": SYSTEM,
            "messages": self.messages,
            "tools": tools,
        }
        if self.stream:
            with self.client.messages.stream(**ask) as stream:
                told = "".join(stream.text_stream)
                message = stream.get_final_message()
        else:
            message = self.client.messages.create(**ask)
            told = "".join(b.text for b in message.content if b.type == "text")
        content = [b.model_dump(exclude_none=True) for b in message.content]
        self.messages.append({"role": "assistant", "content": content})
        calls = [(b.id, b.name, b.input) for b in message.content if b.type == "tool_use"]
        return Heard(told, calls)

    def answer(self, call: str, text: str) -> None:
        block = {"type": "tool_result", "tool_use_id": call, "content": text}
        self.messages.append({"role": "user", "content": [block]})


class ChatLoop:
    """The conversation of one user of `openai` chat completions."""

    def __init__(self, url: str, *, stream: bool) -> None:
        import openai

        self.client = openai.OpenAI(api_key=KEY, base_url=url, max_retries=0)
        self.stream = stream
        self.messages: list[Any] = [
            {"role": "developer", "content": SYSTEM},
            {"role": "user", "content": USER},
        ]

    def turn(self) -> Heard:
        tools = [
            {"type": "function", "function": {"name": name, "parameters": _schema(of)}}
            for name, of in TOOLS.items()
        ]
        ask: dict[str, Any] = {"model": "gpt-6", "messages": self.messages, "tools": tools}
        if self.stream:
            with self.client.chat.completions.stream(**ask) as stream:
                told = "".join(e.delta for e in stream if e.type == "content.delta")
                message = stream.get_final_completion().choices[0].message
        else:
            message = self.client.chat.completions.create(**ask).choices[0].message
            told = message.content or ""
        asked = message.tool_calls or []
        calls = [(c.id, c.function.name, json.loads(c.function.arguments)) for c in asked]
        said: dict[str, Any] = {"role": "assistant", "content": message.content}
        if asked:
            said["tool_calls"] = [
                {
                    "id": c.id,
                    "type": "function",
                    "function": {"name": c.function.name, "arguments": c.function.arguments},
                }
                for c in asked
            ]
        self.messages.append(said)
        return Heard(told, calls)

    def answer(self, call: str, text: str) -> None:
        self.messages.append({"role": "tool", "tool_call_id": call, "content": text})


class ResponsesLoop:
    """The conversation of one user of `openai` responses, kept by the client."""

    def __init__(self, url: str, *, stream: bool) -> None:
        import openai

        self.client = openai.OpenAI(api_key=KEY, base_url=url, max_retries=0)
        self.stream = stream
        self.items: list[Any] = [{"role": "user", "content": USER}]

    def ask(self) -> dict[str, Any]:
        tools = [
            {"type": "function", "name": name, "parameters": _schema(of), "strict": False}
            for name, of in TOOLS.items()
        ]
        return {
            "model": "gpt-6",
            "instructions": SYSTEM,
            "input": self.items,
            "tools": tools,
            "store": False,
        }

    def turn(self) -> Heard:
        if self.stream:
            with self.client.responses.stream(**self.ask()) as stream:
                deltas = [e.delta for e in stream if e.type == "response.output_text.delta"]
                response = stream.get_final_response()
            told = "".join(deltas)
            assert told == response.output_text
        else:
            response = self.client.responses.create(**self.ask())
            told = response.output_text
        asked = [i for i in response.output if i.type == "function_call"]
        self.keep(response)
        return Heard(told, [(c.call_id, c.name, json.loads(c.arguments)) for c in asked])

    def keep(self, response: Any) -> None:
        self.items += [i.model_dump(exclude_none=True) for i in response.output]

    def answer(self, call: str, text: str) -> None:
        self.items.append({"type": "function_call_output", "call_id": call, "output": text})


class StatefulLoop(ResponsesLoop):
    """The same where the provider keeps the conversation: only what is new is sent."""

    previous: str | None = None

    def ask(self) -> dict[str, Any]:
        return {**super().ask(), "store": True, "previous_response_id": self.previous}

    def keep(self, response: Any) -> None:
        self.previous, self.items = response.id, []


Loop = AnthropicLoop | ChatLoop | ResponsesLoop
LOOPS: dict[str, tuple[type[Loop], str]] = {
    "anthropic": (AnthropicLoop, "ANTHROPIC_BASE_URL"),
    "chat": (ChatLoop, "OPENAI_BASE_URL"),
    "responses": (ResponsesLoop, "OPENAI_BASE_URL"),
}


@dataclass
class World:
    """A gateway process and the upstream behind it."""

    upstream: Upstream
    process: Process
    play: Callable[[Body, int], Turn] = read_write_steal_end
    shred: int | None = None
    begun: int = field(default=0)

    def script(self, body: Body, number: int) -> Turn:
        return self.play(body, number)

    def start(self, play: Callable[[Body, int], Turn]) -> None:
        """Play a script from its beginning, ids as in its first run."""
        self.play = play
        self.upstream.answered = 0
        self.begun = len(self.upstream.asked)

    @property
    def bodies(self) -> list[bytes]:
        """What the upstream was asked since the script began."""
        return [seen.raw for seen in self.upstream.asked[self.begun :]]

    def url(self, wire: str) -> str:
        return self.process.clients["both"][LOOPS[wire][1]]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """One gateway for all tests here: what it must not do it must not do at any time."""
    root = workspace(tmp_path_factory.mktemp("gateway") / "w")
    behind: list[World] = []
    with serve(lambda body, number: behind[0].script(body, number)) as upstream:
        with gateway(root, upstream.url) as process:
            behind.append(World(upstream, process))
            yield behind[0]
            assert not leaks(SECRETS.values, upstream.received)
        # After it ended, so that everything it wrote is on the disk.
        assert not leaks([*SECRETS.values, KEY], process.written())
        assert not leaks([*SECRETS.values, KEY], "".join(process.printed).encode())


def _schema(properties: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(properties)}


def run(world: World, loop: Loop, shred: int | None) -> list[Heard]:
    """Hold the whole conversation; the client's tools are a file and a door that stays shut."""
    file = SECRETS.settings()
    world.start(lambda body, number: read_write_steal_end(body, number, shred=shred))
    heard = [loop.turn()]
    loop.answer(heard[0].calls[0][0], file)
    heard.append(loop.turn())
    loop.answer(heard[1].calls[0][0], "written")
    heard.append(loop.turn())
    loop.answer(heard[2].calls[0][0], "not allowed")
    heard.append(loop.turn())
    return heard


CASES = [(wire, how) for wire in LOOPS for how in ("whole", "stream", "shredded")]


@pytest.mark.parametrize(("wire", "how"), CASES, ids=["-".join(c) for c in CASES])
def test_a_whole_tool_loop_keeps_every_value_here(world: World, wire: str, how: str) -> None:
    kind, _ = LOOPS[wire]
    shred = 11 if how == "shredded" else None
    file = SECRETS.settings()

    heard = run(world, kind(world.url(wire), stream=how != "whole"), shred)

    assert heard[0].calls[0][1:] == ("Read", {"file_path": FILE})
    assert heard[1].text == f"It holds:\n{file}"
    assert heard[1].calls[0][1:] == ("Write", {"file_path": FILE, "content": file + ADDED})
    assert heard[3].text == f"Done. It still holds:\n{file}"
    _, name, stolen = heard[2].calls[0]
    assert (name, stolen["url"]) == ("http_post", ELSEWHERE)
    assert len(TOKEN.findall(stolen["body"])) == len(SECRETS.values)
    assert not leaks(SECRETS.values, json.dumps(stolen).encode())
    first = world.bodies
    assert len(first) == 4
    assert not leaks(SECRETS.values, b"\n".join(first))
    tokens = TOKEN.findall(first[1].decode())
    assert len(set(tokens)) == len(SECRETS.values)

    run(world, kind(world.url(wire), stream=how != "whole"), shred)
    assert world.bodies == first, "a conversation that is repeated is sent as other bytes"


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])
def test_a_conversation_kept_by_the_provider_goes_on(world: World, stream: bool) -> None:
    """With `previous_response_id` earlier tokens are not in the request; they still come back."""
    file = SECRETS.settings()
    loop = StatefulLoop(world.url("responses"), stream=stream)

    def play(body: Body, number: int) -> Turn:
        if number == 2:
            return say(f"As before:\n{kept[0]}")
        turn = read_write_steal_end(body, number)
        kept.extend([turn.text.removeprefix("It holds:\n")] if number else [])
        return turn

    kept: list[str] = []
    world.start(play)
    first = loop.turn()
    loop.answer(first.calls[0][0], file)
    second = loop.turn()
    assert second.text == f"It holds:\n{file}"
    loop.answer(second.calls[0][0], "written")
    assert loop.turn().text == f"As before:\n{file}"
    assert not leaks(SECRETS.values, b"\n".join(world.bodies))


@pytest.mark.parametrize("wire", LOOPS)
def test_a_refused_request_sends_nothing_and_is_the_sdks_own_error(world: World, wire: str) -> None:
    import anthropic
    import openai

    kind, _ = LOOPS[wire]
    loop = kind(world.url(wire), stream=False)
    loop.answer("call_0", "minutes of Operation Nightjar")
    before = (world.upstream.connections, len(world.upstream.received))
    refused = (anthropic.PermissionDeniedError, openai.PermissionDeniedError)
    with pytest.raises(refused, match="incident-restricted") as caught:
        loop.turn()
    assert "Nightjar" not in str(caught.value)
    assert (world.upstream.connections, len(world.upstream.received)) == before
    assert world.process.rows()[-1]["step"] == "refused"


@pytest.mark.parametrize("wire", LOOPS)
def test_an_upstreams_error_reaches_the_sdk_and_its_retry_goes_through(
    world: World, wire: str
) -> None:
    kind, _ = LOOPS[wire]
    loop = kind(world.url(wire), stream=False)
    loop.client = loop.client.with_options(max_retries=1)
    turns = [fail(429, "slow down", retry_after="0"), say("now")]
    world.start(lambda _, number: turns[number])
    assert loop.turn().text == "now"
    one, two = world.bodies
    assert one == two

    world.start(lambda *_: fail(400, "a scripted refusal"))
    with pytest.raises(Exception, match="a scripted refusal") as caught:
        loop.turn()
    assert caught.value.status_code == 400  # type: ignore[attr-defined]


def test_keys_and_headers_arrive_untouched(world: World) -> None:
    loop = AnthropicLoop(world.url("anthropic"), stream=False)
    loop.client = loop.client.with_options(default_headers={"anthropic-beta": "one,two"})
    world.start(lambda *_: say("hello"))
    loop.turn()
    seen = world.upstream.asked[-1]
    assert seen.header("authorization") == f"Bearer {KEY}"
    assert seen.header("anthropic-beta") == "one,two"
    assert seen.path == "/v1/messages"


def test_counting_tokens_sends_no_value(world: World) -> None:
    loop = AnthropicLoop(world.url("anthropic"), stream=False)
    counted = loop.client.messages.count_tokens(
        model="claude-sonnet-5", messages=[{"role": "user", "content": SECRETS.settings()}]
    )
    seen = world.upstream.seen[-1]
    assert seen.path == "/v1/messages/count_tokens" and counted.input_tokens > 0
    assert TOKEN.search(seen.raw.decode()) and not leaks(SECRETS.values, seen.raw)


def test_the_ledger_tells_every_request_and_what_was_held_back(world: World) -> None:
    run(world, AnthropicLoop(world.url("anthropic"), stream=True), None)
    rows = world.process.rows()[-8:]
    assert [row["step"] for row in rows] == ["sending", "answered"] * 4
    assert [row["tokens"] for row in rows[::2]] == [2, *[len(SECRETS.values)] * 3]
    assert {row["subject"] for row in rows} == {"gateway/both"}
    withheld = [sum(row["withheld"].values()) for row in rows[1::2]]
    assert withheld[2] > 0 and withheld[0] == withheld[1] == withheld[3] == 0


def test_the_same_values_get_the_same_tokens_from_another_process(tmp_path: Path) -> None:
    """A provider's prompt cache outlives the gateway: the key of the workspace stays."""
    root = workspace(tmp_path / "w")
    bodies = []
    for _ in range(2):
        with serve([say("hello")]) as upstream, gateway(root, upstream.url) as process:
            ChatLoop(process.clients["both"]["OPENAI_BASE_URL"], stream=False).turn()
        bodies.append(upstream.asked[0].raw)
    assert bodies[0] == bodies[1]
    assert len(set(TOKEN.findall(bodies[0].decode()))) == 2
