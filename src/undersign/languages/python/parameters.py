"""Parameters of functions and lambdas of tree-sitter's Python grammar as `ast` nodes."""

from __future__ import annotations

import ast
from typing import Any

from undersign.languages.python.expressions import expression
from undersign.languages.python.nodes import Reading, children, placed


def arguments(given: Any, reading: Reading) -> ast.arguments:
    """Return the parameters that a node declares; none when there is no node."""
    made = ast.arguments([], [], None, [], [], None, [])
    keyword_only = False
    for part in children(given) if given is not None else ():
        inner = children(part)[0] if part.type == "typed_parameter" else part
        if inner.type == "list_splat_pattern":
            made.vararg, keyword_only = _argument(children(inner)[0], part, reading), True
        elif inner.type == "dictionary_splat_pattern":
            made.kwarg = _argument(children(inner)[0], part, reading)
        elif inner.type == "keyword_separator":
            keyword_only = True
        elif inner.type == "positional_separator":
            made.posonlyargs, made.args = made.args, []
        else:
            _add(made, part, reading, keyword_only=keyword_only)
    return made


def _add(made: ast.arguments, part: Any, reading: Reading, *, keyword_only: bool) -> None:
    name = part.child_by_field_name("name")
    inner = name if name is not None else part
    if part.type == "typed_parameter":
        inner = children(part)[0]
    if inner.type != "identifier":
        reading.skip(inner)  # Python 2's def f((a, b)): names that no argument has today
    value = part.child_by_field_name("value")
    default = expression(value, reading) if value is not None else None
    one = _argument(inner, part, reading)
    if keyword_only:
        made.kwonlyargs.append(one)
        made.kw_defaults.append(default)
        return
    made.args.append(one)
    if default is not None:
        made.defaults.append(default)


def _argument(name: Any, part: Any, reading: Reading) -> ast.arg:
    kind = part.child_by_field_name("type")
    said = expression(kind, reading) if kind is not None else None
    made: ast.arg = placed(ast.arg(reading.name(name), said, None), name, kind)
    return made
