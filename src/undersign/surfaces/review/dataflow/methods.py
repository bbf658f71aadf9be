"""Methods of texts, lists, dicts and a few objects of the standard library."""

from __future__ import annotations

import ast
from dataclasses import replace
from typing import Any

from undersign.surfaces.review.dataflow.conditions import Called
from undersign.surfaces.review.dataflow.engine import Engine, Frame
from undersign.surfaces.review.dataflow.expressions import path_of
from undersign.surfaces.review.dataflow.values import (
    NOTHING,
    UNKNOWN,
    Value,
    combined,
    constant,
    flat,
    joined,
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
    del engine
    if called.name in ("list", "dict") and not called.positional and not called.keywords:
        return Value(items=()) if called.name == "list" else Value(fields={})
    if called.name == "dict" and not called.positional:
        return Value(fields=dict(called.keywords))
    if called.name in ("lxml.etree.XMLParser", "etree.XMLParser"):
        told = called.keywords.get("resolve_entities", Value(known=False))
        return Value(fields={_ENTITIES: told}, ref=f"{called.name}()")
    if called.receiver is None or not isinstance(node.func, ast.Attribute):
        return None
    name = node.func.attr
    path = path_of(node.func.value)
    if name == "setFeature" and path:
        return _feature(called, node, path, frame)
    if called.receiver.items is not None and name in _LISTS:
        return _list(name, called, path, frame)
    if called.receiver.fields is not None or _is_config(called.receiver):
        found = _dict(name, called, path, frame)
        if found is not None:
            return found
    if name in _LISTS and path and called.positional:
        return _grown(called, path, frame)
    is_text = called.receiver.taints or not called.receiver.ref.endswith("()")
    return _text(name, called) if name in _TEXT and is_text else None


def _feature(called: Called, node: ast.Call, path: str, frame: Frame) -> Value:
    """A parser of xml.sax is told whether to follow external entities."""
    external = "external_ges" in ast.unparse(node.args[0]) if node.args else False
    if called.receiver is not None and external and len(called.positional) > 1:
        fields = {**(called.receiver.fields or {}), _ENTITIES: called.positional[1]}
        frame.env[path] = replace(called.receiver, fields=fields)
    return NOTHING


def _list(name: str, called: Called, path: str, frame: Frame) -> Value:
    receiver = called.receiver
    assert receiver is not None and receiver.items is not None
    items = list(receiver.items)
    made = NOTHING
    at = called.positional[0].const if called.positional else UNKNOWN
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
        whole = combined([receiver, *called.positional])
        if path:
            frame.env[path] = whole
        return whole
    if path:
        frame.env[path] = replace(receiver, items=tuple(items), const=UNKNOWN)
    return made


def _grown(called: Called, path: str, frame: Frame) -> Value:
    """Something was added to what is no list we know: it holds that, too."""
    receiver = called.receiver
    assert receiver is not None
    frame.env[path] = replace(
        combined([receiver, *called.positional]), ref=receiver.ref, known=False
    )
    return flat(receiver)


def _is_config(value: Value) -> bool:
    return value.ref.endswith("ConfigParser()")


def _dict(name: str, called: Called, path: str, frame: Frame) -> Value | None:
    receiver = called.receiver
    assert receiver is not None
    fields = dict(receiver.fields or {})
    keys = [v.const for v in called.positional]
    if _is_config(receiver):
        return _config(name, called, path, frame)
    if name in ("get", "pop", "setdefault") and keys and _plain(keys[0]):
        default = called.positional[1] if len(keys) > 1 else constant(None)
        other = joined([default, Value(receiver.taints, known=receiver.known)])
        return fields.get(keys[0]) or other
    if name == "update" and path:
        other = called.positional[0] if called.positional else Value(fields=dict(called.keywords))
        if other.fields is not None:
            frame.env[path] = replace(receiver, fields={**fields, **other.fields})
        else:
            frame.env[path] = combined([receiver, other])
        return NOTHING
    if name in ("values", "items", "copy", "keys"):
        return replace(flat(receiver), ref="") if name != "copy" else receiver
    return None


def _config(name: str, called: Called, path: str, frame: Frame) -> Value | None:
    receiver = called.receiver
    assert receiver is not None
    keys = [v.const for v in called.positional]
    if name == "set" and len(keys) == 3 and path and _plain(keys[0]) and _plain(keys[1]):
        fields = {**(receiver.fields or {}), (keys[0], keys[1]): called.positional[2]}
        frame.env[path] = replace(receiver, fields=fields)
        return NOTHING
    if name == "get" and len(keys) >= 2 and _plain(keys[0]) and _plain(keys[1]):
        return (receiver.fields or {}).get((keys[0], keys[1]), Value(known=False))
    return NOTHING if name in ("add_section", "read_string") else None


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
