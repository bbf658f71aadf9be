"""The five whys as a graph: questions, answers with evidence, branches; as DOT text, too."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from undersign.records.claim import Entry
from undersign.records.timeline import Timeline

_WORD = re.compile(r"[A-Za-z][\w.-]{2,}|\d{1,3}(?:\.\d{1,3}){3}")
_PLAIN = frozenset(
    [
        "the",
        "and",
        "was",
        "were",
        "why",
        "did",
        "not",
        "how",
        "that",
        "this",
        "with",
        "from",
        "for",
        "because",
        "could",
    ]
)


@dataclass(frozen=True, slots=True)
class Node:
    """One why, with the why that it asks about."""

    number: int
    question: str
    answer: str
    cites: tuple[str, ...]
    parent: int | None


def dot(nodes: tuple[Node, ...]) -> str:
    """Return the graph in Graphviz's language, every text quoted."""
    lines = ["digraph whys {", "  rankdir=TB;", "  node [shape=box, fontname=sans-serif];"]
    for one in nodes:
        label = _quoted(f"{one.question}\n{one.answer}\n{', '.join(one.cites) or 'no evidence'}")
        lines.append(f"  n{one.number} [label={label}];")
        if one.parent is not None:
            lines.append(f"  n{one.parent} -> n{one.number};")
    return "\n".join([*lines, "}"]) + "\n"


def evidence_for(question: str, timeline: Timeline, most: int = 8) -> list[Entry]:
    """Return the entries that share most words and names with a question, best first.

    It only orders what is there for a person to pick from; it answers nothing.
    """
    wanted = set(_words(question))
    scored = []
    for entry in timeline.entries:
        own = set(_words(" ".join(entry.claim.slots.values())))
        own |= {value.casefold() for _, value in entry.entities}
        if shared := len(wanted & own):
            scored.append((-shared, entry.count, entry.start, entry))
    return [entry for *_, entry in sorted(scored, key=lambda s: s[:3])[:most]]


def _words(text: str) -> Iterator[str]:
    return (w.casefold() for w in _WORD.findall(text) if w.casefold() not in _PLAIN)


def _quoted(text: str) -> str:
    safe = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{"".join(c if c.isprintable() else "?" for c in safe)}"'
