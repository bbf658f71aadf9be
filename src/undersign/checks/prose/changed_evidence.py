"""changed-evidence: the kept evidence is not the one the timeline was made from."""

from __future__ import annotations

from collections.abc import Iterator

from undersign.records.evidence import CaseFile
from undersign.records.finding import Fault
from undersign.records.timeline import TimelineFile


def changed_evidence(file: TimelineFile, case: CaseFile) -> Iterator[Fault]:
    """Compare the digest of evidence.jsonl with the one that the timeline pins."""
    for problem in case.problems:
        yield Fault(problem)
    pinned = file.timeline.evidence_digest
    if not pinned:
        yield Fault("the timeline does not say which evidence it was made from")
    elif case.digest != pinned:
        yield Fault(
            f"evidence.jsonl has the digest {case.digest[:12] or '(none)'}..., and the timeline "
            f"was made from {pinned[:12]}...",
            suggestion="build it again: undersign respond timeline PATH...",
        )
