"""The five whys for a person at a terminal: a tree, with evidence to pick from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from undersign.records.claim import Entry
from undersign.render.terminal import Paint, clip, safe
from undersign.surfaces.respond.why_graph import Node

Row = tuple[Node, tuple[Entry, ...]]
_COLUMNS = 140


def render(rows: Sequence[Row], said: Mapping[str, str], *, colour: bool = False) -> str:
    """Write the whys, each under the one it asks about; `said` is claim id -> its sentence."""
    if not rows:
        return "No why stands in the postmortem yet: ask one under `## Five whys`, as a list.\n"
    paint = Paint(colour)
    deep: dict[int, int] = {}
    lines = []
    for node, offered in rows:
        deep[node.number] = deep[node.parent] + 1 if node.parent is not None else 0
        indent = "   " * deep[node.number]
        lines.append(f"{indent}{node.number}. {paint.bold(safe(node.question))}")
        mark = paint.dim(f" ({safe(node.mark)})") if node.mark else ""
        lines.append(f"{indent}   {safe(node.answer) or paint.yellow('no answer yet')}{mark}")
        if node.cites:
            lines.append(f"{indent}   {paint.cyan(safe(', '.join(node.cites)))}")
            continue
        lines.append(f"{indent}   {paint.yellow('cites nothing')}{'; perhaps:' if offered else ''}")
        for entry in offered:
            told = clip(safe(said.get(entry.claim.id, "")), _COLUMNS)
            lines.append(f"{indent}     {paint.cyan(safe(address(entry)))} {told}")
    return "\n".join(lines) + "\n"


def address(entry: Entry) -> str:
    """Return what to write in brackets to cite an entry."""
    return entry.claim.evidence[0] if entry.claim.evidence else entry.claim.id
