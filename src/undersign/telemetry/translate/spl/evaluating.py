"""Eval expressions as SQL: operators here, functions by the tables of `functions` and its kin."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

from sqlglot import exp

from undersign.languages.spl.tree import Binary, Call, Const, Expr, Field, Logic
from undersign.telemetry.translate.spl.values import (
    ELEMENT,
    Unsaid,
    Value,
    any_of,
    as_condition,
    as_number,
    as_text,
    both,
    call,
    either,
    flat,
    not_null,
    null,
    number,
    numeric,
    string,
    text_literal,
    when,
)

_COMPARE = {"==": exp.EQ, "!=": exp.NEQ, "<": exp.LT, "<=": exp.LTE, ">": exp.GT, ">=": exp.GTE}
_ARITHMETIC = {"-": exp.Sub, "*": exp.Mul, "/": exp.Div, "%": exp.Mod}
MAX_MIXED = 3


@dataclass(frozen=True, slots=True)
class Scope:
    """What an expression may read."""

    get: Callable[[str], Value]
    now: dt.datetime


def evaluate(expr: Expr, scope: Scope) -> Value:
    """Return an eval expression as a value; raises Unsaid."""
    if isinstance(expr, Field):
        return scope.get(expr.name)
    if isinstance(expr, Const):
        return _constant(expr.value)
    if isinstance(expr, Binary):
        return _binary(expr, evaluate(expr.left, scope), evaluate(expr.right, scope))
    if isinstance(expr, Logic):
        return _logic(expr, scope)
    return _called(expr, scope)


def condition(expr: Expr, scope: Scope) -> exp.Expr:
    """Return an eval expression as a condition; raises Unsaid."""
    return as_condition(evaluate(expr, scope))


def _constant(value: str | int | float | bool) -> Value:
    if isinstance(value, bool):
        return Value(exp.true() if value else exp.false(), "boolean")
    if isinstance(value, str):
        return string(value)
    return number(value)


def _logic(expr: Logic, scope: Scope) -> Value:
    values = [evaluate(item, scope) for item in expr.items]
    if expr.op == "-":
        return Value(exp.Neg(this=exp.Paren(this=as_number(values[0]))), "number")
    parts = [as_condition(v) for v in values]
    if expr.op == "not":
        return Value(exp.Not(this=exp.Paren(this=parts[0])), "boolean")
    if expr.op == "xor":
        joined = parts[0]
        for part in parts[1:]:
            joined = exp.NEQ(this=exp.Paren(this=joined), expression=exp.Paren(this=part))
        return Value(joined, "boolean")
    return Value(flat(exp.And if expr.op == "and" else exp.Or, parts), "boolean")


def _binary(expr: Binary, left: Value, right: Value) -> Value:
    if expr.op in _COMPARE:
        return Value(compare(expr.op, left, right), "boolean")
    if expr.op == "like":
        like = exp.Like(this=as_text(left), expression=as_text(right))
        return Value(like, "boolean")
    if expr.op == ".":
        joined = exp.DPipe(this=exp.Paren(this=as_text(left)), expression=as_text(right))
        return Value(joined, "string")
    if expr.op == "+":
        return _plus(left, right)
    divisor = as_number(right)
    if expr.op in "/%":
        divisor = call("nullif", divisor, exp.Literal.number(0))
    node = _ARITHMETIC[expr.op](
        this=exp.Paren(this=as_number(left)), expression=exp.Paren(this=divisor)
    )
    whole = expr.op in "-*" and left.whole and right.whole
    return Value(exp.Paren(this=node), "number", whole=whole)


def _plus(left: Value, right: Value) -> Value:
    """Add numbers, put texts together; which of them is only known row by row for two fields."""
    if left.kind == "number" or right.kind == "number":
        node = exp.Add(this=as_number(left), expression=exp.Paren(this=as_number(right)))
        return Value(exp.Paren(this=node), "number", whole=left.whole and right.whole)
    joined = exp.DPipe(this=exp.Paren(this=as_text(left)), expression=as_text(right))
    if any(isinstance(v.constant, str) and numeric(v.constant) is None for v in (left, right)):
        return Value(joined, "string")
    mixed = left.mixed + right.mixed + 1
    if mixed > MAX_MIXED:
        raise Unsaid("so many `+` of fields that may be texts or numbers")
    numbers = (as_number(left), as_number(right))
    total = Value(exp.Add(this=numbers[0], expression=numbers[1]), "number")
    sql = when((both(*map(not_null, numbers)), as_text(total)), default=joined)
    return Value(sql, "string", mixed=mixed)


def compare(op: str, left: Value, right: Value) -> exp.Expr:
    """Return a comparison: as numbers when both are, else as texts, with case."""
    if "null" in (left.kind, right.kind):
        return as_condition(null())
    if left.kind == "boolean" or right.kind == "boolean":
        return _truth(op, left, right)
    if left.kind == "list" or right.kind == "list":
        return _with_list(op, left, right)
    node = _COMPARE[op]
    if left.kind == right.kind == "number":
        return node(this=left.sql, expression=right.sql)
    if any(isinstance(v.constant, str) and numeric(v.constant) is None for v in (left, right)):
        return node(this=as_text(left), expression=as_text(right))
    return _mixed(op, left, right)


def _mixed(op: str, left: Value, right: Value) -> exp.Expr:
    node = _COMPARE[op]
    texts = node(this=as_text(left), expression=as_text(right))
    numbers = node(this=as_number(left), expression=as_number(right))
    if op in ("==", "!=") and not _either_number(left, right):
        return texts
    if op == "==":
        return either(texts, call("coalesce", numbers, exp.false()))
    if op == "!=":
        return both(texts, call("coalesce", numbers, exp.true()))
    texts_only = [v for v in (left, right) if v.kind != "number" and v.constant is None]
    known = [not_null(as_number(v)) for v in texts_only]
    return when((flat(exp.And, known), numbers), default=texts) if known else numbers


def _either_number(left: Value, right: Value) -> bool:
    return left.kind == "number" or right.kind == "number"


def _truth(op: str, left: Value, right: Value) -> exp.Expr:
    if left.kind == right.kind == "boolean":
        return _COMPARE[op](this=exp.Paren(this=left.sql), expression=exp.Paren(this=right.sql))
    field, truth = (left, right) if right.kind == "boolean" else (right, left)
    if op not in ("==", "!=") or field.kind != "string" or not isinstance(truth.sql, exp.Boolean):
        raise Unsaid("a truth value is compared with something that is none")
    shown = call("lower", as_text(field))
    return _COMPARE[op](this=shown, expression=text_literal(str(truth.sql.this).lower()))


def _with_list(op: str, left: Value, right: Value) -> exp.Expr:
    """Compare a multivalue field with one value: `=` holds when any value is equal."""
    if op != "==" or left.kind == right.kind:
        raise Unsaid(f"a multivalue field is compared by {op}; search, mvfilter or mvcount can")
    many, one = (left, right) if left.kind == "list" else (right, left)
    if one.constant is None:
        return call("list_contains", many.sql, as_text(one))
    return any_of(many, compare("==", ELEMENT, one))


def _called(expr: Call, scope: Scope) -> Value:
    from undersign.telemetry.translate.spl.functions import FUNCTIONS, Given

    builder = FUNCTIONS.get(expr.name)
    if builder is None:
        raise Unsaid(f"the function `{expr.name[:40]}` is not supported")
    return builder(Given(expr, scope))
