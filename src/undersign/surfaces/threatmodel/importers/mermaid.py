"""A Mermaid flowchart: nodes are components, subgraphs boundaries, arrows flows."""

from __future__ import annotations

import re

from undersign.errors import BadInput
from undersign.surfaces.threatmodel.importers.imported import Imported

MOST_LINES = 20_000
_HEAD = re.compile(r"\s*(?:flowchart|graph)\b")
_SUBGRAPH = re.compile(r"\s*subgraph\s+(?P<id>[\w.-]+)?\s*(?:\[\s*\"?(?P<name>[^\]\"]*)\"?\s*\])?")
_NODE = re.compile(
    r"(?P<id>[\w.-]*\w)(?:(?P<open>\[\(|\(\(|\{\{|\[\[|\[/|\[|\(|\{|>)\s*\"?(?P<name>[^\"\]\)\}]*)\"?\s*"
    r"(?:\)\]|\)\)|\}\}|\]\]|/\]|\]|\)|\}))?"
)
_ARROW = re.compile(
    r"\s*(?:<?-{1,3}(?:\s*(?P<said>[^-|>][^>|]*?)\s*-{1,3})?>|-\.->|==+>|---|~~~)\s*"
    r"(?:\|\s*\"?(?P<label>[^|\"]*)\"?\s*\|)?\s*"
)
_LEFT_OUT = (
    "%%", "classDef", "class ", "style ", "click ", "linkStyle", "direction", "flowchart", "graph",
    "---",
)  # fmt: skip
_KINDS = {"[(": "store", "[": "external", "{{": "ai.agent"}


def read(text: str) -> Imported:
    """Read a flowchart; styles and links are left out, and nothing in it is run."""
    lines = text.splitlines()
    if len(lines) > MOST_LINES:
        raise BadInput(f"more than {MOST_LINES:,} lines")
    if not any(_HEAD.match(line) for line in lines):
        raise BadInput("is no Mermaid flowchart", hint="it begins with `flowchart LR`")
    return _Reader().read(lines)


class _Reader:
    def __init__(self) -> None:
        self.made = Imported("Flowchart")
        self.inside: list[str] = []
        self.ids: dict[str, str] = {}

    def read(self, lines: list[str]) -> Imported:
        for line in lines:
            bare = line.strip()
            if bare.startswith("subgraph"):
                self._boundary(line)
            elif bare == "end" and self.inside:
                self.inside.pop()
            elif bare and not bare.startswith(_LEFT_OUT):
                self._statement(bare)
        return self.made

    def _boundary(self, line: str) -> None:
        match = _SUBGRAPH.match(line)
        written = (match and match["id"]) or f"boundary-{len(self.made.boundaries) + 1}"
        name = (match and match["name"]) or written
        self.inside.append(self.made.boundary(written, _text(name)))

    def _statement(self, line: str) -> None:
        at, before, label = 0, None, ""
        while at < len(line):
            node = _NODE.match(line, at)
            if node is None:
                return
            found = self._component(node)
            if before is not None:
                self.made.flow(before, found, data=_text(label) or None)
            at, before = node.end(), found
            arrow = _ARROW.match(line, at)
            if arrow is None:
                return
            label = arrow["label"] or arrow["said"] or ""
            at = arrow.end()

    def _component(self, node: re.Match[str]) -> str:
        written = node["id"]
        if written not in self.ids:
            kind = _KINDS.get(node["open"] or "", "process")
            place = self.inside[-1] if self.inside else None
            self.ids[written] = self.made.component(
                written, _text(node["name"] or written), kind, boundary=place
            )
        return self.ids[written]


def _text(written: str) -> str:
    """Return a label with its numeric entities read."""
    return re.sub(
        r"#(\d{1,6});", lambda m: chr(int(m[1])) if int(m[1]) < 0x110000 else "?", written
    ).strip()
