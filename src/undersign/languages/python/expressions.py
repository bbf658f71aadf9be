"""Expressions of tree-sitter's Python grammar as `ast` nodes."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from undersign.languages.python.literals import joined, number, string
from undersign.languages.python.nodes import Reading, children, nothing, placed

_DEEPEST = 120
"""Expressions and blocks within each other; what nests deeper is listed as unread."""
_LONGEST = 1_000
"""Operands of one chain."""

_BINARY: dict[str, type[ast.operator]] = {
    "+": ast.Add, "-": ast.Sub, "*": ast.Mult, "/": ast.Div, "//": ast.FloorDiv, "%": ast.Mod,
    "**": ast.Pow, "@": ast.MatMult, "|": ast.BitOr, "&": ast.BitAnd, "^": ast.BitXor,
    "<<": ast.LShift, ">>": ast.RShift,
}  # fmt: skip
_UNARY: dict[str, type[ast.unaryop]] = {"-": ast.USub, "+": ast.UAdd, "~": ast.Invert}
_COMPARE: dict[str, type[ast.cmpop]] = {
    "<": ast.Lt, "<=": ast.LtE, "==": ast.Eq, "!=": ast.NotEq, "<>": ast.NotEq, ">": ast.Gt,
    ">=": ast.GtE, "in": ast.In, "not in": ast.NotIn, "is": ast.Is, "is not": ast.IsNot,
}  # fmt: skip


def expression(node: Any, reading: Reading) -> Any:
    """Return the `ast` expression of a node; an unreadable one becomes a name nothing defines."""
    spine: list[Any] = []
    while len(spine) < _LONGEST:
        inner = node.child_by_field_name(_SPINE[node.type]) if node.type in _SPINE else None
        if inner is None:
            break
        spine.append(node)
        node = inner
    # The grammar takes `*f(x)` in a set for a call of `*f`.
    star = node if spine and node.type == "list_splat" else None
    made = _starred_base(node, reading) if star else _one(node, reading)
    for outer in reversed(spine):
        made = _grown(made, outer, reading)
    return placed(ast.Starred(made, ast.Load()), star, spine[0]) if star else made


def _starred_base(node: Any, reading: Reading) -> Any:
    inside = children(node)
    reading.depth += 1
    made = expression(inside[0] if inside and reading.depth < _DEEPEST else node, reading)
    reading.depth -= 1
    return made


def _one(node: Any, reading: Reading) -> Any:
    make = _MAKERS.get(node.type)
    if make is None or node.is_missing or reading.depth > _DEEPEST:
        reading.skip(node)
        return nothing(node)
    reading.depth += 1
    try:
        return _tried(make, node, reading)
    finally:
        reading.depth -= 1


def _grown(left: Any, node: Any, reading: Reading) -> Any:
    return _tried(lambda outer, _: _GROW[outer.type](left, outer, reading), node, reading)


def _tried(make: Callable[[Any, Reading], Any], node: Any, reading: Reading) -> Any:
    try:
        made = make(node, reading)
    # A node with an error inside may lack any of the parts that the grammar promises.
    except (LookupError, AttributeError, TypeError, ValueError):
        reading.skip(node)
        return nothing(node)
    return made if hasattr(made, "lineno") else placed(made, node)


def expressions(nodes: Iterable[Any], reading: Reading) -> list[Any]:
    """Return the expressions of nodes."""
    return [expression(node, reading) for node in nodes]


def target(node: Any, reading: Reading) -> Any:
    """Return an expression that is assigned to."""
    made = expression(node, reading)
    _store(made)
    return made


def _store(made: Any) -> None:
    if isinstance(made, ast.Name | ast.Attribute | ast.Subscript | ast.Starred):
        made.ctx = ast.Store()
    if isinstance(made, ast.Tuple | ast.List):
        made.ctx = ast.Store()
        for one in made.elts:
            _store(one)
    if isinstance(made, ast.Starred):
        _store(made.value)


def _field(node: Any, name: str, reading: Reading) -> Any:
    found = node.child_by_field_name(name)
    if found is None:
        reading.skip(node)
        return nothing(node)
    return expression(found, reading)


def _string(node: Any, reading: Reading) -> Any:
    return string(node, reading, lambda inner: expression(inner, reading))


def _joined(node: Any, reading: Reading) -> Any:
    return joined(node, reading, lambda inner: expression(inner, reading))


def _dictionary(node: Any, reading: Reading) -> Any:
    keys: list[Any] = []
    values: list[Any] = []
    for part in children(node):
        if part.type == "dictionary_splat":
            keys.append(None)
            values.append(expression(children(part)[0], reading))
        elif part.type == "pair":
            keys.append(_field(part, "key", reading))
            values.append(_field(part, "value", reading))
        else:
            reading.skip(part)
    return ast.Dict(keys, values)


def _comprehension(node: Any, reading: Reading) -> Any:
    generators: list[ast.comprehension] = []
    for part in children(node):
        if part.type == "for_in_clause":
            rights = [c for c in part.children_by_field_name("right") if c.is_named]
            source = _tuple_of(rights, part, reading)
            left = part.child_by_field_name("left")
            is_async = int(any(c.type == "async" for c in part.children))
            generators.append(ast.comprehension(target(left, reading), source, [], is_async))
        elif part.type == "if_clause" and generators:
            generators[-1].ifs.append(expression(children(part)[0], reading))
    body = node.child_by_field_name("body")
    if node.type == "dictionary_comprehension":
        key, value = _field(body, "key", reading), _field(body, "value", reading)
        return ast.DictComp(key, value, generators)
    kinds = {"list_comprehension": ast.ListComp, "set_comprehension": ast.SetComp}
    return kinds.get(node.type, ast.GeneratorExp)(expression(body, reading), generators)


def _tuple_of(nodes: Sequence[Any], around: Any, reading: Reading) -> Any:
    made = expressions(nodes, reading)
    return made[0] if len(made) == 1 else placed(ast.Tuple(made, ast.Load()), around)


def _binary(left: Any, node: Any, reading: Reading) -> Any:
    operator = _BINARY[reading.text(node.child_by_field_name("operator"))]
    return ast.BinOp(left, operator(), _field(node, "right", reading))


def _unary(node: Any, reading: Reading) -> Any:
    operator = _UNARY[reading.text(node.child_by_field_name("operator"))]
    return ast.UnaryOp(operator(), _field(node, "argument", reading))


def _boolean(left: Any, node: Any, reading: Reading) -> Any:
    kind = ast.And if reading.text(node.child_by_field_name("operator")) == "and" else ast.Or
    right = _field(node, "right", reading)
    bare = node.child_by_field_name("left").type == "boolean_operator"
    if bare and isinstance(left, ast.BoolOp) and isinstance(left.op, kind):
        return ast.BoolOp(kind(), [*left.values, right])
    return ast.BoolOp(kind(), [left, right])


def _comparison(node: Any, reading: Reading) -> Any:
    operands = expressions(children(node), reading)
    words = [reading.text(c) for c in node.children_by_field_name("operators")]
    found = [_COMPARE[" ".join(word.split())]() for word in words]
    if len(operands) != len(found) + 1:
        reading.skip(node)
    return ast.Compare(operands[0], found[: len(operands) - 1], operands[1:])


def _lambda(node: Any, reading: Reading) -> Any:
    from undersign.languages.python.parameters import arguments

    given = node.child_by_field_name("parameters")
    return ast.Lambda(arguments(given, reading), _field(node, "body", reading))


def _conditional(node: Any, reading: Reading) -> Any:
    body, test, other = expressions(children(node)[:3], reading)
    return ast.IfExp(test, body, other)


def _attribute(left: Any, node: Any, reading: Reading) -> Any:
    return ast.Attribute(left, reading.name(node.child_by_field_name("attribute")), ast.Load())


def _subscript(left: Any, node: Any, reading: Reading) -> Any:
    return ast.Subscript(left, _index(node, 2, reading), ast.Load())


def _index(node: Any, first: int, reading: Reading) -> Any:
    """Read what stands in square brackets: a trailing comma makes a tuple of one."""
    given = [c for c in node.children[first:-1] if c.type not in ("comment", "ERROR")]
    parts = expressions([c for c in given if c.is_named], reading)
    if len(parts) == 1 and len(given) == 1 and not isinstance(parts[0], ast.Starred):
        return parts[0]
    return placed(ast.Tuple(parts, ast.Load()), given[0], given[-1])


def _slice(node: Any, reading: Reading) -> Any:
    bounds: list[Any] = [None, None, None]
    at = 0
    for part in node.children:
        if part.type == ":":
            at += 1
        elif part.is_named and part.type not in ("comment", "line_continuation", "ERROR"):
            if at > 2 or bounds[at] is not None:
                raise ValueError("no slice has so many parts")
            bounds[at] = expression(part, reading)
    return ast.Slice(*bounds)


def _call(left: Any, node: Any, reading: Reading) -> Any:
    given = node.child_by_field_name("arguments")
    if given is not None and given.type == "generator_expression":
        return ast.Call(left, [expression(given, reading)], [])
    plain, named = split_arguments(given, reading)
    return ast.Call(left, plain, named)


def split_arguments(given: Any, reading: Reading) -> tuple[list[Any], list[Any]]:
    """Return positional arguments, and keywords, of an argument list."""
    plain: list[Any] = []
    named: list[Any] = []
    for part in children(given) if given is not None else ():
        if part.type == "keyword_argument":
            name = reading.name(part.child_by_field_name("name"))
            named.append(placed(ast.keyword(name, _field(part, "value", reading)), part))
        elif part.type == "dictionary_splat":
            value = expression(children(part)[0], reading)
            named.append(placed(ast.keyword(None, value), part))
        else:
            plain.append(expression(part, reading))
    return plain, named


def _starred(node: Any, reading: Reading) -> Any:
    return ast.Starred(expression(children(node)[0], reading), ast.Load())


def _inner(node: Any, reading: Reading) -> Any:
    inside = children(node)
    if not inside:
        return ast.Tuple([], ast.Load())
    return expression(inside[0], reading)


def _generic(node: Any, reading: Reading) -> Any:
    """Read `Name[parts]` of an annotation."""
    name, given = children(node)[0], children(node)[-1]
    return ast.Subscript(expression(name, reading), _index(given, 1, reading), ast.Load())


def _member(node: Any, reading: Reading) -> Any:
    inner, name = children(node)
    return ast.Attribute(expression(inner, reading), reading.name(name), ast.Load())


def _union(node: Any, reading: Reading) -> Any:
    left, right = expressions(children(node)[:2], reading)
    return ast.BinOp(left, ast.BitOr(), right)


def _yield(node: Any, reading: Reading) -> Any:
    inside = children(node)
    if any(c.type == "from" for c in node.children):
        return ast.YieldFrom(expression(inside[0], reading))
    return ast.Yield(expression(inside[0], reading) if inside else None)


def _named(node: Any, reading: Reading) -> Any:
    name = target(node.child_by_field_name("name"), reading)
    return ast.NamedExpr(name, _field(node, "value", reading))


def _tuple(node: Any, reading: Reading) -> Any:
    inside = children(node)
    if len(inside) == 1 and not any(c.type == "," for c in node.children):
        return expression(inside[0], reading)  # no more than parentheses
    return ast.Tuple(expressions(children(node), reading), ast.Load())


def _list(node: Any, reading: Reading) -> Any:
    return ast.List(expressions(children(node), reading), ast.Load())


_MAKERS: dict[str, Callable[[Any, Reading], Any]] = {
    "identifier": lambda n, r: ast.Name(r.name(n), ast.Load()),
    "keyword_identifier": lambda n, r: ast.Name(r.name(n), ast.Load()),
    "integer": number, "float": number,
    "string": _string, "concatenated_string": _joined,
    "true": lambda _, __: ast.Constant(True), "false": lambda _, __: ast.Constant(False),
    "none": lambda _, __: ast.Constant(None), "ellipsis": lambda _, __: ast.Constant(...),
    "list": _list, "list_pattern": _list,
    "tuple": _tuple, "tuple_pattern": _tuple, "pattern_list": _tuple, "expression_list": _tuple,
    "set": lambda n, r: ast.Set(expressions(children(n), r)),
    "dictionary": _dictionary,
    "list_comprehension": _comprehension, "set_comprehension": _comprehension,
    "dictionary_comprehension": _comprehension, "generator_expression": _comprehension,
    "unary_operator": _unary,
    "not_operator": lambda n, r: ast.UnaryOp(ast.Not(), _field(n, "argument", r)),
    "comparison_operator": _comparison, "lambda": _lambda, "conditional_expression": _conditional,
    "slice": _slice, "await": lambda n, r: ast.Await(expression(children(n)[0], r)),
    "named_expression": _named, "parenthesized_expression": _inner, "type": _inner,
    "list_splat": _starred, "list_splat_pattern": _starred, "yield": _yield,
    "parenthesized_list_splat": _inner, "as_pattern_target": _inner,
    "generic_type": _generic, "union_type": _union, "splat_type": _starred,
    "member_type": _member,
}  # fmt: skip
_SPINE = {
    "binary_operator": "left", "boolean_operator": "left", "attribute": "object",
    "call": "function", "subscript": "value",
}  # fmt: skip
"""What grows to the left: `a + b + c` may be as long as it likes, so no call nests for it."""
_GROW: dict[str, Callable[[Any, Any, Reading], Any]] = {
    "binary_operator": _binary, "boolean_operator": _boolean, "attribute": _attribute,
    "call": _call, "subscript": _subscript,
}  # fmt: skip
