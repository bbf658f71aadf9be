"""The check `nameless-verdict`."""

from __future__ import annotations

from collections.abc import Iterator

from undersign.records.finding import Fault
from undersign.records.person import is_drafter_name, same_person
from undersign.records.review import Judged
from undersign.records.reviewed import Reviewed


def nameless_verdict(file: Reviewed) -> Iterator[Fault]:
    """Report a verdict or statement without a person, a reason or a time, or of a drafter."""
    said = [(one.id, one.judged) for one in file.findings]
    said += [(area.key, area.statement) for area in file.areas]
    for target, judged in said:
        if judged is not None and (trouble := _trouble(judged, file)):
            yield Fault(f"the verdict on {target} {trouble}")


def _trouble(judged: Judged, file: Reviewed) -> str:
    missing = [n for n in ("person", "reason", "at") if not getattr(judged, n).strip()]
    if missing:
        return f"has no {', '.join(missing)}"
    if is_drafter_name(judged.person):
        return f"is by {judged.person}, which is a drafter"
    if any(same_person(judged.person, name) for name in file.drafters):
        return f"is by {judged.person}, who drafted candidates"
    return ""
