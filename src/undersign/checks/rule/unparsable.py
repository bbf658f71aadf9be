"""The check `unparsable`."""

from __future__ import annotations

from collections.abc import Iterator

from undersign.checks.reading.trees import all_atoms
from undersign.languages.sigma.document import SigmaFile
from undersign.languages.sigma.tree import Unsupported
from undersign.records.finding import Fault, Severity


def unparsable(file: SigmaFile) -> Iterator[Fault]:
    """Report everything that makes the file, or a document of it, not valid Sigma."""
    located = list(file.problems)
    for document in file.documents:
        located += document.problems
    for problem in located:
        yield Fault(problem.message, problem.span)
    told = {(p.message, p.span) for p in located}
    for _, atom in all_atoms(file):
        if isinstance(atom.test, Unsupported) and (atom.test.reason, atom.span) not in told:
            message = f"cannot be evaluated here: {atom.test.reason}"
            yield Fault(message, atom.span, severity=Severity.WARNING)
