"""The check `severity-out-of-line`."""

from __future__ import annotations

from collections.abc import Iterator

from undersign.catalogs.weaknesses import SEVERITIES, Weaknesses
from undersign.checks.reading.wording import listed
from undersign.checks.spec import DoesNotApply
from undersign.records.candidate import Candidate
from undersign.records.code import Code
from undersign.records.finding import Fault, Seen, Severity

_NOT_SHIPPED = ("test", "fixture", "documentation")
_FAR = 2
"""So many steps outside the usual range are more than a matter of taste."""


def severity_out_of_line(
    candidate: Candidate, weaknesses: Weaknesses, code: Code | None
) -> Iterator[Fault | Seen]:
    """Report a severity far from what is usual for this kind of fault, or for such a file."""
    category = weaknesses.categories.get(candidate.category)
    if candidate.severity not in SEVERITIES:
        raise DoesNotApply
    said = SEVERITIES.index(candidate.severity)
    file = code.file(candidate.file) if code else None
    labels = [one for one in (file.labels if file else ()) if one in _NOT_SHIPPED]
    if category is None and not labels:
        raise DoesNotApply
    if labels and candidate.severity == "critical" and candidate.category != "hardcoded-secret":
        yield Fault(
            f"critical, and its file looks like {listed(labels)}, which is not shipped",
            evidence={"labels": labels},
        )
    if category is None:
        return
    lowest, highest = (SEVERITIES.index(one) for one in category.severities)
    off = max(said - highest, lowest - said, 0)
    if off:
        word = "high" if said > highest else "low"
        usual = " to ".join(dict.fromkeys(category.severities))
        yield Fault(
            f"{candidate.severity} is {word} for {category.phrase}; usual is {usual}",
            evidence={"usual": list(category.severities)},
            severity=Severity.WARNING if off >= _FAR else Severity.NOTE,
        )
