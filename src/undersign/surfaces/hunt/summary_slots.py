"""The slots of a summary -> its text: every claim held against the rows it names, or struck."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from undersign.surfaces.replies import prose

_SHOWN = 5
"""Row numbers named after one claim; the rest is counted."""
_NUMBER = re.compile(r"(?<![\w.,:/-])\d[\d,]*(?![\w,:/-]|\.\d)")


@dataclass(frozen=True, slots=True)
class Claim:
    """One claim, and the rows that show it."""

    text: str
    rows: tuple[int, ...]
    """From 1."""
    values: tuple[str, ...]

    def line(self) -> str:
        """Write the claim with the places of its proof."""
        more = f" and {len(self.rows) - _SHOWN} more" if len(self.rows) > _SHOWN else ""
        noun = "row" if len(self.rows) == 1 else "rows"
        return f"- {self.text} [{noun} {', '.join(map(str, self.rows[:_SHOWN]))}{more}]"


@dataclass(frozen=True, slots=True)
class Summed:
    """A summary that was held against its rows."""

    claims: tuple[Claim, ...]
    struck: int
    """Claims whose rows, values or numbers are not there."""

    def text(self) -> str:
        """Write it down; what was struck is said."""
        lines = [claim.line() for claim in self.claims] or ["- no claim that the rows show"]
        noun = "claim" if self.struck == 1 else "claims"
        told = f"- struck: {self.struck} {noun} that the rows do not show"
        return "\n".join([*lines, told] if self.struck else lines)


def summed(slots: Mapping[str, Any], rows: Sequence[Mapping[str, Any]], total: int) -> Summed:
    """Keep the claims that the rows show; `rows` are those that were shown, `total` all there are.

    A claim stays when every row it names is there, each of its values stands in one of these rows,
    and every number in its words stands there too or is the number of rows. That the words say what
    the rows mean is not looked at: a person reads the rows first.
    """
    kept = []
    for one in slots["claims"]:
        numbers = tuple(dict.fromkeys(one["rows"]))
        if all(n <= len(rows) for n in numbers):
            cells = [_text(v) for n in numbers for v in rows[n - 1].values()]
            if _shown(one, cells, total):
                values = tuple(prose(v) for v in one["values"])
                kept.append(Claim(prose(one["text"]), numbers, values))
    return Summed(tuple(kept), len(slots["claims"]) - len(kept))


def _shown(one: Mapping[str, Any], cells: Sequence[str], total: int) -> bool:
    if not all(any(_text(value) in cell for cell in cells) for value in one["values"]):
        return False
    named = " ".join(map(str, one["values"])).lower()
    for number in (n.replace(",", "") for n in _NUMBER.findall(one["text"])):
        counted = number in (str(total), str(len(one["rows"])))
        if not counted and number not in named and number not in cells:
            return False
    return True


def _text(value: object) -> str:
    return str(value).lower()
