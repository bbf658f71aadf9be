"""Calls: sinks are met, sources begin, sanitizers clean, functions of the project are run."""

from __future__ import annotations

import ast
import re
from dataclasses import replace

from undersign.surfaces.review.dataflow import agency, methods, misuse, templates
from undersign.surfaces.review.dataflow.binding import bound_to, everything, made_of
from undersign.surfaces.review.dataflow.conditions import Called
from undersign.surfaces.review.dataflow.engine import Engine, Frame
from undersign.surfaces.review.dataflow.expressions import evaluate, path_of, sourced
from undersign.surfaces.review.dataflow.keeping import handed_out
from undersign.surfaces.review.dataflow.project import ClassInfo, FunctionInfo
from undersign.surfaces.review.dataflow.sinks import is_meant, meet_sinks, receiver_of
from undersign.surfaces.review.dataflow.values import (
    EVERY,
    NEVER,
    NOTHING,
    STRANGE,
    UNKNOWN,
    Value,
    cleaned,
    combined,
    flat,
    joined,
    uncleaned,
)

_ALL = frozenset({EVERY})
_RESPONSES = frozenset(
    {
        "flask.make_response", "flask.Response", "werkzeug.Response", "django.http.HttpResponse",
        "django.http.response.HttpResponse", "fastapi.responses.HTMLResponse",
        "starlette.responses.HTMLResponse", "aiohttp.web.Response", "flask.wrappers.Response",
        "flask.redirect", "flask.send_file", "flask.send_from_directory", "flask.jsonify",
        "flask.render_template", "flask.render_template_string",
        "django.shortcuts.redirect", "django.shortcuts.render", "django.http.JsonResponse",
        "django.http.HttpResponseRedirect", "django.http.FileResponse",
        "rest_framework.response.Response", "rest_framework.Response",
    }
)  # fmt: skip
"""Calls that make a response of their own: what they return is not text of the caller's."""
_RESOLVES = ("os.path.realpath", "os.path.abspath", "os.path.normpath")
_VIEWS = ("urllib.parse.urlparse",
          "urllib.parse.urlsplit", "urlparse.urlparse", "str.lower")  # fmt: skip
"""Calls whose result is a view of their argument: a test of it speaks of the argument."""


def call(node: ast.Call, frame: Frame, engine: Engine) -> Value:
    """Return what a call returns."""
    called, function = _called(node, frame, engine)
    meet_sinks(called, node, frame, engine)
    misuse.meet(called, node, frame, engine)
    templates.meet(called, node, frame, engine)
    agency.meet(function, node, frame, engine)
    if (found := _source(called, node, frame, engine)) is not None:
        return found
    known = _project_call(called, function, node, frame, engine)
    if known is not None:
        return known
    if (cleaner := _cleaner(called, frame, engine)) is not None:
        of, ref = _view(called, node, "")
        made = cleaned(_given_to(called), cleaner)
        return replace(made, of=of or made.of, ref=ref)
    if called.name in _RESPONSES:
        return Value(ref=f"{called.name}()")
    if called.name == "setattr" and len(called.positional) == 3:
        return _set_attribute(called, frame, engine)
    if _UNDOES.search(called.name):
        return uncleaned(_given_to(called))
    if called.name == "getattr" and (chosen := agency.chosen(called.argument(1))) is not None:
        return chosen
    if called.name in _NEVER:
        return NEVER
    if called.name in ("locals", "vars", "globals") and not called.positional:
        return replace(combined(frame.env.values()), known=False, ref=f"{called.name}()")
    told = methods.result(called, node, frame, engine)
    return told if told is not None else _outside(called, node, frame, engine)


_UNDOES = re.compile(
    r"^(base64\.\w*decode\w*|urllib\.parse\.(unquote|parse_qs)\w*|html\.unescape|json\.loads?|codecs\.decode"
    r"|binascii\.(unhexlify|a2b_\w+)|bytes\.fromhex|(zlib|gzip|bz2|lzma)\.decompress|ast\.literal_eval)$"
)
"""Calls that bring back what an encoding has made harmless, or a test has not seen."""
_NEVER = frozenset(
    {"flask.abort", "werkzeug.exceptions.abort", "bottle.abort", "sys.exit", "exit", "quit",
     "os._exit", "quart.abort", "flask_restful.abort", "flask_smorest.abort"}
)  # fmt: skip
"""Calls that do not come back."""


def _learn(found: FunctionInfo, node: ast.Call, frame: Frame, engine: Engine) -> None:
    """A function that stops at a bad argument and came back says that it was a good one."""
    names = [a.arg for a in (*found.node.args.posonlyargs, *found.node.args.args)]
    if found.owner is not None and not found.is_static:
        names = names[1:]
    for name, argument in zip(names, node.args, strict=False):
        path, passed = path_of(argument), engine.last_passed.get(name)
        held = frame.env.get(path)
        if passed is None or held is None or not held.taints or held.cells:
            continue
        if {t.safe for t in passed.taints} != {t.safe for t in held.taints}:
            frame.env[path] = replace(held, taints=passed.taints)


def _set_attribute(called: Called, frame: Frame, engine: Engine) -> Value:
    on, name, value = called.positional
    owner = engine.project.find(on.ref.removesuffix("()"), frame.module) if on.ref else None
    told = name.const if isinstance(name.const, str) else "*"
    if isinstance(owner, ClassInfo) and told != "*":
        engine.assign_attribute(owner, told, value)
    else:
        engine.assign_somewhere(told)
    return NOTHING


def _cleaner(called: Called, frame: Frame, engine: Engine) -> frozenset[str] | None:
    """Return the categories for which a call makes its arguments harmless, all rules together."""
    found: frozenset[str] = frozenset()
    for pattern, rule in engine.models.sanitizers.of(called.name):
        if is_meant(pattern, rule.needs, frame) and (called.positional or called.keywords
                                                      or not rule.needs):  # fmt: skip
            found |= rule.categories
    return found or None


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


def _given_to(called: Called) -> Value:
    """Return what a call works on: a module before the dot is none of it."""
    own = [v for v in receiver_of(called) if v.taints or not called.positional]
    return combined([*called.positional, *called.keywords.values(), *own])


# --- sources ---


def _source(called: Called, node: ast.Call, frame: Frame, engine: Engine) -> Value | None:
    for pattern, rule in engine.models.sources.of(called.name):
        if is_meant(pattern, rule.needs, frame):
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
        bound = bound_to(info, called, node, frame, engine)
        return _decorated(info, engine.invoke(info, bound, frame, outer), engine)
    found = _found(called, node, frame, engine)
    if isinstance(found, FunctionInfo):
        made = [
            _decorated(one, engine.invoke(one, bound_to(one, called, node, frame, engine), frame),
                       engine)
            for one in (found, *_overriding(found, called, node, engine))
        ]  # fmt: skip
        if len(made) == 1:
            _learn(found, node, frame, engine)
        return joined(made)
    if isinstance(found, ClassInfo):
        return made_of(found, called, node, frame, engine)
    return None


def _overriding(
    found: FunctionInfo, called: Called, node: ast.Call, engine: Engine
) -> list[FunctionInfo]:
    """A method called on `self` may be that of a class below."""
    on = node.func.value if isinstance(node.func, ast.Attribute) else None
    if found.owner is None or not isinstance(on, ast.Name) or on.id not in ("self", "cls"):
        return []
    return engine.project.overriding(found.owner, called.name.rpartition(".")[2])


_HARMLESS = re.compile(
    r"(^|\.)(staticmethod|classmethod|property|cached_property|abstractmethod|override|overload|"
    r"(lru_)?cache|wraps|final|login_required|require_\w+|csrf_exempt|route|get|post|put|delete|"
    r"patch|head|errorhandler|before_request|after_request|task|receiver|contextmanager|"
    r"permission_required|user_passes_test|api_view|action|fixture|command|tool|on_event|retry)$"
)


def _decorated(info: FunctionInfo, made: Value, engine: Engine) -> Value:
    """What a decorator that was not looked into makes of a function may return something else."""
    for name in info.decorators:
        own = engine.project.find(name, info.module) is not None
        if own or not _HARMLESS.search(name):
            return replace(made, known=False, const=UNKNOWN)
    return made


def _found(called: Called, node: ast.Call, frame: Frame, engine: Engine) -> object:
    name = called.name
    receiver = called.receiver
    if name.startswith("super()."):
        return _above(name, frame, engine)
    if receiver is not None and receiver.ref.endswith("()"):
        owner = engine.project.find(receiver.ref[:-2], frame.module)
        if isinstance(owner, ClassInfo):
            return engine.project.method(owner, name.rpartition(".")[2])
    if name == "super" or "()" in name or frame.lookup(name) is STRANGE:
        return None
    return engine.project.find(name, frame.module)


def _above(name: str, frame: Frame, engine: Engine) -> FunctionInfo | None:
    owner = frame.function.owner if frame.function is not None else None
    for base in owner.bases if owner is not None else ():
        above = engine.project.find(base, frame.module)
        if isinstance(above, ClassInfo):
            found = engine.project.method(above, name.rpartition(".")[2])
            if found is not None:
                return found
    return None


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


_READS = re.compile(
    r"\.(read\w*|open|iterdir|glob|rglob|readlink|gettempdir)$|^codecs\.open|^tempfile"
)
"""Calls that bring in what is kept elsewhere, whatever they are called on."""


def _outside(called: Called, node: ast.Call, frame: Frame, engine: Engine) -> Value:
    """Return what a call of unknown code returns: what goes in may come out."""
    whole = everything(called)
    name = called.name
    ref = f"{name}()" if name and not name.startswith("?") else ""
    request = any(v.ref in ("<request>", "flask.request") for v in called.positional)
    sure = (name in _PLAIN or name.startswith(_PURE)) and not _READS.search(name)
    if not sure and name.rpartition(".")[2] not in _LEAVE_ALONE:
        handed_out((*called.positional, *called.keywords.values()), frame, engine)
    of, ref = _view(called, node, ref)
    return Value(whole.taints, known=sure and not request and _known(called), ref=ref, of=of)


_PATHS = frozenset(
    {"resolve", "joinpath", "absolute", "expanduser", "with_suffix", "with_name", "relative_to"}
)


def _view(called: Called, node: ast.Call, ref: str) -> tuple[str, str]:
    """Return of what a call's result is a view (`/` before what was resolved), and what it is."""
    first = called.positional[0] if called.positional else None
    if called.name in ("str", "os.fspath", "os.fsdecode") and first is not None:
        path, mark = path_of(node.args[0]), "/" if first.of.startswith("/") else ""
        return (mark + path) if path else first.of, first.ref if "Path()" in first.ref else ref
    if called.name.endswith(_RESOLVES) and first is not None:
        return "/" + (first.of.removeprefix("/") or path_of(node.args[0])), ref
    if called.name.endswith(_VIEWS) and first is not None:
        return first.of or path_of(node.args[0]), ref
    head, _, last = called.name.rpartition(".")
    if head != "pathlib.Path()" or last not in _PATHS or called.receiver is None:
        return "", ref
    on = path_of(node.func.value) if isinstance(node.func, ast.Attribute) else ""
    of = called.receiver.of.removeprefix("/") or on
    return ("/" + of if last == "resolve" else ""), "pathlib.Path()"


_LEAVE_ALONE = frozenset(
    {
        "print",
        "run",
        "call",
        "Popen",
        "check_output",
        "check_call",
        "execute",
        "join",
        "dumps",
        "jsonify",
        "render_template",
        "render",
        "info",
        "debug",
        "warning",
        "error",
        "get",
        "post",
        "isinstance",
        "len",
        "any",
        "all",
        "append",
        "exec_command",
        "system",
        "format",
        "hasattr",
    }
)
"""Ends of names of calls that change no container they are given."""


def _known(called: Called) -> bool:
    """Say whether all arguments are known; the receiver of a library's function is its module."""
    return all(flat(v).known for v in (*called.positional, *called.keywords.values()))
