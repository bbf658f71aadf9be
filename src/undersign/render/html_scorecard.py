"""The scorecard as one HTML page that needs nothing else: tables, and intervals as pictures."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import Any

from markupsafe import Markup

from undersign import __version__
from undersign.records.scorecard import Measure, Scorecard, ScoreRow
from undersign.render import svg
from undersign.render.page import environment, ours, style
from undersign.render.terminal import counted, safe
from undersign.render.text_scorecard import counts, number, sentence, shown

PICTURED = ("errors", "invented names", "rejected", "edit distance", "minutes to signature")
"""Measures that are drawn, in this order."""


def render(card: Scorecard) -> str:
    """Write the whole page; the same scorecard gives the same bytes."""
    groups = groupby(card.rows, key=lambda row: (row.kind, row.period))
    return (
        environment()
        .get_template("scorecard.html.j2")
        .render(
            card=card,
            total=counted(card.drafts, "draft", "drafts"),
            groups=[_group(kind, period, list(rows)) for (kind, period), rows in groups],
            apart=[sentence(one) for one in card.comparisons if one.lower],
            version=__version__,
            style=style(),
        )
    )


def _group(kind: str, period: str, rows: Sequence[ScoreRow]) -> dict[str, Any]:
    title = f"{kind} {period}".strip()
    names = [measure.name for measure in rows[0].measures]
    return {
        "title": title,
        "drafters": [row.drafter for row in rows],
        "counts": [counts(row) for row in rows],
        "figures": [(n, [shown(row.measures[at]) for row in rows]) for at, n in enumerate(names)],
        "costs": [row.cost_usd for row in rows],
        "pictures": [(name, _picture(title, name, rows)) for name in PICTURED if _any(name, rows)],
    }


def _any(name: str, rows: Sequence[ScoreRow]) -> bool:
    return any(_of(row, name).value is not None for row in rows)


def _of(row: ScoreRow, name: str) -> Measure:
    return next(measure for measure in row.measures if measure.name == name)


def _picture(title: str, name: str, rows: Sequence[ScoreRow]) -> Markup:
    drawn = [(row.drafter, *_drawn(_of(row, name))) for row in rows]
    said = "; ".join(f"{row.drafter}: {shown(_of(row, name))}" for row in rows)
    words = svg.Words(f"{title}-{name}".replace(" ", "-"), safe(f"{name}, {title}"), safe(said))
    return ours(svg.intervals(drawn, words))


def _drawn(measure: Measure) -> tuple[svg.Interval | None, str]:
    if measure.value is None or measure.low is None or measure.high is None:
        return None, shown(measure)
    return svg.Interval(measure.value, measure.low, measure.high), number(measure, measure.value)
