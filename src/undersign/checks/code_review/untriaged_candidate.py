"""The check `untriaged-candidate`."""

from __future__ import annotations

from collections.abc import Iterator

from undersign.records.finding import Fault
from undersign.records.reviewed import Reviewed


def untriaged_candidate(file: Reviewed) -> Iterator[Fault]:
    """Report every candidate on which no person has given a verdict.

    One that says the same as another counts as judged when that one is.
    """
    judged = {one.id for one in file.findings if one.judged}
    for one in file.findings:
        if one.judged is None and one.duplicate_of not in judged:
            place = f"{one.candidate.file}:{one.candidate.line}"
            yield Fault(
                f"{place} {one.candidate.category or one.candidate.rule} [{one.id}] has no verdict",
                evidence={"standing": one.standing.value},
                suggestion=f"undersign triage {one.id} VERDICT --reason ...",
            )
