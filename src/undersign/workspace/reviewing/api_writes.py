"""Attributes that code sets by names which its text does not show.

Where the name comes from the caller (`setattr(self, key, value)` for the keys of an argument) or
is put together (`"get_" + name`), nothing says which attributes there are. Otherwise the name is a
word somewhere in the same package, so that a look for the word tells.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

Function = ast.FunctionDef | ast.AsyncFunctionDef
_STATE = frozenset(
    {
        "__copy__", "__deepcopy__", "__dir__", "__eq__", "__getstate__", "__hash__", "__reduce__",
        "__reduce_ex__", "__repr__", "__setstate__", "__sizeof__", "__str__", "_copy", "clone",
        "copy",
    }
)  # fmt: skip
"""Methods that copy or show what an object has already."""
_READING = frozenset({"dict", "len", "sorted", "list", "set"})
_FILLING = frozenset({"update", "setdefault", "__setitem__"})


def names_of(node: ast.AST) -> set[str]:
    """Return the names in an expression."""
    return {n.id for n in ast.walk(node) if isinstance(n, ast.Name)}


def composed(node: ast.expr) -> bool:
    """Say whether a text is put together of others."""
    match node:
        case ast.JoinedStr() | ast.BinOp():
            return True
        case ast.Call(func=ast.Attribute(attr="format" | "join" | "replace" | "lower" | "upper")):
            return True
    return False


def own_writes(method: Function, first: str) -> tuple[str, str]:
    """Say why a method may set attributes on its first argument that no text shows.

    Two reasons, either may be empty: names that nothing lists, and names that are words somewhere.
    """
    hard = soft = ""
    if method.name in _STATE:
        return "", ""
    for target, name in _setattrs(method):
        if not (isinstance(target, ast.Name) and target.id == first):
            continue
        if _from_outside(method, name, skip=first):
            hard = "it sets attributes by names that its caller gives (setattr)"
        else:
            soft = "it sets attributes by computed names (setattr)"
    for way in _dict_writes(method, first):
        if way == "filled":
            hard = hard or "it fills its __dict__"
        else:
            soft = soft or "it hands its __dict__ on"
    return hard, soft


def written(tree: ast.Module) -> tuple[frozenset[str], frozenset[str]]:
    """Return the names of a file whose attributes are set: by unlisted names, and by others.

    `*` stands for an object that is no name of the file: it may be of any class in it.
    """
    hard: set[str] = set()
    soft: set[str] = set()
    known = {n.name for n in tree.body if isinstance(n, ast.ClassDef)}
    for function in _functions(tree):
        own = _first(function)
        for target, name in _setattrs(function):
            direct = isinstance(target, ast.Name) and target.id == own
            if direct and own in ("self", "mcs", "mcls", "metacls"):
                continue
            plain = target.id if isinstance(target, ast.Name) and target.id in known else "*"
            outside = _from_outside(function, name, skip=own if direct else "")
            (hard if outside else soft).add(plain)
    for target, name in _setattrs(tree):
        plain = target.id if isinstance(target, ast.Name) else "*"
        (hard if composed(name) else soft).add(plain)
    return frozenset(hard), frozenset(soft)


def _functions(tree: ast.Module) -> Iterator[Function]:
    return (n for n in ast.walk(tree) if isinstance(n, Function))


def _first(function: Function) -> str:
    arguments = function.args.posonlyargs + function.args.args
    return arguments[0].arg if arguments else ""


def _setattrs(scope: ast.AST) -> Iterator[tuple[ast.expr, ast.expr]]:
    """Yield target and name of every `setattr` of a scope, not of functions inside it."""
    waiting = list(ast.iter_child_nodes(scope))
    while waiting:
        node = waiting.pop()
        if isinstance(node, Function):
            continue
        match node:
            case ast.Call(func=ast.Name(id="setattr"), args=[target, name, *_]):
                if not isinstance(name, ast.Constant):
                    yield target, name
        waiting += ast.iter_child_nodes(node)


def _from_outside(function: Function, name: ast.expr, *, skip: str) -> bool:
    """Say whether a name comes from an argument, or is put together."""
    spec = function.args
    every = [*spec.posonlyargs, *spec.args, *spec.kwonlyargs, spec.vararg, spec.kwarg]
    arguments = {a.arg for a in every if a is not None} - {skip}
    wanted, seen = names_of(name), set[str]()
    if composed(name):
        return True
    while wanted:
        one = wanted.pop()
        seen.add(one)
        if one in arguments:
            return True
        for source in _sources(function, one):
            if composed(source):
                return True
            wanted |= names_of(source) - seen
    return False


def _sources(function: Function, name: str) -> Iterator[ast.expr]:
    """Yield the expressions that a variable gets its value from."""
    for node in ast.walk(function):
        match node:
            case ast.Assign():
                if any(name in names_of(target) for target in node.targets):
                    yield node.value
            case ast.For() | ast.AsyncFor() | ast.comprehension():
                if name in names_of(node.target):
                    yield node.iter


def _dict_writes(method: Function, first: str) -> Iterator[str]:
    for node in ast.walk(method):
        match node:
            case ast.Call(func=ast.Attribute(value=inside, attr=way)) if way in _FILLING:
                yield from ("filled",) if _is_dict(inside, first) else ()
            case ast.Subscript(value=inside, slice=key, ctx=ast.Store()):
                computed = not isinstance(key, ast.Constant)
                yield from ("filled",) if computed and _is_dict(inside, first) else ()
            case ast.Assign():
                yield from ("filled" for one in node.targets if _is_dict(one, first))
                yield from ("handed on",) if _is_dict(node.value, first) else ()
            case ast.Call() if not (isinstance(node.func, ast.Name) and node.func.id in _READING):
                yield from ("handed on" for one in node.args if _is_dict(one, first))


def _is_dict(node: ast.expr, first: str) -> bool:
    match node:
        case ast.Attribute(value=ast.Name(id=owner), attr="__dict__"):
            return owner == first
        case ast.Call(func=ast.Name(id="vars"), args=[ast.Name(id=owner)]):
            return owner == first
    return False
