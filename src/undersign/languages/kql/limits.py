"""Texts that are refused before the language service sees them, each with its place.

The service takes minutes for some of them, and says nothing of where it broke.
"""

from __future__ import annotations

import re

from undersign.languages.kql.places import Places
from undersign.records.query import Problem

LONGEST = 200_000
"""Characters of a query that is still read."""
DEEPEST = 200
"""Brackets inside each other; the service itself stands about twice as many."""

_QUOTED_OR_BRACKET = re.compile(
    r"""//[^\n]*|```.*?(?:```|\Z)|@"(?:[^"\n]|"")*"?|@'(?:[^'\n]|'')*'?"""
    r"""|"(?:\\.|[^"\\\n])*"?|'(?:\\.|[^'\\\n])*'?|[()\[\]{}]""",
    re.DOTALL,
)


def beyond_limits(places: Places) -> Problem | None:
    """Return what makes a text too much to read, or None."""
    if len(places.text) > LONGEST:
        message = f"This query has {len(places.text):,} characters; {LONGEST:,} are read."
        return _problem(message, places, places.unit(LONGEST))
    depth = 0
    for match in _QUOTED_OR_BRACKET.finditer(places.read):
        if match.group() in "([{":
            depth += 1
        elif match.group() in ")]}":
            depth -= 1
        if depth > DEEPEST:
            return _problem(
                f"Brackets are nested deeper than {DEEPEST} here.", places, match.start()
            )
    return None


def _problem(message: str, places: Places, unit: int) -> Problem:
    return Problem("syntax", message, places.span([unit, unit]))
