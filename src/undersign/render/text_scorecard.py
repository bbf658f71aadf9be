"""The scorecard for a terminal: a table per kind, a drafter a column, a measure a row."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby

from undersign.records.scorecard import Comparison, Measure, Scorecard, ScoreRow
from undersign.render.days import fewest_digits
from undersign.render.table import table
from undersign.render.terminal import Paint, counted, safe

_HOW_TO_READ = (
    "each figure with its 95% interval over the drafts on record; less is better in every row",
    "nothing is said of fewer than six drafts; what was not recorded is not zero",
)


def render(card: Scorecard, *, colour: bool = False) -> str:
    """Write the tables, which drafters can be told apart, and what the figures are."""
    paint = Paint(colour)
    if not card.rows:
        return "no drafts are on record here; make one with: undersign draft\n"
    lines: list[str] = []
    for (kind, period), rows in groupby(card.rows, key=lambda row: (row.kind, row.period)):
        lines += [paint.bold(safe(f"{kind} {period}".strip())), *_table(list(rows), paint), ""]
    lines += _apart(card.comparisons, paint)
    lines += [paint.dim(line) for line in _HOW_TO_READ]
    if len(card.comparisons) > 1:
        lines.append(paint.dim(f"{len(card.comparisons):,} pairs compared, each at 95%"))
    return "\n".join(lines) + "\n"


def shown(measure: Measure) -> str:
    """Write one figure with its interval, or why there is none."""
    if measure.value is None:
        if not measure.measured and not measure.missing:
            return "none yet"
        return f"too few ({measure.measured})" if measure.measured else "not recorded"
    assert measure.low is not None
    assert measure.high is not None
    low, high = number(measure, measure.low), number(measure, measure.high)
    return f"{number(measure, measure.value)} ({low} to {high})"


def number(measure: Measure, value: float) -> str:
    """Write a value of a measure: shares in per cent."""
    return f"{value:.0%}" if measure.statistic == "share" else fewest_digits(value)


def sentence(one: Comparison) -> str:
    """Say in which measure one drafter is lower than another."""
    other = one.second if one.lower == one.first else one.first
    return f"{one.kind}: {one.measure} lower with {one.lower} than with {other}"


def counts(row: ScoreRow) -> str:
    """Write how many drafts there are and what became of them."""
    fates = (f"{n:,} {fate}" for fate, n in row.fates.items() if n)
    return f"{row.drafts:,}: {', '.join(fates)}"


def _table(rows: Sequence[ScoreRow], paint: Paint) -> list[str]:
    names = [measure.name for measure in rows[0].measures]
    body = [["drafts", *(counts(row) for row in rows)]]
    for at, name in enumerate(names):
        body.append([name, *(shown(row.measures[at]) for row in rows)])
    body.append(["cost in USD, sum", *(_sum(row) for row in rows)])
    return table(["", *(row.drafter for row in rows)], body, paint=paint)


def _sum(row: ScoreRow) -> str:
    return "not recorded" if row.cost_usd is None else f"{row.cost_usd:.2f}"


def _apart(comparisons: Iterable[Comparison], paint: Paint) -> list[str]:
    """Say which drafters differ; pairs that do not are named too, so that nobody ranks them."""
    compared = list(comparisons)
    lines = [paint.green(safe(sentence(one))) for one in compared if one.lower]
    pairs = dict.fromkeys((one.kind, one.first, one.second) for one in compared)
    for kind, first, second in pairs:
        same = [
            one.measure
            for one in compared
            if (one.kind, one.first, one.second) == (kind, first, second) and not one.lower
        ]
        if same:
            lines.append(safe(f"{kind}: cannot tell {first} and {second} apart by {_and(same)}"))
    return [*lines, ""] if lines else []


def _and(names: Sequence[str]) -> str:
    many = counted(len(names), "measure", "measures")
    return ", ".join(names) if len(names) <= 4 else f"{', '.join(names[:3])} and others ({many})"
