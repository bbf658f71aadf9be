"""The slots of a summary -> its text: every claim held against the rows it names, or struck."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from undersign.workflow.replies import prose

_SHOWN = 5
"""Rows named after one claim."""
_COLUMNS = 8
"""Columns that the offline summary speaks of."""
_WIDEST = 120
"""Characters of a value it quotes."""
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
        # Written r1 and not 1: these are places, and no numbers that a row must hold.
        places = [f"r{n}" for n in self.rows[:_SHOWN]]
        return (
            f"- {self.text} [{', '.join((*places, '...') if len(self.rows) > _SHOWN else places)}]"
        )


@dataclass(frozen=True, slots=True)
class Summed:
    """A summary that was held against its rows."""

    claims: tuple[Claim, ...]
    struck: int
    """Claims whose rows, values or numbers are not there."""

    def text(self) -> str:
        """Write it down; what was struck is said."""
        lines = [claim.line() for claim in self.claims] or ["- no claim that the rows show"]
        told = "- more was claimed and struck: the rows do not show it"
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


def counted_summary(rows: Sequence[Mapping[str, Any]], total: int) -> str:
    """Sum rows up without a drafter: their number, and values that several of them share."""
    lines = [f"- {total:,} row{'' if total == 1 else 's'}"]
    for name in list(rows[0])[:_COLUMNS] if rows else ():
        values = Counter(str(row[name]) for row in rows if row[name] is not None)
        value, count = values.most_common(1)[0] if values else ("", 0)
        if count > 1:
            where = tuple(n for n, row in enumerate(rows, start=1) if str(row[name]) == value)
            often = "in every row" if count == total else "more often than anything else"
            said = f"{prose(name)} is `{_cut(prose(value))}` {often}"
            lines.append(Claim(said, where, (value,)).line())
    return "\n".join(lines)


def _cut(text: str) -> str:
    return text if len(text) <= _WIDEST else text[:_WIDEST]


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
