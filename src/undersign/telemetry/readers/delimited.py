"""CSV and its relatives with `;`, tab or `|`: the first line names the fields."""

from __future__ import annotations

import csv
from collections.abc import Iterator

from undersign.records.event import Record, Reject
from undersign.telemetry.readers.lines import TooLong, lines, why_not_utf8
from undersign.telemetry.readers.stream import Stream

SUFFIXES = (".csv", ".tsv")
_DELIMITERS = ",;\t|"
_LOOKED_AT = 5
"""Lines that must have as many values as the header, for a file to count as a table."""


class _TooMuch(Exception):
    """One row runs over more text than a record may have."""


def recognises(head: bytes, suffixes: list[str]) -> bool:
    """Tell whether the first lines are a table with names on top, or the name says so."""
    if b"\0" in head:
        return False
    if any(s in SUFFIXES for s in suffixes):
        return True
    try:
        text = head.decode()
    except UnicodeDecodeError as bad:
        text = head[: bad.start].decode()
    return _delimiter(text) is not None


def _delimiter(text: str) -> str | None:
    """Return the delimiter under which the first lines have equally many values, if any."""
    csv.field_size_limit(1 << 30)
    for delimiter in _DELIMITERS:
        rows = []
        for row in csv.reader(text.splitlines(keepends=True), delimiter=delimiter):
            if row:
                rows.append(row)
            if len(rows) > _LOOKED_AT + 1:
                break
        # The last row looked at may be cut off by the end of the head.
        whole = rows[:-1] if len(text) > 60_000 and len(rows) <= _LOOKED_AT + 1 else rows
        if whole and _is_header(whole[0]) and all(len(r) == len(whole[0]) for r in whole):
            return delimiter
    return None


def _is_header(row: list[str]) -> bool:
    """Tell whether these can be names of fields: short, different, and not mere numbers."""
    names = [name.strip() for name in row]
    plain = all(n and len(n) <= 256 and n.isprintable() and not _number(n) for n in names)
    return len(names) > 1 and plain and len({*names}) == len(names)


def _number(text: str) -> bool:
    return text.replace(".", "", 1).replace("-", "", 1).isdigit()


class _Lines:
    """Feeds a CSV parser with lines, and remembers which ones a row was made of."""

    def __init__(self, stream: Stream) -> None:
        self._lines = lines(stream, blank=True)
        self._limit = stream.limits.line
        self._path = stream.path
        self.rejects: list[Reject] = []
        self.first = 0
        self.number = 0
        self.taken: list[str] = []
        self._size = 0

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        for number, line in self._lines:
            self.number = number
            wrong = str(line) if isinstance(line, TooLong) else why_not_utf8(line)
            if wrong or isinstance(line, TooLong):
                self.rejects.append(Reject(self._path, number, str(wrong)))
                continue
            self._size += len(line)
            if self._size > self._limit:
                raise _TooMuch
            self.first = self.first or number
            self.taken.append(line.decode())
            return f"{self.taken[-1]}\n"
        raise StopIteration

    def start_over(self) -> tuple[int, str]:
        """Return the first line number and the text since the last time, and forget them."""
        first, text = self.first, "\n".join(self.taken)
        self.first, self.taken, self._size = 0, [], 0
        return first, text


def records(stream: Stream) -> Iterator[Record | Reject]:
    """Read a table; an empty cell is no value, because CSV cannot tell it from an empty text."""
    text = stream.head.decode(errors="ignore")
    header = text.partition("\n")[0]
    delimiter = _delimiter(text) or max(_DELIMITERS, key=header.count)
    source = _Lines(stream)
    names: list[str] | None = None
    rows = csv.reader(source, delimiter=delimiter)
    while True:
        try:
            row = next(rows, None)
        except (_TooMuch, csv.Error) as error:
            first, _ = source.start_over()
            reason = "a quoted text does not end" if isinstance(error, _TooMuch) else str(error)
            yield Reject(stream.path, first, f"CSV: {reason}; skipped to line {source.number}")
            rows = csv.reader(source, delimiter=delimiter)
            continue
        yield from source.rejects
        source.rejects.clear()
        if row is None:
            return
        first, text = source.start_over()
        if names is None:
            names = [name.strip() for name in row]
        elif row:
            yield _record(names, row, Record(first, text, {}), stream.path)


def _record(names: list[str], row: list[str], text: Record, path: str) -> Record | Reject:
    if len(row) != len(names):
        return Reject(path, text.line, f"CSV: {len(row)} values for {len(names)} columns")
    data = {name: value for name, value in zip(names, row, strict=True) if value}
    return Record(text.line, text.raw, data)
