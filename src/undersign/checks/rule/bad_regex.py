"""The check `bad-regex`."""

from __future__ import annotations

from collections.abc import Iterator

from undersign.checks.reading.regexes import compiled
from undersign.checks.reading.trees import all_atoms
from undersign.checks.reading.wording import quoted
from undersign.languages.sigma.document import SigmaFile
from undersign.languages.sigma.tree import Regex
from undersign.records.finding import Fault, Severity


def bad_regex(file: SigmaFile) -> Iterator[Fault]:
    """Report a regular expression that no engine here compiles, or that RE2 refuses."""
    for _, atom in all_atoms(file):
        if not isinstance(atom.test, Regex):
            continue
        told = compiled(atom.test)
        evidence = {"re2": told.re2, "python": told.python}
        pattern = quoted(atom.test.pattern)
        if told.python is not None and told.re2 is not None:
            yield Fault(f"{pattern} is no regular expression: {told.python}", atom.span, evidence)
        elif told.re2 is not None:
            yield Fault(
                f"{pattern} needs a backtracking engine (RE2: {told.re2})",
                atom.span,
                evidence,
                "look-around and back-references are not portable between SIEMs; filter instead",
                Severity.NOTE,
            )
