"""A threshold for a correlation from what history really does, never from the air."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from math import ceil

from undersign.languages.sigma.document import Correlation
from undersign.records.history import ThresholdProposal
from undersign.telemetry.correlate import Matched, correlate, grouped, window_counts

MINIMUM = 2
"""One event is no volume, whatever history says."""
_PERCENTILES = ((2_000, 99.9), (200, 99.0), (0, 95.0))
"""Windows needed for a percentile to leave at least its two largest windows above it."""


def propose(
    correlation: Correlation, events: Sequence[Matched], days: float
) -> ThresholdProposal | None:
    """Propose one more than a high percentile of the per-group, per-window counts.

    The percentile is 99.9 with at least 2,000 windows, 99 with 200, else 95, by nearest rank: with
    fewer windows a higher one would be the maximum itself, and a planted attack would set its own
    threshold. None when history has no window to learn from, or the operator asks for few.
    """
    if correlation.operator not in (">=", ">") or correlation.type not in (
        "event_count",
        "value_count",
    ):
        return None
    counts = window_counts(correlation, events)
    windows = sum(counts.values())
    if not windows:
        return None
    percentile = next(p for least, p in _PERCENTILES if windows >= least)
    usual = _nearest_rank(counts, percentile)
    value = max(MINIMUM, usual + 1)
    asked = value if correlation.operator == ">=" else value - 1
    alerts = correlate(replace(correlation, threshold=asked), events)
    return ThresholdProposal(
        value=asked,
        percentile=percentile,
        observed_max=max(counts),
        groups=len(grouped(events)),
        windows=windows,
        alerts_per_day=len(alerts) / days,
        distribution=tuple(sorted(counts.items())),
    )


def _nearest_rank(counts: Counter[int], percentile: float) -> int:
    rank = ceil(percentile / 100 * sum(counts.values()))
    seen = 0
    for count in sorted(counts):
        seen += counts[count]
        if seen >= rank:
            return count
    return max(counts)
