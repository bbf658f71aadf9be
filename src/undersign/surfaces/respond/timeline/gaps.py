"""Silence: stretches in which a source that usually speaks says nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from undersign.records.timeline import Gap
from undersign.surfaces.respond.timeline.runs import Activity, Ints
from undersign.telemetry.logbook import moment

_ENOUGH = 20
"""Minutes with lines that a source must have before its silence means anything."""
_TIMES, _LEAST = 10, 10 * 60_000_000
_RARE, _BEYOND = 0.9, 3
_MOST = 5


def gaps(activity: Mapping[str, Activity]) -> tuple[Gap, ...]:
    """Return the longest silences of each source, and of all of them, in order of time.

    A silence counts from ten times the usual distance of two active minutes, ten minutes at least,
    and from three times what nine of ten silences last: a job that runs hourly is no gap.
    """
    found: list[Gap] = []
    every: list[tuple[Ints, Ints]] = []
    for name in sorted(activity):
        _, first, last = activity[name].spans()
        every.append((first, last))
        if len(first) >= _ENOUGH:
            found += _silences(name, first, last)
    if len(every) > 1:
        first = np.sort(np.concatenate([one for one, _ in every]))
        last = np.maximum.accumulate(np.sort(np.concatenate([one for _, one in every])))
        if len(first) >= _ENOUGH:
            found += _silences("", first, last)
    return tuple(sorted(found, key=lambda gap: (gap.start, gap.source)))


def _silences(name: str, first: Ints, last: Ints) -> Iterator[Gap]:
    silent = first[1:] - last[:-1]
    usual = float(np.median(np.diff(first))) if len(first) > 1 else 0.0
    least = max(_TIMES * usual, _LEAST, _BEYOND * float(np.quantile(silent, _RARE)))
    longest = np.argsort(-silent, kind="stable")[:_MOST]
    for n in sorted(longest.tolist()):
        start, end = moment(int(last[n])), moment(int(first[n + 1]))
        if silent[n] > least and start is not None and end is not None:
            yield Gap(name, start, end)
