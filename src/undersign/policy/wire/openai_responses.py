"""The wire of OpenAI Responses: a `Wire` (see the package).

A reply's text, refusals, transcripts and summaries of reasoning are for the person and are
restored. Calls that the client carries out (functions, custom tools, shell, patches, computer) are
restored where `calls` allows it. What the upstream carries out itself (web and file search, code,
remote MCP servers, programs) stays as it ran: with the tokens. Encrypted and raw reasoning, ids,
annotations and log probabilities stay too.

In a stream a delta may come out shorter, even empty, and waits for the next event while its end
may begin a token, so that deltas and their numbers stay as many as they were. Only when no delta
is there to carry it is one added, with the number of the event it precedes: numbers never fall.
Commands and patches are restored where they stand whole, in `output_item.done` and the finished
response, and not in their deltas.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from undersign.errors import BadInput
from undersign.policy.restoring.restore import Restorer, restore_input, restore_text
from undersign.policy.scope import Scope, Source, Withheld
from undersign.policy.wire import Body, Text
from undersign.policy.wire.body_map import Path, rewritten, said, texts_of, with_texts_of
from undersign.policy.wire.json_body import dumped
from undersign.policy.wire.openai_calls import Call, parsed, restored_text
from undersign.policy.wire.openai_maps import RESPONSES
from undersign.policy.wire.openai_stream import EventRewriter, refused, sent
from undersign.policy.wire.sse import Event

_CALLED_WITH = {
    "function_call": "arguments",
    "custom_tool_call": "input",
    "local_shell_call": "action",
    "shell_call": "action",
    "apply_patch_call": "operation",
    "computer_call": "action",
    "tool_search_call": "arguments",
}
"""Item that the client carries out -> its field with what to do."""
_RUN_UPSTREAM = {
    "mcp_call": "arguments",
    "mcp_approval_request": "arguments",
    "code_interpreter_call": "code",
    "web_search_call": "action",
    "file_search_call": "queries",
    "program": "code",
}
_STARTED_WITH = {**_CALLED_WITH, **_RUN_UPSTREAM}
_SHELL = {"commands", "timeout_ms", "max_output_length"}
_PATCH = {"type", "path", "diff"}
_RESULTS = ("output", "outputs", "results", "error")
"""Fields of an item run upstream that hold what came out of it."""
_PEOPLE = ("user", "system", "developer")
_TEXTS = {
    "response.output_text": "text",
    "response.refusal": "refusal",
    "response.reasoning_summary_text": "text",
    "response.audio.transcript": "",
}
"""Event without `.delta` or `.done` -> field of `.done` with the whole text."""
_CALLS = {
    "response.function_call_arguments": "arguments",
    "response.custom_tool_call_input": "input",
}
_PARTS = ("content_part", "reasoning_summary_part")


def texts(body: Body) -> list[Text]:
    """Return every text of a request that leaves, in the order of the body."""
    return texts_of(body, RESPONSES, _Sources(body).of)


def with_texts(body: Body, replaced: Sequence[str]) -> Body:
    """Return the request with other texts, one for each that `texts` gave."""
    new: Body = with_texts_of(body, RESPONSES, replaced)
    return new


def refusal(message: str, status: int = 403) -> tuple[int, bytes]:
    """Return the status and body of a refusal."""
    return refused(message, status)


def restored(body: Body, scope: Scope) -> tuple[Body, tuple[Withheld, ...]]:
    """Return a whole reply with the values back in it, and the calls and texts that kept tokens."""
    withheld: dict[Any, Withheld] = {}
    new = _response(body, scope, withheld)
    return new, tuple(withheld.values())


def stream(scope: Scope) -> ResponsesStream:
    """Return what restores the reply of one request as it comes."""
    return ResponsesStream(scope)


def continues(body: Body) -> tuple[str, ...]:
    """Return the ids of the earlier response and the conversation that a request goes on with."""
    conversation = body.get("conversation")
    if isinstance(conversation, dict):
        conversation = conversation.get("id")
    ids = (body.get("previous_response_id"), conversation)
    return tuple(i for i in ids if isinstance(i, str) and i)


def answers(data: Body) -> tuple[str, ...]:
    """Return the ids under which the upstream keeps a reply; of a reply or an event of a stream."""
    reply = data.get("response") if isinstance(data.get("response"), dict) else data
    assert isinstance(reply, Mapping)  # for the type checker: one of two mappings
    conversation = reply.get("conversation")
    ids = (reply.get("id"), conversation.get("id") if isinstance(conversation, dict) else None)
    return tuple(i for i in ids if isinstance(i, str) and i)


@dataclass(slots=True)
class _Piece:
    """A text or a call that comes in deltas."""

    restorer: Restorer | Call
    event: Event
    """The last delta as it came."""
    came: Mapping[str, Any]
    goes: dict[str, Any]
    """Its data before and after."""

    def end(self) -> str:
        """Return what is left of it."""
        return self.restorer.end() if isinstance(self.restorer, Call) else self.restorer.flush()


class ResponsesStream(EventRewriter):
    """The events of one reply, restored as they come."""

    def __init__(self, scope: Scope) -> None:
        super().__init__(scope)
        self.ids: tuple[str, ...] = ()
        """The ids under which the upstream keeps this reply, once it has said them."""
        self._pieces: dict[tuple[Any, ...], _Piece] = {}
        self._tools: dict[str, str] = {}
        """Index of an item -> the tool it calls."""
        self._waiting: _Piece | None = None
        """The piece whose last delta waits to be sent; one at most."""

    def changed(self, event: Event, data: Mapping[str, Any]) -> bytes:
        """Return an event restored, behind what had to come before it."""
        kind = data.get("type") if isinstance(data.get("type"), str) else ""
        family, _, what = str(kind).rpartition(".")
        if what == "delta" and (family in _TEXTS or family in _CALLS):
            return self._delta(family, event, data)
        if what == "done" and (family in _TEXTS or family in _CALLS):
            before = self._end([k for k in self._pieces if k == _key(family, data)], data)
            return before + sent(event, data, self._done(family, data))
        index = str(data.get("output_index"))
        if family == "response.output_item" and what == "done":
            before = self._end([k for k in self._pieces if k[1] == str(index)], data)
        elif "response" in data:
            self.ids = answers(data) or self.ids
            over = what not in ("created", "queued", "in_progress")
            before = self._end(list(self._pieces), data) if over else self._sent_waiting()
        else:
            before = self._sent_waiting()
        return before + sent(event, data, self._whole(family, what, data))

    def ended(self) -> bytes:
        """Return a delta for everything that is held."""
        return self._end(list(self._pieces), {})

    def _delta(self, family: str, event: Event, data: Mapping[str, Any]) -> bytes:
        key, text = _key(family, data), data.get("delta")
        before = self._sent_waiting()
        if not isinstance(text, str):
            return before + event.raw
        piece = self._pieces.get(key)
        if piece is None:
            piece = _Piece(self._restorer(family, data), event, data, {})
            self._pieces[key] = piece
        piece.event, piece.came = event, data
        piece.goes = {**data, "delta": piece.restorer.feed(text)}
        if piece.restorer.holds:
            self._waiting = piece
            return before
        return before + sent(event, data, piece.goes)

    def _restorer(self, family: str, data: Mapping[str, Any]) -> Restorer | Call:
        if family in _TEXTS:
            return Restorer(self._scope)
        plain = _CALLS[family] == "input"
        return Call(self._tools.get(str(data.get("output_index")), ""), self._scope, plain=plain)

    def _sent_waiting(self, more: str = "") -> bytes:
        piece, self._waiting = self._waiting, None
        if piece is None:
            return b""
        return sent(piece.event, piece.came, {**piece.goes, "delta": piece.goes["delta"] + more})

    def _end(self, keys: list[tuple[Any, ...]], following: Mapping[str, Any]) -> bytes:
        """Return the waiting delta and what is left of some pieces, before `following`."""
        pieces = [(key, self._pieces[key]) for key in keys]
        carried = next((p for _, p in pieces if p is self._waiting), None)
        out = self._sent_waiting(carried.end() if carried else "")
        number = following.get("sequence_number")
        for key, piece in pieces:
            if left := piece.end():
                added = {**piece.came, "delta": left}
                added |= {} if number is None else {"sequence_number": number}
                out += piece.event.with_data(dumped(added))
            called = isinstance(piece.restorer, Call)
            self.noted(key[1] if called else _part_of(piece.came), piece.restorer.withheld)
        return out

    def _done(self, family: str, data: Mapping[str, Any]) -> Mapping[str, Any]:
        field = _TEXTS.get(family) or _CALLS.get(family, "")
        if not isinstance(data.get(field), str):
            return data
        if family in _TEXTS:
            text, kept = restore_text(data[field], self._scope)
            self.noted(_part_of(data), kept)
            return {**data, field: text}
        tool = self._tools.get(str(data.get("output_index")), "")
        new, _ = restored_text(tool, data[field], self._scope, plain=field == "input")
        return {**data, field: new}

    def _whole(self, family: str, what: str, data: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return the data of an event that holds a part, an item or the response."""
        if isinstance(data.get("response"), dict):
            return {**data, "response": _response(data["response"], self._scope, self._withheld)}
        index, item = str(data.get("output_index")), data.get("item")
        if isinstance(item, dict) and what == "added":
            self._tools[index] = _tool(item)
        if what != "done":
            return data
        if isinstance(item, dict):
            return {**data, "item": _item(item, index, self._scope, self._withheld)}
        if family.removeprefix("response.") in _PARTS and isinstance(data.get("part"), dict):
            part, kept = _part(data["part"], self._scope)
            self.noted(_part_of(data), kept)
            return {**data, "part": part}
        return data


def _key(family: str, data: Mapping[str, Any]) -> tuple[Any, ...]:
    places = ("output_index", "item_id", "content_index", "summary_index")
    return (family, *(str(data.get(place)) for place in places))


def _part_of(data: Mapping[str, Any]) -> tuple[str, str]:
    """Return which part of which item an event is about: a text that stays counts once."""
    return str(data.get("output_index")), str(data.get("content_index", data.get("summary_index")))


def _response(body: Body, scope: Scope, withheld: dict[Any, Withheld]) -> Body:
    output = body.get("output")
    if not isinstance(output, list):
        return body
    new = [
        _item(item, str(index), scope, withheld) if isinstance(item, dict) else item
        for index, item in enumerate(output)
    ]
    return body if new == output else {**body, "output": new}


def _item(
    item: dict[str, Any], index: Any, scope: Scope, withheld: dict[Any, Withheld]
) -> dict[str, Any]:
    kind = item.get("type")
    parts = {"message": "content", "reasoning": "summary"}.get(str(kind), "")
    if isinstance(item.get(parts), list):
        pairs = [_part(part, scope) for part in item[parts]]
        withheld |= {(index, str(n)): kept for n, (_, kept) in enumerate(pairs) if kept}
        return {**item, parts: [part for part, _ in pairs]}
    if not _by_the_client(item):
        return item
    field = _CALLED_WITH[str(kind)]
    if isinstance(item.get(field), str):
        plain = kind == "custom_tool_call"
        text, reason = restored_text(_tool(item), item[field], scope, plain=plain)
        new = {**item, field: text}
    else:
        new, reason = _carried_out(item, (field, "actions"), scope)
    if reason is not None:
        withheld[index] = reason
    return new


def _carried_out(
    item: dict[str, Any], fields: Sequence[str], scope: Scope
) -> tuple[dict[str, Any], Withheld | None]:
    """Return an item with what its fields say to do restored, or as it is with the reason."""
    told = {field: item[field] for field in fields if field in item}
    try:
        new = rewritten(told, None, lambda leaf: scope.restored(leaf.text))
        held = len(scope.held(json.dumps(told)))
        _, reason = restore_input(_tool(item), _called_with(item), scope) if held else (None, None)
    except (BadInput, RecursionError):
        return item, Withheld(_tool(item), 0, "nested too deeply to be judged")
    return (item, reason) if reason else ({**item, **new}, None)


def _called_with(item: Mapping[str, Any]) -> Any:
    """Return what an item says to do, in the spelling that `restoring.calls` knows of its tool.

    Only where that spelling leaves nothing out: an environment can lead a command elsewhere.
    """
    kind = str(item.get("type"))
    told = item.get(_STARTED_WITH[kind])
    if isinstance(told, str):
        return told if kind == "custom_tool_call" else parsed(told)
    if not isinstance(told, dict) or "actions" in item:
        return {name: item.get(name) for name in (_STARTED_WITH[kind], "actions")}
    commands = told.get("commands")
    if kind == "shell_call" and told.keys() <= _SHELL and isinstance(commands, list):
        return {"command": commands[0]} if len(commands) == 1 else told
    if kind == "apply_patch_call" and told.keys() <= _PATCH:
        return f"*** Update File: {told.get('path')}\n{told.get('diff', '')}"
    if kind == "local_shell_call" and (told.get("env") or told.get("user")):
        return {"action": told}
    return told


def _by_the_client(item: Mapping[str, Any]) -> bool:
    """Whether the client carries an item out, and not the upstream."""
    where = item.get("environment")
    if item.get("type") == "shell_call" and isinstance(where, dict):
        return where.get("type") == "local"
    if item.get("type") == "tool_search_call":
        return item.get("execution") == "client"
    return str(item.get("type")) in _CALLED_WITH


def _part(part: Any, scope: Scope) -> tuple[Any, Withheld | None]:
    if not isinstance(part, dict) or part.get("type") == "reasoning_text":
        return part, None
    texts = {f: part[f] for f in ("text", "refusal", "transcript") if isinstance(part.get(f), str)}
    new = {field: restore_text(text, scope) for field, text in texts.items()}
    stayed = next((kept for _, kept in new.values() if kept), None)
    return {**part, **{field: text for field, (text, _) in new.items()}}, stayed


def _tool(item: Mapping[str, Any]) -> str:
    """Return what an item calls: its own name, within the server or namespace it belongs to."""
    named = item.get("name")
    if not isinstance(named, str):
        return str(item.get("type", "")).removesuffix("_call")
    within = item.get("namespace") or item.get("server_label")
    return f"{within}.{named}" if isinstance(within, str) else named


class _Sources:
    """Who wrote what of a request: texts of one block share one source."""

    def __init__(self, body: Body) -> None:
        items = body.get("input")
        self._items: list[Any] = items if isinstance(items, list) else []
        self._of: dict[Path, Source] = {}
        self._calls: dict[str, Source] = {}
        """Id of a call -> the call."""
        for number, item in enumerate(self._items):
            if isinstance(item, dict) and str(item.get("type")) in _STARTED_WITH:
                self._note(number, item)

    def of(self, path: Path) -> Source:
        """Return who wrote the string at a path."""
        number = path[1] if path[0] == "input" and len(path) > 2 else None
        if not isinstance(number, int):
            return self._of.setdefault(path[:2], Source("person"))
        item = self._items[number]
        call = self._of.get(path[:2])
        if call is not None and path[2] not in _RESULTS:
            return call
        block = path[:4] if len(path) > 3 and isinstance(path[3], int) else path[:3]
        if block not in self._of:
            self._of[block] = self._block(item, call, block)
        return self._of[block]

    def _block(self, item: Mapping[str, Any], call: Source | None, block: Path) -> Source:
        kind, role = str(item.get("type", "message")), item.get("role")
        if call is None and not kind.endswith("_output"):
            if kind == "message" and role in _PEOPLE and block[2] == "content":
                content = item["content"]
                return said(content[block[3]] if len(block) > 3 else content)
            return Source("drafter" if role == "assistant" or kind == "reasoning" else "result")
        ids = (str(item.get("call_id")), str(item.get("id")))
        made = call or next((self._calls[i] for i in ids if i in self._calls), None)
        return Source("result", made.tool, made.arguments) if made else Source("result")

    def _note(self, number: int, item: Mapping[str, Any]) -> None:
        source = Source("call", _tool(item), _called_with(item))
        self._of["input", number] = source
        for name in ("call_id", "id"):
            if isinstance(item.get(name), str):
                self._calls[item[name]] = source
