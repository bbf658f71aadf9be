"""Where in a text something stands, and what every reader of this room shares."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import defaultdict, deque
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from undersign.records.packages import Manifest, Package, Problem, Setting

_LONGEST = 300
"""Characters of a key or value that is looked up: what is longer has no line."""
_STRING = re.compile(r'"((?:[^"\\]++|\\.)*+)"?', re.DOTALL)
"""Matches at every quotation mark, closed or not, so that no text is looked at twice."""
_VALUE = re.compile(r'\s{0,50}:\s{0,50}(?:"((?:[^"\\]++|\\.)*+)"|([{\[]))?', re.DOTALL)
_QUOTED = re.compile(rf"\"([^\"\n]{{0,{_LONGEST}}})\"|'([^'\n]{{0,{_LONGEST}}})'")
_HOSTS = re.compile(
    r"(pypi\.org|files\.pythonhosted\.org|registry\.npmjs\.org|registry\.yarnpkg\.com"
    r"|repo1?\.maven\.(apache\.)?org|proxy\.golang\.org)$"
)
_ADDRESS = re.compile(r"(?:git\+|hg\+|svn\+|bzr\+)?[a-z][a-z0-9+.-]{1,20}://", re.I)


@dataclass
class Reading:
    """What a reader has found so far of one file."""

    path: str
    kind: str
    ecosystem: str
    text: str
    lock: bool = False
    packages: list[Package] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    settings: list[Setting] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    open: bool = False

    def problem(self, line: int, message: str) -> None:
        """Note what could not be read; after fifty the rest is one line."""
        if len(self.problems) < 50:
            self.problems.append(Problem(line, message))
        elif len(self.problems) == 50:
            self.problems.append(Problem(0, "and more of the same"))

    def done(self) -> Manifest:
        """Return the manifest."""
        return Manifest(
            self.path,
            self.kind,
            self.ecosystem,
            tuple(self.packages),
            self.lock,
            tuple(self.problems),
            tuple(self.settings),
            tuple(self.names),
            self.open,
        )


class Lines:
    """Finds the line of an offset, of a quoted text, of a key with its value."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._starts = [0, *(m.end() for m in re.finditer("\n", text))]
        self._quoted: dict[str, deque[int]] | None = None

    def at(self, offset: int) -> int:
        """Return the line, from 1, of an offset."""
        return bisect_right(self._starts, offset)

    def text(self, line: int) -> str:
        """Return a line without its end; empty when there is none."""
        if not 0 < line <= len(self._starts):
            return ""
        end = self._starts[line] if line < len(self._starts) else len(self._text)
        return self._text[self._starts[line - 1] : end].rstrip("\r\n")

    def quoted(self, value: str) -> int:
        """Return the line of the next text in quotes that is this; 0 when there is none left."""
        if self._quoted is None:
            self._quoted = defaultdict(deque)
            for found in _QUOTED.finditer(self._text):
                word = found[1] if found[1] is not None else found[2]
                self._quoted[word].append(self.at(found.start()))
        lines = self._quoted.get(value)
        return lines.popleft() if lines else 0


def json_lines(text: str) -> dict[tuple[str, str], deque[int]]:
    """Return (key, value) of a JSON text -> its lines, in order; of an object the value is `{`."""
    lines = Lines(text)
    found: dict[tuple[str, str], deque[int]] = defaultdict(deque)
    string = _STRING.search(text)
    while string is not None:
        pair, end = _VALUE.match(text, string.end()), string.end()
        if pair is not None:
            value = pair[1] if pair[1] is not None else (pair[2] or "")
            end = pair.end()
            if len(string[1]) <= _LONGEST >= len(value):
                found[string[1], value].append(lines.at(string.start()))
        string = _STRING.search(text, end)
    return found


def without_credentials(address: str) -> str:
    """Return an address without the user, password and query that may open something."""
    head, mark, rest = address.partition("://")
    if not mark:
        return address
    try:
        parts = urlsplit(f"x://{rest}")
        host = parts.hostname or ""
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        return f"{head}://"
    kept = urlunsplit(("", f"{host}{port}", parts.path, "", parts.fragment))
    return f"{head}:{kept}"


def source_of(address: str) -> str:
    """Return an address as a source; empty when it is its ecosystem's usual index."""
    if not address:
        return ""
    if not _ADDRESS.match(address):
        return without_credentials(address)
    try:
        host = urlsplit(address).hostname or ""
    except ValueError:
        return without_credentials(address)
    if address.startswith("https://") and _HOSTS.match(host):
        return ""
    return without_credentials(address)


def index_of(address: str) -> str:
    """Return an index as a source: its scheme and host; empty for the usual one."""
    known = source_of(address)
    if not known:
        return ""
    head, mark, rest = known.partition("://")
    return f"index:{head}{mark}{rest.split('/')[0]}" if mark else f"index:{known}"


def table(value: object) -> dict[str, Any]:
    """Return a value that should be a table; an empty one for anything else."""
    return {str(k): v for k, v in value.items()} if isinstance(value, dict) else {}


def items(value: object) -> list[Any]:
    """Return a value that should be a list; an empty one for anything else."""
    return value if isinstance(value, list) else []


def word(value: object) -> str:
    """Return a value that should be a text; an empty one for anything else."""
    return value if isinstance(value, str) else ""
