"""The check `missing-window`."""

from __future__ import annotations

from collections.abc import Iterator

from undersign.checks.reading.query_text import code_of
from undersign.checks.reading.time_windows import windows
from undersign.checks.reading.wording import listed, quoted
from undersign.records.finding import Fault
from undersign.records.query import Query
from undersign.records.question import Question
from undersign.records.visible import Visible

_HOURS = ("hourofday", "datetime_part", "date_part", "extract", "strftime", "date_hour", "hour(")
_DAYS = ("dayofweek", "date_wday", "weekday", "isodow", "dow", "strftime", "datetime_part")


def missing_window(query: Query, question: Question, visible: Visible | None) -> Iterator[Fault]:
    """Report tables that are read without the time limit that the question names."""
    asked = question.window
    if asked is None:
        return
    if asked.seconds is not None or asked.start or asked.end or asked.calendar:
        read = windows(query, visible)
        if read and not any(w.bounded for w in read):
            tables = dict.fromkeys(w.leaf.name for w in read)
            verb = "is" if len(tables) == 1 else "are"
            yield Fault(
                f"the question says {quoted(asked.piece.text)}; {listed(tables)} {verb} read"
                " without any time limit",
                read[0].span,
                {"asked": asked.piece.text, "tables": list(tables)},
                "limit the time of every table that is read",
            )
    code = code_of(query).lower()
    for wanted, words, what in ((asked.hours, _HOURS, "hour"), (asked.weekdays, _DAYS, "weekday")):
        if wanted and not any(word in code for word in words):
            yield Fault(
                f"the question says {quoted(asked.piece.text)}; nothing looks at the {what}",
                query.main.span,
                {"asked": asked.piece.text, what: list(wanted)},
                f"add a filter on the {what} of the event's time",
            )
