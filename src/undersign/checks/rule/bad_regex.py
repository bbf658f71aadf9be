"""The check `bad-regex`."""

from __future__ import annotations

from collections.abc import Iterator

from undersign.checks.reading.regexes import compiled, written_regexes
from undersign.checks.reading.wording import quoted
from undersign.languages.sigma.document import SigmaFile
from undersign.records.finding import Fault, Severity


def bad_regex(file: SigmaFile) -> Iterator[Fault]:
    """Report a regular expression that no engine here compiles, or that RE2 refuses."""
    for value, regex in written_regexes(file):
        told = compiled(regex)
        evidence = {"re2": told.re2, "python": told.python}
        pattern = quoted(regex.pattern)
        if told.python is not None and told.re2 is not None:
            yield Fault(f"{pattern} does not compile: {told.python}", value.span, evidence)
        elif told.re2 is not None:
            yield Fault(
                f"{pattern} needs a backtracking engine (RE2: {told.re2})",
                value.span,
                evidence,
                "look-around and back-references are not portable between SIEMs; filter instead",
                Severity.NOTE,
            )
