"""The check `nameless-verdict`."""

from __future__ import annotations

from collections.abc import Iterator

from undersign.records.finding import Fault
from undersign.records.person import is_drafter_name, same_person
from undersign.records.review import Judged
from undersign.records.reviewed import Reviewed

_ON_CANDIDATES: tuple[str, ...] = ("confirm", "dismiss", "accept-risk", "needs-info")
_ON_AREAS: tuple[str, ...] = ("looked", "accept-risk")


def nameless_verdict(file: Reviewed) -> Iterator[Fault]:
    """Report a verdict or statement of nobody, of a drafter, without a reason, or of no kind."""
    said = [(one.id, one.judged, _ON_CANDIDATES) for one in file.findings]
    said += [(area.key, area.statement, _ON_AREAS) for area in file.areas]
    for target, judged, known in said:
        if judged is not None and (trouble := _trouble(judged, known, file)):
            yield Fault(f"the verdict on {target} {trouble}")


def _trouble(judged: Judged, known: tuple[str, ...], file: Reviewed) -> str:
    if judged.decision not in known:
        return f"is {judged.decision!r}, not one of {', '.join(known)}"
    missing = [n for n in ("person", "reason", "at") if not getattr(judged, n).strip()]
    if missing:
        return f"has no {', '.join(missing)}"
    if is_drafter_name(judged.person):
        return f"is by {judged.person}, which is a drafter"
    if any(same_person(judged.person, name) for name in file.drafters):
        return f"is by {judged.person}, who drafted candidates"
    return ""
