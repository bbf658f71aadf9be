"""unconfirmed-reading: a claim rests on what a machine read from a picture."""

from __future__ import annotations

from collections.abc import Iterator

from undersign.records.evidence import CaseFile
from undersign.records.finding import Fault
from undersign.records.timeline import TimelineFile


def unconfirmed_reading(file: TimelineFile, case: CaseFile) -> Iterator[Fault]:
    """Report each picture whose lines are cited and that no person has compared."""
    cited = {one for claim in file.timeline.every_claim() for one in claim.evidence}
    by_source: dict[str, list[str]] = {}
    for address in sorted(cited):
        one = case.get(address)
        if one is not None and not one.confirmed:
            by_source.setdefault(one.source, []).append(address)
    for source, addresses in by_source.items():
        count = len(addresses)
        yield Fault(
            f"{count} line{'s' * (count != 1)} of {source} {'were' if count != 1 else 'was'} read "
            f"from a picture by a machine; compare with the picture, then dismiss this",
            evidence={"evidence": addresses[:20]},
        )
