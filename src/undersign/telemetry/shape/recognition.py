"""Which log source a flat record is of, asked once for all records with the same keys."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from undersign.catalogs.log_sources import LogSource

MAX_REMEMBERED = 1024

_Test = tuple[tuple[str, ...], frozenset[str] | None]
"""Keys to look at, the first with a value counts; accepted values in lower case (None: any)."""
_Alternative = tuple[LogSource, tuple[_Test, ...]]


class Recognition:
    """What to ask of records with certain keys; answers are remembered by the values asked for."""

    def __init__(self, sources: Iterable[LogSource], keys: tuple[str, ...]) -> None:
        folded = {k.lower(): k for k in reversed(keys)}
        self._alternatives = tuple(_alternatives(sources, folded))
        tests = [test for _, alternative in self._alternatives for test in alternative]
        asked = {k for names, accepted in tests for k in names if accepted is not None}
        self._asked = tuple(sorted(asked))
        self._present = tuple(sorted({k for names, _ in tests for k in names} - asked))
        self._answers: dict[tuple[Any, ...], LogSource | None] = {}

    def source(self, flat: Mapping[str, Any]) -> LogSource | None:
        """Return the first source, in the order of sources, one of whose alternatives holds."""
        question = (
            *[str(flat[k]) for k in self._asked],
            *[flat[k] is None or flat[k] == "" for k in self._present],
        )
        if question in self._answers:
            return self._answers[question]
        holding = (source for source, tests in self._alternatives if _holds(flat, tests))
        answer = next(holding, None)
        if len(self._answers) < MAX_REMEMBERED:
            self._answers[question] = answer
        return answer


def _alternatives(
    sources: Iterable[LogSource], folded: Mapping[str, str]
) -> Iterator[_Alternative]:
    """Yield the alternatives all of whose fields are there, with the keys to look at."""
    for source in sources:
        for alternative in source.detect:
            tests = tuple(_test(source, n, v, folded) for n, v in alternative.items())
            if all(keys for keys, _ in tests):
                yield source, tests


def _test(
    source: LogSource, name: str, values: tuple[str, ...], folded: Mapping[str, str]
) -> _Test:
    names = (name.lower(), *(a.lower() for a in source.fields[name].aliases))
    keys = tuple(folded[n] for n in names if n in folded)
    return keys, None if values == ("*",) else frozenset(v.lower() for v in values)


def _holds(flat: Mapping[str, Any], tests: tuple[_Test, ...]) -> bool:
    """Tell whether the first value that is there, of each field, is an accepted one."""
    for keys, accepted in tests:
        value = next((flat[k] for k in keys if flat[k] is not None), None)
        if value is None or value == "":
            return False
        if accepted is not None and str(value).lower() not in accepted:
            return False
    return True
