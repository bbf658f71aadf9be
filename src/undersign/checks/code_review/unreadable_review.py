"""The check `unreadable-review`."""

from __future__ import annotations

from collections.abc import Iterator

from undersign.records.finding import Fault
from undersign.records.reviewed import Reviewed


def unreadable_review(file: Reviewed) -> Iterator[Fault]:
    """Report a file that holds no review, or one whose two halves disagree."""
    yield from file.problems
