"""Values of a TOML file, read with errors that name the file and the key."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from undersign.errors import BadInput


@dataclass(frozen=True, slots=True)
class Place:
    """Somewhere in a TOML file; each method returns the value or raises BadInput about it."""

    path: str
    at: str
    """What stands there: `kql SecurityEvent: columns`."""

    def inside(self, key: str) -> Place:
        """Return the place of a key below this one."""
        return Place(self.path, f"{self.at}: {key}")

    def bad(self, what: str) -> BadInput:
        """Return the error that says what is wrong here."""
        return BadInput(f"{self.at} {what}", path=self.path)

    def table(self, value: object) -> Mapping[str, Any]:
        """Return a table."""
        if not isinstance(value, dict):
            raise self.bad("must be a table")
        return value

    def text(self, value: object) -> str:
        """Return a text, empty ones included."""
        if not isinstance(value, str):
            raise self.bad("must be a text")
        return value

    def texts(self, value: object) -> tuple[str, ...]:
        """Return texts; one alone counts as a list of one."""
        values = [value] if isinstance(value, str) else value
        if not isinstance(values, list) or not all(isinstance(v, str) and v for v in values):
            raise self.bad("must be a text or a list of texts")
        return tuple(values)

    def pairs(self, value: object) -> dict[str, str]:
        """Return a table of texts."""
        return {str(k): self.inside(str(k)).text(v) for k, v in self.table(value).items()}

    def values(self, value: object) -> dict[str, tuple[str, ...]]:
        """Return a table of accepted values, numbers as text; one alone counts as a list of one."""
        found = {}
        for key, entry in self.table(value).items():
            values = entry if isinstance(entry, list) else [entry]
            if not values or not all(isinstance(v, str | int) for v in values):
                raise self.inside(key).bad("must be texts or numbers")
            found[key] = tuple(str(v) for v in values)
        return found
