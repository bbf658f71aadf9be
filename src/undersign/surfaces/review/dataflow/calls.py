"""Calls: sinks are met, sources begin, sanitizers clean, functions of the project are run."""

from __future__ import annotations

import ast
from dataclasses import replace

from undersign.catalogs.code import SinkRule
from undersign.surfaces.review.dataflow import methods, misuse
from undersign.surfaces.review.dataflow.conditions import CONDITIONS, Called
from undersign.surfaces.review.dataflow.engine import Engine, Frame
from undersign.surfaces.review.dataflow.expressions import evaluate, path_of, sourced
from undersign.surfaces.review.dataflow.project import ClassInfo, FunctionInfo
from undersign.surfaces.review.dataflow.values import (
    EVERY,
    STRANGE,
    Value,
    cleaned,
    combined,
    flat,
    stepped,
)

_ALL = frozenset({EVERY})
_RESPONSES = frozenset(
    {
        "flask.redirect", "flask.send_file", "flask.send_from_directory", "flask.jsonify",
        "flask.abort", "flask.render_template", "flask.render_template_string",
        "django.shortcuts.redirect", "django.shortcuts.render", "django.http.JsonResponse",
        "django.http.HttpResponseRedirect", "django.http.FileResponse",
        "rest_framework.response.Response", "rest_framework.Response",
    }
)  # fmt: skip
"""Calls that make a response of their own: what they return is not text of the caller's."""
_VIEWS = ("os.path.realpath", "os.path.abspath", "os.path.normpath", "urllib.parse.urlparse",
          "urllib.parse.urlsplit", "urlparse.urlparse", "str.lower")  # fmt: skip
"""Calls whose result is a view of their argument: a test of it speaks of the argument."""


def call(node: ast.Call, frame: Frame, engine: Engine) -> Value:
    """Return what a call returns."""
    called, function = _called(node, frame, engine)
    _meet_sinks(called, node, frame, engine)
    misuse.meet(called, node, frame, engine)
    if (found := _source(called, node, frame, engine)) is not None:
        return found
    for _, rule in engine.models.sanitizers.of(called.name):
        return cleaned(_given_to(called), rule.categories)
    if called.name in _RESPONSES:
        return Value(ref=f"{called.name}()")
    known = _project_call(called, function, node, frame, engine)
    if known is not None:
        return known
    made = methods.result(called, node, frame, engine)
    return made if made is not None else _outside(called, node)


def _called(node: ast.Call, frame: Frame, engine: Engine) -> tuple[Called, Value]:
    function = evaluate(node.func, frame, engine)
    receiver = None
    if isinstance(node.func, ast.Attribute):
        receiver = evaluate(node.func.value, frame, engine)
    name = function.ref
    if not name and isinstance(node.func, ast.Attribute):
        name = f"{receiver.ref if receiver and receiver.ref else '?'}.{node.func.attr}"
    plain, starred = [], False
    for part in node.args:
        value = evaluate(part, frame, engine)
        if isinstance(part, ast.Starred):
            starred = value.items is None
            plain += list(value.items) if value.items is not None else [flat(value)]
        else:
            plain.append(value)
    named: dict[str, Value] = {}
    for word in node.keywords:
        value = evaluate(word.value, frame, engine)
        if word.arg is not None:
            named[word.arg] = value
        else:
            starred = starred or value.fields is None
            named |= {str(k): v for k, v in (value.fields or {}).items()}
    return Called(name, receiver, tuple(plain), named, starred), function


def _everything(called: Called) -> Value:
    return combined([*called.positional, *called.keywords.values(), *_receiver(called)])


def _given_to(called: Called) -> Value:
    """Return what a call works on: a module before the dot is none of it."""
    own = [v for v in _receiver(called) if v.taints or not called.positional]
    return combined([*called.positional, *called.keywords.values(), *own])


def _receiver(called: Called) -> list[Value]:
    return [called.receiver] if called.receiver is not None else []


# --- sinks ---


def _meet_sinks(called: Called, node: ast.Call, frame: Frame, engine: Engine) -> None:
    for pattern, rule in engine.models.sinks.of(called.name):
        if _is_meant(pattern, rule.needs, frame):
            _meet(rule, called, node, frame, engine)


def _is_meant(pattern: str, needs: tuple[str, ...], frame: Frame) -> bool:
    """A pattern that is the end of a name alone counts where its library is imported."""
    if not pattern.startswith(".") or not needs:
        return True
    return any(name in frame.module.packages for name in needs)


def _meet(rule: SinkRule, called: Called, node: ast.Call, frame: Frame, engine: Engine) -> None:
    values = _mattering(rule, called)
    name = path_of(node.func) or called.name
    holds = CONDITIONS[rule.when](called) if rule.when else True
    if holds is False:
        if rule.when != "element" and any(flat(v).taints for v in values):
            why = f"the way {name} is called makes it no sink for {rule.category}"
            engine.meet(rule.category, name, node, frame, "refuted", why)
        elif rule.when != "element":
            engine.sink(rule.category, name, values, node, frame)
        return
    if called.starred:
        values = [*values, STRANGE]
    if holds is None and any(flat(v).taints for v in values):
        why = f"whether {name} is a sink for {rule.category} here depends on what was not seen"
        engine.meet(rule.category, name, node, frame, "not shown", why)
        return
    engine.sink(rule.category, name, values, node, frame)
    kinds = {t.kind for v in values for t in flat(v).taints}
    if "model-reply" in kinds and rule.category in _ACTS:
        engine.sink("excessive-agency", name, values, node, frame)


_ACTS = frozenset(
    {"command-injection", "code-injection", "path-traversal", "server-side-request-forgery"}
)
"""Sinks by which a model acts: without a person between, they are more agency than a reply has."""


def _mattering(rule: SinkRule, called: Called) -> list[Value]:
    found = _given(rule, called)
    if rule.when == "html-response":
        # `(body, status, headers)`: the body alone is shown.
        return [v.items[0] if v.items else v for v in found]
    return found


def _given(rule: SinkRule, called: Called) -> list[Value]:
    if "*" in rule.arguments:
        return [*called.positional, *called.keywords.values()]
    if "self" in rule.arguments:
        return _receiver(called)
    found = [called.argument(which) for which in rule.arguments]
    return [value for value in found if value is not None]


# --- sources ---


def _source(called: Called, node: ast.Call, frame: Frame, engine: Engine) -> Value | None:
    for pattern, rule in engine.models.sources.of(called.name):
        if _is_meant(pattern, rule.needs, frame):
            if rule.kind == "stored":
                return Value(known=False, ref=f"{called.name}()")
            made = sourced(rule, called.name, node, frame, engine)
            return replace(made, ref=f"{called.name}()")
    return None


# --- functions of the project ---


def _project_call(
    called: Called, function: Value, node: ast.Call, frame: Frame, engine: Engine
) -> Value | None:
    if function.ref in engine.closures:
        info, outer = engine.closures[function.ref]
        bound = _bound(info, called, node, frame, engine)
        return engine.invoke(info, bound, frame, outer)
    found = _found(called, frame, engine)
    if isinstance(found, FunctionInfo):
        bound = _bound(found, called, node, frame, engine)
        return engine.invoke(found, bound, frame)
    if isinstance(found, ClassInfo):
        return _made(found, called, node, frame, engine)
    return None


def _found(called: Called, frame: Frame, engine: Engine) -> object:
    name = called.name
    receiver = called.receiver
    if receiver is not None and receiver.ref.endswith("()"):
        owner = engine.project.find(receiver.ref[:-2], frame.module)
        if isinstance(owner, ClassInfo):
            return engine.project.method(owner, name.rpartition(".")[2])
    if name == "super" or "()" in name:
        return None
    return engine.project.find(name, frame.module)


def _made(owner: ClassInfo, called: Called, node: ast.Call, frame: Frame, engine: Engine) -> Value:
    """Return an object of a class of the project; what its fields hold is known by name."""
    ref = f"{owner.name}()"
    start = engine.project.method(owner, "__init__")
    if start is not None:
        bound = _bound(start, called, node, frame, engine, this=Value(ref=ref))
        engine.invoke(start, bound, frame)
        return Value(ref=ref)
    fields = [n.target.id for n in owner.node.body
              if isinstance(n, ast.AnnAssign) and isinstance(n.target, ast.Name)]  # fmt: skip
    for name, value in [*zip(fields, called.positional, strict=False), *called.keywords.items()]:
        engine.assign_attribute(owner, name, value)
    whole = _everything(replace(called, receiver=None))
    return Value(whole.taints if not fields else (), ref=ref)


def _bound(  # noqa: PLR0913 - a call has these parts
    info: FunctionInfo, called: Called, node: ast.Call, frame: Frame, engine: Engine,
    this: Value | None = None,
) -> dict[str, Value]:  # fmt: skip
    """Give every parameter its argument, or its default."""
    given = info.node.args
    names = [a.arg for a in (*given.posonlyargs, *given.args)]
    step = frame.step(node, f"passed to {info.name.rpartition('.')[2]}")
    bound: dict[str, Value] = {}
    if info.owner is not None and names and not info.is_static:
        bound[names.pop(0)] = this or called.receiver or Value(ref=f"{info.owner.name}()")
    positional = [stepped(value, step) for value in called.positional]
    bound |= dict(zip(names, positional, strict=False))
    extra = positional[len(names) :]
    if given.vararg is not None:
        bound[given.vararg.arg] = Value(items=tuple(extra), known=not called.starred)
    every = {*names, *(a.arg for a in given.kwonlyargs)}
    words = {name: stepped(value, step) for name, value in called.keywords.items()}
    bound |= {name: value for name, value in words.items() if name in every}
    loose = {name: value for name, value in words.items() if name not in every}
    if given.kwarg is not None:
        bound[given.kwarg.arg] = Value(fields=loose, known=not called.starred)
    _defaults(info, bound, frame, engine)
    for name in every - set(bound):
        bound[name] = STRANGE
    return bound


def _defaults(info: FunctionInfo, bound: dict[str, Value], frame: Frame, engine: Engine) -> None:
    given = info.node.args
    names = [a.arg for a in (*given.posonlyargs, *given.args)]
    pairs = [*zip(names[len(names) - len(given.defaults) :], given.defaults, strict=True)]
    pairs += [(a.arg, d) for a, d in zip(given.kwonlyargs, given.kw_defaults, strict=True) if d]
    home = engine.module_frame(info.module)
    for name, default in pairs:
        if name not in bound:
            bound[name] = evaluate(
                default, Frame(info.module, None, {}, home, depth=frame.depth), engine
            )


# --- everything else ---

_PURE = (
    "os.path.", "urllib.parse.", "base64.", "json.dumps", "copy.", "textwrap.", "string.",
    "datetime.", "time.", "uuid.", "secrets.", "random.", "tempfile.", "itertools.", "operator.",
    "posixpath.", "ntpath.", "codecs.", "binascii.", "html.", "hashlib.", "pathlib.", "os.getcwd",
)  # fmt: skip
"""Calls of the standard library whose result holds nothing but what they are given."""
_PLAIN = frozenset(
    {
        "str", "repr", "list", "tuple", "set", "dict", "sorted", "reversed", "enumerate", "zip",
        "map", "filter", "min", "max", "sum", "iter", "next", "format", "bytes", "bytearray",
        "frozenset", "range", "chr", "print", "type",
    }
)  # fmt: skip


def _outside(called: Called, node: ast.Call) -> Value:
    """Return what a call of unknown code returns: what goes in may come out."""
    whole = _everything(called)
    name = called.name
    ref = f"{name}()" if name and not name.startswith("?") else ""
    request = any(v.ref in ("<request>", "flask.request") for v in called.positional)
    sure = name in _PLAIN or name.startswith(_PURE)
    of = ""
    if name.endswith(_VIEWS) and node.args:
        of = called.positional[0].of or path_of(node.args[0])
    return Value(whole.taints, known=sure and not request and _known(called), ref=ref, of=of)


def _known(called: Called) -> bool:
    """Say whether all arguments are known; the receiver of a library's function is its module."""
    return all(flat(v).known for v in (*called.positional, *called.keywords.values()))
