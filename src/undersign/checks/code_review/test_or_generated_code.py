"""The check `test-or-generated-code`."""

from __future__ import annotations

from collections.abc import Iterator

from undersign.checks.reading.wording import listed
from undersign.records.candidate import Candidate
from undersign.records.code import Code
from undersign.records.finding import Fault, Seen


def test_or_generated_code(candidate: Candidate, code: Code) -> Iterator[Fault | Seen]:
    """Label a candidate in a test, a fixture, generated or vendored code; it stays in the queue."""
    file = code.file(candidate.file)
    if file is not None and file.labels:
        yield Fault(
            f"its file looks like: {listed(file.labels)}", evidence={"labels": list(file.labels)}
        )
