"""Why a rule matches an event, or why not: the condition as a tree with each answer."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from undersign.render.terminal import Paint, clip, safe

_VALUE_COLUMNS = 90
_WORDS = {"and": "all of", "or": "any of", "not": "not"}


def render(why: Mapping[str, Any], *, colour: bool = False) -> str:
    """Write `{"matches", "tree"}` with a mark on every line; `remarks` are said first.

    A node is {"kind": and|or|not|selection|atom, "outcome", "name", "written", "field",
    "expected", "values", "hint", "children"}; all but kind and outcome may be absent.
    """
    paint = Paint(colour)
    lines = [paint.yellow(safe(str(remark))) for remark in why.get("remarks") or ()]
    lines.append(paint.green("matches") if why["matches"] else paint.red("does not match"))
    trees = why["tree"]
    for tree in trees if isinstance(trees, list) else [trees]:
        lines += _node(tree, "", paint)
    return "\n".join(lines) + "\n"


def _node(node: Mapping[str, Any], indent: str, paint: Paint) -> Iterator[str]:
    mark = paint.green("✓") if node["outcome"] else paint.red("✗")
    yield f"{indent}{mark} {_title(node, paint)}"
    if node.get("hint"):
        yield f"{indent}  {paint.yellow('↳ ' + safe(str(node['hint'])))}"
    for child in node.get("children") or ():
        yield from _node(child, indent + "  ", paint)


def _title(node: Mapping[str, Any], paint: Paint) -> str:
    kind = str(node["kind"])
    if kind == "selection":
        return paint.bold(safe(str(node.get("name", "selection"))))
    if kind != "atom":
        return paint.dim(_WORDS.get(kind, safe(kind)))
    written = node.get("written") or f"{node.get('field')}: {node.get('expected')}"
    return f"{safe(str(written))}  {paint.dim(_seen(node))}"


def _seen(node: Mapping[str, Any]) -> str:
    values = node.get("values")
    if not values:
        return "any value of the event" if node.get("field") is None else "the event has no value"
    shown = ", ".join(json.dumps(value, ensure_ascii=False, default=str) for value in values)
    return f"the event has {clip(safe(shown), _VALUE_COLUMNS)}"
