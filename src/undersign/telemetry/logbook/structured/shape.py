"""A structured format as data: which fields tell its time, its message, its roles, its outcome."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from undersign.telemetry.logbook.batch import NAT, Columns, Facts, LogFormat
from undersign.telemetry.logbook.clock import Clock

Record = Mapping[str, Any]
_EMPTY = frozenset({"", "-", "N/A", "null", "None", "(null)"})
_DIGITS = re.compile(r"-?\d{9,19}(?:\.\d+)?")
_NAIVE = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d+)?")
_MOST_VALUES = 20
_LONGEST = 500
"""Characters of a value that are typed; longer ones are texts and no names."""


@dataclass(frozen=True, slots=True)
class Shape:
    """One structured format."""

    name: str
    specificity: int
    needs: tuple[tuple[str, ...], ...]
    """A record is of this format when, of every inner tuple, one path is there."""
    times: tuple[str, ...]
    """Paths that tell the time, the first that is there counts."""
    message: tuple[str, ...]
    """Paths whose values, joined, say what happened; without anything that varies by record."""
    roles: Mapping[str, tuple[str, ...]]
    """Role -> paths; the first path that has a value gives it, `*` before a path adds to it."""
    outcome: Callable[[Record], str]
    unwrap: Callable[[Record], Record] | None = None
    """Takes the real record out of one that wraps it."""
    utc: bool = False
    """Whether its documentation says that times without a zone are UTC."""

    def log_format(self) -> LogFormat:
        """Return it as a row of FORMATS."""
        return LogFormat(
            self.name, self.specificity, self.recognises, self.columns, self.facts, of_objects=True
        )

    def recognises(self, sample: Sequence[Record]) -> float:
        """Return the share of the sample that is of this format."""
        return sum(map(self._fits, sample)) / max(len(sample), 1)

    def columns(self, records: Sequence[Record], clock: Clock) -> Columns:
        """Return times and messages."""
        times, messages = [], []
        for wrapped in records:
            record = self._record(wrapped)
            times.append(self._time(record, clock))
            words = (text(value_at(record, path)) for path in self.message)
            messages.append(" ".join(word for word in words if word) or self.name)
        return Columns(times, messages)

    def facts(self, raw: str) -> Facts:
        """Return roles and outcome of the JSON text of one record."""
        import orjson

        try:
            record = orjson.loads(raw)
        except orjson.JSONDecodeError:
            return Facts()
        if not isinstance(record, Mapping):
            return Facts()
        record = self._record(record)
        roles = {}
        for role, paths in self.roles.items():
            if values := tuple(dict.fromkeys(_values(record, paths)))[:_MOST_VALUES]:
                roles[role] = values
        return Facts(roles, self.outcome(record))

    def _fits(self, wrapped: Record) -> bool:
        record = self._record(wrapped)
        return all(any(value_at(record, p) is not None for p in paths) for paths in self.needs)

    def _record(self, wrapped: Record) -> Record:
        return self.unwrap(wrapped) if self.unwrap else wrapped

    def _time(self, record: Record, clock: Clock) -> int:
        for path in self.times:
            value = value_at(record, path)
            if value is not None and value != "":
                return time_of(_in_utc(value) if self.utc else value, clock)
        return NAT


def _in_utc(value: object) -> object:
    """Return a time with the zone that its format leaves out."""
    naive = isinstance(value, str) and _NAIVE.fullmatch(value.strip()) is not None
    return f"{value}Z" if naive else value


def value_at(record: Any, path: str) -> Any:
    """Return what stands at a dotted path; a key that holds dots itself is found too; else None."""
    if isinstance(record, Mapping) and path in record:
        return record[path]
    here: Any = record
    for part in path.split("."):
        if isinstance(here, list):
            here = here[0] if here else None
        if not isinstance(here, Mapping):
            return None
        here = here.get(part)
    return here


def time_of(value: object, clock: Clock) -> int:
    """Read a time: RFC 3339, seconds, milliseconds, micro- or nanoseconds since 1970."""
    if isinstance(value, bool) or value is None:
        return NAT
    if isinstance(value, int | float):
        return _epoch(float(value), clock)
    if not isinstance(value, str):
        return NAT
    written = value.strip()
    if _DIGITS.fullmatch(written):
        return _epoch(float(written), clock)
    if written[4:5] in ("-", "/") and len(written) >= len("2026-01-31T23:59:59"):
        return clock.iso(written.removesuffix(" UTC") + ("Z" if written.endswith(" UTC") else ""))
    if written[2:3] == "/" and written[6:7] == "/":
        return clock.web(written)
    return clock.stamp(written) if ":" in written else NAT


def _epoch(number: float, clock: Clock) -> int:
    size = abs(number)
    for above, scale in ((1e17, 1e9), (1e14, 1e6), (1e11, 1e3)):
        if size >= above:
            return clock.micros(round(number / scale * 1e6))
    return clock.epoch(number)


def text(value: object) -> str:
    """Return a value as the text it stands for; nothing for objects, lists and what is empty."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return "" if value.strip() in _EMPTY else value.strip()
    return str(value) if isinstance(value, int | float) else ""


def _values(record: Record, paths: Sequence[str]) -> Iterator[str]:
    found = False
    for path in paths:
        more = path.startswith("*")
        if found and not more:
            continue
        for word in _texts(value_at(record, path.removeprefix("*"))):
            found = True
            yield word


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, list):
        for one in value[:_MOST_VALUES]:
            yield from _texts(one)
        return
    word = text(value)
    if word and len(word) <= _LONGEST:
        yield word
