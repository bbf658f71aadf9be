"""The check `window-too-long`."""

from __future__ import annotations

from collections.abc import Iterator

from undersign.checks.query.window_too_short import SAME
from undersign.checks.reading.time_windows import ReadWindow, asked_seconds, spell, windows
from undersign.checks.reading.wording import quoted
from undersign.records.finding import Fault
from undersign.records.query import Query, comparisons
from undersign.records.question import Question
from undersign.records.visible import Visible

_NEED_THE_PAST = frozenset({"anomalous", "rare", "first_seen", "last_seen", "spike", "trend"})
"""What such an answer compares with lies before the time asked for."""


def window_too_long(query: Query, question: Question, visible: Visible | None) -> Iterator[Fault]:
    """Report a table of which more time is read than the question names."""
    asked = asked_seconds(question.window) if question.window else None
    if question.window is None or not asked:
        return
    read = windows(query, visible)
    kept_apart = any(_same(w, asked) for w in read) or _counted_apart(query, asked)
    baseline = question.output in _NEED_THE_PAST and kept_apart
    for window in read:
        if baseline or window.seconds is None or window.seconds <= asked * (1 + SAME):
            continue
        yield Fault(
            f"the question says {quoted(question.window.piece.text)};"
            f" {window.leaf.name} is read for {spell(window.seconds)}",
            window.span,
            {"asked_seconds": asked, "read_seconds": window.seconds, "table": window.leaf.name},
            f"read {spell(asked)}",
        )


def _same(window: ReadWindow, asked: float) -> bool:
    return window.seconds is not None and abs(window.seconds - asked) <= asked * SAME


def _counted_apart(query: Query, asked: float) -> bool:
    """Tell whether an aggregate counts just the time asked for: `countif(Time > ago(1d))`."""
    stages = (stage for pipeline in query.pipelines() for stage in pipeline.stages)
    conditions = (aggregate.condition for stage in stages for aggregate in stage.aggregates)
    literals = (v for c in conditions for one in comparisons(c) for v in one.values)
    return any(
        v.kind == "ago" and isinstance(v.value, int | float) and abs(v.value - asked) < asked * SAME
        for v in literals
    )
