"""The check `window-too-short`."""

from __future__ import annotations

from collections.abc import Iterator

from undersign.checks.reading.time_windows import asked_seconds, spell, windows
from undersign.checks.reading.wording import quoted
from undersign.records.finding import Fault
from undersign.records.query import Query
from undersign.records.question import Question
from undersign.records.visible import Visible

SAME = 0.05
"""Lengths that differ by less count as the same: a month has 28 to 31 days."""


def window_too_short(query: Query, question: Question, visible: Visible | None) -> Iterator[Fault]:
    """Report a table of which less time is read than the question names."""
    asked = asked_seconds(question.window) if question.window else None
    if question.window is None or not asked:
        return
    for window in windows(query, visible):
        if window.seconds is None or window.seconds >= asked * (1 - SAME):
            continue
        yield Fault(
            f"the question says {quoted(question.window.piece.text)};"
            f" {window.leaf.name} is read for {spell(window.seconds)}",
            window.span,
            {"asked_seconds": asked, "read_seconds": window.seconds, "table": window.leaf.name},
            f"read {spell(asked)}",
        )
