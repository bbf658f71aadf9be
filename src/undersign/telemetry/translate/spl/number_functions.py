"""Eval functions on numbers and times: round, min, strftime, relative_time and their kin."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sqlglot import exp

from undersign.languages.spl import times
from undersign.telemetry.translate.spl.values import (
    Unsaid,
    Value,
    as_list,
    as_number,
    as_text,
    call,
    cast,
    number,
    number_literal,
    text_literal,
)

if TYPE_CHECKING:
    from undersign.telemetry.translate.spl.functions import Builder, Given

_DIRECTIVES = {
    "Y": "%Y", "m": "%m", "d": "%d", "H": "%H", "M": "%M", "S": "%S", "j": "%j", "b": "%b",
    "B": "%B", "a": "%a", "A": "%A", "p": "%p", "I": "%I", "y": "%y", "w": "%w", "F": "%Y-%m-%d",
    "T": "%H:%M:%S", "3N": "%g", "6N": "%f", "3Q": "%g", "6Q": "%f", "N": "%n", "9N": "%n",
    "%": "%%", "Z": "UTC", "z": "+0000", "V": "%V", "U": "%U",
}  # fmt: skip
_DIRECTIVE = re.compile(r"%([369][NQ]|.)")


def time_format(text: str, reading: bool = False) -> str:
    """Return a Splunk time format in DuckDB's writing; raises Unsaid."""

    def one(found: re.Match[str]) -> str:
        if reading and found[1] in ("z", "Z"):
            return "%" + found[1]
        if found[1] not in _DIRECTIVES:
            raise Unsaid(f"the time format %{found[1]}")
        return _DIRECTIVES[found[1]]

    return _DIRECTIVE.sub(one, text)


def stamp(seconds: exp.Expr) -> exp.Expr:
    """Return seconds since 1970 as a naive UTC timestamp."""
    precise = cast(seconds, "DOUBLE")
    micros = call("round", exp.Mul(this=precise, expression=exp.Literal.number(1_000_000)))
    return call("make_timestamp", cast(micros, "BIGINT"))


def strftime(seconds: exp.Expr, form: str) -> exp.Expr:
    """Return seconds since 1970 as text."""
    if form == "%s":
        return cast(cast(call("floor", seconds), "BIGINT"), "VARCHAR")
    return call("strftime", stamp(seconds), text_literal(time_format(form)))


def _strftime(given: Given) -> Value:
    return Value(strftime(as_number(given.value(0)), given.text(1)), "string")


def _strptime(given: Given) -> Value:
    form = time_format(given.text(1), reading=True)
    if given.text(1) == "%s":
        return Value(as_number(given.value(0)), "number")
    read = call("try_strptime", as_text(given.value(0)), text_literal(form))
    return Value(call("epoch", read), "number")


def _now(given: Given) -> Value:
    return number(int(given.scope.now.timestamp()))


def _relative_time(given: Given) -> Value:
    steps = times.steps(given.text(1))
    if steps is None:
        raise Unsaid(f"the time modifier {given.text(1)[:40]!r}")
    if given.call.arguments and _is_now(given):
        found = times.resolve(given.text(1), given.scope.now)
        if found is None:
            raise Unsaid("a time that no calendar has")
        return number(int(found.timestamp()))
    time = stamp(as_number(given.value(0)))
    for step in steps:
        time = _moved(time, step)
    return Value(call("epoch", time), "number")


def _is_now(given: Given) -> bool:
    from undersign.languages.spl.tree import Call

    first = given.expr(0)
    return isinstance(first, Call) and first.name in ("now", "time")


_INTERVALS = {"s": "to_seconds", "m": "to_minutes", "h": "to_hours", "d": "to_days",
              "w": "to_weeks", "mon": "to_months", "y": "to_years"}  # fmt: skip
_TRUNCATED = {"s": "second", "m": "minute", "h": "hour", "d": "day", "mon": "month",
              "q": "quarter", "y": "year"}  # fmt: skip


def _moved(time: exp.Expr, step: times.Step) -> exp.Expr:
    if step.amount is not None:
        unit, amount = ("mon", step.amount * 3) if step.unit == "q" else (step.unit, step.amount)
        length = call(_INTERVALS[unit], number_literal(amount))
        return exp.Add(this=time, expression=length)
    if step.unit not in _TRUNCATED:
        raise Unsaid("snapping a field to a day of the week")
    return call("date_trunc", text_literal(_TRUNCATED[step.unit]), time)


def _round(given: Given) -> Value:
    digits = given.number(1) if len(given) > 1 else 0
    return Value(call("round", as_number(given.value(0)), number_literal(digits)), "number")


def _numeric(name: str, whole: bool = False) -> Builder:
    def build(given: Given) -> Value:
        found = call(name, as_number(given.value(0)))
        return Value(cast(found, "BIGINT") if whole else found, "number", whole=whole)

    return build


def _extreme(name: str) -> Builder:
    """min() and max() of several values; numbers only, text would win over numbers in SPL."""

    def build(given: Given) -> Value:
        values = given.values()
        if len(values) == 1 and values[0].kind in ("list", "string"):
            from undersign.telemetry.translate.spl.aggregating import extreme_of_all

            return extreme_of_all({"least": "min", "greatest": "max"}[name], as_list(values[0]))
        if any(v.kind != "number" for v in values):
            raise Unsaid(f"{given.call.name}() of fields that may be texts")
        return Value(call(name, *(as_number(v) for v in values)), "number",
                     whole=all(v.whole for v in values))  # fmt: skip

    return build


def _pow(given: Given) -> Value:
    return Value(call("pow", as_number(given.value(0)), as_number(given.value(1))), "number")


def _log(given: Given) -> Value:
    value = as_number(given.value(0))
    if len(given) == 1:
        return Value(call("log10", value), "number")
    base = call("ln", as_number(given.value(1)))
    return Value(exp.Div(this=call("ln", value), expression=base), "number")


def _pi(_: Given) -> Value:
    return Value(call("pi"), "number")


FUNCTIONS: dict[str, Builder] = {
    "strftime": _strftime, "strptime": _strptime, "now": _now, "time": _now,
    "relative_time": _relative_time, "round": _round, "abs": _numeric("abs"),
    "floor": _numeric("floor", whole=True), "ceiling": _numeric("ceil", whole=True),
    "ceil": _numeric("ceil", whole=True), "sqrt": _numeric("sqrt"), "exp": _numeric("exp"),
    "ln": _numeric("ln"), "log": _log, "pow": _pow, "pi": _pi, "min": _extreme("least"),
    "max": _extreme("greatest"),
}  # fmt: skip
