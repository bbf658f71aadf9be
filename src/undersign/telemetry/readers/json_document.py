"""JSON that is not one object a line: arrays, `{"Records": [...]}`, pretty-printed objects.

Elements are cut out of the stream by brackets and quotes alone, so that an array of any size is
read holding one element at a time.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from undersign.records.event import Record, Reject
from undersign.telemetry.readers.json_lines import parse
from undersign.telemetry.readers.lines import TooLong
from undersign.telemetry.readers.stream import Stream

_MEMBER = rb'"[^"\\]{0,200}"\s*:\s*(?:"[^"\\]{0,2000}"|[-+.\w]{1,40})\s*,\s*'
_WRAPPED = re.compile(
    rb"\s*\{\s*(?:" + _MEMBER + rb'){0,8}"(?:Records|records|Events|value)"\s*:\s*\[\s*[{\]]'
)
"""Exports that wrap their records: CloudTrail, Azure diagnostics, Windows, Microsoft Graph."""
_ARRAY = re.compile(rb'\s*\[\s*(\{|\]\s*\Z|\[\s*[\[{"])')
"""An array, and not a text log whose lines begin with a bracketed time or level."""
_PRETTY = re.compile(
    rb'\s*\{\s*(\Z|\r?\n\s*["}])|\s*\{[^\n]{0,500}([,{:]\s*\n\s*["}\[]|\[\s*\n\s*["\]\[{\d])'
)
_SKIP = re.compile(rb'[^"{}\[\]]*+(?:"[^"\\]*+(?:\\.[^"\\]*+)*+"[^"{}\[\]]*+)*+', re.DOTALL)
"""Everything up to the next bracket outside of texts, or up to a text that is not complete."""
_TEXT = re.compile(rb'[^"\\]*+(?:\\.[^"\\]*+)*+', re.DOTALL)
_BETWEEN = b" \t\r\n,"


def recognises(head: bytes, suffixes: list[str]) -> bool:
    """Tell whether it begins as an array, as wrapped records or as a pretty-printed object."""
    return any(pattern.match(head) for pattern in (_ARRAY, _WRAPPED, _PRETTY))


def records(stream: Stream) -> Iterator[Record | Reject]:
    """Read the elements; `line` counts them from 1."""
    within = b"[" if _ARRAY.match(stream.head) else b""
    within = b"{[" if _WRAPPED.match(stream.head) else within
    cutter = _Cutter(stream, within)
    number = 0
    for element in cutter.elements():
        number += 1
        if isinstance(element, TooLong):
            yield Reject(stream.path, number, str(element))
        else:
            yield parse(element, number, stream.path)
    if cutter.unfinished and stream.failure is None:
        yield Reject(stream.path, number + 1, "truncated: the JSON ends before its last bracket")


class _Cutter:
    """Cuts elements out of a stream of JSON; they stand within the brackets given."""

    def __init__(self, stream: Stream, within: bytes) -> None:
        self._stream = stream
        self._within = within
        self._matched = 0
        """How many of the brackets around are those of `within`, from the outside."""
        self._around = 0
        """Open brackets around the place where we are, outside of elements."""
        self._depth = 0
        """Open brackets of the current element; 0 between elements."""
        self._parts: list[bytes] = []
        self._size = 0
        self._in_text = False
        self._escaped = False

    @property
    def unfinished(self) -> bool:
        """Whether brackets are still open."""
        return bool(self._depth or self._around)

    def elements(self) -> Iterator[bytes | TooLong]:
        """Yield the text of each element, and what stands between elements but is none."""
        for chunk in self._stream.chunks():
            start = 0
            for at in self._brackets(chunk):
                opens = chunk[at] in b"{["
                if self._depth:
                    self._depth += 1 if opens else -1
                    if self._depth == 0:
                        yield self._taken(chunk[start : at + 1])
                        start = at + 1
                    continue
                yield from self._stray(chunk[start:at])
                start = at if self._begins(opens) else at + 1
                self._walk(chunk[at], opens)
            self._keep(chunk[start:])
        if not self._depth:
            yield from self._stray(b"")

    def _begins(self, opens: bool) -> bool:
        """Tell whether an opening bracket is that of an element."""
        return opens and self._matched == self._around == len(self._within)

    def _walk(self, bracket: int, opens: bool) -> None:
        """Step into an element, into a container around elements, or out of one."""
        if self._begins(opens):
            self._depth = 1
        elif opens:
            fits = self._matched == self._around < len(self._within)
            if fits and bracket == self._within[self._around]:
                self._matched += 1
            self._around += 1
        else:
            self._around = max(0, self._around - 1)
            self._matched = min(self._matched, self._around)

    def _brackets(self, chunk: bytes) -> Iterator[int]:
        """Yield the places of brackets that are not inside texts."""
        at, end = 0, len(chunk)
        while at < end:
            if self._escaped:
                self._escaped = False
                at += 1
            elif self._in_text:
                at = _end(_TEXT, chunk, at)
                self._escaped = chunk[at : at + 1] == b"\\"
                self._in_text = chunk[at : at + 1] != b'"'
                at += 1
            else:
                at = _end(_SKIP, chunk, at)
                self._in_text = chunk[at : at + 1] == b'"'
                if at < end and not self._in_text:
                    yield at
                at += 1

    def _keep(self, part: bytes) -> None:
        self._size += len(part)
        if self._size > self._stream.limits.line:
            self._parts.clear()
        else:
            self._parts.append(part)

    def _taken(self, part: bytes) -> bytes | TooLong:
        """Return everything kept since the last time, if it was not too much."""
        self._keep(part)
        size, limit = self._size, self._stream.limits.line
        text: bytes | TooLong = b"".join(self._parts) if size <= limit else TooLong(size, limit)
        self._parts.clear()
        self._size = 0
        return text

    def _stray(self, part: bytes) -> Iterator[bytes | TooLong]:
        """Yield what stands where elements stand and is more than white space and commas."""
        text = self._taken(part)
        here = self._matched == self._around == len(self._within)
        if isinstance(text, TooLong):
            yield text
        elif here and text.strip(_BETWEEN):
            yield text.strip(_BETWEEN)


def _end(pattern: re.Pattern[bytes], chunk: bytes, at: int) -> int:
    match = pattern.match(chunk, at)
    return match.end() if match else at
