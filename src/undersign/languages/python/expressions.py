"""Expressions of tree-sitter's Python grammar as `ast` nodes."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from undersign.records.artifact import Span

_DEEPEST = 150

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


class TooDeep(Exception):
    """The text nests deeper than any honest file."""


@dataclass
class Reading:
    """One pass over one file: its bytes, and what could not be read so far."""

    raw: bytes
    unread: list[Span] = field(default_factory=list)
    depth: int = 0

    def text(self, node: Any) -> str:
        """Return the source of a node."""
        return self.raw[node.start_byte : node.end_byte].decode("utf-8", "replace")

    def skip(self, node: Any) -> None:
        """Note a piece that cannot be read."""
        (row, column), (end_row, end_column) = node.start_point, node.end_point
        self.unread.append(Span(row + 1, column + 1, end_row + 1, end_column + 1))


def placed(made: Any, node: Any) -> Any:
    """Give an `ast` node the place of the node it was made of."""
    made.lineno, made.col_offset = node.start_point[0] + 1, node.start_point[1]
    made.end_lineno, made.end_col_offset = node.end_point[0] + 1, node.end_point[1]
    return made


def children(node: Any) -> list[Any]:
    """Return the children that have a meaning: no punctuation, no comments."""
    return [c for c in node.named_children if c.type not in ("comment", "line_continuation")]


def expression(node: Any, reading: Reading) -> Any:
    """Return the `ast` expression of a node; an unreadable one becomes a name nothing defines."""
    reading.depth += 1
    if reading.depth > _DEEPEST:
        raise TooDeep
    try:
        make = _MAKERS.get(node.type)
        if make is None or node.is_missing:
            reading.skip(node)
            return placed(ast.Name("__unread__", ast.Load()), node)
        return placed(make(node, reading), node)
    finally:
        reading.depth -= 1


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
        return placed(ast.Name("__unread__", ast.Load()), node)
    return expression(found, reading)


def _number(node: Any, reading: Reading) -> Any:
    text = reading.text(node)
    try:
        return ast.Constant(ast.literal_eval(text))
    except (ValueError, SyntaxError):
        old = text.rstrip("lL")
        try:
            return ast.Constant(int(old, 8) if old.isdigit() else ast.literal_eval(old))
        except (ValueError, SyntaxError):
            return ast.Constant(0)


def _string(node: Any, reading: Reading) -> Any:
    if not any(c.type == "interpolation" for c in node.children):
        text = reading.text(node)
        prefix = text[: len(text) - len(text.lstrip("fFrRbBuU"))].lower()
        if "f" in prefix:
            return ast.JoinedStr([placed(ast.Constant(_content(node, reading)), node)])
        try:
            return ast.Constant(ast.literal_eval(text))
        except (ValueError, SyntaxError, MemoryError):
            return ast.Constant(_content(node, reading))
    parts: list[ast.expr] = []
    for part in node.children:
        if part.type == "string_content":
            parts.append(placed(ast.Constant(reading.text(part)), part))
        elif part.type == "interpolation":
            parts.append(placed(_interpolation(part, reading), part))
    return ast.JoinedStr(parts)


def _content(node: Any, reading: Reading) -> str:
    return "".join(reading.text(c) for c in node.children if c.type == "string_content")


def _interpolation(node: Any, reading: Reading) -> Any:
    inner = node.child_by_field_name("expression")
    value = expression(inner, reading) if inner is not None else ast.Constant("")
    how = node.child_by_field_name("type_conversion")
    conversion = ord(reading.text(how)[1]) if how is not None and len(reading.text(how)) > 1 else -1
    return ast.FormattedValue(value, conversion, None)


def _joined(node: Any, reading: Reading) -> Any:
    parts = expressions(children(node), reading)
    if all(isinstance(p, ast.Constant) and isinstance(p.value, str) for p in parts):
        return ast.Constant("".join(p.value for p in parts))
    if all(isinstance(p, ast.Constant) and isinstance(p.value, bytes) for p in parts):
        return ast.Constant(b"".join(p.value for p in parts))
    flat: list[ast.expr] = []
    for part in parts:
        flat += part.values if isinstance(part, ast.JoinedStr) else [part]
    return ast.JoinedStr(flat)


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


def _binary(node: Any, reading: Reading) -> Any:
    operator = _BINARY.get(reading.text(node.child_by_field_name("operator")), ast.Add)
    return ast.BinOp(_field(node, "left", reading), operator(), _field(node, "right", reading))


def _unary(node: Any, reading: Reading) -> Any:
    operator = _UNARY.get(reading.text(node.child_by_field_name("operator")), ast.USub)
    return ast.UnaryOp(operator(), _field(node, "argument", reading))


def _boolean(node: Any, reading: Reading) -> Any:
    word = reading.text(node.child_by_field_name("operator"))
    values = [_field(node, "left", reading), _field(node, "right", reading)]
    kind = ast.And if word == "and" else ast.Or
    first = values[0]
    if isinstance(first, ast.BoolOp) and isinstance(first.op, kind):
        left = node.child_by_field_name("left")
        if left.type == "boolean_operator":
            return ast.BoolOp(kind(), [*first.values, values[1]])
    return ast.BoolOp(kind(), values)


def _comparison(node: Any, reading: Reading) -> Any:
    operands = expressions(children(node), reading)
    words = [reading.text(c) for c in node.children_by_field_name("operators")]
    found = [_COMPARE.get(" ".join(word.split()), ast.Eq)() for word in words]
    return ast.Compare(operands[0], found[: len(operands) - 1], operands[1:])


def _lambda(node: Any, reading: Reading) -> Any:
    from undersign.languages.python.statements import arguments

    given = node.child_by_field_name("parameters")
    return ast.Lambda(arguments(given, reading), _field(node, "body", reading))


def _conditional(node: Any, reading: Reading) -> Any:
    body, test, other = expressions(children(node)[:3], reading)
    return ast.IfExp(test, body, other)


def _attribute(node: Any, reading: Reading) -> Any:
    name = reading.text(node.child_by_field_name("attribute"))
    return ast.Attribute(_field(node, "object", reading), name, ast.Load())


def _subscript(node: Any, reading: Reading) -> Any:
    parts = expressions(node.children_by_field_name("subscript"), reading)
    index = parts[0] if len(parts) == 1 else placed(ast.Tuple(parts, ast.Load()), node)
    return ast.Subscript(_field(node, "value", reading), index, ast.Load())


def _slice(node: Any, reading: Reading) -> Any:
    bounds: list[Any] = [None, None, None]
    at = 0
    for part in node.children:
        if part.type == ":":
            at += 1
        elif part.is_named and part.type != "comment" and at < 3:
            bounds[at] = expression(part, reading)
    return ast.Slice(*bounds)


def call(node: Any, reading: Reading) -> Any:
    """Return a call with positional, keyword and starred arguments."""
    given = node.child_by_field_name("arguments")
    if given is not None and given.type == "generator_expression":
        return ast.Call(_field(node, "function", reading), [expression(given, reading)], [])
    plain, named = split_arguments(given, reading)
    return ast.Call(_field(node, "function", reading), plain, named)


def split_arguments(given: Any, reading: Reading) -> tuple[list[Any], list[Any]]:
    """Return positional arguments, and keywords, of an argument list."""
    plain: list[Any] = []
    named: list[Any] = []
    for part in children(given) if given is not None else ():
        if part.type == "keyword_argument":
            name = reading.text(part.child_by_field_name("name"))
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
    parts = expressions(children(given), reading)
    index = parts[0] if len(parts) == 1 else placed(ast.Tuple(parts, ast.Load()), given)
    return ast.Subscript(expression(name, reading), index, ast.Load())


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
    return ast.Tuple(expressions(children(node), reading), ast.Load())


def _list(node: Any, reading: Reading) -> Any:
    return ast.List(expressions(children(node), reading), ast.Load())


_MAKERS: dict[str, Callable[[Any, Reading], Any]] = {
    "identifier": lambda n, r: ast.Name(r.text(n), ast.Load()),
    "keyword_identifier": lambda n, r: ast.Name(r.text(n), ast.Load()),
    "integer": _number, "float": _number,
    "string": _string, "concatenated_string": _joined,
    "true": lambda _, __: ast.Constant(True), "false": lambda _, __: ast.Constant(False),
    "none": lambda _, __: ast.Constant(None), "ellipsis": lambda _, __: ast.Constant(...),
    "list": _list, "list_pattern": _list,
    "tuple": _tuple, "tuple_pattern": _tuple, "pattern_list": _tuple, "expression_list": _tuple,
    "set": lambda n, r: ast.Set(expressions(children(n), r)),
    "dictionary": _dictionary,
    "list_comprehension": _comprehension, "set_comprehension": _comprehension,
    "dictionary_comprehension": _comprehension, "generator_expression": _comprehension,
    "binary_operator": _binary, "unary_operator": _unary, "boolean_operator": _boolean,
    "not_operator": lambda n, r: ast.UnaryOp(ast.Not(), _field(n, "argument", r)),
    "comparison_operator": _comparison, "lambda": _lambda, "conditional_expression": _conditional,
    "attribute": _attribute, "subscript": _subscript, "slice": _slice, "call": call,
    "await": lambda n, r: ast.Await(expression(children(n)[0], r)),
    "named_expression": _named, "parenthesized_expression": _inner, "type": _inner,
    "list_splat": _starred, "list_splat_pattern": _starred, "yield": _yield,
    "parenthesized_list_splat": _inner, "as_pattern_target": _inner,
    "generic_type": _generic, "union_type": _union, "splat_type": _starred,
    "member_type": _inner, "constrained_type": _inner,
}  # fmt: skip
