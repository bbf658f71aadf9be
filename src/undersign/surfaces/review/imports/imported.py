"""What one file of findings holds, and the remarks on what of it could not be used."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from undersign.records.candidate import Candidate
from undersign.records.review import Looker

_NAMED = 5
"""Places that are told one by one; of more of the same kind the number is told."""
_OURS = frozenset(("ruff", "secrets", "dependencies", "dataflow", "upstream"))


@dataclass(frozen=True, slots=True)
class Imported:
    """What one file of findings holds."""

    candidates: tuple[Candidate, ...] = ()
    lookers: tuple[Looker, ...] = ()
    failed: Mapping[str, str] = field(default_factory=dict)
    """Path -> why the tool says that it did not read it, or not all of it."""
    remarks: tuple[str, ...] = ()
    """What of the file could not be used, each with its place in it."""
    read: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Path -> the tools that say they read it. Their word, nobody saw them do it."""


class Remarks:
    """Collects what could not be used: the first few of a kind by place, then their number.

    A file may hold a hundred thousand bad results; none is dropped in silence, and no list of them
    drowns the rest.
    """

    def __init__(self, where: str) -> None:
        self._where = where
        self._first: dict[str, list[str]] = {}
        self._more: dict[str, int] = {}

    def add(self, place: str, why: str) -> None:
        """Note what is wrong at a place such as `runs[0].results[17]`; `why` in words of ours."""
        first = self._first.setdefault(why, [])
        if len(first) < _NAMED:
            first.append(place)
        else:
            self._more[why] = self._more.get(why, 0) + 1

    def told(self) -> tuple[str, ...]:
        """Return them as sentences, in the order in which each kind was first met."""
        said: list[str] = []
        for why, places in self._first.items():
            said += [f"{self._where}: {place} {why}" for place in places]
            if more := self._more.get(why):
                said.append(f"{self._where}: {more:,} more like {places[-1]}, which {why}")
        return tuple(said)


def named(name: str, form: str) -> str:
    """Return the name of an origin, so that no file passes for something that runs here."""
    return f"{name} ({form})" if name.strip().lower() in _OURS else name
