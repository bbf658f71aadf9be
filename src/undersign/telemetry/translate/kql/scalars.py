"""Scalar functions the library leaves out, as SQL of their arguments.

A template may name an argument more than once: arguments are expressions without side effects.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

from duckdb_kql import ir
from duckdb_kql.errors import KqlUnsupportedError
from duckdb_kql.translate import (
    _SPECIAL_FORMS,
    _render_arg,
    quote_string,
    render_expr,
    render_regex,
)
from duckdb_kql.translate.functions import SCALAR_FUNCTIONS, FunctionSpec

from undersign.telemetry.translate.kql import addresses

_ISO = re.compile(
    r"\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d{1,6})?)?(?P<zone>Z|[+-]\d\d:\d\d)?)?"
)


def timestamp(text: str) -> str | None:
    """Return an ISO date as a DuckDB constant in UTC; None when it is written another way."""
    if not _ISO.fullmatch(text.strip()):
        return None
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    if moment.tzinfo:
        moment = moment.astimezone(UTC).replace(tzinfo=None)
    return f"TIMESTAMP '{moment.isoformat(sep=' ')}'"


def templates() -> dict[str, FunctionSpec]:
    """Return functions that are one expression of their arguments."""
    known = SCALAR_FUNCTIONS
    made = [
        replace(known["isnotempty"], name="notempty"),
        replace(known["array_length"], name="arraylength"),
        replace(known["parse_json"], name="parsejson"),
        FunctionSpec("string_size", "native", "CAST(strlen({0}) AS BIGINT)", (1,)),
        FunctionSpec("tohex", "template", "lower(to_hex(CAST({0} AS BIGINT)))", (1,)),
        FunctionSpec(
            "bag_keys",
            "template",
            "(CASE WHEN json_type({0}) = 'OBJECT' THEN to_json(json_keys({0})) END)",
            (1,),
        ),
        FunctionSpec(
            "bag_has_key",
            "template",
            "(CASE WHEN json_type({0}) = 'OBJECT' THEN list_contains(json_keys({0}), {1}) END)",
            (2,),
        ),
        FunctionSpec(
            "unixtime_seconds_todatetime", "template", "make_timestamp({0} * 1000000)", (1,)
        ),
        FunctionSpec(
            "unixtime_milliseconds_todatetime", "template", "make_timestamp({0} * 1000)", (1,)
        ),
        FunctionSpec("unixtime_microseconds_todatetime", "template", "make_timestamp({0})", (1,)),
    ]
    return {spec.name: spec for spec in made}


def special_forms() -> dict[str, Callable[[ir.FunctionCall], str | None]]:
    """Return functions that look at how their arguments are written."""
    dynamic = _SPECIAL_FORMS
    return {
        **addresses.FORMS,
        "extractjson": _extract_json,
        "extract_json": _extract_json,
        "extract": _extract,
        "extractall": lambda node: dynamic["extract_all"](node),
        "range": _range,
        "split": _split,
        "translate": _translate,
    }


_JSON_PATH = re.compile(r"\$(?:\.[A-Za-z_]\w*|\[\d+\]|\['[^'\"]+'\])*")


def _extract_json(node: ir.FunctionCall) -> str:
    """`extract_json(path, text[, typeof(string)])`, with a path of names and indexes."""
    path = node.args[0] if 2 <= len(node.args) <= 3 else None
    if not isinstance(path, ir.Literal) or not _JSON_PATH.fullmatch(str(path.value)):
        raise KqlUnsupportedError(node.name, hint="its path must be a constant of names")
    made = re.sub(r"\['([^']+)'\]", r'."\1"', str(path.value))
    text = (
        f"coalesce(json_extract_string(TRY_CAST({render_expr(node.args[1])} AS JSON), "
        f"{quote_string(made)}), '')"
    )
    return _converted(text, node)


def _extract(node: ir.FunctionCall) -> str:
    """`extract(regex, group, text[, typeof(T)])`; no match is an empty string."""
    if len(node.args) not in (3, 4):
        raise KqlUnsupportedError(node.name, hint="it takes three or four arguments")
    group = node.args[1]
    if not isinstance(group, ir.Literal) or group.value not in range(10):
        raise KqlUnsupportedError(node.name, hint="its group must be a constant from 0 to 9")
    text = _render_arg("extract", 2, node.args[2])
    pattern = render_regex(node.args[0])
    found = f"coalesce(regexp_extract({text}, {pattern}, {group.value}), '')"
    return _converted(found, node)


def _converted(sql: str, node: ir.FunctionCall) -> str:
    """Convert to what a last argument `typeof(T)` asks for."""
    last = node.args[-1]
    wanted = last.value if isinstance(last, ir.Literal) and last.kind == "guid" else "string"
    if wanted == "string":
        return sql
    if wanted not in ("long", "int", "real", "double", "datetime", "bool", "timespan", "guid"):
        raise KqlUnsupportedError(node.name, hint=f"typeof({wanted}) is not converted here")
    return render_expr(ir.FunctionCall(f"to{wanted}", (ir.RenderedAggregate(sql),)))


def _split(node: ir.FunctionCall) -> str | None:
    """`split(text, delimiter, index)`: an array of the one piece, empty when there is none."""
    if len(node.args) != 3:
        return None
    index = node.args[2]
    if not isinstance(index, ir.Literal) or not isinstance(index.value, int) or index.value < 0:
        raise KqlUnsupportedError("split", hint="its index must be a constant from 0")
    text, delimiter = _render_arg("split", 0, node.args[0]), render_expr(node.args[1])
    pieces = f"list_slice(str_split({text}, {delimiter}), {index.value + 1}, {index.value + 1})"
    return f"to_json({pieces})"


def _translate(node: ir.FunctionCall) -> str:
    """`translate(search, replacement, text)` with constant lists of one length.

    A replacement of one character stands for all; the documentation shows no other unequal pair.
    """
    lists = [arg.value for arg in node.args[:2] if isinstance(arg, ir.Literal)]
    if len(node.args) != 3 or len(lists) != 2 or not all(isinstance(v, str) for v in lists):
        raise KqlUnsupportedError(node.name, hint="its two lists must be constant texts")
    search, replacement = str(lists[0]), str(lists[1])
    if len(replacement) == 1:
        replacement *= len(search)
    if len(replacement) not in (0, len(search)) or len(set(search)) < len(search):
        raise KqlUnsupportedError(node.name, hint="its two lists must have the same length")
    text = _render_arg("translate", 2, node.args[2])
    return f"translate({text}, {quote_string(search)}, {quote_string(replacement)})"


def _range(node: ir.FunctionCall) -> str:
    """`range(start, stop[, step])` of whole numbers, as an array."""
    if len(node.args) not in (2, 3) or not all(_whole(arg) for arg in node.args):
        raise KqlUnsupportedError(node.name, hint="only whole constants make an array here")
    bounds = ", ".join(render_expr(arg) for arg in node.args)
    return f"to_json(generate_series({bounds}))"


def _whole(node: ir.Expr) -> bool:
    return isinstance(node, ir.Literal) and node.kind in ("long", "int") and node.value is not None
