"""Eval functions on multivalue fields: mvcount, mvindex, mvfilter, split and their kin."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from undersign.telemetry.translate.spl.evaluating import Scope, condition, evaluate
from undersign.telemetry.translate.spl.fields import fields_of
from undersign.telemetry.translate.spl.patterns import checked
from undersign.telemetry.translate.spl.values import (
    ELEMENT,
    Unsaid,
    Value,
    as_list,
    as_number,
    as_text,
    call,
    cast,
    lambda_of,
    text_literal,
    when,
)

if TYPE_CHECKING:
    from undersign.telemetry.translate.spl.functions import Builder, Given


def _emptied(sql: exp.Expr) -> exp.Expr:
    """Return a list, or null when it is empty: SPL has no empty multivalue field."""
    none = exp.EQ(this=call("len", sql), expression=exp.Literal.number(0))
    return when((none, cast(exp.Null(), "VARCHAR[]")), default=sql)


def _mvcount(given: Given) -> Value:
    found = call("len", as_list(given.value(0)))
    return Value(call("nullif", found, exp.Literal.number(0)), "number", whole=True)


def _mvindex(given: Given) -> Value:
    values = as_list(given.value(0))
    if len(given) > 2:
        first, last = _place(given.number(1)), _place(given.number(2))
        return Value(_emptied(call("list_slice", values, first, last)), "list")
    index = given.value(1)
    if isinstance(index.constant, int):
        return Value(call("list_extract", values, _place(index.constant)), "string")
    place = cast(as_number(index), "BIGINT")
    later = exp.Add(this=exp.Paren(this=place), expression=exp.Literal.number(1))
    from_end = exp.LT(this=place, expression=exp.Literal.number(0))
    return Value(call("list_extract", values, when((from_end, place), default=later)), "string")


def _place(index: int) -> exp.Expr:
    """Return a place counted from 1; negative ones count from the end in both languages."""
    if index >= 0:
        return exp.Literal.number(index + 1)
    return exp.Neg(this=exp.Literal.number(-index))


def _mvappend(given: Given) -> Value:
    empty = cast(exp.Array(expressions=[]), "VARCHAR[]")
    parts = [call("coalesce", as_list(v), empty) for v in given.values()]
    joined = parts[0]
    for part in parts[1:]:
        joined = call("list_concat", joined, part)
    return Value(_emptied(joined), "list")


def _mvjoin(given: Given) -> Value:
    joined = call("array_to_string", as_list(given.value(0)), text_literal(given.text(1)))
    return Value(joined, "string")


def _mvdedup(given: Given) -> Value:
    values = as_list(given.value(0))
    place = call("list_position", values, exp.column("x"))
    kept = exp.Lambda(
        this=exp.EQ(this=place, expression=exp.column("i")),
        expressions=[exp.to_identifier("x"), exp.to_identifier("i")],
        colon=True,
    )
    return Value(call("list_filter", values, kept), "list")


def _mvsort(given: Given) -> Value:
    return Value(call("list_sort", as_list(given.value(0))), "list")


def _mvfilter(given: Given) -> Value:
    names = sorted(set(fields_of(given.expr(0))))
    if len(names) != 1:
        raise Unsaid("mvfilter() with anything but one field in its condition")
    values = as_list(given.scope.get(names[0]))
    inner = Scope(lambda _: ELEMENT, given.scope.now)
    kept = call("list_filter", values, lambda_of(condition(given.expr(0), inner)))
    return Value(_emptied(kept), "list")


def _mvmap(given: Given) -> Value:
    names = list(dict.fromkeys(fields_of(given.expr(0))))
    if len(names) != 1 or len(given) != 2 or set(fields_of(given.expr(1))) - set(names):
        raise Unsaid("mvmap() over anything but one field")
    inner = Scope(lambda _: ELEMENT, given.scope.now)
    body = as_text(evaluate(given.expr(1), inner))
    return Value(
        call("list_transform", as_list(given.scope.get(names[0])), lambda_of(body)), "list"
    )


def _mvfind(given: Given) -> Value:
    found = call("regexp_matches", exp.column("x"), text_literal(checked(given.text(1))))
    hits = call("list_transform", as_list(given.value(0)), lambda_of(found))
    place = call("nullif", call("list_position", hits, exp.true()), exp.Literal.number(0))
    return Value(exp.Sub(this=place, expression=exp.Literal.number(1)), "number", whole=True)


def _mvzip(given: Given) -> Value:
    mark = given.text(2) if len(given) > 2 else ","
    left, right = as_list(given.value(0)), as_list(given.value(1))
    both = call("least", call("len", left), call("len", right))
    places = call(
        "range", exp.Literal.number(1), exp.Add(this=both, expression=exp.Literal.number(1))
    )
    one, other = (call("list_extract", v, exp.column("x")) for v in (left, right))
    pair = exp.DPipe(this=exp.DPipe(this=one, expression=text_literal(mark)), expression=other)
    return Value(_emptied(call("list_transform", places, lambda_of(pair))), "list")


def _split(given: Given) -> Value:
    text, mark = as_text(given.value(0)), given.text(1)
    if mark == "":
        pieces = call("regexp_extract_all", text, text_literal("(?s)."))
        return Value(_emptied(pieces), "list")
    return Value(call("string_split", text, text_literal(mark)), "list")


FUNCTIONS: dict[str, Builder] = {
    "mvcount": _mvcount, "mvindex": _mvindex, "mvappend": _mvappend, "mvjoin": _mvjoin,
    "mvdedup": _mvdedup, "mvsort": _mvsort, "mvfilter": _mvfilter, "mvmap": _mvmap,
    "mvfind": _mvfind, "mvzip": _mvzip, "split": _split,
}  # fmt: skip
