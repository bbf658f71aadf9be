"""Zeek's own format: tab-separated values under `#fields` and `#types`."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from undersign.records.event import Record, Reject
from undersign.telemetry.readers.lines import TooLong, lines, why_not_utf8
from undersign.telemetry.readers.stream import Stream

_ESCAPED = re.compile(r"\\x([0-9a-fA-F]{2})")
_NUMBERS: dict[str, Callable[[str], Any]] = {
    **dict.fromkeys(("count", "int", "port"), int),
    **dict.fromkeys(("double", "interval"), float),
}


def recognises(head: bytes, suffixes: list[str]) -> bool:
    """Tell whether the file begins with Zeek's header lines."""
    return head.startswith(b"#separator ") or head.startswith(b"#fields\t")


@dataclass(slots=True)
class _Header:
    """What the `#` lines said so far."""

    separator: str = "\t"
    set_separator: str = ","
    empty: str = "(empty)"
    unset: str = "-"
    path: str = ""
    fields: list[str] = field(default_factory=list)
    types: list[str] = field(default_factory=list)

    def read(self, line: str) -> None:
        """Take in one header line; it holds from here on."""
        if line.startswith("#separator "):
            self.separator = _plain(line.removeprefix("#separator "))
            return
        name, _, rest = line.partition(self.separator)
        values = rest.split(self.separator)
        if name == "#fields":
            self.fields, self.types = values, []
        elif name == "#types":
            self.types = values
        elif name in ("#set_separator", "#empty_field", "#unset_field", "#path"):
            setattr(self, _SETTINGS[name], values[0])

    def data(self, line: str) -> dict[str, Any]:
        """Return the fields of one line.

        Raises:
            ValueError: It has more or fewer values than fields, or a number is none.
        """
        values = line.split(self.separator)
        if not self.fields:
            raise ValueError("comes before any #fields line")
        if len(values) != len(self.fields):
            raise ValueError(f"{len(values)} values for {len(self.fields)} fields")
        data: dict[str, Any] = {"_path": self.path} if self.path else {}
        types = self.types if len(self.types) == len(self.fields) else ["string"] * len(values)
        for name, kind, value in zip(self.fields, types, values, strict=True):
            if value != self.unset:
                data[name] = self._value(kind, value)
        return data

    def _value(self, kind: str, text: str) -> Any:
        inner = re.match(r"(?:set|vector|table)\[(\w+)\]", kind)
        if inner:
            items = [] if text == self.empty else text.split(self.set_separator)
            return [self._value(inner[1], i) for i in items if i != self.unset]
        if text == self.empty:
            return ""
        if kind == "bool":
            return text == "T"
        return _NUMBERS.get(kind, _plain)(text)


_SETTINGS = {"#set_separator": "set_separator", "#empty_field": "empty"}
_SETTINGS |= {"#unset_field": "unset", "#path": "path"}


def _plain(text: str) -> str:
    """Undo `\\x09`; bytes that make no UTF-8 stay written as they are."""
    if "\\x" not in text:
        return text
    return _ESCAPED.sub(lambda m: chr(int(m[1], 16)) if int(m[1], 16) < 128 else m[0], text)


def records(stream: Stream) -> Iterator[Record | Reject]:
    """Read a Zeek log; numbers and booleans as `#types` says, times as they are written."""
    header = _Header()
    for number, line in lines(stream):
        if isinstance(line, TooLong):
            yield Reject(stream.path, number, str(line))
            continue
        wrong = why_not_utf8(line)
        if wrong:
            yield Reject(stream.path, number, wrong)
            continue
        text = line.decode()
        if text.startswith("#"):
            header.read(text)
            continue
        try:
            yield Record(number, text, header.data(text))
        except ValueError as error:
            yield Reject(stream.path, number, f"Zeek: {error}")
