"""Text of others as Markdown in which it stays text: no HTML, no link, no fence it could end."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

_MARKS = re.compile(r"([\\`\[\]|*<>~]|(?<!\w)_|_(?!\w))")
_BLOCK = re.compile(r"^(\s*)([#>+=-]|\d+(?=[.)]))")
_TICKS = re.compile(r"`+")
_BAR, _ESCAPED_BAR = re.compile(r"(?<!\\)\|"), r"\\|"


def printable(text: str) -> str:
    """Write on one line, everything that does not print as its escape."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text)


def printable_lines(text: str) -> str:
    """Keep newlines and tabs; write everything else that does not print as its escape."""
    lines = text.replace("\r\n", "\n").split("\n")
    return "\n".join("\t".join(printable(part) for part in line.split("\t")) for line in lines)


def inline(text: str) -> str:
    """Write text on one line of prose, with every mark of Markdown and HTML escaped."""
    marked = _MARKS.sub(r"\\\1", printable(text)).replace("&", "&amp;")
    return _BLOCK.sub(r"\1\\\2", marked).replace("\\<", "&lt;").replace("\\>", "&gt;")


def prose(text: str) -> str:
    """Write text of several lines as prose that keeps its lines."""
    return "  \n".join(inline(line) for line in text.replace("\r\n", "\n").strip().split("\n"))


def code(text: str) -> str:
    """Write text as a code span whose backticks are more than any in it."""
    shown = printable(text)
    if not shown.strip():
        return "` `"
    longest = max((len(run) for run in _TICKS.findall(shown)), default=0)
    ticks = "`" * (longest + 1)
    room = " " if shown[0] == "`" or shown[-1] == "`" or shown[0] == " " else ""
    return f"{ticks}{room}{shown}{room}{ticks}"


def fenced(text: str, language: str = "") -> str:
    """Write text as a code block whose fence is longer than any in it."""
    shown = printable_lines(text)
    longest = max((len(run) for run in _TICKS.findall(shown)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}{language}\n{shown}\n{fence}"


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Write a table whose cells are Markdown already; a bar in them is escaped here."""
    lines = [_row(header), _row(["---"] * len(header)), *(_row(row) for row in rows)]
    return "\n".join(lines)


def _row(cells: Sequence[str]) -> str:
    # GitHub splits a row at every bar that has no backslash, in code spans too.
    return f"| {' | '.join(_BAR.sub(_ESCAPED_BAR, cell) for cell in cells)} |"
