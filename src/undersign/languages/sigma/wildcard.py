"""Wildcards without regular expressions: linear memory, no catastrophic backtracking."""

from __future__ import annotations

from collections.abc import Sequence


def fits(parts: Sequence[str | None], text: str) -> bool:
    """Tell whether a whole text fits parts as in `tree.Pattern`: None is `*`, "" is `?`.

    Time is at most the product of both lengths, whatever the pattern.
    """
    chunks: list[list[str]] = [[]]
    for part in parts:
        if part is None:
            chunks.append([])
        else:
            chunks[-1].append(part)
    first, last = chunks[0], chunks[-1]
    if len(chunks) == 1:
        return _width(first) == len(text) and _stands(first, text, 0)
    start, stop = _width(first), len(text) - _width(last)
    if start > stop or not _stands(first, text, 0) or not _stands(last, text, stop):
        return False
    for chunk in chunks[1:-1]:
        start = _find(chunk, text, start, stop)
        if start < 0:
            return False
    return True


def _width(chunk: list[str]) -> int:
    return sum(len(part) or 1 for part in chunk)


def _stands(chunk: list[str], text: str, at: int) -> bool:
    for part in chunk:
        if part and not text.startswith(part, at):
            return False
        at += len(part) or 1
    return at <= len(text)


def _find(chunk: list[str], text: str, start: int, stop: int) -> int:
    """Return where the leftmost place of a chunk inside text[start:stop] ends, or -1."""
    width = _width(chunk)
    if len(chunk) == 1 and chunk[0]:
        at = text.find(chunk[0], start, stop)
        return -1 if at < 0 else at + width
    for at in range(start, stop - width + 1):
        if _stands(chunk, text, at):
            return at + width
    return -1
