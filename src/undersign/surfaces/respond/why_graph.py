"""The five whys as a graph: questions, answers with evidence, branches; as DOT text, too."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from undersign.checks.prose.reading.whys import Step
from undersign.records.claim import Entry
from undersign.records.timeline import Timeline

_WORD = re.compile(r"[A-Za-z][\w.-]{2,}|\d{1,3}(?:\.\d{1,3}){3}")
_COMMON = {"the", "and", "was", "were", "why", "did", "not", "how", "that", "this", "with", "from",
           "for", "because", "could"}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Node:
    """One why, with the why that it asks about."""

    number: int
    """From 1, in the order of the document."""
    question: str
    answer: str
    cites: tuple[str, ...]
    """Addresses of evidence, and ids of claims."""
    parent: int | None
    mark: str = ""
    """`inference, by ...` or `judgement, by ...`, as the answer is marked."""


def graph(steps: Iterable[Step]) -> tuple[Node, ...]:
    """Return the whys of a document as a graph: each asks about the last one that is less deep."""
    above: list[tuple[int, int]] = []
    nodes = []
    for number, step in enumerate(steps, 1):
        while above and above[-1][0] >= step.depth:
            above.pop()
        parent = above[-1][1] if above else None
        nodes.append(Node(number, step.question, step.answer, step.cites, parent, step.mark))
        above.append((step.depth, number))
    return tuple(nodes)


def dot(nodes: Iterable[Node]) -> str:
    """Return the graph in Graphviz's language, every text quoted."""
    lines = ["digraph whys {", "  rankdir=TB;", '  node [shape=box, fontname="sans-serif"];']
    for one in nodes:
        cites = ", ".join(one.cites) or "no evidence"
        label = _quoted("\n".join(filter(None, (one.question, one.answer, one.mark, cites))))
        lines.append(f"  n{one.number} [label={label}];")
        if one.parent is not None:
            lines.append(f"  n{one.parent} -> n{one.number};")
    return "\n".join([*lines, "}"]) + "\n"


def evidence_for(node: Node, timeline: Timeline, most: int = 5) -> list[Entry]:
    """Return the entries that share most words and names with a why, best first.

    It only orders what is there for a person to pick from; it answers nothing, and what the why
    cites already is left out.
    """
    wanted = set(_words(f"{node.question} {node.answer}"))
    cited = set(node.cites)
    scored = []
    for entry in timeline.entries:
        if cited & {entry.claim.id, *entry.claim.evidence}:
            continue
        own = set(_words(" ".join(entry.claim.slots.values())))
        own |= {value.casefold() for _, value in entry.entities}
        if shared := len(wanted & own):
            scored.append((-shared, entry.count, entry.start, entry))
    return [entry for *_, entry in sorted(scored, key=lambda s: s[:3])[:most]]


def _words(text: str) -> Iterator[str]:
    return (w.casefold() for w in _WORD.findall(text) if w.casefold() not in _COMMON)


def _quoted(text: str) -> str:
    safe = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{"".join(c if c.isprintable() else "?" for c in safe)}"'
