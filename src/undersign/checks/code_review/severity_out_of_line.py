"""The check `severity-out-of-line`."""

from __future__ import annotations

from collections.abc import Iterator

from undersign.catalogs.weaknesses import SEVERITIES, Weaknesses
from undersign.checks.spec import DoesNotApply
from undersign.records.candidate import Candidate
from undersign.records.finding import Fault, Seen


def severity_out_of_line(candidate: Candidate, weaknesses: Weaknesses) -> Iterator[Fault | Seen]:
    """Report a severity far from what is usual for this kind of fault."""
    category = weaknesses.categories.get(candidate.category)
    if candidate.severity not in SEVERITIES or category is None:
        raise DoesNotApply
    lowest, highest = (SEVERITIES.index(one) for one in category.severities)
    said = SEVERITIES.index(candidate.severity)
    if lowest <= said <= highest:
        return
    usual = " to ".join(dict.fromkeys(category.severities))
    word = "high" if said > highest else "low"
    yield Fault(f"{candidate.severity} is {word} for {category.title.lower()}; usual: {usual}")
