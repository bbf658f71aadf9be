"""Lines of source text, counted as git, editors and parsers count them."""

from __future__ import annotations


def lines_of(text: str) -> list[str]:
    """Split at LF, CRLF and lone CR only; a line end at the end of the text begins no new line.

    `str.splitlines` would also split at form feeds and at U+2028, where nobody else counts a line.
    """
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return lines[:-1] if lines[-1] == "" else lines
