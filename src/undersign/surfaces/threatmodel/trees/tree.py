"""An attack tree and its text: one node a line, indented by two spaces.

OR Read another customer's orders
  AND Through the shop
    - Guess an order number {cost: 10, p: 0.9}
    - Use the missing check {cost: 1, threat: WE-008@shop}
  - Bribe somebody {cost: 5000, p: 0.1}
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from undersign.errors import BadInput

MOST_NODES, MOST_DEPTH = 5_000, 60
_LINE = re.compile(
    r"(?P<indent> *)(?P<gate>OR|AND|-) +(?P<title>[^{}]+?)\s*(?:\{(?P<said>[^{}]*)\})?\s*"
)


@dataclass(frozen=True, slots=True)
class Node:
    """One step, or a choice of steps."""

    title: str
    gate: str = "-"
    """`OR`: any child is enough; `AND`: all are needed; `-`: a leaf."""
    children: tuple[Node, ...] = ()
    cost: float | None = None
    """Of a leaf, in any unit that is the same for all of them; None: nobody said."""
    probability: float | None = None
    """Of a leaf: that an attacker who tries gets through."""
    threat: str = ""
    """Id of the threat of the model that a leaf is."""

    def leaves(self) -> Iterator[Node]:
        """Yield the leaves, from the top of the text to its end."""
        waiting = [self]
        while waiting:
            node = waiting.pop()
            if node.gate == "-":
                yield node
            waiting.extend(reversed(node.children))


@dataclass
class _Open:
    indent: int
    line: int
    gate: str
    title: str
    said: dict[str, str]
    children: list[Node] = field(default_factory=list)

    def close(self) -> Node:
        if self.gate != "-" and not self.children:
            raise BadInput(f"{self.gate} {self.title!r} has no steps below it", line=self.line)
        return Node(self.title, self.gate, tuple(self.children), self._number("cost", 0, 1e18),
                    self._number("p", 0, 1), self.said.get("threat", ""))  # fmt: skip

    def _number(self, name: str, least: float, most: float) -> float | None:
        if name not in self.said:
            return None
        try:
            value = float(self.said[name])
        except ValueError as error:
            raise BadInput(f"{name} of {self.title!r} is no number", line=self.line) from error
        if not least <= value <= most:
            raise BadInput(f"{name} must be between {least} and {most:g}", line=self.line)
        return value


def read(text: str) -> Node:
    """Read a tree. Raises BadInput, with its line, for anything that is none."""
    opened: list[_Open] = []
    root: Node | None = None
    count = 0
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        count += 1
        node = _node(line, number)
        if root is not None or (opened and node.indent == 0):
            raise BadInput("a tree has one root", line=number)
        if count > MOST_NODES or len(opened) >= MOST_DEPTH:
            raise BadInput(f"more than {MOST_NODES:,} nodes or {MOST_DEPTH} levels", line=number)
        while opened and opened[-1].indent >= node.indent:
            _close(opened)
        if opened and (node.indent != opened[-1].indent + 2 or opened[-1].gate == "-"):
            raise BadInput("a step stands two spaces below an AND or an OR", line=number)
        if not opened and node.indent:
            raise BadInput("the root stands at the beginning of its line", line=number)
        opened.append(node)
    while len(opened) > 1:
        _close(opened)
    if not opened:
        raise BadInput("there is no tree in it", hint="OR What the attacker wants")
    return opened[0].close()


def _node(line: str, number: int) -> _Open:
    match = _LINE.fullmatch(line)
    if match is None:
        raise BadInput("is no node", line=number, hint="OR title, AND title or - title {cost: 1}")
    pairs = (part.partition(":") for part in (match["said"] or "").split(",") if part.strip())
    said = {key.strip(): value.strip() for key, _, value in pairs}
    unknown = set(said) - {"cost", "p", "threat"}
    if unknown:
        raise BadInput(f"unknown {min(unknown)!r}", line=number, hint="cost, p, threat")
    return _Open(len(match["indent"]), number, match["gate"], match["title"].strip(), said)


def _close(opened: list[_Open]) -> None:
    done = opened.pop()
    opened[-1].children.append(done.close())


def write(node: Node) -> str:
    """Return a tree's text; `read` gives the same tree."""
    lines: list[str] = []
    waiting = [(node, 0)]
    while waiting:
        one, depth = waiting.pop()
        lines.append("  " * depth + f"{one.gate} {_plain(one.title)}{_said(one)}")
        waiting.extend((child, depth + 1) for child in reversed(one.children))
    return "\n".join(lines) + "\n"


def _plain(title: str) -> str:
    kept = "".join(c if c.isprintable() and c not in "{}" else " " for c in title)
    return " ".join(kept.split()) or "unnamed"


def _said(node: Node) -> str:
    parts = [f"cost: {node.cost!r}"] if node.cost is not None else []
    parts += [f"p: {node.probability!r}"] if node.probability is not None else []
    parts += [f"threat: {node.threat}"] if node.threat else []
    return f" {{{', '.join(parts)}}}" if parts else ""


def dot(node: Node) -> str:
    """Return the tree in Graphviz's language, every title quoted."""
    lines = ["digraph tree {", '  node [fontname="sans-serif"];']
    waiting: list[tuple[Node, int | None]] = [(node, None)]
    number = 0
    while waiting:
        one, parent = waiting.pop()
        shape = {"AND": "house", "OR": "invhouse"}.get(one.gate, "box")
        gate = "" if one.gate == "-" else f"{one.gate}: "
        label = _plain(gate + one.title + _said(one)).replace("\\", "\\\\").replace('"', '\\"')
        lines.append(f'  t{number} [label="{label}", shape={shape}];')
        if parent is not None:
            lines.append(f"  t{parent} -> t{number};")
        waiting.extend((child, number) for child in reversed(one.children))
        number += 1
    return "\n".join([*lines, "}"]) + "\n"
