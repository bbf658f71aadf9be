"""Runs: alike lines of one source that follow each other without a long silence."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np

from undersign.telemetry.logbook import NAT, Batch, Facts

KEPT = 3
"""Lines of a run that are kept whole; a run of no more than these is told line by line."""
_MOST_RUNS = 20
"""Of one template in one source; what comes after joins the last."""
_MOST_LOOKED = 500
"""Lines of a run whose fields are compared; longer runs say nothing of them."""

Ints = np.ndarray[Any, np.dtype[np.int64]]


class Line(NamedTuple):
    """A line that is kept whole."""

    time: int
    line: int
    raw: str
    message: str


@dataclass(slots=True)
class Run:
    """Some lines of one template."""

    start: int
    end: int
    count: int = 0
    first: list[Line] = field(default_factory=list)
    """The earliest, at most KEPT."""
    last: Line | None = None
    agreed: dict[str, str] | None = None
    """Fields that all lines share; None when nobody compared all of them."""
    outcome: str = ""

    def kept(self) -> list[Line]:
        """Return the lines that are kept, in order, each once."""
        lines = {one.line: one for one in self.first}
        if self.last is not None:
            lines[self.last.line] = self.last
        return sorted(lines.values())


@dataclass
class Budget:
    """How many lines may still be compared field by field."""

    left: int = 60_000


class Runs:
    """The runs of one source, by template."""

    def __init__(self, quiet: int, facts: Callable[[str], Facts], budget: Budget) -> None:
        self._quiet, self._facts, self._budget = quiet, facts, budget
        self._runs: dict[int, list[Run]] = {}

    def add(self, batch: Batch, templates: Ints, wanted: np.ndarray[Any, Any]) -> None:
        """Take in the wanted lines of a batch, all of which have a time."""
        rows = np.flatnonzero(wanted)
        order = rows[np.lexsort((batch.lines[rows], batch.times[rows], templates[rows]))]
        if not len(order):
            return
        times, numbers = batch.times[order], templates[order]
        breaks = (np.diff(numbers) != 0) | (np.diff(times) > self._quiet)
        starts = np.concatenate(([0], np.flatnonzero(breaks) + 1))
        ends = np.concatenate((starts[1:], [len(order)]))
        for low, high in zip(starts.tolist(), ends.tolist(), strict=True):
            run = self._run(int(numbers[low]), int(times[low]), int(times[high - 1]))
            self._take(run, batch, order[low:high])

    def __iter__(self) -> Iterator[tuple[int, Run]]:
        """Yield (template, run)."""
        for template, runs in self._runs.items():
            for run in runs:
                yield template, run

    def _run(self, template: int, start: int, end: int) -> Run:
        runs = self._runs.setdefault(template, [])
        for run in reversed(runs):
            if start <= run.end + self._quiet and end >= run.start - self._quiet:
                run.start, run.end = min(run.start, start), max(run.end, end)
                return run
        if len(runs) >= _MOST_RUNS:
            run = runs[-1]
            run.start, run.end = min(run.start, start), max(run.end, end)
            return run
        runs.append(Run(start, end, agreed={}))
        return runs[-1]

    def _take(self, run: Run, batch: Batch, rows: Ints) -> None:
        self._compare(run, batch, rows)
        run.count += len(rows)
        if len(run.first) < KEPT or int(batch.times[rows[0]]) < run.first[-1].time:
            early = [_line(batch, int(row)) for row in rows[:KEPT]]
            run.first = sorted([*run.first, *early])[:KEPT]
        if run.last is None or int(batch.times[rows[-1]]) >= run.last.time:
            run.last = _line(batch, int(rows[-1]))

    def _compare(self, run: Run, batch: Batch, rows: Ints) -> None:
        """Keep the fields that all lines of a run share, as long as that costs little."""
        if run.agreed is None:
            return
        if run.count + len(rows) > _MOST_LOOKED or self._budget.left < len(rows):
            run.agreed, run.outcome = None, ""
            return
        self._budget.left -= len(rows)
        for n, row in enumerate(rows.tolist()):
            facts = self._facts(str(batch.raws[row].as_py()))
            single = {role: v[0] for role, v in facts.roles.items() if len(v) == 1}
            if run.count == 0 and n == 0:
                run.agreed, run.outcome = single, facts.outcome
            else:
                run.agreed = {r: v for r, v in run.agreed.items() if single.get(r) == v}
                run.outcome = run.outcome if run.outcome == facts.outcome else ""


def _line(batch: Batch, row: int) -> Line:
    return Line(
        int(batch.times[row]),
        int(batch.lines[row]),
        str(batch.raws[row].as_py()),
        str(batch.messages[row].as_py()),
    )


class Activity:
    """When a source said anything: the first and last moment of every minute."""

    def __init__(self) -> None:
        self._minutes: list[Ints] = []
        self._first: list[Ints] = []
        self._last: list[Ints] = []

    def add(self, times: Ints) -> None:
        """Take in the times of some lines, in microseconds."""
        known = np.sort(times[times != NAT])
        if not len(known):
            return
        minutes = known // 60_000_000
        starts = np.concatenate(([0], np.flatnonzero(np.diff(minutes)) + 1))
        ends = np.concatenate((starts[1:] - 1, [len(known) - 1]))
        self._minutes.append(minutes[starts])
        self._first.append(known[starts])
        self._last.append(known[ends])
        if len(self._minutes) > 64:
            self._minutes, self._first, self._last = ([one] for one in self.spans())

    def spans(self) -> tuple[Ints, Ints, Ints]:
        """Return the minutes with anything, rising, with the first and last moment of each."""
        if not self._minutes:
            none = np.array([], dtype=np.int64)
            return none, none, none
        minutes = np.concatenate(self._minutes)
        order = np.argsort(minutes, kind="stable")
        minutes = minutes[order]
        starts = np.concatenate(([0], np.flatnonzero(np.diff(minutes)) + 1))
        first = np.minimum.reduceat(np.concatenate(self._first)[order], starts)
        last = np.maximum.reduceat(np.concatenate(self._last)[order], starts)
        return minutes[starts], first, last
