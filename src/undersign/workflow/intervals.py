"""Figures with 95% intervals over few drafts. Each method is named with its source.

Nothing is said of fewer than six: six is the smallest number for which the range of the values
holds the median with 95% (1 - 2 * 0.5**6 = 0.969).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import fmean, median
from typing import NamedTuple

FEW = 6
_Z = 1.959963984540054
"""The 97.5th percentile of the normal distribution."""
_RESAMPLES = 4000
_SEED = 20261
"""Any fixed number: the same ledger gives the same page."""


class Estimate(NamedTuple):
    """A figure and the bounds of its 95% interval."""

    value: float
    low: float
    high: float


def share(values: Sequence[float]) -> Estimate:
    """Estimate a share of noughts and ones by Wilson's score interval (1927)."""
    n, p = len(values), fmean(values)
    centre = (p + _Z * _Z / (2 * n)) / (1 + _Z * _Z / n)
    half = _Z / (1 + _Z * _Z / n) * math.sqrt(p * (1 - p) / n + _Z * _Z / (4 * n * n))
    return Estimate(p, max(0.0, centre - half), min(1.0, centre + half))


def mean(values: Sequence[float]) -> Estimate:
    """Estimate the mean of counts: the wider of two intervals on either side.

    The percentile bootstrap (Efron 1979) knows that counts cluster, but takes six noughts for
    certainty; Byar's Poisson limits (Breslow and Day 1987) know how little six noughts say.
    """
    import numpy as np

    n, total = len(values), sum(values)
    # How often each value is drawn, instead of each draw: the same law, however many drafts.
    different, often = np.unique(np.asarray(values, float), return_counts=True)
    drawn = np.random.default_rng(_SEED).multinomial(n, often / n, _RESAMPLES)
    low, high = np.percentile(drawn @ different / n, (2.5, 97.5))
    return Estimate(
        total / n,
        min(float(low), _byar(total, -_Z) / n),
        max(float(high), _byar(total + 1, _Z) / n),
    )


def _byar(count: float, z: float) -> float:
    if not count:
        return 0.0
    return float(count * max(0.0, 1 - 1 / (9 * count) + z / (3 * math.sqrt(count))) ** 3)


def middle(values: Sequence[float]) -> Estimate:
    """Estimate a median by order statistics, which assumes nothing of the distribution.

    Source: Hahn and Meeker, Statistical Intervals (1991), section 5.2.
    """
    ordered, n = sorted(values), len(values)
    # In logarithms: of a thousand values 0.5**n is nought, and a binomial coefficient no float.
    log_term, rank = n * math.log(0.5), 0
    below = math.exp(log_term)
    while below <= 0.025:
        log_term += math.log((n - rank) / (rank + 1))
        rank += 1
        below += math.exp(log_term)
    cut = max(rank, 1)
    return Estimate(median(ordered), ordered[cut - 1], ordered[n - cut])


def difference(first: Estimate, second: Estimate) -> Estimate:
    """Estimate the difference of two figures from their intervals (Zou and Donner 2008, MOVER).

    For two Wilson intervals this is Newcombe's method 10 (1998).
    """
    gap = first.value - second.value
    low = gap - math.hypot(first.value - first.low, second.high - second.value)
    high = gap + math.hypot(first.high - first.value, second.value - second.low)
    return Estimate(gap, low, high)
