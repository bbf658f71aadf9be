"""duplicate-threat: two threats that say the same."""

from __future__ import annotations

from collections.abc import Iterator

from undersign.records.finding import Fault
from undersign.records.system import System
from undersign.records.threat import Analysis


def duplicate_threat(system: System, analysis: Analysis) -> Iterator[Fault]:
    """Compare what people and drafters wrote with the rules' threats, and with each other."""
    seen = {_plain(one.title): one.id for one in analysis.threats if one.rule}
    for threat in system.threats:
        said = _plain(threat.title)
        if said in seen:
            yield Fault(f"{threat.id} says the same as {seen[said]}", threat.span)
        seen.setdefault(said, threat.id)


def _plain(title: str) -> str:
    return " ".join("".join(c if c.isalnum() else " " for c in title.casefold()).split())
