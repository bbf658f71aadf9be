"""What the matches of one rule add up to, chunk by chunk: days, hosts, contributors, samples."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from heapq import nsmallest

import numpy as np

from undersign.catalogs.log_sources import LogSource
from undersign.records.history import Contributor
from undersign.telemetry.correlate import Matched
from undersign.telemetry.days import DAY, UNDATED_DAY, date_of
from undersign.telemetry.match.chunk import UNDATED
from undersign.telemetry.match.evaluate import Lens
from undersign.telemetry.match.run import Hit
from undersign.telemetry.match.sets import Ids

SAMPLES = 5
TOP_FIELDS = 8
TOP_VALUES = 5
MOST_EVENTS = 2_000_000
"""Matches kept one by one for a correlation; beyond, it is said to be unmeasured."""


@dataclass
class Tally:
    """The matches of one rule so far."""

    fields: tuple[str, ...]
    """Fields of the rule whose values contribute, in the rule's order."""
    matches: int = 0
    per_day: Counter[str] = field(default_factory=Counter)
    per_host: Counter[str] = field(default_factory=Counter)
    values: dict[str, Counter[str]] = field(default_factory=dict)
    sample: list[tuple[int, str]] = field(default_factory=list)

    def add(self, hit: Hit) -> None:
        """Add the rows of one hit."""
        self.matches += int(hit.rows.size)
        lens, times = hit.lens, hit.lens.chunk.times[hit.rows]
        self._days(times)
        source = hit.answer.source
        self.per_host.update(_role(lens, source.host, hit.rows))
        for name in _contributing(self.fields, source):
            counts = _counts(lens, name, hit.rows)
            if counts:
                self.values.setdefault(name, Counter()).update(counts)
        self._samples(hit, times)

    def _days(self, times: np.ndarray[tuple[int], np.dtype[np.int64]]) -> None:
        dated = times[times != UNDATED]
        if dated.size < times.size:
            self.per_day[UNDATED_DAY] += int(times.size - dated.size)
        days, counts = np.unique(dated // DAY, return_counts=True)
        for day, count in zip(days.tolist(), counts.tolist(), strict=True):
            self.per_day[date_of(day)] += count

    def _samples(self, hit: Hit, times: np.ndarray[tuple[int], np.dtype[np.int64]]) -> None:
        order = np.argsort(times, kind="stable")[:SAMPLES]
        ids = hit.lens.chunk.texts("_id", hit.rows[order])
        fresh = zip(times[order].tolist(), (i or "" for i in ids), strict=True)
        self.sample = nsmallest(SAMPLES, [*self.sample, *fresh])

    def top(self) -> tuple[Contributor, ...]:
        """Return the most frequent values, field by field; a field with one value for each match
        says nothing and is left out."""
        found = []
        for name, counts in self.values.items():
            if len(counts) > 1 and counts.most_common(1)[0][1] == 1:
                continue
            found += [Contributor(name, v, n) for v, n in counts.most_common(TOP_VALUES)]
        return tuple(found)


def _contributing(fields: Sequence[str], source: LogSource) -> tuple[str, ...]:
    roles = (*source.host[:1], *source.user[:1], *source.address[:1])
    return tuple(dict.fromkeys((*fields[:TOP_FIELDS], *roles)))


def _role(lens: Lens, names: Iterable[str], rows: Ids) -> Mapping[str, int]:
    for name in names:
        counts = _counts(lens, name, rows)
        if counts:
            return counts
    return {}


def _counts(lens: Lens, name: str, rows: Ids) -> dict[str, int]:
    column = lens.column(name)
    if column is None:
        return {}
    codes, counts = np.unique(column.codes[rows], return_counts=True)
    found: dict[str, int] = {}
    for code, count in zip(codes.tolist(), counts.tolist(), strict=True):
        for text in column.texts_of(code):
            found[text] = found.get(text, 0) + count
    return found


@dataclass
class Events:
    """The matches of one rule, one by one, for a correlation."""

    rule: str
    group_by: tuple[str, ...]
    """Fields of this rule, in the order of the correlation's group-by."""
    counted: str | None
    found: list[Matched] = field(default_factory=list)
    undated: int = 0
    ungrouped: int = 0
    overflow: bool = False

    def add(self, hit: Hit) -> None:
        """Add the rows of one hit."""
        if len(self.found) > MOST_EVENTS:
            self.overflow = True
            return
        chunk = hit.lens.chunk
        times = chunk.times[hit.rows]
        self.undated += int((times == UNDATED).sum())
        rows, times = hit.rows[times != UNDATED], times[times != UNDATED]
        ids = chunk.texts("_id", rows)
        groups = [_first_values(hit.lens, name, rows) for name in self.group_by]
        values = _first_values(hit.lens, self.counted, rows) if self.counted else [None] * len(rows)
        keys = list(zip(*groups, strict=True)) if groups else [()] * len(rows)
        for at, event, key, value in zip(times.tolist(), ids, keys, values, strict=True):
            if None in key:
                self.ungrouped += 1
            else:
                self.found.append(Matched(at, self.rule, key, value, event or ""))


def _first_values(lens: Lens, name: str, rows: Ids) -> list[str | None]:
    column = lens.column(name.lower())
    if column is None:
        return [None] * len(rows)
    by_code: dict[int, str | None] = {}
    found = []
    for code in column.codes[rows].tolist():
        if code not in by_code:
            by_code[code] = next(iter(column.texts_of(code)), None)
        found.append(by_code[code])
    return found
