"""What leaves of a request on the OpenAI wires: every value hidden, everything else as it was."""

from __future__ import annotations

import json
from types import ModuleType

import pytest

from policy.wire import openai_bodies as bodies
from policy.wire.openai_world import AWKWARD, HIDES_FILES, PLAIN, hidden, swapped
from undersign.errors import BadInput
from undersign.policy.wire import json_body, openai_chat, openai_responses

SEEN = [
    pytest.param(wire, table, name, id=f"{wire.__name__.rpartition('_')[2]}: {name}")
    for wire, table in ((openai_chat, bodies.seen_chat), (openai_responses, bodies.seen_responses))
    for name in table("x")
]
KEPT = [
    pytest.param(wire, table, name, id=f"{wire.__name__.rpartition('_')[2]}: {name}")
    for wire, table in ((openai_chat, bodies.kept_chat), (openai_responses, bodies.kept_responses))
    for name in table("x")
]
FILES = [
    pytest.param(wire, name, body, id=f"{wire.__name__.rpartition('_')[2]}: {name}")
    for wire, table in (
        (openai_chat, bodies.binaries_chat()),
        (openai_responses, bodies.binaries_responses()),
    )
    for name, body in table.items()
]


@pytest.mark.parametrize("value", [PLAIN, AWKWARD], ids=["plain", "awkward"])
@pytest.mark.parametrize(("wire", "table", "name"), SEEN)
def test_the_upstream_never_sees_the_value(wire, table, name, value) -> None:
    body = table(value)[name]
    raw = json.dumps(body, ensure_ascii=False).encode()
    new, scope = hidden(wire, body, value)
    sent = json_body.written(raw, body, new).decode()
    once, twice = json.dumps(value)[1:-1], json.dumps(json.dumps(value)[1:-1])[1:-1]
    assert not [v for v in (value, once, twice, "s3cr3t", "wörd") if v in sent]
    token = scope.hide("SECRET", value)
    assert swapped(json.loads(sent), token, "*") == swapped(as_one(body, value), "*", "*")
    # Nothing else of the request changed, and a second look makes the same bytes: the prompt
    # cache of a provider goes on working.
    again, _ = hidden(wire, body, value)
    assert json_body.written(raw, body, again).decode() == sent


def as_one(body, value):
    """The body with a star for the value, in JSON inside of a string as well."""
    for spelt in (json.dumps(value)[1:-1], json.dumps(value, ensure_ascii=False)[1:-1], value):
        body = swapped(body, spelt, "*")
    return body


@pytest.mark.parametrize(("wire", "table", "name"), KEPT)
def test_what_is_the_wires_own_stays(wire, table, name) -> None:
    body = table(PLAIN)[name]
    new, scope = hidden(wire, body, PLAIN)
    assert new is body
    assert len(scope) == 0


@pytest.mark.parametrize(("wire", "table", "name"), SEEN)
def test_nothing_spotted_is_the_same_bytes(wire, table, name) -> None:
    body = table(PLAIN)[name]
    raw = json.dumps(body, indent=1).encode()
    new, _ = hidden(wire, json_body.parse(raw), "is nowhere in it")
    assert json_body.written(raw, json_body.parse(raw), new) == raw


@pytest.mark.parametrize(("wire", "name", "body"), FILES)
def test_a_file_is_judged_and_can_be_withheld(wire: ModuleType, name: str, body) -> None:
    texts = wire.texts(body)
    assert [t.text for t in texts if t.data_class == "opaque-binary"] == [""]
    new, _ = hidden(wire, body, "is nowhere in it", policy=HIDES_FILES)
    sent = json.dumps(new)
    assert "withheld" in sent
    assert not [b for b in ("iVBOR", "UklGR", "JVBER") if b in sent]
    kept = wire.with_texts(body, [t.text for t in texts])
    assert kept is body


@pytest.mark.parametrize("wire", [openai_chat, openai_responses])
def test_a_part_whose_file_is_withheld_is_a_text(wire) -> None:
    table = bodies.binaries_chat if wire is openai_chat else bodies.binaries_responses
    new, _ = hidden(wire, table()["image"], "is nowhere in it", policy=HIDES_FILES)
    messages = new["messages" if wire is openai_chat else "input"]
    part = messages[0]["content"][0]
    assert part["type"] == ("text" if wire is openai_chat else "input_text")
    assert set(part) == {"type", "text"}


@pytest.mark.parametrize("wire", [openai_chat, openai_responses])
def test_a_request_nested_beyond_reason_is_refused(wire) -> None:
    deep: object = PLAIN
    for _ in range(400):
        deep = [deep]
    with pytest.raises(BadInput, match="deeper"):
        wire.texts({"model": "gpt-x", "novel": deep})


@pytest.mark.parametrize("wire", [openai_chat, openai_responses])
def test_arguments_nested_beyond_reason_are_looked_at(wire) -> None:
    deep = "[" * 5000 + json.dumps(PLAIN) + "]" * 5000
    body = (
        bodies.chat(bodies.called(deep))
        if wire is openai_chat
        else bodies.ask({"type": "function_call", "call_id": "c", "name": "f", "arguments": deep})
    )
    new, _ = hidden(wire, body, PLAIN)
    assert PLAIN not in json.dumps(new)


def test_a_large_number_is_looked_at() -> None:
    body = bodies.chat(
        bodies.called('{"card": 4000001234562, "n": 7}'), metadata={"n": 4000001234562}
    )
    new, scope = hidden(openai_chat, body, "4000001234562")
    token = scope.hide("SECRET", "4000001234562")
    assert new["messages"][0]["tool_calls"][0]["function"]["arguments"] == (
        f'{{"card": "{token}", "n": 7}}'
    )
    assert new["metadata"] == {"n": token}


def test_who_wrote_what_of_a_chat() -> None:
    body = bodies.chat(
        bodies.user("a"),
        bodies.called('{"path": "x.env"}', "Read"),
        {"role": "tool", "tool_call_id": "call_1", "content": [{"type": "text", "text": "b"}]},
        {"role": "assistant", "content": "c"},
        bodies.user("<environment_context>\nd"),
        bodies.user([{"type": "text", "text": "e"}, {"type": "text", "text": "<file>\nf"}]),
        {"role": "user", "content": "g", "aside": "h"},
    )
    by_text = {t.text: t.source for t in openai_chat.texts(body)}
    assert by_text["a"].author == "person"
    assert (by_text["x.env"].author, by_text["x.env"].tool) == ("call", "Read")
    assert (by_text["b"].author, by_text["b"].tool) == ("result", "Read")
    assert by_text["b"].arguments == {"path": "x.env"}
    assert by_text["c"].author == "drafter"
    ends = {text.split()[-1]: source.author for text, source in by_text.items()}
    assert [ends[t] for t in "defgh"] == ["result", "person", "result", "person", "result"]


def test_who_wrote_what_of_a_response() -> None:
    body = bodies.ask(
        bodies.message("a"),
        {"type": "function_call", "call_id": "c1", "name": "Read", "arguments": '{"path": "x"}'},
        {"type": "function_call_output", "call_id": "c1", "output": "b"},
        {"type": "custom_tool_call", "call_id": "c2", "name": "sh", "input": "ls y"},
        {"type": "custom_tool_call_output", "call_id": "c2", "output": "d"},
        {"type": "mcp_call", "id": "m", "name": "find", "server_label": "s", "arguments": '["e"]',
         "output": "f"},
        {"type": "function_call_output", "call_id": "of an earlier response", "output": "g"},
        bodies.message([{"type": "output_text", "text": "h"}], "assistant"),
        {"type": "novel_thing", "text": "i"},
        bodies.message([{"type": "input_text", "text": "<user_instructions>"}]),
    )  # fmt: skip
    by_text = {t.text: t.source for t in openai_responses.texts(body)}
    assert {text: (s.author, s.tool) for text, s in by_text.items() if len(text) == 1} == {
        "a": ("person", ""),
        "x": ("call", "Read"),
        "b": ("result", "Read"),
        "d": ("result", "sh"),
        "e": ("call", "s.find"),
        "f": ("result", "s.find"),
        "g": ("result", ""),
        "h": ("drafter", ""),
        "i": ("result", ""),
    }
    assert by_text["<user_instructions>"].author == "result"
    assert by_text["b"].arguments == {"path": "x"}
    assert by_text["d"].arguments == "ls y"


@pytest.mark.parametrize("wire", [openai_chat, openai_responses])
def test_a_refusal_is_an_error_of_this_wire(wire) -> None:
    status, body = wire.refusal("the policy refuses secrets")
    assert status == 403
    assert json.loads(body) == {
        "error": {
            "message": "the policy refuses secrets",
            "type": "permission_error",
            "code": "policy",
            "param": None,
        }
    }


def test_what_a_request_goes_on_with() -> None:
    ask = bodies.ask
    assert openai_responses.continues(ask()) == ()
    assert openai_responses.continues(ask(previous_response_id="resp_1")) == ("resp_1",)
    assert openai_responses.continues(ask(conversation={"id": "conv_1"})) == ("conv_1",)
    assert openai_responses.continues(ask(conversation="conv_1")) == ("conv_1",)
    assert openai_responses.answers({"id": "resp_2", "conversation": {"id": "conv_1"}}) == (
        "resp_2",
        "conv_1",
    )
    event = {"type": "response.completed", "response": {"id": "resp_3"}}
    assert openai_responses.answers(event) == ("resp_3",)


def test_the_whole_of_a_long_number_is_exchanged() -> None:
    written = '{"card": 4111111111111111.0, "e": -4111111111111111e0, "x": 0.4111111111111111}'
    call = {"id": "a", "type": "function", "function": {"name": "f", "arguments": written}}
    said = [{"role": "assistant", "tool_calls": [call], "table": [4111111111111111.0, 0.5]}]
    body = {"model": "m", "messages": said}
    found = [text.text for text in openai_chat.texts(body)]
    assert found.count("4111111111111111") == 3
    hidden = ["TOKEN" if text.isdigit() else text for text in found]
    new = openai_chat.with_texts(body, hidden)["messages"][0]
    arguments = json.loads(new["tool_calls"][0]["function"]["arguments"])
    assert arguments == {"card": "TOKEN", "e": "TOKEN", "x": 0.4111111111111111}
    assert new["table"] == ["TOKEN", 0.5]


def test_the_name_of_a_field_that_no_wire_has_is_looked_at() -> None:
    odd = "a.person@mail.example"
    body = {"model": "m", odd: 1, "novel_field": 2, "messages": [{"role": {odd: 3}, odd: "x"}]}
    assert [text.text for text in openai_chat.texts(body)] == [odd, odd, odd, "x"]
    hidden = openai_chat.with_texts(body, ["T", "T", "T", "x"])
    assert odd not in json.dumps(hidden)
    assert hidden["novel_field"] == 2
