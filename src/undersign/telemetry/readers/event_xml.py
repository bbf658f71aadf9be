"""Windows events as XML: what Event Viewer and `wevtutil qe` write, with or without a root.

Each `<Event>` is cut out of the stream and parsed alone. A document type can then never be
declared where the parser would see it, so no entity can be either.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from xml.parsers import expat

from undersign.errors import BadInput
from undersign.records.event import Record, Reject
from undersign.telemetry.readers.lines import TooLong, why_not_utf8
from undersign.telemetry.readers.stream import Stream

MAX_DEPTH = 64
_HEAD = re.compile(
    rb"\s*(<\?xml[^>]*>\s*)?(<!--.*?-->\s*)*(<![^>\[]*(\[.*?\])?\s*>\s*)*<Events?[\s>/]", re.DOTALL
)
_BEGIN = re.compile(rb"<Event[\s>]")
_CUT = re.compile(rb"<Event(\Z|[\s>])")
_END = b"</Event>"
_FORBIDDEN = re.compile(rb"<!(DOCTYPE|ENTITY)", re.IGNORECASE)


def recognises(head: bytes, suffixes: list[str]) -> bool:
    """Tell whether it begins with an event or a list of events."""
    return _HEAD.match(head) is not None


def records(stream: Stream) -> Iterator[Record | Reject]:
    """Read the events; `line` counts them from 1.

    Raises:
        BadInput: The document declares a document type or an entity.
    """
    begin = _BEGIN.search(stream.head)
    if _FORBIDDEN.search(stream.head, 0, begin.start() if begin else len(stream.head)):
        raise BadInput("declares a document type; such XML is not read", path=stream.path)
    for number, event in enumerate(_events(stream), 1):
        if isinstance(event, bytes):
            yield _record(event, number, stream.path)
        else:
            yield Reject(stream.path, number, str(event))


def _events(stream: Stream) -> Iterator[bytes | TooLong | str]:
    """Yield each event's own text, or why it is none."""
    limit = stream.limits.line
    held = b""
    skipped = 0
    for chunk in stream.chunks():
        looked_at = max(0, len(held) - len(_END))
        held += chunk
        while True:
            begin = None if skipped else _BEGIN.search(held)
            start = begin.start() if begin else 0
            end = held.find(_END, max(start, looked_at)) if begin or skipped else -1
            looked_at = 0
            if end < 0:
                break
            size = skipped + end + len(_END) - start
            yield held[start : end + len(_END)] if size <= limit else TooLong(size, limit)
            held, skipped = held[end + len(_END) :], 0
        keep = start if begin else max(0, len(held) - len(_END))
        if skipped or len(held) - keep > limit:
            keep = len(held) - len(_END)
            skipped += keep
        held = held[keep:]
    if stream.failure is None and (skipped or _CUT.search(held)):
        yield "truncated: the XML ends inside an event"


def _record(text: bytes, number: int, path: str) -> Record | Reject:
    wrong = why_not_utf8(text)
    if wrong:
        return Reject(path, number, wrong.replace("line", "event"))
    try:
        return Record(number, text.decode(), _Builder().build(text))
    except expat.ExpatError as error:
        place = f"line {error.lineno}, column {error.offset + 1} of the event"
        return Reject(path, number, f"not XML at {place}: {expat.ErrorString(error.code)}")
    except _TooDeep:
        return Reject(path, number, f"nested deeper than {MAX_DEPTH}")


class _TooDeep(Exception):
    """More levels of elements than anyone can look at."""


class _Builder:
    """Turns one event's XML into the shape of the `evtx` crate's JSON."""

    def __init__(self) -> None:
        self._parser = expat.ParserCreate("utf-8")
        self._parser.buffer_text = True
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._stop
        self._parser.CharacterDataHandler = self._text
        self._root: dict[str, Any] = {}
        self._open: list[tuple[str, dict[str, Any], list[str]]] = [("", self._root, [])]

    def build(self, text: bytes) -> dict[str, Any]:
        """Parse one event.

        Raises:
            expat.ExpatError: It is not well-formed.
            _TooDeep: It has more than MAX_DEPTH levels.
        """
        self._parser.Parse(text, True)
        return self._root

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        if len(self._open) > MAX_DEPTH:
            raise _TooDeep
        plain = {k: v for k, v in attributes.items() if not k.startswith("xmlns")}
        content: dict[str, Any] = {"#attributes": plain} if plain else {}
        self._open.append((name.rpartition(":")[2], content, []))

    def _text(self, text: str) -> None:
        self._open[-1][2].append(text)

    def _stop(self, name: str) -> None:
        local, content, texts = self._open.pop()
        text = "".join(texts)
        has_children = any(key != "#attributes" for key in content)
        value: Any = content
        if not has_children:
            value = {**content, "#text": text} if content else text
        elif text.strip():
            content["#text"] = text.strip()
        siblings = self._open[-1][1]
        if local not in siblings:
            siblings[local] = value
        elif isinstance(siblings[local], list):
            siblings[local].append(value)
        else:
            siblings[local] = [siblings[local], value]
