"""incomplete-waiver: a waiver without owner, reason or a day on which it ends, or past that day."""

from __future__ import annotations

from collections.abc import Iterator

from undersign.records.clock import Today
from undersign.records.finding import Fault
from undersign.records.system import System


def incomplete_waiver(system: System, today: Today) -> Iterator[Fault]:
    """Look for owner, reason and end of every waiver, and for its element."""
    for one in system.waivers:
        missing = [name for name in ("owner", "reason", "expires") if not getattr(one, name)]
        if system.get(one.element) is None:
            yield Fault(f"a waiver is for {one.element!r}, which is not there", one.span)
        if missing:
            yield Fault(f"the waiver of {one.what} for {one.element} has no {', '.join(missing)}",
                        one.span)  # fmt: skip
        elif one.expires is not None and one.expires < today.date:
            yield Fault(
                f"the waiver of {one.what} for {one.element} ended on {one.expires}", one.span
            )
