"""unverified-rule: a rule that nobody has held against its instrument for half a year."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from undersign.records.clock import Clocks, Today
from undersign.records.finding import Fault

_DAYS = 180


def unverified_rule(clocks: Clocks, today: Today) -> Iterator[Fault]:
    """Report each regime whose rules were last verified long ago, or at no known date."""
    seen: dict[str, str] = {}
    for one in clocks.deadlines:
        if one.enabled:
            seen.setdefault(one.regime, one.verified)
    for regime, verified in seen.items():
        try:
            days = (today.date - date.fromisoformat(verified)).days
        except ValueError:
            yield Fault(f"nobody says when the rules of {regime} were verified")
            continue
        if days > _DAYS:
            yield Fault(
                f"the rules of {regime} were last held against the instrument {days} days ago "
                f"({verified}); read the current text"
            )
