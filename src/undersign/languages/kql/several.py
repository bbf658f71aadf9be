"""Several queries in one text, parted by an empty line, as Kusto's editors allow.

The editors run the one under the cursor. Without a cursor the first is read, and where the next
one begins is a problem with its place.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

from undersign.languages.kql.places import Places
from undersign.languages.kql.problems import is_syntax
from undersign.records.query import Problem

_EMPTY_LINE = re.compile(r"[ \t]*(?://[^\n]*)?\r?\n[ \t]*\r?\n")
"""The rest of a line, and an empty one after it."""
_WHITE_OR_COMMENT = re.compile(r"(?:\s|//[^\n]*)*")


def end_of_first(listed: Iterable[Sequence[Any]], places: Places) -> int | None:
    """Return the character at which the first query ends.

    None when nothing is wrong, or when the first thing that is wrong does not stand before an
    empty line.
    """
    starts = [complaint[3] for complaint in listed if is_syntax(complaint)]
    if not starts or places.widened:
        return None
    end = places.character(min(starts))
    return end if _EMPTY_LINE.match(places.text, end) else None


def another(places: Places, end: int) -> Problem:
    """Say where the query after this one begins."""
    found = _WHITE_OR_COMMENT.match(places.text, end)
    begin = places.unit(found.end() if found else end)
    message = "Another query begins here, after an empty line: only the first one is read."
    return Problem("unsupported", message, places.span([begin, begin]))
