"""One log, opened: its format is detected on its first lines and kept to its end."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from itertools import chain, islice
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa

from undersign.errors import BadInput
from undersign.records.event import Reject
from undersign.records.evidence import Evidence, Precision, Source
from undersign.telemetry.logbook.batch import NAT, Batch, Columns, LogFormat, Told, moment
from undersign.telemetry.logbook.clock import Clock
from undersign.telemetry.logbook.lines import LINE_FORMATS
from undersign.telemetry.logbook.structured import STRUCTURED_FORMATS
from undersign.telemetry.readers.stream import Limits, Stream, open_stream

FORMATS: tuple[LogFormat, ...] = (*STRUCTURED_FORMATS, *LINE_FORMATS)
"""Every format, the most specific first among those of objects and among those of lines."""

BATCH = 32_768
_SAMPLE = 100
_ENOUGH = 0.5
_MOST_REJECTED = 20
_MOST_CONTINUED = 400
"""Lines of one event, such as of a stack trace."""
_LIMITS = Limits(line=1 << 20)
_OBJECT = re.compile(rb"\s*(?:[{<]|\[\s*[\[{\"\]])")
"""How JSON and XML begin; a bracket before a date begins a line of text."""
_OBJECTS = (b"ElfFile\0", b"PAR1", b"#separator")


class Row(NamedTuple):
    """One line, or one object with its text."""

    line: int
    raw: str
    value: Any
    """The line itself, or the object."""


@dataclass(frozen=True, slots=True)
class _Content:
    of_objects: bool
    rows: Iterator[Row | Reject]


def open_log(path: Path, told: Told, *, on_bytes: Callable[[int], None] | None = None) -> Log:
    """Open a log and detect its format.

    Raises BadInput when it cannot be opened, is empty, or is in no format known.
    """
    content = _content(path, on_bytes)
    sample: list[Row | Reject] = list(islice(content.rows, _SAMPLE))
    values = [row.value for row in sample if isinstance(row, Row)]
    if not values:
        raise BadInput("nothing in it can be read as a log", path=str(path))
    form = _detected(values, content.of_objects, told.format, path)
    return Log(path, told, form, chain(sample, content.rows))


class Log:
    """A log whose format is known; its batches are handed out once."""

    def __init__(
        self, path: Path, told: Told, form: LogFormat, rows: Iterable[Row | Reject]
    ) -> None:
        self.path, self.format, self.told = path, form, told
        self._rows = iter(rows)
        self._clock = Clock(told)
        self._lines = self._untimed = self._rejects = self._disordered = 0
        self._rejected: list[tuple[int, str]] = []
        self._first = self._last = self._before = NAT
        self._damaged = False

    def batches(self) -> Iterator[Batch]:
        """Yield the lines in order, some thousands at a time."""
        while True:
            rows = [r for r in islice(self._rows, BATCH) if self._keeps(r)]
            if not rows:
                return
            yield self._batch(rows)  # type: ignore[arg-type]  # rejects were left out

    def source(self) -> Source:
        """Return what is known of the log; complete once its batches were read to the end."""
        clock, told = self._clock, self.told
        zone_known = "stated" if told.zone else "assumed"
        year_known = "stated" if told.year else "assumed"
        warnings = list(clock.warnings())
        if self._damaged:
            warnings.append("some of its bytes are no UTF-8; they are shown as \ufffd")
        return Source(
            name=told.name,
            path=str(self.path),
            digest=_digest(self.path),
            format=self.format.name,
            zone=told.zone or "UTC",
            zone_known=zone_known if clock.guessed_zone else "written",
            skew=told.skew,
            year_known=year_known if clock.guessed_year else "written",
            lines=self._lines,
            untimed=self._untimed,
            rejected=tuple(self._rejected),
            rejects=self._rejects,
            first=moment(self._first),
            last=moment(self._last),
            disordered=self._disordered,
            warnings=tuple(warnings),
        )

    def _keeps(self, row: Row | Reject) -> bool:
        if isinstance(row, Row):
            self._damaged = self._damaged or "\ufffd" in row.raw
            return True
        self._rejects += 1
        if len(self._rejected) < _MOST_REJECTED:
            self._rejected.append((row.line, row.reason))
        return False

    def _batch(self, rows: list[Row]) -> Batch:
        found = self.format.columns([row.value for row in rows], self._clock)
        if not self.format.of_objects:
            rows, found = _continued(rows, found)
        times = np.array(found.times, dtype=np.int64)
        self._count(times)
        self._lines += len(rows)
        return Batch(
            lines=np.array([row.line for row in rows], dtype=np.int64),
            times=times,
            raws=pa.array([row.raw for row in rows], pa.string()),
            messages=pa.array(found.messages, pa.string()),
            precision=self.format.precision,
        )

    def _count(self, times: np.ndarray[Any, np.dtype[np.int64]]) -> None:
        known = times[times != NAT]
        self._untimed += len(times) - len(known)
        if not len(known):
            return
        low, high = int(known.min()), int(known.max())
        self._first = low if self._first == NAT else min(self._first, low)
        self._last = high if self._last == NAT else max(self._last, high)
        begun = known if self._before == NAT else np.concatenate(([self._before], known))
        self._disordered += int(np.count_nonzero(np.diff(begun) < -1_000_000))
        self._before = int(known[-1])


def evidence_of(
    log: Log, line: int, raw: str, time: int | datetime | None, precision: Precision
) -> Evidence:
    """Type the fields of one line: what stands at its address. `time` in microseconds, or UTC."""
    facts = log.format.facts(raw)
    name = log.told.name
    return Evidence(
        id=f"{name}:{line}",
        source=name,
        line=line,
        time=moment(time) if isinstance(time, int) else time,
        raw=raw,
        precision=precision,
        facts=facts.roles,
        outcome=facts.outcome,
    )


def _continued(rows: list[Row], found: Columns) -> tuple[list[Row], Columns]:
    """Join indented lines without a time to the line above: a stack trace is one event."""
    if NAT not in found.times:
        return rows, found
    kept: list[Row] = []
    times: list[int] = []
    messages: list[str] = []
    run = 0
    for row, time, message in zip(rows, found.times, found.messages, strict=True):
        if time == NAT and kept and run < _MOST_CONTINUED and row.raw[:1] in (" ", "\t"):
            run += 1
            kept[-1] = kept[-1]._replace(raw=f"{kept[-1].raw}\n{row.raw}")
            continue
        run = 0
        kept.append(row)
        times.append(time)
        messages.append(message)
    return kept, Columns(times, messages)


def _detected(sample: Sequence[Any], of_objects: bool, wanted: str | None, path: Path) -> LogFormat:
    fitting = [form for form in FORMATS if form.of_objects == of_objects]
    if wanted is not None:
        named = next((form for form in fitting if form.name == wanted), None)
        if named is None:
            names = ", ".join(form.name for form in fitting)
            raise BadInput(f"no format here is called {wanted!r}", path=str(path), hint=names)
        return named
    shares = [(form.recognises(sample), form.specificity, form) for form in fitting]
    good = [one for one in shares if one[0] >= _ENOUGH]
    if not good:
        names = ", ".join(form.name for form in fitting)
        raise BadInput("no format known here reads half of it", path=str(path),
                       hint=f"tried: {names}")  # fmt: skip
    # The generic formats read nearly everything, so what a format is for comes first.
    return max(good, key=lambda one: (one[1], one[0]))[2]


def _content(path: Path, on_bytes: Callable[[int], None] | None) -> _Content:
    stream = open_stream(path, _LIMITS, on_bytes)
    from undersign.telemetry import readers

    head = stream.head
    if not head.strip():
        stream.file.close()
        raise BadInput("is empty", path=str(path))
    if not (_OBJECT.match(head) or head.startswith(_OBJECTS) or _is_csv(head)):
        return _Content(False, _text_rows(stream))
    suffixes = [s.lower() for s in path.suffixes]
    known = next((r for r in readers.READERS if r.recognises(head, suffixes)), None)
    if known is None or known.name == "Linux audit log":
        return _Content(False, _text_rows(stream))
    return _Content(True, _object_rows(stream, known.records))


def _is_csv(head: bytes) -> bool:
    """Tell a table of events with a header that names a time from any text with commas."""
    first = head.split(b"\n", 1)[0].lower()
    return (
        first.count(b",") >= 2
        and any(
            name in first for name in (b"datetime", b"timestamp", b"timegenerated", b"eventtime")
        )
        and not first[:1].isdigit()
    )


def _text_rows(stream: Stream) -> Iterator[Row | Reject]:
    from undersign.telemetry.readers.lines import TooLong, lines

    with stream.file:
        last = 0
        for number, line in lines(stream):
            last = number
            if isinstance(line, TooLong):
                yield Reject(stream.path, number, str(line))
                continue
            try:
                text = line.decode()
            except UnicodeDecodeError:
                text = line.decode(errors="replace")
            yield Row(number, text, text)
        if stream.failure:
            yield Reject(stream.path, last + 1, stream.failure)


def _object_rows(stream: Stream, read: Callable[[Stream], Iterator[Any]]) -> Iterator[Row | Reject]:
    with stream.file:
        last = 0
        for record in read(stream):
            last = record.line
            if isinstance(record, Reject):
                yield record
            else:
                yield Row(record.line, record.raw, record.data)
        if stream.failure:
            yield Reject(stream.path, last + 1, stream.failure)


def _digest(path: Path) -> str:
    digest = sha256()
    with path.open("rb") as file:
        while piece := file.read(1 << 20):
            digest.update(piece)
    return digest.hexdigest()
