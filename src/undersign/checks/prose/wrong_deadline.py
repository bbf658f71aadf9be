"""wrong-deadline: a date that the stored rule does not give."""

from __future__ import annotations

from collections.abc import Iterator

from undersign.catalogs.deadlines import Anchor, deadlines
from undersign.records.clock import Clocks
from undersign.records.finding import Fault


def wrong_deadline(clocks: Clocks) -> Iterator[Fault]:
    """Compute every deadline again from its anchor and compare."""
    anchors = {}
    for one in clocks.deadlines:
        key = f"{one.regime}.{one.anchor}"
        if one.claim and one.anchored_at is not None and dict(clocks.anchors).get(key) == one.claim:
            anchors[key] = Anchor(one.claim, one.anchored_at)
    made = deadlines(anchors, zone=clocks.zone, country=clocks.country)
    right = {(one.regime, one.duty): one for one in made}
    for one in clocks.deadlines:
        real = right.get((one.regime, one.duty))
        if real is None:
            yield Fault(f"{one.regime} {one.duty} is no duty of the clocks known here")
        elif one.due != real.due:
            yield Fault(
                f"{one.regime} {one.duty} is due {_day(one.due)}, and the rule gives "
                f"{_day(real.due)}: {real.reason}",
                suggestion=_day(real.due),
            )


def _day(due: object) -> str:
    return f"{due:%Y-%m-%dT%H:%M:%SZ}" if due else "at no date yet"
