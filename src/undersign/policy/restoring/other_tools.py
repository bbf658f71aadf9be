"""Tools that no table knows: an MCP server's, a client's own. Where such a call sends a value.

Nobody here can see what such a tool does. So a value is given to it only if the call says by itself
where it goes, or if the same tool already had the value in the same call but for its content. Its
name says nothing, and a path in its arguments is no place: it can be the name of a public paste.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from undersign.policy.restoring import places
from undersign.policy.restoring.call_strings import leaves, quiet, scalars, texts
from undersign.policy.scope import Scope
from undersign.policy.tokens import PREFIX

_CONTENT = frozenset(
    {
        "body", "text", "content", "message", "subject", "description", "prompt", "query", "title",
        "comment", "note", "notes", "summary", "sql", "markdown", "reason", "q", "search",
    }
)  # fmt: skip
_AROUND = frozenset({"messages", "payload", "data", "fields", "input", "params", "blocks"})
"""Fields around content that make nothing else of it."""
_AIMS = frozenset(
    {
        "url", "uri", "href", "link", "endpoint", "host", "hostname", "server", "domain", "webhook",
        "callback", "proxy", "target", "remote", "destination", "base_url", "webhook_url",
    }
)  # fmt: skip
"""Fields that name the host something is sent to."""
_BOXES = frozenset({"to", "cc", "bcc", "recipient", "recipients"})
"""Fields that name who gets a mail."""
_SENT = frozenset(
    {
        "body", "data", "json", "payload", "form", "headers", "params", "auth", "authorization",
        "username", "user", "password", "token", "api_key",
    }
)  # fmt: skip
"""Fields of a request that go to the host it names, and nowhere else."""
_RUNS = re.compile(
    r"bash|shell|exec|run_|_run|terminal|python|node|repl|eval|script|process|ssh|powershell|cmd"
    r"|task|agent|browser",
    re.IGNORECASE,
)
_RUN_FIELDS = frozenset({"command", "cmd", "script", "code", "argv", "args", "shell", "program"})
_VERBS = re.compile(r"get|post|put|patch|delete|head|json|text|markdown|html", re.IGNORECASE)
_FORMS = frozenset({"method", "format", "output_format", "response_format"})
"""Fields that say how something is sent or shown."""
_WHERE = re.compile(
    r"[a-z][a-z0-9+.-]*://[^\s,;]+|[\w.+%-]+@[\w.-]+|[\w.-]+(?::\d+)?(?:/[^\s,;]*)?|[0-9a-f:]+",
    re.IGNORECASE,
)
"""A string that is one address, mail box or host and nothing besides."""
_PAGES = frozenset(
    {
        "limit", "offset", "page", "per_page", "page_size", "max_results", "timeout", "timeout_ms",
        "max_length", "start_index",
    }
)  # fmt: skip
"""Numbers that say how much is shown, or how long it may take."""
_MANY = 40
"""Fields of a call beyond which only the very same fields are the same call."""


@dataclass(frozen=True, slots=True)
class _Leaf:
    """One string of a call, as the drafter wrote it and with the values back."""

    key: str
    text: str
    plain: str

    @property
    def named(self) -> frozenset[str]:
        return places.named(self.plain)


def _runs_code(tool: str, arguments: Any) -> bool:
    """Whether a tool runs what it is given, by its name or its fields."""
    fields = set(arguments) if isinstance(arguments, dict) else set()
    return _RUNS.search(tool) is not None or not _RUN_FIELDS.isdisjoint(fields)


def unreadable(tool: str, arguments: Any, restored: Any) -> str:
    """Return why no place of a call can be read for certain; empty when all can."""
    if _runs_code(tool, arguments):
        return "the tool runs code, which can send a value anywhere"
    if any(map(places.hides, texts(arguments))) or any(_aims_nowhere(*x) for x in leaves(restored)):
        return "a string of the call can spell a place without naming it"
    return ""


def unknown(scope: Scope, tool: str, arguments: Any, token: str) -> str:
    """Return why a call, all of it readable, may not get a value; empty when it may."""
    value = scope.value(token) or ""
    strings = [_Leaf(key, text, scope.restored(text)) for key, text in leaves(arguments)]
    carried = _carried(scope, tool, arguments, value, strings)
    known = scope.known(value) | own_places(token, value)
    for leaf in strings:
        # But for its content such a call is one that has been made.
        if carried and not _is_content(leaf.key):
            continue
        for place in leaf.named - known:
            return f"the call names a {places.kind(place)} at which the value was not seen"
    return "" if carried else _aimed(scope, arguments, token, strings)


def own_places(token: str, value: str) -> frozenset[str]:
    """Return the places a value is by itself: a mail box, an address, the name of a host."""
    # A word without a dot can be a password, which would become a question to a name server.
    alone = {places.host(value)} if token.startswith(f"{PREFIX}HOST_") else set()
    return (places.named(value) | alone) - {places.UNREADABLE}


def taught_by_call(tool: str, arguments: Any) -> frozenset[str]:
    """Return what a call that carried a value makes known: the hosts and boxes it went to."""
    if unreadable(tool, arguments, arguments):
        return frozenset()
    aimed = [places.named(text) for key, text in leaves(arguments) if _aim(key)]
    hosts = {place for one in aimed for place in one if not place.startswith("path:")}
    return frozenset(hosts - {places.UNREADABLE}) | frozenset(_frames(tool, arguments))


def taught_by_result(tool: str, arguments: Any) -> frozenset[str]:
    """Return what a result that held a value makes known: the call it came from."""
    return frozenset({_digest("result", tool, _frame(arguments))})


def _is_content(key: str) -> bool:
    """Whether a field holds what is sent and not where: `text`, `message.body`, not `to.text`."""
    *around, last = key.split(".")
    return last in _CONTENT and all(part in _CONTENT | _AROUND for part in around)


def _carried(scope: Scope, tool: str, arguments: Any, value: str, strings: list[_Leaf]) -> bool:
    """Whether this tool had the value in this very call but for its content."""
    known = scope.known(value)
    whole = _frame(scope.restored_all(arguments))
    rest = [one for one in whole if one[1] != value]
    if not known.isdisjoint({_digest("call", tool, rest), _digest("call", tool, rest, value)}):
        return True
    alone = all(scope.value(s.text) is not None for s in strings if scope.held(s.text))
    return alone and _digest("result", tool, rest) in known


def _frames(tool: str, arguments: Any) -> Iterator[str]:
    """Yield what is remembered of a call, whichever of its strings is the value."""
    whole = _frame(arguments)
    yield _digest("call", tool, whole)
    if len(whole) <= _MANY:
        for text in {item for _, item in whole if isinstance(item, str)}:
            yield _digest("call", tool, [one for one in whole if one[1] != text], text)


def _frame(arguments: Any) -> list[tuple[str, str | int | float | bool]]:
    """Return all of a call but its content and how much it wants to see."""
    return [
        (key, item)
        for key, item in scalars(arguments)
        if not (_is_content(key) and isinstance(item, str)) and not _is_page(key, item)
    ]


def _digest(how: str, tool: str, frame: list[Any], value: str = "") -> str:
    said = json.dumps([tool, frame, value])
    return f"{how}-frame:{hashlib.sha256(said.encode()).hexdigest()}"


def _aimed(scope: Scope, arguments: Any, token: str, strings: list[_Leaf]) -> str:
    """Return why a call does not say by itself where it sends a value; empty when it does.

    All places in it are known for the value.
    """
    goes = {_aim(leaf.key) for leaf in strings if _one_place(leaf)} - {""}
    if not goes:
        return "the call names no place, and this tool has not carried the value before"
    if any(not _is_page(k, i) for k, i in scalars(arguments) if not isinstance(i, str)):
        return "the call has settings that it had not when it carried the value"
    for leaf in strings:
        if token in leaf.text:
            fits = _one_place(leaf) or _goes_along(leaf.key, goes)
        else:
            fits = _one_place(leaf) or _is_form(leaf) or _is_content(leaf.key) or _sent(leaf.key)
        if not fits:
            return "the call differs from those that carried the value in more than its content"
    return ""


def _one_place(leaf: _Leaf) -> bool:
    """Whether a string is one host or mail box and stands in a field that says where to."""
    if not _aim(leaf.key) or not _WHERE.fullmatch(leaf.plain):
        return False
    return len([place for place in leaf.named if not place.startswith("path:")]) == 1


def _goes_along(key: str, goes: set[str]) -> bool:
    """Whether what stands in a field goes where the call says: with a request, or in a mail."""
    return ("host" in goes and _sent(key)) or ("mail" in goes and _is_content(key))


def _aim(key: str) -> str:
    """Return what a field names as a goal: a `host`, a `mail` box or nothing."""
    parts = key.lower().split(".")
    if parts[-1] in _AIMS:
        return "host"
    return "mail" if not _BOXES.isdisjoint(parts) else ""


def _aims_nowhere(key: str, text: str) -> bool:
    """Whether a field that says where to send something names no place one could check."""
    return _aim(key) == "host" and not places.named(text)


def _sent(key: str) -> bool:
    return not _SENT.isdisjoint(key.lower().split("."))


def _is_form(leaf: _Leaf) -> bool:
    return leaf.key in _FORMS and _VERBS.fullmatch(leaf.plain) is not None


def _is_page(key: str, item: Any) -> bool:
    return key in _PAGES and not isinstance(item, str) and quiet(item)
