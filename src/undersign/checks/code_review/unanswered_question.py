"""The check `unanswered-question`."""

from __future__ import annotations

from collections.abc import Iterator

from undersign.records.finding import Fault
from undersign.records.reviewed import Reviewed


def unanswered_question(file: Reviewed) -> Iterator[Fault]:
    """Report every candidate on which a person has asked for more and got no answer."""
    for one in file.findings:
        if one.judged and one.judged.decision == "needs-info":
            yield Fault(f"[{one.id}] {one.judged.person} asks: {one.judged.reason}")
