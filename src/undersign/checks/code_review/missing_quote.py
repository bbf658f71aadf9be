"""The check `missing-quote`."""

from __future__ import annotations

from collections.abc import Iterator

from undersign.checks.reading.wording import quoted
from undersign.checks.spec import DoesNotApply
from undersign.records.candidate import Candidate
from undersign.records.finding import Fault, Seen

_LEAST = 2
"""Letters and digits; fewer stand in every file."""


def missing_quote(candidate: Candidate) -> Iterator[Fault | Seen]:
    """Report a model's candidate that quotes no code."""
    if not candidate.by_drafter:
        raise DoesNotApply
    if not candidate.quote.strip():
        yield Fault("it quotes no code, so nothing shows that it was read")
    elif sum(c.isalnum() for c in candidate.quote) < _LEAST:
        yield Fault(f"it quotes {quoted(candidate.quote.strip())}, which stands in every file")
