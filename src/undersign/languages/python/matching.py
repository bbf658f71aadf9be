"""The match statement of tree-sitter's Python grammar as `ast` nodes."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import Any

from undersign.languages.python.expressions import (
    Reading,
    children,
    expression,
    expressions,
    placed,
)


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
            whole = patterns[0] if len(patterns) == 1 else placed(ast.MatchSequence(patterns), part)
            guard = part.child_by_field_name("guard")
            test = expression(children(guard)[0], reading) if guard is not None else None
            cases.append(ast.match_case(whole, test, body(part)))
    return ast.Match(subject, cases)


def _pattern(node: Any, reading: Reading) -> Any:
    inside = children(node)
    if node.type == "case_pattern":
        if not inside:
            return placed(_of_text(node, reading), node)
        return _pattern(inside[0], reading) if len(inside) == 1 else _unknown(node, reading)
    make = _PATTERNS.get(node.type)
    return placed(make(node, reading), node) if make else _unknown(node, reading)


def _of_text(node: Any, reading: Reading) -> Any:
    text = reading.text(node)
    if text == "_":
        return ast.MatchAs(None, None)
    try:
        value = ast.literal_eval(text)
    except (ValueError, SyntaxError):
        return ast.MatchAs(None, text if text.isidentifier() else None)
    if value is None or isinstance(value, bool):
        return ast.MatchSingleton(value)
    return ast.MatchValue(placed(ast.Constant(value), node))


def _value(node: Any, reading: Reading) -> Any:
    return ast.MatchValue(expression(node, reading))


def _dotted(node: Any, reading: Reading) -> Any:
    names = reading.text(node).split(".")
    if len(names) == 1:
        return ast.MatchAs(None, None if names[0] == "_" else names[0])
    made: Any = placed(ast.Name(names[0], ast.Load()), node)
    for name in names[1:]:
        made = placed(ast.Attribute(made, name, ast.Load()), node)
    return ast.MatchValue(made)


def _either(node: Any, reading: Reading) -> Any:
    return ast.MatchOr([_pattern(c, reading) for c in children(node)])


def _sequence(node: Any, reading: Reading) -> Any:
    return ast.MatchSequence([_pattern(c, reading) for c in children(node)])


def _as(node: Any, reading: Reading) -> Any:
    inside = children(node)
    return ast.MatchAs(_pattern(inside[0], reading), reading.text(inside[-1]))


def _singleton(node: Any, reading: Reading) -> Any:
    return ast.MatchSingleton({"true": True, "false": False}.get(node.type))


def _class(node: Any, reading: Reading) -> Any:
    inside = children(node)
    name = _dotted(inside[0], reading)
    made = (
        name.value if isinstance(name, ast.MatchValue) else ast.Name(name.name or "_", ast.Load())
    )
    patterns = [_pattern(c, reading) for c in inside[1:]]
    return ast.MatchClass(placed(made, inside[0]), patterns, [], [])


def _splat(node: Any, reading: Reading) -> Any:
    name = reading.text(node).lstrip("* ")
    return ast.MatchStar(None if name == "_" else name)


def _mapping(node: Any, reading: Reading) -> Any:
    keys = expressions(node.children_by_field_name("key"), reading)
    patterns = [_pattern(c, reading) for c in node.children_by_field_name("value")]
    rest = [reading.text(c).lstrip("* ") for c in children(node) if c.type == "splat_pattern"]
    return ast.MatchMapping(keys, patterns[: len(keys)], rest[0] if rest else None)


def _unknown(node: Any, reading: Reading) -> Any:
    """Take a pattern nobody could read for one that matches anything, and note it."""
    reading.skip(node)
    return placed(ast.MatchAs(None, None), node)


_PATTERNS: dict[str, Callable[[Any, Reading], Any]] = {
    "string": _value, "integer": _value, "float": _value, "concatenated_string": _value,
    "true": _singleton, "false": _singleton, "none": _singleton,
    "dotted_name": _dotted, "identifier": _dotted, "union_pattern": _either,
    "tuple_pattern": _sequence, "list_pattern": _sequence, "as_pattern": _as,
    "class_pattern": _class, "dict_pattern": _mapping, "splat_pattern": _splat,
}  # fmt: skip
