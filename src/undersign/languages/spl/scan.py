"""Characters of a search: strings, brackets, pipes, and the words that commands are made of."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from undersign.records.query import ProblemKind

MAX_TEXT = 200_000
"""Characters; a longer search is refused before it is read."""
MAX_DEPTH = 50
"""Parentheses and subsearches within each other."""


class SplError(Exception):
    """What cannot be read, with its place in the expanded text."""

    def __init__(
        self, message: str, start: int, end: int | None = None, kind: ProblemKind = "syntax"
    ) -> None:
        super().__init__(message)
        self.message = message
        self.start = start
        self.end = end if end is not None else start + 1
        self.kind: ProblemKind = kind


@dataclass(frozen=True, slots=True)
class Word:
    """One token of a command: a word, a quoted text, a bracketed subsearch, or punctuation."""

    kind: str
    """`word`, `string`, `name` (in single quotes), `sub`, or the punctuation itself."""
    value: str
    """Without quotes and escapes."""
    start: int
    end: int


def string_end(text: str, start: int, end: int) -> int:
    """Return the offset after the quoted text that starts at `start`; raises SplError."""
    i = start + 1
    while i < end:
        if text[i] == "\\":
            i += 2
        elif text[i] == '"':
            return i + 1
        else:
            i += 1
    raise SplError("this quoted text never ends", start)


def unescaped(quoted: str) -> str:
    r"""Return a quoted text's value: `\"` and `\\` are escapes, any other backslash stays."""
    if "\\" not in quoted:
        return quoted
    out: list[str] = []
    i = 0
    while i < len(quoted):
        if quoted[i] == "\\" and quoted[i + 1 : i + 2] in ('"', "\\"):
            i += 1
        out.append(quoted[i])
        i += 1
    return "".join(out)


def commands(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """Cut a pipeline at its pipes; strings and subsearches stay whole. Raises SplError."""
    found: list[tuple[int, int]] = []
    begin = i = start
    while i < end:
        c = text[i]
        if c == '"':
            i = string_end(text, i, end)
        elif c == "[":
            i = bracket_end(text, i, end)
        elif c == "\\":
            i += 2
        else:
            if c == "|":
                found.append((begin, i))
                begin = i + 1
            i += 1
    found.append((begin, end))
    return found


def bracket_end(text: str, start: int, end: int) -> int:
    """Return the offset after the subsearch that starts at `start`; raises SplError."""
    depth, i = 0, start
    while i < end:
        c = text[i]
        if c == '"':
            i = string_end(text, i, end)
            continue
        if c == "\\":
            i += 2
            continue
        depth += (c == "[") - (c == "]")
        if depth > MAX_DEPTH:
            raise SplError("subsearches are nested too deeply", i)
        i += 1
        if depth == 0:
            return i
    raise SplError("this subsearch never ends", start)


def paren_end(text: str, start: int, end: int) -> int:
    """Return the offset of the parenthesis that closes the one at `start`; raises SplError."""
    depth, i = 0, start
    while i < end:
        if text[i] == '"':
            i = string_end(text, i, end)
            continue
        depth += (text[i] == "(") - (text[i] == ")")
        if depth == 0:
            return i
        i += 1
    raise SplError("this parenthesis never closes", start)


def words(text: str, start: int, end: int) -> list[Word]:
    """Cut a command's arguments into words; raises SplError."""
    return list(each_word(text, start, end))


def each_word(text: str, start: int, end: int) -> Iterator[Word]:
    """Yield a command's words one by one, so that a caller can stop early; raises SplError."""
    i = start
    while i < end:
        c = text[i]
        if c.isspace():
            i += 1
            continue
        word = word_at(text, i, end)
        yield word
        i = word.end


def word_at(text: str, i: int, end: int) -> Word:
    """Return the word that starts at `i`, where no white space is; raises SplError."""
    c = text[i]
    if c == '"':
        close = string_end(text, i, end)
        return Word("string", unescaped(text[i + 1 : close - 1]), i, close)
    if c == "[":
        close = bracket_end(text, i, end)
        return Word("sub", text[i + 1 : close - 1], i, close)
    if c in "(),=":
        return Word(c, c, i, i + 1)
    if c == "'" and (close := text.find("'", i + 1, end)) > 0:
        return Word("name", text[i + 1 : close], i, close + 1)
    close = i
    while close < end and not text[close].isspace() and text[close] not in '(),="[':
        close += 1
    close = max(close, i + 1)
    return Word("word", text[i:close], i, close)


def is_count(text: str) -> bool:
    """Say whether a text is a whole number that nobody would call absurd."""
    return text.isascii() and text.isdigit() and len(text) < 10


def trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    """Return [start, end) without white space on either side."""
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return start, end
