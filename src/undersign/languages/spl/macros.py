"""Search macros: read from macros.conf or JSON, put into a search before it is parsed.

A search may call `` `name` `` or `` `name(argument, argument)` ``. What a macro stands for has the
place of its call. Comments between three backticks are taken out here too.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from undersign.errors import BadInput
from undersign.languages.spl.placed import Piece, Placed
from undersign.languages.spl.scan import MAX_TEXT, SplError, string_end
from undersign.records.query import Problem, ProblemKind

MAX_NESTED = 20
_ARGUMENT = re.compile(r"\$([A-Za-z_][\w.-]*)\$")
_HEAD = re.compile(r"\[([^\]\n(]+)(?:\((\d+)\))?\]\s*$")


@dataclass(frozen=True, slots=True)
class Macro:
    """One macro: `$name$` in its definition stands for an argument."""

    name: str
    arguments: tuple[str, ...]
    definition: str
    path: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Macros:
    """Macros by name and number of arguments; hashed by identity, so that trees can be kept."""

    known: Mapping[tuple[str, int], Macro] = field(default_factory=dict)

    def merged(self, others: Macros) -> Macros:
        """Return these and the others, which win."""
        return Macros({**self.known, **others.known})


def _built_in() -> Macros:
    rows = (
        Macro("drop_dm_object_name", ("name",), "rename $name$.* as *"),
        Macro(
            "security_content_ctime",
            ("field",),
            'convert timeformat="%Y-%m-%dT%H:%M:%S" ctime($field$)',
        ),
        Macro("security_content_summariesonly", (), "summariesonly=false fillnull_value=null"),
        Macro("comment", ("text",), ""),
    )
    return Macros({(m.name, len(m.arguments)): m for m in rows})


DEFAULT = _built_in()
"""What nearly every published detection calls, in our own words."""


def read_macros(text: str, path: str) -> Macros:
    """Read a macros.conf, or JSON of name -> definition or {definition, args}.

    The built-in macros are in the answer too, unless the file has its own of that name.
    Raises BadInput with the line.
    """
    found = _from_json(text, path) if text.lstrip().startswith("{") else _from_conf(text, path)
    return DEFAULT.merged(Macros({(m.name, len(m.arguments)): m for m in found}))


def _from_json(text: str, path: str) -> list[Macro]:
    try:
        rows = json.loads(text)
    except (ValueError, RecursionError) as error:
        line = getattr(error, "lineno", None)
        raise BadInput("this is no JSON", path=path, line=line) from error
    found = []
    for name, row in rows.items():
        row = {"definition": row} if isinstance(row, str) else row
        if not isinstance(row, dict) or not isinstance(row.get("definition"), str):
            raise BadInput(f"macro `{name}` has no definition", path=path)
        names = row.get("args")
        names = names.split(",") if isinstance(names, str) else names
        found.append(_macro(name.partition("(")[0], names, row["definition"], path))
    return found


def _from_conf(text: str, path: str) -> list[Macro]:
    found: list[Macro] = []
    head = ""
    keys: dict[str, str] = {}
    for number, line in enumerate([*text.replace("\\\n", "\n\0").split("\n"), "[]"], start=1):
        if line.startswith("\0"):
            if keys:
                keys[next(reversed(keys))] += "\n" + line[1:]
            continue
        if line.startswith("["):
            if keys:
                found.append(_from_stanza(head, keys, path, number))
            head, keys = line.strip(), {}
        elif "=" in line and not line.lstrip().startswith("#"):
            key, _, value = line.partition("=")
            keys[key.strip()] = value.strip()
    return found


def _from_stanza(head: str, keys: Mapping[str, str], path: str, line: int) -> Macro:
    named = _HEAD.match(head)
    if named is None or "definition" not in keys:
        raise BadInput(f"macro stanza {head} has no name or no definition", path=path, line=line)
    if keys.get("iseval", "0").lower() in ("1", "true"):
        message = f"macro {named[1]} is an eval expression (iseval), which is not supported"
        raise BadInput(message, path=path, line=line)
    names = keys["args"].split(",") if keys.get("args") else []
    return _macro(named[1], names, keys["definition"], path)


def _macro(name: str, names: list[str] | None, definition: str, path: str) -> Macro:
    if names is None:
        names = list(dict.fromkeys(_ARGUMENT.findall(definition)))
    return Macro(name.strip(), tuple(n.strip() for n in names), definition, path)


class _Expansion:
    """One search being expanded."""

    def __init__(self, text: str, macros: Macros) -> None:
        self.text = text
        self.macros = macros
        self.out: list[str] = []
        self.pieces: list[Piece] = []
        self.length = 0
        self.problems: list[tuple[ProblemKind, str, str, int, int]] = []
        self.hints: list[tuple[str, str, int, int]] = []

    def add(self, text: str, origin: int, whole: int | None = None) -> None:
        if text:
            self.pieces.append(Piece(self.length, origin, whole))
            self.out.append(text)
            self.length += len(text)
            if self.length > MAX_TEXT:
                raise SplError("with its macros put in, this search is too long", origin, whole)

    def run(self) -> None:
        for start, end, kind in _marked(self.text):
            if kind == "text":
                self.add(self.text[start:end], start)
            elif kind == "comment":
                self.add(" ", start, end)
            else:
                self.add(self.call(self.text[start + 1 : end - 1], start, end, ()), start, end)

    def call(self, call: str, start: int, end: int, active: tuple[str, ...]) -> str:
        """Return what one call stands for, with the calls inside it put in."""
        name, arguments = _called(call)
        macro = self.macros.known.get((name, len(arguments)))
        if macro is None:
            return self._unknown(name, len(arguments), start, end)
        if name in active or len(active) > MAX_NESTED:
            raise SplError(f"macro `{name}` calls itself", start, end)
        values = dict(zip(macro.arguments, arguments, strict=True))
        text = _ARGUMENT.sub(lambda m: values.get(m[1], m[0]), macro.definition).strip()
        parts = []
        for a, b, kind in _marked(text):
            if kind == "macro":
                parts.append(self.call(text[a + 1 : b - 1], start, end, (*active, name)))
            else:
                parts.append(text[a:b] if kind == "text" else " ")
        return "".join(parts)

    def _unknown(self, name: str, count: int, start: int, end: int) -> str:
        before = "".join(self.out).rstrip()[-1:] if self.out else ""
        stands = "search *" if before in ("", "|", "[") else '"*"'
        if name.endswith("_filter") and count == 0:
            message = f"`{name}` is not declared; by its name a filter of yours, it passes all"
            self.hints.append((message, name, start, end))
        else:
            shown = f"{name}({count})" if count else name
            others = sorted(n for k, n in self.macros.known if k == name)
            also = f"; it is declared with {others} arguments" if others else ""
            message = f"unknown macro `{shown}`{also}: declare it in the workspace's macro file"
            self.problems.append(("unsupported", message, name, start, end))
        return stands


def expand(text: str, macros: Macros) -> tuple[Placed, list[Problem], list[Problem]]:
    """Return the search with its macros put in, problems and hints; raises SplError."""
    work = _Expansion(text, macros)
    if len(text) > MAX_TEXT:
        raise SplError(f"this search is longer than {MAX_TEXT} characters", 0)
    work.run()
    here = Placed(text, text)
    problems = [Problem(k, m, here.span(s, e), n) for k, m, n, s, e in work.problems]
    hints = [Problem("other", m, here.span(s, e), n) for m, n, s, e in work.hints]
    pieces = tuple(work.pieces) or (Piece(0, 0),)
    return Placed("".join(work.out), text, pieces), problems, hints


def _marked(text: str) -> list[tuple[int, int, str]]:
    """Cut text into runs of `text`, `comment` and `macro`; backticks inside strings are text."""
    found: list[tuple[int, int, str]] = []
    i = begin = 0
    while i < len(text):
        if text[i] == '"':
            i = string_end(text, i, len(text))
            continue
        if text[i] == "\\":
            i += 2
            continue
        if text[i] != "`":
            i += 1
            continue
        mark = "```" if text.startswith("```", i) else "`"
        close = text.find(mark, i + len(mark))
        if close < 0:
            raise SplError("this backtick never closes", i)
        found.append((begin, i, "text"))
        found.append((i, close + len(mark), "comment" if len(mark) == 3 else "macro"))
        i = begin = close + len(mark)
    found.append((begin, len(text), "text"))
    return [f for f in found if f[0] < f[1]]


def _called(call: str) -> tuple[str, list[str]]:
    name, opened, rest = call.strip().partition("(")
    if not opened:
        return name.strip(), []
    rest = rest.rstrip().removesuffix(")")
    arguments, depth, begin, i = [], 0, 0, 0
    while i < len(rest):
        c = rest[i]
        if c == '"':
            i = rest.find('"', i + 1) if '"' in rest[i + 1 :] else len(rest)
        elif c == "," and depth == 0:
            arguments.append(rest[begin:i])
            begin = i + 1
        depth += (c in "([") - (c in ")]")
        i += 1
    arguments.append(rest[begin:])
    return name.strip(), [_unquoted(a.strip()) for a in arguments] if rest.strip() else []


def _unquoted(argument: str) -> str:
    quoted = len(argument) > 1 and argument[0] == argument[-1] == '"'
    return argument[1:-1] if quoted else argument
