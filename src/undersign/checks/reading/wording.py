"""Words of messages: quoting hostile text shortly, naming parts of a rule, lists in prose."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from difflib import get_close_matches

from undersign.checks.reading.trees import atoms
from undersign.languages.sigma.tree import Node, Not

MAX_QUOTED = 80


def quoted(value: object) -> str:
    """Quote a value of the artifact: one line, no control characters, at most 80 characters."""
    text = "".join(c if c.isprintable() else f"\\u{ord(c):04x}" for c in str(value))
    return f"`{text if len(text) <= MAX_QUOTED else text[: MAX_QUOTED - 1] + '…'}`"


def listed(words: Iterable[str], last: str = "and") -> str:
    """Join words as prose: `a, b and c`."""
    *most, final = list(words) or [""]
    return f"{', '.join(most)} {last} {final}" if most else final


def plural(count: float, noun: str) -> str:
    """Write a count with its noun: `1 event`, `2 events`, `1,200 events`."""
    number = f"{count:,}" if isinstance(count, int) else f"{count:,.1f}".removesuffix(".0")
    return f"{number} {noun}" if count == 1 else f"{number} {noun}s"


def described(node: Node) -> str:
    """Name a part of a condition by the first comparisons in it, as its author wrote them."""
    written = list(dict.fromkeys(a.written for a in atoms(node)))
    text = quoted(written[0]) if written else "an empty selection"
    more = f" and {len(written) - 1} more" if len(written) > 1 else ""
    return f"{'not ' if isinstance(node, Not) else ''}{text}{more}"


def did_you_mean(names: Sequence[str]) -> str | None:
    """Offer the nearest real names, or nothing when there is none."""
    return f"did you mean {listed(map(quoted, names), 'or')}?" if names else None


def nearest(word: str, known: Iterable[str], limit: int = 3) -> list[str]:
    """Return the known words that look most like this one, compared without case, best first."""
    by_lower = {k.lower(): k for k in known}
    return [by_lower[c] for c in get_close_matches(word.lower(), by_lower, n=limit, cutoff=0.6)]
