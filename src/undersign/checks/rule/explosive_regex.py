"""The check `explosive-regex`."""

from __future__ import annotations

from collections.abc import Iterator

from undersign.checks.reading.regexes import compiled, explosive_part
from undersign.checks.reading.trees import all_atoms
from undersign.checks.reading.wording import quoted
from undersign.languages.sigma.document import SigmaFile
from undersign.languages.sigma.tree import Regex
from undersign.records.finding import Fault


def explosive_regex(file: SigmaFile) -> Iterator[Fault]:
    """Report a regular expression that an attacker can make take exponential time."""
    for _, atom in all_atoms(file):
        if not isinstance(atom.test, Regex):
            continue
        part = explosive_part(atom.test)
        if part is None:
            continue
        linear = compiled(atom.test).re2 is None
        here = (
            "RE2 runs it in linear time here, a SIEM that backtracks does not"
            if linear
            else "RE2 refuses it, so it backtracks here too"
        )
        yield Fault(
            f"{quoted(atom.test.pattern)} has {part}; {here}",
            atom.span,
            {"pattern": atom.test.pattern[:500], "re2": linear},
            "repeat only once, or end each round with a character the round cannot contain",
        )
