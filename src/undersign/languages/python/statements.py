"""Statements of tree-sitter's Python grammar as `ast` nodes."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable
from typing import Any

from undersign.languages.python.expressions import (
    expression,
    expressions,
    split_arguments,
    target,
)
from undersign.languages.python.matching import match_statement
from undersign.languages.python.nodes import Reading, children, placed
from undersign.languages.python.parameters import arguments

_DEEPEST = 100
"""Blocks within each other, as Python itself allows."""
_OPERATORS: dict[str, type[ast.operator]] = {
    "+=": ast.Add, "-=": ast.Sub, "*=": ast.Mult, "/=": ast.Div, "//=": ast.FloorDiv,
    "%=": ast.Mod, "**=": ast.Pow, "@=": ast.MatMult, "|=": ast.BitOr, "&=": ast.BitAnd,
    "^=": ast.BitXor, "<<=": ast.LShift, ">>=": ast.RShift,
}  # fmt: skip


def block(nodes: Iterable[Any], reading: Reading) -> list[Any]:
    """Return the statements of nodes; what cannot be read is noted and left out."""
    reading.depth += 1
    made: list[Any] = []
    for node in nodes:
        make = _MAKERS.get(node.type)
        if node.type in ("comment", "line_continuation"):
            continue
        if make is None or reading.depth > _DEEPEST:
            reading.skip(node)
            # Within a piece that cannot be read whole statements may still stand.
            inside = node.type == "ERROR" and reading.depth <= _DEEPEST
            made += block(node.named_children, reading) if inside else []
            continue
        made.append(_tried(make, node, reading))
    reading.depth -= 1
    return made


def _tried(make: Callable[[Any, Reading], Any], node: Any, reading: Reading) -> Any:
    depth = reading.depth
    try:
        made = make(node, reading)
    # A node with an error inside may lack any of the parts that the grammar promises.
    except (LookupError, AttributeError, TypeError, ValueError):
        reading.depth = depth
        reading.skip(node)
        made = ast.Pass()
    return _ended(made if hasattr(made, "lineno") else placed(made, node))


def _ended(made: Any) -> Any:
    """End a statement where its last one ends; the grammar counts comments behind it too."""
    for name in ("finalbody", "orelse", "handlers", "cases", "body"):
        inside = getattr(made, name, None)
        if inside:
            last = inside[-1].body[-1] if name == "cases" else inside[-1]
            made.end_lineno, made.end_col_offset = last.end_lineno, last.end_col_offset
            break
    return made


def _body(node: Any, name: str, reading: Reading) -> list[Any]:
    found = node.child_by_field_name(name)
    inside = block(found.named_children, reading) if found is not None else []
    return inside or [placed(ast.Pass(), found if found is not None else node)]


def _expression_statement(node: Any, reading: Reading) -> Any:
    inside = children(node)
    if len(inside) != 1 or any(c.type == "," for c in node.children):
        return ast.Expr(placed(ast.Tuple(expressions(inside, reading), ast.Load()), node))
    one = inside[0]
    if one.type == "assignment":
        return _assignment(one, reading)
    if one.type == "augmented_assignment":
        word = reading.text(one.child_by_field_name("operator"))
        left = target(one.child_by_field_name("left"), reading)
        right = expression(one.child_by_field_name("right"), reading)
        return ast.AugAssign(left, _OPERATORS[word](), right)
    return ast.Expr(expression(one, reading))


def _assignment(node: Any, reading: Reading) -> Any:
    left = node.child_by_field_name("left")
    right = node.child_by_field_name("right")
    kind = node.child_by_field_name("type")
    if kind is not None:
        value = expression(right, reading) if right is not None else None
        simple = int(left.type == "identifier")
        return ast.AnnAssign(target(left, reading), expression(kind, reading), value, simple)
    targets = [target(left, reading)]
    while right is not None and right.type == "assignment":
        targets.append(target(right.child_by_field_name("left"), reading))
        if right.child_by_field_name("type") is not None:
            reading.skip(right.child_by_field_name("type"))  # no Python allows a = b: type = c
        right = right.child_by_field_name("right")
    if right is None:
        reading.skip(node)
        return ast.Pass()
    return ast.Assign(targets, expression(right, reading), None)


def _return(node: Any, reading: Reading) -> Any:
    inside = children(node)
    return ast.Return(expression(inside[0], reading) if inside else None)


def _raise(node: Any, reading: Reading) -> Any:
    cause = node.child_by_field_name("cause")
    inside = [c for c in children(node) if cause is None or c.id != cause.id]
    error: Any = expression(inside[0], reading) if inside else None
    if inside and inside[0].type == "expression_list":
        # Python 2: raise Error, "why", traceback
        error = placed(ast.Call(error.elts[0], error.elts[1:], []), inside[0])
    return ast.Raise(error, expression(cause, reading) if cause is not None else None)


def _if(node: Any, reading: Reading) -> Any:
    rest: list[Any] = []
    for part in reversed(node.children_by_field_name("alternative")):
        if part.type == "else_clause":
            rest = _body(part, "body", reading)
        else:
            made = ast.If(
                expression(part.child_by_field_name("condition"), reading),
                _body(part, "consequence", reading),
                rest,
            )
            rest = [_ended(placed(made, part))]
    test = expression(node.child_by_field_name("condition"), reading)
    return ast.If(test, _body(node, "consequence", reading), rest)


def _for(node: Any, reading: Reading) -> Any:
    other = node.child_by_field_name("alternative")
    kind = ast.AsyncFor if _is_async(node) else ast.For
    return kind(
        target(node.child_by_field_name("left"), reading),
        expression(node.child_by_field_name("right"), reading),
        _body(node, "body", reading),
        _body(other, "body", reading) if other is not None else [],
        None,
    )


def _while(node: Any, reading: Reading) -> Any:
    other = node.child_by_field_name("alternative")
    return ast.While(
        expression(node.child_by_field_name("condition"), reading),
        _body(node, "body", reading),
        _body(other, "body", reading) if other is not None else [],
    )


def _try(node: Any, reading: Reading) -> Any:
    handlers, other, final = [], [], []
    group = False
    for part in children(node):
        if part.type == "except_clause":
            group = group or any(c.type == "*" for c in part.children)
            handlers.append(_ended(placed(_handler(part, reading), part)))
        elif part.type == "else_clause":
            other = _body(part, "body", reading)
        elif part.type == "finally_clause":
            inner = [c for c in part.named_children if c.type == "block"]
            final = block(inner[0].named_children, reading) if inner else []
    kind = ast.TryStar if group else ast.Try
    return kind(_body(node, "body", reading), handlers, other, final)


def _handler(node: Any, reading: Reading) -> ast.ExceptHandler:
    parts = children(node)
    inner = [c for c in parts if c.type == "block"]
    told = [c for c in parts if c.type != "block"]
    body = block(inner[0].named_children, reading) if inner else []
    kind, name = None, None
    if told and told[0].type == "as_pattern":
        kind = expression(children(told[0])[0], reading)
        alias = told[0].child_by_field_name("alias")
        named = children(alias)[0] if alias is not None else None
        if named is not None and named.type != "identifier":
            reading.skip(named)
        name = reading.name(named) if named is not None else None
    elif len(told) == 2 and told[1].type == "identifier" and reading.text(told[1]).islower():
        # Python 2: except Error, e. Python 3.14 has the same words for two errors; only those
        # begin with a capital letter.
        kind, name = expression(told[0], reading), reading.name(told[1])
    elif len(told) > 1:
        kind = placed(ast.Tuple(expressions(told, reading), ast.Load()), told[0], told[-1])
    elif told:
        kind = expression(told[0], reading)
    return ast.ExceptHandler(kind, name, body or [placed(ast.Pass(), node)])


def _with(node: Any, reading: Reading) -> Any:
    items = []
    clauses = [c for c in node.named_children if c.type == "with_clause"]
    for clause in clauses:
        for part in _with_items(clause):
            value = part.child_by_field_name("value") or part
            if value.type == "as_pattern":
                alias = value.child_by_field_name("alias")
                held = target(children(alias)[0] if children(alias) else alias, reading)
                items.append(ast.withitem(expression(children(value)[0], reading), held))
            else:
                items.append(ast.withitem(expression(value, reading), None))
    kind = ast.AsyncWith if _is_async(node) else ast.With
    return kind(items, _body(node, "body", reading), None)


def _with_items(clause: Any) -> list[Any]:
    return [c for c in children(clause) if c.type == "with_item"]


def _function(node: Any, reading: Reading, decorators: list[Any] | None = None) -> Any:
    returns = node.child_by_field_name("return_type")
    made = (ast.AsyncFunctionDef if _is_async(node) else ast.FunctionDef)(
        reading.name(node.child_by_field_name("name")),
        arguments(node.child_by_field_name("parameters"), reading),
        _body(node, "body", reading),
        decorators or [],
        expression(returns, reading) if returns is not None else None,
        None,
    )
    return _without_types(placed(made, node))


def _class(node: Any, reading: Reading, decorators: list[Any] | None = None) -> Any:
    given = node.child_by_field_name("superclasses")
    bases, keywords = split_arguments(given, reading)
    name = reading.name(node.child_by_field_name("name"))
    body = _body(node, "body", reading)
    made = ast.ClassDef(name, bases, keywords, body, decorators or [])
    return _without_types(placed(made, node))


def _without_types(made: Any) -> Any:
    """Leave out type parameters, which run nothing; Python 3.12 and later want a list of them."""
    if "type_params" in made._fields:
        made.type_params = []
    return made


def _decorated(node: Any, reading: Reading) -> Any:
    given = [c for c in node.named_children if c.type == "decorator"]
    decorators = [expression(children(c)[0], reading) for c in given if children(c)]
    inner = node.child_by_field_name("definition")
    if inner is None:
        reading.skip(node)
        return ast.Pass()
    make = _class if inner.type == "class_definition" else _function
    return make(inner, reading, decorators)


def _is_async(node: Any) -> bool:
    return any(c.type == "async" for c in node.children)


def _import(node: Any, reading: Reading) -> Any:
    return ast.Import([_alias(c, reading) for c in node.children_by_field_name("name")])


def _import_from(node: Any, reading: Reading) -> Any:
    if node.type == "future_import_statement":
        names = [_alias(c, reading) for c in node.children_by_field_name("name")]
        return ast.ImportFrom("__future__", names, 0)
    module = node.child_by_field_name("module_name")
    text = "".join(reading.name(module).split()) if module is not None else ""
    level = len(text) - len(text.lstrip("."))
    names = [_alias(c, reading) for c in node.children_by_field_name("name")]
    if any(c.type == "wildcard_import" for c in node.named_children):
        star = next(c for c in node.named_children if c.type == "wildcard_import")
        names = [placed(ast.alias("*", None), star)]
    return ast.ImportFrom(text.lstrip(".") or None, names, level)


def _alias(node: Any, reading: Reading) -> ast.alias:
    if node.type == "aliased_import":
        name = reading.name(node.child_by_field_name("name"))
        made = ast.alias(name, reading.text(node.child_by_field_name("alias")))
    else:
        made = ast.alias(reading.text(node), None)
    placed(made, node)
    return made


def _names(node: Any, reading: Reading) -> list[str]:
    return [reading.name(c) for c in children(node)]


def _assert(node: Any, reading: Reading) -> Any:
    parts = expressions(children(node), reading)
    return ast.Assert(parts[0], parts[1] if len(parts) > 1 else None)


def _delete(node: Any, reading: Reading) -> Any:
    (given,) = children(node)
    bare = given.type == "expression_list"
    gone = expressions(children(given) if bare else [given], reading)
    for one in gone:
        one.ctx = ast.Del()
    return ast.Delete(gone)


def _old_call(name: str) -> Callable[[Any, Reading], Any]:
    """Make of Python 2's `print >>f, x` and `exec x in y` the calls that they became."""

    def make(node: Any, reading: Reading) -> Any:
        function = placed(ast.Name(name, ast.Load()), node.children[0])
        given = [c for c in children(node) if c.type != "chevron"]
        named = []
        for to in (c for c in children(node) if c.type == "chevron"):
            file = expression(children(to)[0], reading)
            named.append(placed(ast.keyword("file", file), to))
        return ast.Expr(placed(ast.Call(function, expressions(given, reading), named), node))

    return make


def _type_alias(node: Any, reading: Reading) -> Any:
    """Read `type A = B` as an assignment, which every version of `ast` has."""
    left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
    innermost = left
    while innermost.child_count and innermost.type != "parenthesized_expression":
        innermost = innermost.children[0]
    name = target(left, reading)
    if innermost.type == "parenthesized_expression":
        _called(name, node.children[0], innermost, reading)  # type(x).y = z, which looks like one
    elif isinstance(name, ast.Subscript):
        name = target(innermost, reading)  # type A[T] = B
    return ast.Assign([name], expression(right, reading), None)


def _called(outer: Any, word: Any, given: Any, reading: Reading) -> None:
    """Put the call of `type` where its argument stands, innermost in an assigned expression."""
    while True:
        name = "func" if isinstance(outer, ast.Call) else "value"
        inner = getattr(outer, name)
        if not isinstance(inner, ast.Attribute | ast.Subscript | ast.Call):
            break
        outer = inner
    function = placed(ast.Name(reading.text(word), ast.Load()), word)
    setattr(outer, name, placed(ast.Call(function, [inner], []), word, given))


def _match(node: Any, reading: Reading) -> Any:
    return match_statement(node, reading, lambda part: _body(part, "consequence", reading))


_MAKERS: dict[str, Callable[[Any, Reading], Any]] = {
    "expression_statement": _expression_statement, "return_statement": _return,
    "raise_statement": _raise, "if_statement": _if, "for_statement": _for,
    "while_statement": _while, "try_statement": _try, "with_statement": _with,
    "function_definition": _function, "class_definition": _class,
    "decorated_definition": _decorated, "import_statement": _import,
    "import_from_statement": _import_from, "future_import_statement": _import_from,
    "pass_statement": lambda _, __: ast.Pass(), "break_statement": lambda _, __: ast.Break(),
    "continue_statement": lambda _, __: ast.Continue(),
    "global_statement": lambda n, r: ast.Global(_names(n, r)),
    "nonlocal_statement": lambda n, r: ast.Nonlocal(_names(n, r)),
    "assert_statement": _assert, "delete_statement": _delete, "match_statement": _match,
    "print_statement": _old_call("print"), "exec_statement": _old_call("exec"),
    "type_alias_statement": _type_alias,
}  # fmt: skip
