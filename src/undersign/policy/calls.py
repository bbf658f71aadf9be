"""Whether a tool call in a reply gets values back: only toward places that already had them.

Whoever can put text before a drafter (a web page, a log line, a README) can ask it to send a token
somewhere. So a call is restored only by these rules, for every value in it, or not at all:

1. A call that the client already made with the values in it (same tool, same arguments; of a shell
   the same command) is restored: it tells nobody anything new.
2. Tools that only show something to the person, or read files of this machine, are restored.
3. Tools that write a file are restored if that value was read from, or written to, that very file.
   What else stands in the text they write is no destination.
4. A shell command is restored if it is one plain program that only prints, or one of the few
   clients whose every option is known and that connects to places the value is known at. All other
   commands, and every other tool that runs code, are not.
5. Of any other tool every string is searched for places, and each of them must be known for the
   value. A string with signs that can spell a place (`$`, backslash, `%2e`, base64, ...) ends it.
   A string that names none and is no content must be one that this tool was called with when it
   carried the value before.
6. If such a call names no place, the tool must have carried the value before: in its arguments; or
   in its result, and then the value must be all there is in its string.
7. A value that is itself the place (a host name, an address with its password) is known there, if
   it is all there is in a string that is no content.

Where a value is known:

a. A person's text (and the client's own prompt) makes known the places within 300 characters and
   3 lines of the value. What a drafter wrote in plain text makes nothing known: it may be an echo.
b. A call that came with the value in its arguments makes known the places rules 3 to 5 found.
c. A tool's result makes known the file that was read, and the tool itself; never a host: results
   can be steered by who wants the value.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from undersign.policy import places, shell
from undersign.policy.scope import Scope, Source
from undersign.policy.tokens import PREFIX

NEAR_CHARACTERS, NEAR_LINES = 300, 3
_SHOWS = frozenset({"TodoWrite", "TaskCreate", "TaskUpdate", "ExitPlanMode", "AskUserQuestion"})
"""Tools of coding agents that show their arguments to the person and do nothing else."""
_READS = frozenset({"Read", "NotebookRead", "Glob", "Grep", "LS", "view"})
_WRITES = {
    "Write": "file_path",
    "Edit": "file_path",
    "MultiEdit": "file_path",
    "NotebookEdit": "notebook_path",
    "str_replace_editor": "path",
    "str_replace_based_edit_tool": "path",
    "str_replace_based_edit": "path",
}
"""Tool -> the field that names the one file it changes."""
_PATCHES = frozenset({"apply_patch"})
_PATCHED = re.compile(r"^\*\*\* (?:(?:Add|Update|Delete) File|Move to): (.+)$", re.MULTILINE)
_SHELLS = frozenset({"Bash", "bash", "shell", "local_shell", "exec_command", "run_terminal_cmd"})
_SAID = frozenset({"command", "cmd", "description", "justification"})
"""Fields of a shell tool in which a value may stand: the command, and what is said about it."""
_RUNS = re.compile(
    r"bash|shell|exec|run_|_run|terminal|python|node|repl|eval|script|process|ssh|powershell|cmd"
    r"|task|agent|browser",
    re.IGNORECASE,
)
_RUN_FIELDS = frozenset({"command", "cmd", "script", "code", "argv", "args", "shell", "program"})
_CONTENT = frozenset(
    {
        "body", "text", "content", "message", "subject", "description", "prompt", "query", "title",
        "comment", "note", "notes", "summary", "sql", "markdown", "reason", "q", "search",
    }
)  # fmt: skip
_AIMS = frozenset(
    {
        "url", "uri", "href", "link", "endpoint", "host", "hostname", "server", "domain", "webhook",
        "callback", "proxy", "target", "remote", "destination",
    }
)  # fmt: skip
_PLAIN = re.compile(r"|get|post|put|patch|delete|head|json|text|markdown|html|true|false", re.I)


@dataclass(frozen=True, slots=True)
class _Named:
    """What a call names, with the values in it."""

    places: frozenset[str] = frozenset()
    harmless: bool = False
    unreadable: str = ""
    carried: bool = False
    """Rules 5 and 6 hold besides: what is no place must have been there before."""


def may_restore(scope: Scope, tool: str, arguments: Any) -> str:
    """Return why the values in a call's arguments stay hidden; empty when they may come back."""
    tokens = {t for text in _texts(arguments) for t in scope.held(text) if not scope.quotes(t)}
    values = {token: scope.value(token) or "" for token in tokens}
    if not values:
        return ""
    restored = scope.restored_all(arguments)
    if all(_digest(tool, restored) in scope.known(value) for value in values.values()):
        return ""
    named = _named(tool, arguments, restored, values)
    if named.unreadable or named.harmless:
        return named.unreadable
    for value in values.values():
        reason = _unknown(scope.known(value), value, named)
        if not reason and named.carried:
            reason = _not_carried(scope, tool, arguments, value, named)
        if reason:
            return reason
    return ""


def teaches(source: Source) -> frozenset[str]:
    """Return the places that a value in this source becomes known at.

    Of a person's text the places near the value besides: `places.named(surroundings(...))`.
    """
    if source.author == "call":
        return _of_call(source)
    return _of_result(source) if source.author == "result" and source.tool else frozenset()


def surroundings(text: str, start: int, end: int) -> str:
    """Return what stands near a piece of a text: 300 characters and 3 lines to both sides."""
    before = text[max(0, start - NEAR_CHARACTERS) : start].split("\n")[-NEAR_LINES - 1 :]
    after = text[end : end + NEAR_CHARACTERS].split("\n")[: NEAR_LINES + 1]
    return "\n".join(before) + text[start:end] + "\n".join(after)


def _of_call(source: Source) -> frozenset[str]:
    tool, arguments = source.tool, source.arguments
    named = _named(tool, arguments, arguments, {})
    found = {_digest(tool, arguments)}
    if not named.unreadable and not named.harmless:
        found |= named.places - {places.UNREADABLE}
        if named.carried:
            found |= {f"tool:{tool}"} | {_leaf(tool, *leaf) for leaf in _leaves(arguments)}
    return frozenset(found)


def _of_result(source: Source) -> frozenset[str]:
    tool, arguments = source.tool, source.arguments
    command = _command(tool, arguments)
    if command is not None:
        shown = shell.shown_file(command)
        return frozenset({places.path(shown)} if shown else ())
    leaves = list(_leaves(arguments))
    paths = {places.path(text) for key, text in leaves if _is_path(key, text)}
    found = paths if len(paths) == 1 else set()
    if not _runs(tool, arguments):
        found |= {f"result:{tool}"} | {_leaf(tool, *leaf) for leaf in leaves}
    return frozenset(found)


def _named(tool: str, arguments: Any, restored: Any, values: dict[str, str]) -> _Named:
    if tool in _SHOWS:
        return _Named(harmless=True)
    if tool in _READS:
        off = any(places.leads_off(text) for text in _texts(restored))
        return _Named(harmless=not off, unreadable="it reads off this machine" if off else "")
    written = _written(tool, restored)
    if written is not None:
        return _Named(written, unreadable="" if written else "it does not say which file it writes")
    command = _command(tool, arguments)
    if command is not None:
        if any(t in text for key, text in _leaves(arguments) if key not in _SAID for t in values):
            return _Named(unreadable="a value stands beside the command, not in it")
        read = shell.read(command, values)
        return _Named(read.places, read.harmless, read.unreadable)
    if _runs(tool, arguments):
        return _Named(unreadable="the tool runs code, which can send a value anywhere")
    texts = list(_leaves(restored))
    if any(map(places.hides, _texts(arguments))) or any(_aims_nowhere(*leaf) for leaf in texts):
        return _Named(unreadable="a string of the call can spell a place without naming it")
    return _Named(frozenset().union(*(places.named(text) for _, text in texts)), carried=True)


def _unknown(known: frozenset[str], value: str, named: _Named) -> str:
    for place in named.places - known - _own(value):
        if not _below(place, value, known):
            kind = place.partition(":")[0]
            return f"the call names a {_KINDS[kind]} at which the value was not seen"
    return ""


def _own(value: str) -> frozenset[str]:
    """Return the places a value names itself: rule 7."""
    return (places.named(value) | {places.host(value)}) - {places.UNREADABLE}


_KINDS = {"host": "host", "mail": "mail address", "path": "path"}


def _below(place: str, value: str, known: frozenset[str]) -> bool:
    """Whether a path is below a known folder that has the value for its name (a home folder)."""
    folder, found, _ = place.partition(f"/{value}/")
    if not found or not place.startswith("path:"):
        return False
    return any(one == folder + found[:-1] or one.startswith(folder + found) for one in known)


def _not_carried(scope: Scope, tool: str, arguments: Any, value: str, named: _Named) -> str:
    """Rules 5 and 6: why a call may carry the value elsewhere than where it was."""
    known = scope.known(value)
    alone, at_itself = True, False
    for key, text in _leaves(arguments):
        if scope.held(text):
            whole = scope.value(text)
            alone = alone and whole is not None
            at_itself = at_itself or (whole == value and not _is_content(key))
        elif not _said_before(known, tool, key, text):
            return "the call differs from those that carried the value in more than its content"
    places_named = named.places if at_itself else named.places - _own(value)
    if places_named or f"tool:{tool}" in known or (f"result:{tool}" in known and alone):
        return ""
    return "the call names no place, and this tool has not carried the value before"


def _said_before(known: frozenset[str], tool: str, key: str, text: str) -> bool:
    return (
        _leaf(tool, key, text) in known
        or _is_content(key)
        or _PLAIN.fullmatch(text) is not None
        or _only_a_place(text)
    )


def _aims_nowhere(key: str, text: str) -> bool:
    """Whether a field that says where to send something names no place one could check."""
    return key.rpartition(".")[2].lower() in _AIMS and not places.named(text)


def _is_content(key: str) -> bool:
    return key.rpartition(".")[2] in _CONTENT


def _only_a_place(text: str) -> bool:
    """Whether a string is one place and nothing else: whether it is known is asked already."""
    return not re.search(r"\s", text) and len(places.named(text)) == 1


def _written(tool: str, arguments: Any) -> frozenset[str] | None:
    """Return the files a writing tool changes; None for another tool."""
    if tool in _PATCHES:
        text = "\n".join(_texts(arguments))
        return frozenset(places.path(found) for found in _PATCHED.findall(text))
    field = _WRITES.get(tool)
    if field is None:
        return None
    file = arguments.get(field) if isinstance(arguments, dict) else None
    if not isinstance(file, str) or places.leads_off(file):
        return frozenset()
    return frozenset({places.path(file)})


def _command(tool: str, arguments: Any) -> str | None:
    """Return the command line of a shell tool; None for another tool or shape."""
    if tool not in _SHELLS or not isinstance(arguments, dict):
        return None
    command = arguments.get("command", arguments.get("cmd"))
    if isinstance(command, list) and len(command) == 3 and command[1] in ("-c", "-lc"):
        command = command[2]
    return command if isinstance(command, str) else None


def _runs(tool: str, arguments: Any) -> bool:
    fields = set(arguments) if isinstance(arguments, dict) else set()
    return _RUNS.search(tool) is not None or not _RUN_FIELDS.isdisjoint(fields)


def _is_path(key: str, text: str) -> bool:
    return key.rpartition(".")[2] in {
        "path",
        "file_path",
        "notebook_path",
        "filename",
        "file",
    } and (not places.leads_off(text))


def _digest(tool: str, arguments: Any) -> str:
    said = _command(tool, arguments) or arguments
    text = json.dumps([tool, said], sort_keys=True, default=str)
    return f"call:{hashlib.sha256(text.encode()).hexdigest()}"


def _leaf(tool: str, key: str, text: str) -> str:
    return f"leaf:{hashlib.sha256(json.dumps([tool, key, text]).encode()).hexdigest()}"


def _leaves(value: Any, key: str = "") -> Iterator[tuple[str, str]]:
    """Yield every string of a call with its field: `to`, `message.body`; odd field names too."""
    if isinstance(value, str):
        yield key, value
    elif isinstance(value, int) and not isinstance(value, bool) and abs(value) >= 1 << 24:
        yield key, str(value)
    elif isinstance(value, list):
        for item in value:
            yield from _leaves(item, key)
    elif isinstance(value, dict):
        for name, item in value.items():
            if not re.fullmatch(r"\w+", name) or PREFIX in name:
                yield key, name
            yield from _leaves(item, f"{key}.{name}" if key else name)


def _texts(value: Any) -> Iterator[str]:
    return (text for _, text in _leaves(value))
