"""Aggregates of the stats family as SQL, over groups or over windows."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from sqlglot import exp

from undersign.languages.spl.tree import Agg
from undersign.telemetry.translate.spl.evaluating import Scope, evaluate
from undersign.telemetry.translate.spl.relation import Relation
from undersign.telemetry.translate.spl.values import (
    ELEMENT,
    Unsaid,
    Value,
    as_condition,
    as_list,
    as_number,
    as_text,
    call,
    cast,
    is_null,
    lambda_of,
    not_null,
    null,
    when,
)

_PERCENTILE = re.compile(r"(?:exactperc|perc|p)(\d{1,2}(?:\.\d+)?|100)$")
LIST_LIMIT = 100
"""list() keeps so many values."""


@dataclass(frozen=True, slots=True)
class Over:
    """What an aggregate is over: its values, the rows' order and time, and a condition."""

    value: Value | None
    where: exp.Expr | None
    order: exp.Expr
    time: Value

    def filtered(self, sql: exp.Expr, *more: exp.Expr) -> exp.Expr:
        """Return an aggregate over the rows that count."""
        conditions = [c for c in (self.where, *more) if c is not None]
        if not conditions:
            return sql
        return exp.Filter(this=sql, expression=exp.Where(this=exp.and_(*conditions)))

    def needed(self) -> Value:
        """Return the values; raises Unsaid when the aggregate names none."""
        if self.value is None:
            raise Unsaid("an aggregate without a field")
        return self.value

    def number(self) -> exp.Expr:
        """Return the values as numbers; texts that are none count as absent."""
        return as_number(self.needed())


Builder = Callable[[Over], Value]


def aggregate(agg: Agg, relation: Relation, scope: Scope, *, prefix: str = "") -> Value:
    """Return one aggregate over rows of a relation; raises Unsaid."""
    value: Value | None = None
    where: exp.Expr | None = None
    if agg.expression is not None:
        found = evaluate(agg.expression, scope)
        if found.kind == "boolean":
            if agg.function not in ("count", "c"):
                raise Unsaid(f"{agg.function} of a truth value")
            where = as_condition(found)
        else:
            value = found
    elif agg.field is not None:
        value = scope.get(agg.field.value.removeprefix(prefix))
    over = Over(value, where, relation.order(), relation.get("_time"))
    return builder(agg.function)(over)


def builder(function: str) -> Builder:
    """Return how a function is built; raises Unsaid."""
    found = AGGREGATES.get(function)
    if found is not None:
        return found
    percentile = _PERCENTILE.match(function)
    if percentile is None:
        raise Unsaid(f"the aggregate `{function[:40]}` is not supported")
    return _percentile(float(percentile[1]) / 100)


def _count(over: Over) -> Value:
    if over.value is None:
        return Value(over.filtered(call("count", exp.Star())), "number", whole=True)
    if over.value.kind == "list":
        total = call("coalesce", call("sum", call("len", over.value.sql)), exp.Literal.number(0))
        return Value(cast(total, "BIGINT"), "number", whole=True)
    return Value(over.filtered(call("count", over.value.sql)), "number", whole=True)


def _elements(over: Over) -> exp.Expr:
    """Return every value of a group in one list, in no order."""
    value = over.needed()
    if value.kind == "list":
        return call("flatten", over.filtered(call("list", value.sql), not_null(value.sql)))
    return over.filtered(call("list", as_text(value)), not_null(value.sql))


def _dc(over: Over) -> Value:
    value = over.needed()
    if value.kind == "list":
        found = call("coalesce", call("len", call("list_distinct", _elements(over))),
                     exp.Literal.number(0))  # fmt: skip
        return Value(found, "number", whole=True)
    distinct = exp.Count(this=exp.Distinct(expressions=[as_text(value)]))
    return Value(over.filtered(distinct), "number", whole=True)


def _values(over: Over) -> Value:
    value = over.needed()
    if value.kind == "list":
        return Value(call("list_sort", call("list_distinct", _elements(over))), "list")
    distinct = exp.Anonymous(this="list", expressions=[exp.Distinct(expressions=[as_text(value)])])
    return Value(call("list_sort", over.filtered(distinct, not_null(value.sql))), "list")


def _list(over: Over) -> Value:
    value = over.needed()
    ordered = exp.Order(this=_listed(value), expressions=[exp.Ordered(this=over.order)])
    found = over.filtered(exp.Anonymous(this="list", expressions=[ordered]), not_null(value.sql))
    if value.kind == "list":
        found = call("flatten", found)
    one, last = exp.Literal.number(1), exp.Literal.number(LIST_LIMIT)
    return Value(call("list_slice", found, one, last), "list")


def _listed(value: Value) -> exp.Expr:
    return as_list(value) if value.kind == "list" else as_text(value)


def _picked(name: str, by_time: bool) -> Builder:
    """first, last, earliest, latest: the value of the row with the least or greatest key."""

    def build(over: Over) -> Value:
        value = over.needed()
        if by_time and over.time.kind != "number":
            raise Unsaid("earliest and latest need _time, which these rows no longer have")
        key = over.time.sql if by_time else over.order
        found = over.filtered(call(name, value.sql, key), not_null(value.sql))
        return Value(found, value.kind, whole=value.whole)

    return build


def _when_seen(name: str) -> Builder:
    def build(over: Over) -> Value:
        if over.time.kind != "number":
            raise Unsaid("earliest_time and latest_time need _time, which these rows have not")
        value = over.needed()
        return Value(over.filtered(call(name, over.time.sql), not_null(value.sql)), "number")

    return build


def _extreme(name: str) -> Builder:
    """min and max: of numbers when all values are numbers, else of texts."""

    def build(over: Over) -> Value:
        value = over.needed()
        if value.kind == "list":
            return extreme_of_all(name, _elements(over))
        if value.kind == "number":
            return Value(over.filtered(call(name, value.sql)), "number", whole=value.whole)
        if value.kind == "null":
            return null()
        numbers = over.filtered(call(name, as_number(value)))
        texts = over.filtered(call(name, value.sql))
        strange = over.filtered(
            call("count", exp.Star()), not_null(value.sql), is_null(as_number(value))
        )
        none = exp.EQ(this=strange, expression=exp.Literal.number(0))
        shown = as_text(Value(numbers, "number"))
        return Value(when((none, shown), default=texts), "string")

    return build


def extreme_of_all(name: str, elements: exp.Expr) -> Value:
    """min and max over every value of multivalue fields."""
    numbers = call("list_transform", elements, lambda_of(as_number(ELEMENT)))
    strange = call("list_filter", elements, lambda_of(is_null(as_number(ELEMENT))))
    none = exp.EQ(this=call("len", strange), expression=exp.Literal.number(0))
    shown = as_text(Value(call(f"list_{name}", numbers), "number"))
    return Value(when((none, shown), default=call(f"list_{name}", elements)), "string")


def _range(over: Over) -> Value:
    number = over.number()
    top, bottom = (over.filtered(call(n, number)) for n in ("max", "min"))
    return Value(exp.Sub(this=top, expression=bottom), "number")


def _numbers(name: str) -> Builder:
    def build(over: Over) -> Value:
        value = over.needed()
        if value.kind == "list":
            raise Unsaid(f"{name} of a multivalue field")
        found = over.filtered(call(name, cast(as_number(value), "DOUBLE")))
        return Value(found, "number")

    return build


def _sumsq(over: Over) -> Value:
    number = cast(over.number(), "DOUBLE")
    return Value(over.filtered(call("sum", exp.Mul(this=number, expression=number))), "number")


def _percentile(share: float) -> Builder:
    def build(over: Over) -> Value:
        place = exp.Literal.number(repr(share))
        return Value(over.filtered(call("quantile_cont", over.number(), place)), "number")

    return build


def _mode(over: Over) -> Value:
    value = over.needed()
    return Value(over.filtered(call("mode", as_text(value))), "string")


AGGREGATES: dict[str, Builder] = {
    "count": _count, "c": _count, "dc": _dc, "distinct_count": _dc, "estdc": _dc,
    "values": _values, "list": _list, "first": _picked("arg_min", by_time=False),
    "last": _picked("arg_max", by_time=False), "earliest": _picked("arg_min", by_time=True),
    "latest": _picked("arg_max", by_time=True), "earliest_time": _when_seen("min"),
    "latest_time": _when_seen("max"), "min": _extreme("min"), "max": _extreme("max"),
    "range": _range, "sum": _numbers("sum"), "avg": _numbers("avg"), "mean": _numbers("avg"),
    "stdev": _numbers("stddev_samp"), "stdevp": _numbers("stddev_pop"),
    "var": _numbers("var_samp"), "varp": _numbers("var_pop"), "sumsq": _sumsq,
    "median": _percentile(0.5), "mode": _mode,
}  # fmt: skip
"""Function, as written in lower case, -> how it is built."""
WINDOWED = ("count", "c", "sum", "avg", "mean", "min", "max", "stdev", "stdevp", "var", "varp",
            "range", "dc", "distinct_count", "values", "first", "last", "list")  # fmt: skip
"""Functions that streamstats can keep running."""
