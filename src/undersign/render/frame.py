"""The piece of source a finding points at, with a line of carets under it."""

from __future__ import annotations

import re

from undersign.records.artifact import Span
from undersign.render.terminal import ELLIPSIS, TAB, clip, safe, width

_BREAK = re.compile("\r\n|[\n\r\x85\u2028\u2029]")
"""Line breaks as YAML 1.1 counts them, so that lines agree with the spans."""
_MARGIN = 20


def source_lines(text: str) -> list[str]:
    """Split an artifact into lines, without their ends."""
    lines = _BREAK.split(text)
    return lines[:-1] if lines and not lines[-1] else lines


def snippet(lines: list[str], span: Span) -> str:
    """Return the first line a span touches, or empty text when the span lies outside."""
    return lines[span.line - 1] if 0 < span.line <= len(lines) else ""


def frame(lines: list[str], span: Span, *, columns: int = 100) -> tuple[str, str] | None:
    """Return (source line, underline), printable and cut to a width; None when out of range.

    A span over several lines is underlined to the end of its first.
    """
    if not 0 < span.line <= len(lines):
        return None
    line = lines[span.line - 1]
    begin = min(max(span.column - 1, 0), len(line))
    end = span.end_column - 1 if span.end_line == span.line else len(line.rstrip())
    end = min(max(end, begin + 1), max(len(line), begin + 1))
    before, marked, after = (_shown(t) for t in (line[:begin], line[begin:end], line[end:]))
    if width(before) + width(marked) > columns:
        before = ELLIPSIS + before[-_MARGIN:] if len(before) > _MARGIN else before
    room = max(columns - width(before), 10)
    shown = before + clip(marked + after, room)
    return shown, " " * width(before) + "^" * max(1, min(width(marked), room))


def _shown(text: str) -> str:
    return safe(text.replace("\t", " " * TAB))
