"""What no machine assesses: four areas of every review, and every file not wholly looked at."""

from __future__ import annotations

from collections.abc import Iterable

from undersign.records.review import Area, FileCoverage, FileState

FILE = "file:"
"""What the key of an area about one file begins with."""
ALWAYS = (
    Area(
        "design",
        "Insecure design (A04:2021, A06:2025)",
        "it needs the trust model across components, not the code of one",
    ),
    Area(
        "multi-step-authorization",
        "Authorization over several steps",
        "each step looks innocent by itself",
    ),
    Area("business-logic", "Business logic", "no machine here knows what the code is for"),
    Area(
        "novel-sinks",
        "Sinks and primitives nobody listed",
        "checks find what their models name, and nothing else",
    ),
)


def areas(files: Iterable[FileCoverage]) -> tuple[Area, ...]:
    """Return the areas of a review, none of them stated yet."""
    left = [one for one in files if one.state not in (FileState.ASSESSED, FileState.DELETED)]
    return (*ALWAYS, *(_of_file(one) for one in left))


def _of_file(one: FileCoverage) -> Area:
    by = f" by {one.by}" if one.by else ""
    why = one.why or "no check reads it"
    return Area(FILE + one.path, f"{one.path}, {one.state.value}{by}", why)
