"""Whether a tool call in a reply gets values back: only toward places that already had them.

Whoever can put text before a drafter (a web page, a log line, a README) can ask it to send a token
somewhere. So a call is restored only by these rules, for every value in it, or not at all:

1. A call that the client already made with the values in it (same tool, same arguments; of a shell
   all but how long it may take and what is said about it) is restored: it tells nobody anything
   new.
2. Built-in tools that only show something to the person, or read files of this machine, are
   restored. Which tools are built in, and why `mcp__any__Write` is none: `client_tools.py`.
3. Built-in tools that write a file are restored if that value was read from, or written to, that
   very file. What else stands in the text they write is no destination. A field that the tool does
   not have ends it.
4. A shell command is restored if it is one plain program that only prints, or one of the few
   clients whose every option is known and that connects to places the value is known at. What
   stands beside the command (environment, folder, input, fields nobody knows) must be known to
   lead it nowhere else. All other commands, and every other tool that runs code, are not.
5. Of any other tool every string is searched for places, and each of them must be known for the
   value. A string with signs that can spell a place (`$`, backslash, `%2e`, base64, ...) ends it.
   A path never says where such a call goes.
6. Such a call is restored if this tool had the value before in the same call but for its content:
   all its other fields are the same, numbers and truth values too. If the tool only had it in a
   result, the value must be all there is in its string.
7. Or it is restored if it says by itself where it goes: a field for that (`url`, `host`, `to`, ...)
   is one known host or mail box, and the value stands in that address, in a part of a request
   (`headers`, `body`, ...) to that host, or in the content of a mail to that box. Beside that it
   may hold content and no settings. A value that is itself the host or the mail box is known
   there. Whether the tool goes where it says is its client's trust in it: nobody can see it here.

Where a value is known:

a. A person's text (and the client's own prompt) makes known the places within 300 characters and
   3 lines of the value. What a drafter wrote in plain text makes nothing known: it may be an echo.
b. A call that came with the value in its arguments makes known the places rules 3, 4 and 7 found,
   and itself (rules 1 and 6).
c. A built-in tool's result makes known the file that was read. Any other tool's makes known the
   call it came from; never a host or a file: results can be steered by who wants the value.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import Any

from undersign.policy.restoring import client_tools, other_tools, places, shell
from undersign.policy.restoring.call_strings import texts
from undersign.policy.scope import Scope, Source

NEAR_CHARACTERS, NEAR_LINES = 300, 3


@dataclass(frozen=True, slots=True)
class _Named:
    """What a call of a built-in tool names, with the values in it."""

    places: frozenset[str] = frozenset()
    harmless: bool = False
    unreadable: str = ""


def may_restore(scope: Scope, tool: str, arguments: Any) -> str:
    """Return why the values in a call's arguments stay hidden; empty when they may come back."""
    tokens = {t for text in texts(arguments) for t in scope.held(text) if not scope.quotes(t)}
    values = {token: scope.value(token) or "" for token in tokens}
    if not values:
        return ""
    restored = scope.restored_all(arguments)
    if all(_digest(tool, restored) in scope.known(value) for value in values.values()):
        return ""
    named = _named(tool, arguments, restored, values)
    if named is None:
        reason = other_tools.unreadable(tool, arguments, restored)
        reasons = (other_tools.unknown(scope, tool, arguments, token) for token in sorted(tokens))
        return reason or next(filter(None, reasons), "")
    if named.unreadable or named.harmless:
        return named.unreadable
    return next(filter(None, (_unknown(scope, *item, named) for item in values.items())), "")


def teaches(source: Source) -> frozenset[str]:
    """Return the places that a value in this source becomes known at.

    Of a person's text the places near the value besides: `places.named(surroundings(...))`.
    """
    if source.author == "call":
        return _of_call(source.tool, source.arguments)
    if source.author == "result" and source.tool:
        return _of_result(source.tool, source.arguments)
    return frozenset()


def surroundings(text: str, start: int, end: int) -> str:
    """Return what stands near a piece of a text: 300 characters and 3 lines to both sides."""
    before = text[max(0, start - NEAR_CHARACTERS) : start].split("\n")[-NEAR_LINES - 1 :]
    after = text[end : end + NEAR_CHARACTERS].split("\n")[: NEAR_LINES + 1]
    return "\n".join(before) + text[start:end] + "\n".join(after)


def _of_call(tool: str, arguments: Any) -> frozenset[str]:
    made = frozenset({_digest(tool, arguments)})
    named = _named(tool, arguments, arguments, {})
    if named is None:
        return made | other_tools.taught_by_call(tool, arguments)
    if named.unreadable or named.harmless:
        return made
    return made | (named.places - {places.UNREADABLE})


def _of_result(tool: str, arguments: Any) -> frozenset[str]:
    if tool in client_tools.SHELLS:
        line = client_tools.command(tool, arguments)
        shown = shell.shown_file(line) if line is not None else None
        if shown is None or client_tools.beside(arguments, frozenset()):
            return frozenset()
        return frozenset({places.path(shown)})
    if _named(tool, arguments, arguments, {}) is None:
        return other_tools.taught_by_result(tool, arguments)
    file = client_tools.file_of(tool, arguments)
    return frozenset({places.path(file)} if file is not None else ())


def _named(tool: str, arguments: Any, restored: Any, values: dict[str, str]) -> _Named | None:
    """Return what a call of a built-in tool names; None for a call of any other tool."""
    if tool in client_tools.SHOWS:
        return _Named(harmless=True)
    off = client_tools.reads(tool, restored)
    if off is not None:
        return _Named(harmless=not off, unreadable=off)
    written = client_tools.written(tool, restored)
    if written is not None:
        return _Named(written, unreadable="" if written else "it does not say which file it writes")
    line = client_tools.command(tool, arguments)
    if line is None:
        return None
    led = client_tools.beside(arguments, frozenset(values))
    if led:
        return _Named(unreadable=led)
    read = shell.read(line, values)
    return _Named(read.places, read.harmless, read.unreadable)


def _unknown(scope: Scope, token: str, value: str, named: _Named) -> str:
    known = scope.known(value)
    for place in named.places - known - other_tools.own_places(token, value):
        if not _below(place, value, known):
            return f"the call names a {places.kind(place)} at which the value was not seen"
    return ""


def _below(place: str, value: str, known: frozenset[str]) -> bool:
    """Whether a path is below a known folder that has the value for its name (a home folder)."""
    folder, found, _ = place.partition(f"/{value}/")
    if not found or not place.startswith("path:"):
        return False
    return any(one == folder + found[:-1] or one.startswith(folder + found) for one in known)


def _digest(tool: str, arguments: Any) -> str:
    text = json.dumps([tool, client_tools.asked(tool, arguments)], sort_keys=True, default=str)
    return f"call:{hashlib.sha256(text.encode()).hexdigest()}"
