"""Confidence intervals for counts, without a statistics library."""

from __future__ import annotations

from math import exp, lgamma, log, sqrt

from undersign.records.history import Rate

_Z95 = 1.959963984540054
"""97.5th percentile of the standard normal distribution."""


def poisson_rate(count: int, days: float) -> Rate:
    """Return matches per day with the exact 95% interval of Garwood (Biometrika 28, 1936).

    The bounds are the Poisson means under which so many, or so few, matches have a chance of 2.5%.
    Matches are taken to be independent; bursts make the true interval wider.
    """
    low = 0.0 if count == 0 else _mean_with(count - 1, 0.975)
    high = _mean_with(count, 0.025)
    return Rate(count / days, low / days, high / days, "poisson")


def _mean_with(count: int, chance: float) -> float:
    """Return the Poisson mean under which at most `count` events have this chance."""
    if count > 200:
        # Wilson and Hilferty's cube root of chi-square: off by less than 0.01% at this size.
        z = _Z95 if chance < 0.5 else -_Z95
        n = count + 1
        return float(n * (1 - 1 / (9 * n) + z / (3 * sqrt(n))) ** 3)
    low, high = 0.0, 10.0 + 2.0 * count + 10.0 * sqrt(count + 1)
    for _ in range(80):
        middle = (low + high) / 2
        low, high = (middle, high) if _at_most(count, middle) > chance else (low, middle)
    return (low + high) / 2


def _at_most(count: int, mean: float) -> float:
    """Return the chance of at most `count` events of a Poisson mean."""
    if mean <= 0:
        return 1.0
    return sum(exp(k * log(mean) - mean - lgamma(k + 1)) for k in range(count + 1))
