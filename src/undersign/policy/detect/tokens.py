"""Tokens that show by their own shape what they are: `ghp_...`, `AKIA...`, `sk-ant-...`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from tomllib import loads
from typing import Any

from undersign.policy.detect.doubt import entropy, is_sample
from undersign.policy.detect.found import Anchor, Hit, Meaning, Rank, until
from undersign.policy.detect.late import Late
from undersign.policy.detect.shapes import alternatives, anchor, exact, greatest

_REACH = 4096
"""Bytes of the longest token."""


@dataclass(frozen=True, slots=True)
class Token:
    """One rule of `[prefixed]`: one shape, one choice in it."""

    anchors: tuple[Anchor, ...]
    expression: Late
    """Group 1 is the token."""
    meaning: Meaning
    least: float
    """Bits of entropy a character."""
    window: tuple[int, int] | None
    begins: str = ""
    """The text it begins with."""
    glance: None = None

    @property
    def meanings(self) -> tuple[Meaning, ...]:
        """Return what it may find."""
        return (self.meaning,)

    def find(self, data: bytes, start: int, end: int) -> Iterator[Hit]:
        """Yield the token at a place, if it is one."""
        found = self.expression.match(until(data, start, start + _REACH))
        if found is None:
            return
        value = found.group(1).rstrip(b".")
        if not is_sample(value) and (not self.least or entropy(value) >= self.least):
            yield Hit(start, start + len(value), self.meaning)


@lru_cache(maxsize=1)
def table() -> Mapping[str, Mapping[str, Any]]:
    """Return the packaged `rules.toml`; every rule in the long form."""
    text = files("undersign.policy.detect").joinpath("rules.toml").read_text(encoding="utf-8")
    return {
        part: {name: _long(value) for name, value in rules.items()}
        for part, rules in loads(text).items()
    }


def _long(value: object) -> dict[str, Any]:
    long = dict(value) if isinstance(value, dict) else {"shape": value}
    for key in ("shape", "near"):
        if isinstance(long.get(key), str):
            long[key] = [long[key]]
    return long


def meaning_of(name: str, rule: Mapping[str, Any], rank: Rank) -> Meaning:
    """Return what the findings of a rule of the table are called."""
    return Meaning(name, rule.get("class", "secrets"), rule.get("label", "TOKEN"), rank)


def tokens() -> Iterator[Token]:
    """Yield a finder for every shape of `[prefixed]`."""
    for name, rule in table()["prefixed"].items():
        meaning = meaning_of(name, rule, Rank.EXACT)
        for shape in rule["shape"]:
            for pieces in alternatives(shape):
                expression = Late(exact(pieces).encode())
                place = anchor(pieces, free=rule.get("free", False))
                longest = greatest(pieces)
                begins = pieces[0] if isinstance(pieces[0], str) else ""
                # An end of two bytes is looked at: a full stop and what follows it.
                window = None if longest is None else (1, max(longest + 2 - place.length, 0))
                yield Token((place,), expression, meaning, rule.get("entropy", 0.0), window, begins)
