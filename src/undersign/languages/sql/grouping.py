"""GROUP BY and aggregate functions -> the model's groups and aggregates."""

from __future__ import annotations

from typing import TYPE_CHECKING

from undersign.languages.sql.conditions import Conditions, function_name, name_of, unwrap
from undersign.languages.sql.literals import duration
from undersign.records.query import Aggregate, Group

if TYPE_CHECKING:
    from sqlglot import exp

    from undersign.languages.sql.select import SelectReader

_COMMON = {
    "approx_count_distinct": "dcount", "mean": "avg", "favg": "avg", "stddev": "stdev",
    "stddev_samp": "stdev", "stddev_pop": "stdev", "median": "percentile",
    "quantile": "percentile", "quantile_cont": "percentile", "quantile_disc": "percentile",
    "approx_quantile": "percentile", "percentile_approx": "percentile", "list": "make_list",
    "array_agg": "make_list", "collect_list": "make_list", "collect_set": "make_set",
    "string_agg": "make_list", "listagg": "make_list", "group_concat": "make_list",
    "any_value": "first", "arbitrary": "first", "max_by": "arg_max", "argmax": "arg_max",
    "min_by": "arg_min", "argmin": "arg_min", "count_if": "count", "countif": "count",
    "count_star": "count",
}  # fmt: skip
_UNITS = {
    "second": 1.0, "minute": 60.0, "hour": 3600.0, "day": 86_400.0, "week": 604_800.0,
}  # fmt: skip


def aggregate_of(node: exp.Expr, name: str, conditions: Conditions) -> Aggregate:
    """Return one aggregate call."""
    from sqlglot import exp

    places = conditions.places
    wrapped = unwrap(node, places)
    column = wrapped.column if wrapped else None
    written = function_name(node, places)
    function = _COMMON.get(written, written)
    distinct = isinstance(node.this, exp.Distinct)
    if distinct and function in ("count", "make_list"):
        function = "dcount" if function == "count" else "make_set"
    condition = None
    if isinstance(node, exp.CountIf):
        condition = conditions.read(node.this)
        column = None
    elif isinstance(node.parent, exp.Filter):
        condition = conditions.read(node.parent.expression.this)
    whole = node.parent if isinstance(node.parent, exp.Filter) else node
    place = places.span(whole)
    over = name_of(column, conditions.scope) if column is not None else ""
    return Aggregate(function, over, name, place, condition)


def group_of(node: exp.Expr, select: SelectReader) -> Group:
    """Return one grouping key, with its width when it puts times into bins."""
    from sqlglot import exp

    inner = node.this if isinstance(node, exp.Alias) else node
    wrapped = unwrap(inner, select.places)
    column = ""
    functions: tuple[str, ...] = ()
    if wrapped and wrapped.column is not None:
        column, functions = name_of(wrapped.column, select.scope), wrapped.functions
    name = node.alias_or_name or select.places.written(node)
    return Group(column, name, select.places.span(node), _bin_seconds(inner), functions)


def _bin_seconds(node: exp.Expr) -> float | None:
    from sqlglot import exp

    if isinstance(node, exp.TimestampTrunc | exp.DateTrunc):
        unit = node.args.get("unit")
        return _UNITS.get(str(unit.name if unit is not None else "").lower())
    if isinstance(node, exp.DateBin):
        return duration(node.this)
    if isinstance(node, exp.Cast | exp.TsOrDsToDate | exp.Date):
        kind = node.args.get("to")
        return _UNITS["day"] if kind is None or kind.sql().upper() == "DATE" else None
    return None
