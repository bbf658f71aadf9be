"""The check `stale-review`."""

from __future__ import annotations

from collections.abc import Iterator

from undersign.records.finding import Fault
from undersign.records.reviewed import Digests, Reviewed


def stale_review(file: Reviewed, digests: Digests) -> Iterator[Fault]:
    """Report files that are not any more as they were when they were reviewed."""
    for one in file.files:
        now = digests.by_path.get(one.path)
        if one.digest and now != one.digest:
            what = "is gone" if now is None else "has changed"
            yield Fault(f"{one.path} {what} since the review")
