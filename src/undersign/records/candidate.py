"""A candidate: what somebody or something says is wrong with the code, before anyone believes it.

Every text in it is of others: a model, a scanner, a pull request. None of it is obeyed.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Step:
    """One place on a way through the code, from source to sink."""

    file: str
    line: int
    what: str
    """What happens there: `source`, `assigned`, `passed to NAME`, `returned`, `sink` ..."""
    text: str = ""
    """The line of code, stripped."""
    column: int = 1
    end_column: int = 0
    """Exclusive; 0 when only the line is known."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """One finding to be verified."""

    file: str
    """As its origin names it, made relative with forward slashes."""
    line: int
    """From 1; 0 when the origin names a file only."""
    message: str
    origin: str
    """Who says it: `ruff`, `secrets`, `dependencies`, `dataflow`, `CodeQL 2.20`, or the name of a
    drafter."""
    rule: str = ""
    """Its name at its origin: `S608`, `py/sql-injection`."""
    end_line: int = 0
    """0 when it is `line`."""
    column: int = 1
    end_column: int = 0
    """Exclusive; 0 when unknown."""
    quote: str = ""
    """The code it speaks of, verbatim as its origin claims; empty when it gives none."""
    category: str = ""
    """Key of the catalog of weaknesses, such as `sql-injection`; empty when nothing tells."""
    cwe: tuple[str, ...] = ()
    """`CWE-89`; as the origin writes it, valid or not."""
    owasp: tuple[str, ...] = ()
    """`A03:2021`, `A05`, `LLM05:2025`; as the origin writes it, valid or not."""
    severity: str = ""
    """`critical`, `high`, `medium`, `low` or `info`; empty when the origin does not say."""
    confidence: str = ""
    """As the origin says it; it orders nothing."""
    apis: tuple[str, ...] = ()
    """Names of functions, classes and modules that the finding rests on: `flask.escape_all`."""
    steps: tuple[Step, ...] = ()
    """The way from source to sink that the origin claims."""
    fix: str = ""
    """What the origin would do about it."""
    suppressed: str = ""
    """Why the origin would hide it (a SARIF suppression, `noqa`); shown, never obeyed."""
    by_drafter: bool = False
    """Whether a model wrote it, so that a quote is owed."""

    @property
    def last_line(self) -> int:
        """The last line it speaks of."""
        return max(self.end_line, self.line)
