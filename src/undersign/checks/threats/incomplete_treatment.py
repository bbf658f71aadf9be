"""incomplete-treatment: a decision without what makes it one: owner, reason, evidence, a day."""

from __future__ import annotations

from collections.abc import Iterator

from undersign.records.clock import Today
from undersign.records.finding import Fault
from undersign.records.system import System, Treatment
from undersign.records.threat import Analysis


def incomplete_treatment(system: System, analysis: Analysis, today: Today) -> Iterator[Fault]:
    """Look for owner, reason, evidence and day of every decision, and for its threat."""
    known = {threat.id for threat in analysis.threats}
    for one in system.treatments:
        if one.threat not in known and one.status != "rejected":
            yield Fault(
                f"{one.threat} is treated, and the system has no such threat (any more)", one.span
            )
        missing = list(_missing(one))
        if missing:
            yield Fault(f"{one.threat} is {one.status} without {', '.join(missing)}", one.span)
        if one.expires is not None and one.expires < today.date:
            yield Fault(f"{one.threat}: what was decided expired on {one.expires}", one.span)


def _missing(one: Treatment) -> Iterator[str]:
    needed = {
        "accepted": ("owner", "reason", "expires"),
        "mitigated": ("evidence",),
        "transferred": ("owner", "reason"),
        "rejected": ("owner", "reason"),
        "open": (),
    }
    yield from (name for name in needed[one.status] if not getattr(one, name))
