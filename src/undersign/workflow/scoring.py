"""The scorecard: what the ledger says of each drafter at each kind of artifact.

Purpose of every figure: benchmark drafters on your own work. So each has its number of drafts and
its interval, nothing is said of too few, and two drafters are told apart only at the same kind and
only where the interval of their difference leaves out nought.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from functools import lru_cache
from itertools import combinations
from typing import NamedTuple

from undersign.records.scorecard import Comparison, DraftLife, Fate, Measure, Scorecard, ScoreRow
from undersign.workflow import intervals
from undersign.workflow.intervals import Estimate

_Values = Sequence[float]


class _Figure(NamedTuple):
    """One measure: its name, how drafts give it, and whether its absence means `not recorded`."""

    name: str
    statistic: str
    of: Callable[[DraftLife], float | None]
    counts: Callable[[DraftLife], bool] = lambda life: True
    """Which drafts could have it at all: an unsigned draft has no edit distance to miss."""


def _severity(name: str) -> Callable[[DraftLife], float | None]:
    return lambda life: None if life.findings is None else life.findings.get(name, 0)


def _minutes(life: DraftLife) -> float | None:
    return None if life.seconds is None else life.seconds / 60


def _decided(life: DraftLife) -> bool:
    return life.fate in (Fate.SIGNED, Fate.REJECTED, Fate.REPLACED)


def _signed(life: DraftLife) -> bool:
    return life.fate is Fate.SIGNED


FIGURES = (
    _Figure("errors", "mean", _severity("error")),
    _Figure("warnings", "mean", _severity("warning")),
    _Figure("invented names", "mean", lambda life: life.invented),
    _Figure("repaired", "share", lambda life: life.repaired),
    _Figure("rejected", "share", lambda life: life.fate is Fate.REJECTED, _decided),
    _Figure("replaced", "share", lambda life: life.fate is Fate.REPLACED, _decided),
    _Figure("edit distance", "median", lambda life: life.edit_distance, _signed),
    _Figure("lines changed", "median", lambda life: life.lines_changed, _signed),
    _Figure("minutes to first draft", "median", _minutes),
    _Figure("minutes to signature", "median", lambda life: life.minutes_to_signature, _signed),
    _Figure("tokens", "median", lambda life: life.tokens),
    _Figure("cost in USD", "median", lambda life: life.cost_usd),
)
"""Every measure, in the order in which people see it; of all of them less is better."""
_ESTIMATES: dict[str, Callable[[_Values], Estimate]] = {
    "share": intervals.share,
    "mean": intervals.mean,
    "median": intervals.middle,
}


@lru_cache(maxsize=256)
def _estimate(statistic: str, values: tuple[float, ...]) -> Estimate:
    """Estimate once what rows and every pair of drafters ask for."""
    return _ESTIMATES[statistic](values)


PERIODS: dict[str, Callable[[datetime], str]] = {
    "all": lambda at: "",
    "month": lambda at: at.strftime("%Y-%m"),
    "week": lambda at: at.strftime("%G-W%V"),
}
"""How drafts are grouped in time: by the UTC month or ISO week in which they were drafted."""


def scorecard(
    lives: Iterable[DraftLife],
    *,
    by: str = "all",
    since: datetime | None = None,
    until: datetime | None = None,
) -> Scorecard:
    """Add up drafts of [since, until), per drafter, kind and period (`by`: a key of PERIODS)."""
    chosen = [
        life
        for life in lives
        if not (since and life.at < since) and not (until and life.at >= until)
    ]
    period = PERIODS[by]
    groups: dict[tuple[str, str, str], list[DraftLife]] = defaultdict(list)
    for life in chosen:
        groups[life.kind, period(life.at), life.drafter].append(life)
    rows = tuple(_row(key, groups[key]) for key in sorted(groups))
    return Scorecard(rows, tuple(_comparisons(chosen)), len(chosen), since, until)


def _row(key: tuple[str, str, str], lives: Sequence[DraftLife]) -> ScoreRow:
    kind, period, drafter = key
    fates = Counter(life.fate for life in lives)
    costs = [life.cost_usd for life in lives if life.cost_usd is not None]
    return ScoreRow(
        drafter=drafter,
        kind=kind,
        period=period,
        drafts=len(lives),
        fates={str(fate): fates[fate] for fate in Fate},
        measures=tuple(_measure(figure, lives) for figure in FIGURES),
        cost_usd=sum(costs) if costs else None,
    )


def _values(figure: _Figure, lives: Sequence[DraftLife]) -> tuple[float, ...]:
    had = (figure.of(life) for life in lives if figure.counts(life))
    return tuple(float(value) for value in had if value is not None)


def _measure(figure: _Figure, lives: Sequence[DraftLife]) -> Measure:
    values = _values(figure, lives)
    missing = sum(figure.counts(life) for life in lives) - len(values)
    if len(values) < intervals.FEW:
        return Measure(figure.name, figure.statistic, len(values), missing)
    said = _estimate(figure.statistic, values)
    return Measure(figure.name, figure.statistic, len(values), missing, *said)


def _comparisons(lives: Sequence[DraftLife]) -> Iterable[Comparison]:
    kinds: dict[str, dict[str, list[DraftLife]]] = defaultdict(lambda: defaultdict(list))
    for life in lives:
        kinds[life.kind][life.drafter].append(life)
    for kind in sorted(kinds):
        values = {
            (figure.name, drafter): _values(figure, lives)
            for drafter, lives in kinds[kind].items()
            for figure in FIGURES
        }
        for first, second in combinations(sorted(kinds[kind]), 2):
            for figure in FIGURES:
                ours, theirs = values[figure.name, first], values[figure.name, second]
                if min(len(ours), len(theirs)) >= intervals.FEW:
                    yield _compared(kind, figure, (first, second), (ours, theirs))


def _compared(
    kind: str,
    figure: _Figure,
    drafters: tuple[str, str],
    values: tuple[tuple[float, ...], tuple[float, ...]],
) -> Comparison:
    gap = intervals.difference(*(_estimate(figure.statistic, one) for one in values))
    lower = drafters[0] if gap.high < 0 else drafters[1] if gap.low > 0 else None
    return Comparison(kind, figure.name, lower, *drafters, *gap)
