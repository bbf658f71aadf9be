"""Templates that print a variable as it is: `|safe`, `autoescape off`, `{{! x }}`."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping

from undersign.surfaces.review.dataflow.conditions import Called
from undersign.surfaces.review.dataflow.engine import Engine, Frame
from undersign.surfaces.review.dataflow.values import Value, flat

_RENDERS = re.compile(
    r"^(flask|quart)\.render_template$|^django\.shortcuts\.render$|\.TemplateResponse$|"
    r"^django\.template\.loader\.render_to_string$|^bottle\.template$|get_template\(\)\.render$"
)
_PRINTED = re.compile(r"\{\{(?P<raw>!)?(?P<inside>.{0,300}?)\}\}", re.DOTALL)
_RAW = re.compile(r"\|\s*(safe|n)\b(?!\s*\()")
_OFF = re.compile(
    r"\{%-?\s*autoescape\s+(?:off|false)\s*-?%\}(?P<body>.*?)\{%-?\s*endautoescape", re.DOTALL
)
_LOOP = re.compile(r"\{%-?\s*for\s+([\w, ]{1,80}?)\s+in\s+([\w.]{1,80})")
_OTHERS = re.compile(r"\{%-?\s*(?:include|extends|import)\s+['\"]([^'\"]{1,200})['\"]")
_MOST = 8


def meet(called: Called, node: ast.Call, frame: Frame, engine: Engine) -> None:
    """Judge the variables that a template is given, where its text is at hand."""
    if not engine.texts or not _RENDERS.search(called.name):
        return
    name = next((v.const for v in called.positional if isinstance(v.const, str)), "")
    given = _given(called)
    bad = {key: value for key, value in given.items() if flat(value).taints}
    if not name or not bad:
        return
    for path, text in _with_others(name, engine.texts):
        for key, value in bad.items():
            line = raw_line(text, key)
            if line:
                sink = f"{called.name.rpartition('.')[2]} ({path}:{line})"
                engine.sink("cross-site-scripting", sink, [value], node, frame)


def _given(called: Called) -> dict[str, Value]:
    found = dict(called.keywords)
    for value in (*called.positional, *called.keywords.values()):
        found |= {str(key): one for key, one in (value.fields or {}).items()}
    return found


def _with_others(name: str, texts: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Yield a template and those that it includes or extends."""
    todo, seen = [name], set[str]()
    while todo and len(seen) < _MOST:
        wanted = todo.pop(0)
        if wanted in seen:
            continue
        seen.add(wanted)
        for path, text in texts.items():
            if path == wanted or path.endswith("/" + wanted):
                yield path, text
                todo += _OTHERS.findall(text)[:_MOST]


def raw_line(text: str, key: str) -> int:
    """Return the line on which a template prints a variable as it is; 0 for nowhere."""
    names = {key}
    for targets, of in _LOOP.findall(text):
        if of.split(".")[0] in names:
            names |= {one.strip() for one in targets.split(",")}
    word = re.compile(r"(?<![\w.'\"])(" + "|".join(map(re.escape, sorted(names))) + r")\b")
    off = [m.span("body") for m in _OFF.finditer(text)]
    for found in _PRINTED.finditer(text):
        inside = found["inside"]
        inert = any(low <= found.start() < high for low, high in off) and "|" not in inside
        if (found["raw"] or _RAW.search(inside) or inert) and word.search(inside):
            return text.count("\n", 0, found.start()) + 1
    return 0
