"""The match statement of tree-sitter's Python grammar as `ast` nodes."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import Any

from undersign.languages.python.expressions import expression, expressions
from undersign.languages.python.nodes import Reading, children, placed

_DEEPEST = 120


def match_statement(node: Any, reading: Reading, body: Callable[[Any], list[Any]]) -> Any:
    """Return a match statement; `body` reads the block of a case."""
    subjects = expressions(node.children_by_field_name("subject"), reading)
    subject = subjects[0] if len(subjects) == 1 else placed(ast.Tuple(subjects, ast.Load()), node)
    cases = []
    inner = node.child_by_field_name("body")
    for part in inner.named_children if inner is not None else ():
        if part.type == "case_clause":
            patterns = [
                _pattern(c, reading) for c in part.named_children if c.type == "case_pattern"
            ]
            alone = len(patterns) == 1 and not any(c.type == "," for c in part.children)
            whole = patterns[0] if alone else placed(ast.MatchSequence(patterns), part)
            guard = part.child_by_field_name("guard")
            test = expression(children(guard)[0], reading) if guard is not None else None
            cases.append(ast.match_case(whole, test, body(part)))
    return ast.Match(subject, cases)


def _pattern(node: Any, reading: Reading) -> Any:
    if node.type == "case_pattern":
        return _of_case(node, reading)
    make = _PATTERNS.get(node.type)
    if make is None or reading.depth > _DEEPEST:
        return _unknown(node, reading)
    reading.depth += 1
    made = make(node, reading)
    reading.depth -= 1
    return made if hasattr(made, "lineno") else placed(made, node)


def _of_case(node: Any, reading: Reading) -> Any:
    found = _patterns(node.children, reading)
    return found[0] if len(found) == 1 else _unknown(node, reading)


def _patterns(nodes: list[Any], reading: Reading) -> list[Any]:
    """Read patterns that stand side by side; a sign and a `_` have no node of their own."""
    made = []
    sign = None
    for node in nodes:
        if node.type == "-":
            sign = node
        elif node.type == "_":
            made.append(placed(ast.MatchAs(None, None), node))
        elif node.is_named and node.type not in ("comment", "line_continuation", "ERROR"):
            made.append(_negative(sign, node, reading) if sign else _pattern(node, reading))
            sign = None
    return made


def _negative(sign: Any, node: Any, reading: Reading) -> Any:
    value = placed(ast.UnaryOp(ast.USub(), expression(node, reading)), sign, node)
    return placed(ast.MatchValue(value), sign, node)


def _value(node: Any, reading: Reading) -> Any:
    return ast.MatchValue(expression(node, reading))


def _complex(node: Any, reading: Reading) -> Any:
    """Read `1 + 2j`, whose signs have no node of their own."""
    parts = []
    operator: ast.operator = ast.Add()
    sign = None
    for part in node.children:
        if part.is_named:
            made = expression(part, reading)
            if sign and not parts:
                made = placed(ast.UnaryOp(ast.USub(), made), sign, part)
            parts.append(made)
        elif parts:
            operator = ast.Sub() if part.type == "-" else ast.Add()
        else:
            sign = part
    left, right = parts
    return ast.MatchValue(placed(ast.BinOp(left, operator, right), node))


def _dotted(node: Any, reading: Reading) -> Any:
    names = _names(node, reading)
    if len(names) == 1:
        return ast.MatchAs(None, None if names[0] == "_" else names[0])
    return ast.MatchValue(_name(node, reading))


def _names(node: Any, reading: Reading) -> list[str]:
    return "".join(reading.name(node).split()).split(".")


def _name(node: Any, reading: Reading) -> Any:
    """Read `a.b.c` as the expression that it is."""
    parts = [c for c in node.children if c.type == "identifier"] or [node]
    made: Any = placed(ast.Name(reading.name(parts[0]), ast.Load()), parts[0])
    for part in parts[1:]:
        made = placed(ast.Attribute(made, reading.name(part), ast.Load()), parts[0], part)
    return made


def _either(node: Any, reading: Reading) -> Any:
    return ast.MatchOr(_patterns(node.children, reading))


def _sequence(node: Any, reading: Reading) -> Any:
    found = _patterns(node.children, reading)
    alone = len(found) == 1 and not any(c.type == "," for c in node.children)
    if node.type == "tuple_pattern" and alone and not isinstance(found[0], ast.MatchStar):
        return found[0]  # no more than parentheses
    return ast.MatchSequence(found)


def _as(node: Any, reading: Reading) -> Any:
    inside = children(node)
    return ast.MatchAs(_pattern(inside[0], reading), reading.name(inside[-1]))


def _singleton(node: Any, reading: Reading) -> Any:
    return ast.MatchSingleton({"true": True, "false": False}.get(node.type))


def _class(node: Any, reading: Reading) -> Any:
    inside = children(node)
    patterns, names, values = [], [], []
    for case in inside[1:]:
        part = children(case)[0] if children(case) else None
        if part is not None and part.type == "keyword_pattern":
            names.append(reading.name(children(part)[0]))
            values += _patterns(part.children[2:], reading)
        else:
            patterns.append(_pattern(case, reading))
    return ast.MatchClass(_name(inside[0], reading), patterns, names, values)


def _splat(node: Any, reading: Reading) -> Any:
    name = reading.name(node).lstrip("* ")
    return ast.MatchStar(None if name == "_" else name)


def _mapping(node: Any, reading: Reading) -> Any:
    keys: list[Any] = []
    sign = None
    for at, part in enumerate(node.children):
        if part.type == "-":
            sign = part
        elif node.field_name_for_child(at) == "key" and part.is_named:
            key = _name(part, reading) if part.type == "dotted_name" else expression(part, reading)
            if sign is not None:
                key = placed(ast.UnaryOp(ast.USub(), key), sign, part)
            keys.append(key)
            sign = None
    patterns = [_pattern(c, reading) for c in node.children_by_field_name("value")]
    rest = [reading.name(c).lstrip("* ") for c in children(node) if c.type == "splat_pattern"]
    if len(keys) != len(patterns):
        reading.skip(node)
    return ast.MatchMapping(keys, patterns[: len(keys)], rest[0] if rest else None)


def _unknown(node: Any, reading: Reading) -> Any:
    """Take a pattern nobody could read for one that matches anything, and note it."""
    reading.skip(node)
    return placed(ast.MatchAs(None, None), node)


_PATTERNS: dict[str, Callable[[Any, Reading], Any]] = {
    "string": _value, "integer": _value, "float": _value, "concatenated_string": _value,
    "complex_pattern": _complex,
    "true": _singleton, "false": _singleton, "none": _singleton,
    "dotted_name": _dotted, "identifier": _dotted, "union_pattern": _either,
    "tuple_pattern": _sequence, "list_pattern": _sequence, "as_pattern": _as,
    "class_pattern": _class, "dict_pattern": _mapping, "splat_pattern": _splat,
}  # fmt: skip
