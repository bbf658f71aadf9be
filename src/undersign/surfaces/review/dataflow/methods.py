"""Methods of texts, lists, dicts and a few objects of the standard library."""

from __future__ import annotations

import ast
from dataclasses import replace
from typing import Any

from undersign.surfaces.review.dataflow.agency import chosen
from undersign.surfaces.review.dataflow.conditions import Called
from undersign.surfaces.review.dataflow.engine import Engine, Frame
from undersign.surfaces.review.dataflow.expressions import cell, holds_functions
from undersign.surfaces.review.dataflow.keeping import keep
from undersign.surfaces.review.dataflow.values import (
    NOTHING,
    UNKNOWN,
    Value,
    combined,
    constant,
    flat,
    joined,
    merged,
    unsure,
)

_TEXT = frozenset(
    {
        "upper", "lower", "strip", "lstrip", "rstrip", "title", "capitalize", "casefold",
        "swapcase", "replace", "split", "rsplit", "splitlines", "join", "format", "format_map",
        "encode", "decode", "zfill", "ljust", "rjust", "center", "removeprefix", "removesuffix",
        "partition", "rpartition", "translate", "expandtabs", "startswith", "endswith", "find",
        "index", "count",
    }
)  # fmt: skip
_FOLDED = frozenset(
    {"upper", "lower", "strip", "lstrip", "rstrip", "title", "replace", "split", "startswith",
     "endswith", "find", "index", "count", "join", "encode", "removeprefix", "removesuffix"}
)  # fmt: skip
_BOOLEAN = frozenset({"startswith", "endswith", "find", "index", "count"})
_LISTS = frozenset({"append", "insert", "pop", "extend", "remove", "clear", "reverse", "sort"})
_ENTITIES = "<entities>"


def result(called: Called, node: ast.Call, frame: Frame, engine: Engine) -> Value | None:
    """Return what a well-known method returns, and change what it changes; None for any other."""
    made = _constructed(called, node, frame)
    if made is not None:
        return made
    if called.receiver is None or not isinstance(node.func, ast.Attribute):
        return None
    name, held = node.func.attr, node.func.value
    if name in ("write", "writelines", "getvalue", "read") and called.receiver.ref in _BUFFERS:
        return _buffer(name, called, held, frame, engine)
    if name == "setFeature":
        return _feature(called, node, frame, engine)
    if called.receiver.items is not None and name in _LISTS:
        made, after = _list(name, called)
        if after is not None:
            keep(held, called.receiver, after, frame, engine)
        return made
    if called.receiver.fields is not None or _is_config(called.receiver):
        found = _dict(name, called, held, frame, engine)
        if found is not None:
            return found
    if _grows(name, called):
        return _grown(called, held, frame, engine)
    # A function of a module (`os.path.join`) is no method of a text.
    root = called.receiver.ref.partition(".")[0]
    imported = bool(root) and root in frame.module.packages
    is_text = called.receiver.taints or not (imported or called.receiver.ref.endswith("()"))
    return _text(name, called) if name in _TEXT and is_text else None


def _constructed(called: Called, node: ast.Call, frame: Frame) -> Value | None:
    """Return an empty container, or a parser that was told what to do with entities."""
    name, empty = called.name, not called.positional and not called.keywords
    if name in ("list", "set") and empty:
        return Value(items=(), cells=cell(node, frame))
    if name == "list" and len(called.positional) == 1 and called.positional[0].items is not None:
        return Value(items=called.positional[0].items, known=called.positional[0].known,
                     cells=cell(node, frame))  # fmt: skip
    if name in ("dict", "collections.OrderedDict") and not called.positional:
        return Value(fields=dict(called.keywords), known=not called.starred,
                     cells=cell(node, frame))  # fmt: skip
    if name in ("lxml.etree.XMLParser", "etree.XMLParser"):
        told = called.keywords.get("resolve_entities", Value(known=False))
        return Value(fields={_ENTITIES: told}, ref=f"{name}()", cells=cell(node, frame))
    if name in ("io.StringIO", "io.BytesIO", "StringIO.StringIO"):
        first = called.positional[0] if called.positional else Value(items=())
        return Value(items=(first,), ref="io.StringIO()", cells=cell(node, frame))
    if name == "re.compile" and len(called.positional) == 1 and not called.keywords:
        return Value(fields={"<pattern>": called.positional[0]}, ref="re.compile()")
    if name.endswith("ConfigParser") and empty:
        return Value(ref=f"{name}()", fields={}, cells=cell(node, frame))
    return None


_BUFFERS = ("io.StringIO()",)
_CHANGES = frozenset({"add", "update", "setdefault", "appendleft", "extendleft"})
_BY_NAME = frozenset({"append", "insert", "extend"})


def _grows(name: str, called: Called) -> bool:
    """Say whether a method adds its arguments to what it is called on."""
    receiver = called.receiver
    if receiver is None or not (called.positional or called.keywords):
        return False
    return (name in _BY_NAME and not receiver.is_const) or (
        name in _CHANGES | _BY_NAME and bool(receiver.cells)
    )


def _buffer(
    name: str, called: Called, held: ast.expr, frame: Frame, engine: Engine
) -> Value:  # fmt: skip
    """A text that is written piece by piece."""
    receiver = called.receiver
    assert receiver is not None
    if name in ("getvalue", "read"):
        return replace(combined([receiver]), ref="")
    parts = (*(receiver.items or ()), *called.positional)
    after = receiver if len(parts) > 64 else replace(receiver, items=parts)
    if len(parts) > 64 or receiver.items is None:
        after = replace(combined([receiver, *called.positional]), ref=receiver.ref)
    keep(held, receiver, after, frame, engine)
    return NOTHING


def _feature(called: Called, node: ast.Call, frame: Frame, engine: Engine) -> Value:
    """A parser of xml.sax is told whether to follow external entities."""
    external = "external_ges" in ast.unparse(node.args[0]) if node.args else False
    if called.receiver is not None and external and len(called.positional) > 1:
        fields = {**(called.receiver.fields or {}), _ENTITIES: called.positional[1]}
        assert isinstance(node.func, ast.Attribute)
        after = replace(called.receiver, fields=fields)
        keep(node.func.value, called.receiver, after, frame, engine)
    return NOTHING


def _list(name: str, called: Called) -> tuple[Value, Value | None]:
    """Return what a method of a list returns, and the list after it."""
    receiver = called.receiver
    assert receiver is not None and receiver.items is not None
    items = list(receiver.items)
    made = NOTHING
    at = called.positional[0].const if called.positional else UNKNOWN
    if len(items) > 500:
        whole = replace(combined([receiver, *called.positional]), ref=receiver.ref)
        return whole, whole
    if name == "append" and called.positional:
        items.append(called.positional[0])
    elif name == "insert" and len(called.positional) == 2 and isinstance(at, int):
        items.insert(at, called.positional[1])
    elif (
        name == "pop"
        and items
        and (isinstance(at, int) or (at is UNKNOWN and not called.positional))
    ):
        where = at if isinstance(at, int) else -1
        made = items.pop(where) if -len(items) <= where < len(items) else joined(items)
    elif name == "extend" and called.positional and called.positional[0].items is not None:
        items += called.positional[0].items
    elif name == "clear":
        items = []
    elif name == "reverse":
        items.reverse()
    else:
        whole = replace(combined([receiver, *called.positional]), ref=receiver.ref)
        return whole, whole
    return made, replace(receiver, items=tuple(items), const=UNKNOWN)


def _grown(called: Called, held: ast.expr, frame: Frame, engine: Engine) -> Value:
    """Something was added to what is no list we know: it holds that, too."""
    receiver = called.receiver
    assert receiver is not None
    parts = [receiver, *called.positional, *called.keywords.values()]
    after = replace(combined(parts), ref=receiver.ref, known=False)
    keep(held, receiver, after, frame, engine)
    return flat(receiver)


def _is_config(value: Value) -> bool:
    return value.ref.endswith("ConfigParser()")


def _dict(
    name: str, called: Called, held: ast.expr, frame: Frame, engine: Engine
) -> Value | None:  # fmt: skip
    receiver = called.receiver
    assert receiver is not None
    fields = dict(receiver.fields or {})
    keys = [v.const for v in called.positional]
    if _is_config(receiver):
        return _config(name, called, held, frame, engine)
    if name in ("get", "pop", "setdefault") and keys and _plain(keys[0]):
        default = called.positional[1] if len(keys) > 1 else constant(None)
        if name == "setdefault" and keys[0] not in fields:
            after = replace(receiver, fields={**fields, keys[0]: default})
            keep(held, receiver, after, frame, engine)
        other = joined([default, Value(receiver.taints, known=receiver.known)])
        found = fields.get(keys[0])
        return found if found is not None else other
    if name == "get" and called.positional:
        if holds_functions(receiver) and (made := chosen(called.positional[0])) is not None:
            return made
        # Whatever the key is, what comes back is one of the values, or the default.
        default = called.positional[1] if len(keys) > 1 else constant(None)
        rest = Value(receiver.taints, known=receiver.known)
        return joined([*fields.values(), default, rest])
    if name == "update":
        other = called.positional[0] if called.positional else Value(fields=dict(called.keywords))
        if other.fields is not None:
            after = replace(receiver, fields={**fields, **other.fields},
                            known=receiver.known and other.known and not called.starred,
                            taints=merged([receiver, Value(other.taints)]))  # fmt: skip
        else:
            after = replace(combined([receiver, other]), ref=receiver.ref)
        keep(held, receiver, after, frame, engine)
        return NOTHING
    if name in ("values", "items", "copy", "keys"):
        if name == "copy":
            return replace(receiver, cells=frozenset())
        return replace(flat(receiver), ref="", cells=frozenset())
    return None


def _config(
    name: str, called: Called, held: ast.expr, frame: Frame, engine: Engine
) -> Value | None:  # fmt: skip
    receiver = called.receiver
    assert receiver is not None
    keys = [v.const for v in called.positional]
    if name == "set" and len(keys) == 3 and _plain(keys[0]) and _plain(keys[1]):
        fields = {**(receiver.fields or {}), (keys[0], keys[1]): called.positional[2]}
        keep(held, receiver, replace(receiver, fields=fields), frame, engine)
        return NOTHING
    if name == "get" and len(keys) >= 2 and _plain(keys[0]) and _plain(keys[1]):
        return (receiver.fields or {}).get((keys[0], keys[1]), Value(known=False))
    if name == "add_section":
        return NOTHING
    if name in ("read", "read_file", "read_string", "read_dict"):
        text = combined(called.positional) if name in ("read_string", "read_dict") else NOTHING
        after = replace(unsure(receiver), taints=merged([receiver, text]))
        keep(held, receiver, after, frame, engine)
        return NOTHING
    return None


def _plain(value: Any) -> bool:
    return isinstance(value, str | int | bool | bytes | type(None))


def _text(name: str, called: Called) -> Value:
    receiver = called.receiver
    assert receiver is not None
    values = (receiver, *called.positional)
    if name in _FOLDED and not called.keywords and all(v.is_const for v in values):
        try:
            return constant(getattr(receiver.const, name)(*(v.const for v in called.positional)))
        except (TypeError, ValueError, AttributeError, LookupError):
            return NOTHING
    if name in _BOOLEAN:
        return NOTHING
    if name == "replace" and receiver.taints:
        return _replaced(called)
    parts = [*values, *called.keywords.values()]
    if name in ("encode", "decode", "strip", "split", "lower", "upper", "title", "replace"):
        parts = [receiver]
    made = combined(parts)
    return replace(made, ref=receiver.ref if name in ("encode", "decode") else "", of=receiver.of)


_DEFUSED = {
    "'": frozenset({"xpath-injection", "sql-injection"}),
    '"': frozenset({"xpath-injection", "sql-injection"}),
    "<": frozenset({"cross-site-scripting"}),
    "\n": frozenset({"log-injection", "header-injection"}),
    "..": frozenset({"path-traversal"}),
    "../": frozenset({"path-traversal"}),
}


def _replaced(called: Called) -> Value:
    """Characters were replaced: that may be enough, and is not taken to be."""
    receiver = called.receiver
    assert receiver is not None
    what = called.positional[0].const if called.positional else ""
    weak = _DEFUSED.get(what, frozenset()) if isinstance(what, str) else frozenset()
    taints = tuple(replace(t, weak=t.weak | weak) for t in flat(receiver).taints)
    return Value(taints, known=receiver.known)
