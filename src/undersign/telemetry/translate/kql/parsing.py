"""`parse` whose pattern starts with a column: it takes what stands before the first text."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from duckdb_kql import ir, lower

from undersign.telemetry.translate.kql.operators import Renamed
from undersign.telemetry.translate.kql.tree import kind_of, rules

_START = "\x01"
"""Put before the text and the pattern, so that the column has something to start behind."""


def lower_parse(original: Any, node: Any, kids: list[Any], *, drop_unmatched: bool) -> Any:
    """Lower `parse`; a column whose name is no plain word gets a stand-in for a while."""
    made = _parse(original, node, kids, drop_unmatched=drop_unmatched)
    odd = {
        segment.name: f"_parsed{index}"
        for index, segment in enumerate(made.segments)
        if segment.name and not re.fullmatch(r"[A-Za-z_]\w*", segment.name)
    }
    if not odd:
        return made
    segments = tuple(replace(s, name=odd.get(s.name, s.name)) for s in made.segments)
    back = tuple((stand_in, name) for name, stand_in in odd.items())
    return [replace(made, segments=segments), Renamed(back)]


def _parse(original: Any, node: Any, kids: list[Any], *, drop_unmatched: bool) -> Any:
    """Read `parse e with Column "text" ...`; every other pattern is the library's."""
    pattern = next((kid for kid in kids if kind_of(kid) == "ParseOperatorPattern"), None)
    parts = rules(pattern) if pattern is not None else []
    plain = len(kids) == 2 and len(parts) > 1
    if pattern is None or not plain or kind_of(parts[0]) == "ParseOperatorPatternSegment":
        return original(node, kids, drop_unmatched=drop_unmatched)
    kind = next((k.getText().lower() for k in rules(parts[0]) if kind_of(k) == "ScalarType"), None)
    names = lower._find_names(parts[0])
    if not names or parts[1].getText().startswith("*"):
        return original(node, kids, drop_unmatched=drop_unmatched)
    segments = (
        ir.ParseSegment(_START, False, names[0], kind),
        *(lower._lower_parse_segment(part) for part in parts[1:]),
    )
    consumed = "".join(part.getText() for part in parts)
    return ir.Parse(
        ir.FunctionCall("strcat", (ir.Literal(_START, "string"), lower._lower_expr(kids[0]))),
        segments,
        "simple",
        None,
        drop_unmatched,
        pattern.getText()[len(consumed) :].strip() == "*",
    )
