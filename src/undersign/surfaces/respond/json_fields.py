"""Fields of a JSON object by name and type: what is wrong is said with its place in the file."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

_RFC3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,6})?Z", re.ASCII)


class Wrong(ValueError):
    """A field that is missing or not what it must be; its text says where and what."""


class Fields:
    """One JSON object, and where it stands in the file."""

    def __init__(self, value: object, place: str) -> None:
        if not isinstance(value, Mapping):
            raise Wrong(f"{place or 'the file'} must be an object")
        self._value: Mapping[str, Any] = value
        self.place = place

    def text(self, name: str, default: str | None = None) -> str:
        """Return a string; without a default it must be there."""
        found: str = self._typed(name, str, default)
        return found

    def whole(self, name: str, default: int | None = None) -> int:
        """Return a whole number."""
        found: int = self._typed(name, int, default)
        return found

    def number(self, name: str, default: float | None = None) -> float:
        """Return a number."""
        found = self._value.get(name, default)
        if isinstance(found, bool) or not isinstance(found, int | float):
            raise self._wrong(name, "a number")
        return float(found)

    def truth(self, name: str, default: bool) -> bool:
        """Return true or false."""
        found = self._value.get(name, default)
        if not isinstance(found, bool):
            raise self._wrong(name, "true or false")
        return found

    def time(self, name: str) -> datetime:
        """Return a time, in UTC."""
        found = self.maybe_time(name)
        if found is None:
            raise self._wrong(name, "a time such as 2026-03-04T10:41:07Z")
        return found

    def maybe_time(self, name: str) -> datetime | None:
        """Return a time, in UTC, or None when there is none."""
        found = self._value.get(name)
        if found is None:
            return None
        if not isinstance(found, str) or not _RFC3339.fullmatch(found):
            raise self._wrong(name, "a time such as 2026-03-04T10:41:07Z")
        try:
            return datetime.fromisoformat(found).astimezone(UTC)
        except ValueError as error:
            raise self._wrong(name, "a time of the calendar") from error

    def texts(self, name: str) -> tuple[str, ...]:
        """Return a list of strings; empty when it is not there."""
        found = self._list(name)
        if not all(isinstance(one, str) for one in found):
            raise self._wrong(name, "a list of strings")
        return tuple(found)

    def pairs(self, name: str) -> tuple[tuple[str, str], ...]:
        """Return a list of two strings each."""
        found = self._list(name)
        if not all(_is_pair(one) for one in found):
            raise self._wrong(name, "a list of pairs of strings")
        return tuple((one[0], one[1]) for one in found)

    def words(self, name: str) -> dict[str, str]:
        """Return an object whose values are strings."""
        found = self._value.get(name, {})
        if not isinstance(found, Mapping) or not all(isinstance(v, str) for v in found.values()):
            raise self._wrong(name, "an object of strings")
        return dict(found)

    def word_lists(self, name: str) -> dict[str, tuple[str, ...]]:
        """Return an object whose values are lists of strings."""
        found = self._value.get(name, {})
        right = isinstance(found, Mapping) and all(
            isinstance(v, list) and all(isinstance(one, str) for one in v) for v in found.values()
        )
        if not right:
            raise self._wrong(name, "an object of lists of strings")
        return {key: tuple(values) for key, values in found.items()}

    def inner(self, name: str) -> Fields:
        """Return an object within."""
        return Fields(self._value.get(name), f"{self.place}{name}")

    def each(self, name: str) -> Iterator[Fields]:
        """Yield the objects of a list; nothing when it is not there."""
        for number, one in enumerate(self._list(name)):
            yield Fields(one, f"{self.place}{name}[{number}].")

    def raw(self, name: str) -> Any:
        """Return whatever is there, or None."""
        return self._value.get(name)

    def _list(self, name: str) -> list[Any]:
        found = self._value.get(name, [])
        if not isinstance(found, list):
            raise self._wrong(name, "a list")
        return found

    def _typed(self, name: str, kind: type, default: Any) -> Any:
        found = self._value.get(name, default)
        if not isinstance(found, kind) or isinstance(found, bool):
            raise self._wrong(name, "a string" if kind is str else "a whole number")
        return found

    def _wrong(self, name: str, wanted: str) -> Wrong:
        missing = " (it is missing)" if name not in self._value else ""
        return Wrong(f"{self.place}{name} must be {wanted}{missing}")


def rfc3339(moment: datetime) -> str:
    """Write a time in UTC, to the microsecond when it has any."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _is_pair(one: object) -> bool:
    return isinstance(one, list) and len(one) == 2 and all(isinstance(v, str) for v in one)
