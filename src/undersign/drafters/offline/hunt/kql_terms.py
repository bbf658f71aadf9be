"""Names, literals and conditions in Kusto's language, each quoted by construction."""

from __future__ import annotations

import re
from collections.abc import Iterable

from undersign.drafters.offline.hunt.plan import (
    Addresses,
    Condition,
    Hours,
    Ref,
    Scalar,
    Side,
    Span,
    Test,
)
from undersign.drafters.offline.hunt.ranges import IPV6_LOCAL, NOT_PUBLIC

_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")
_RESERVED_TEXT = (
    "and or not in has by on let where project extend summarize join union take limit top sort "
    "order asc desc between contains count distinct parse of with to kind datatable true false "
    "null dynamic datetime timespan string int long real bool guid decimal print range"
)
_RESERVED = frozenset(_RESERVED_TEXT.split())
_UNITS = ((604800, "w"), (86400, "d"), (3600, "h"), (60, "m"), (1, "s"))
_CALENDAR = {
    "yesterday": "between (startofday(ago(1d)) .. endofday(ago(1d)))",
    "since yesterday": ">= startofday(ago(1d))",
    "today": ">= startofday(now())",
    "since midnight": ">= startofday(now())",
    "this week": ">= startofweek(now())",
    "this month": ">= startofmonth(now())",
    "this year": ">= startofyear(now())",
}


def name(text: str) -> str:
    """Quote a table or column name when it needs it."""
    plain = _PLAIN.match(text) and text.lower() not in _RESERVED
    return text if plain else f"[{string(text)}]"


def string(text: str) -> str:
    """Quote a text: nothing in it can end the literal."""
    out = []
    for char in text:
        if char in '"\\':
            out.append("\\" + char)
        elif char < " " or char in "\x7f\x85\u2028\u2029":
            out.append(f"\\u{ord(char):04x}")
        else:
            out.append(char)
    return '"' + "".join(out) + '"'


def duration(seconds: float) -> str:
    """Return a time span: `24h`, `7d`, `30m`."""
    whole = int(seconds)
    if whole == 86400:
        return "24h"
    for size, unit in _UNITS[1:]:
        if whole >= size and whole % size == 0:
            return f"{whole // size}{unit}"
    return f"{max(1, whole)}s"


def conditions(side: Side) -> list[str]:
    """Return what a `where` each must hold, the time first."""
    time = name(side.time.name) if side.time else None
    found = [window(time, side.span)] if time and side.span else []
    found += [condition(one, time) for one in side.conditions]
    return [one for one in found if one]


def window(time: str, span: Span) -> str:
    """Return the time that is read as a condition; empty when only a person can place it."""
    if span.seconds is not None:
        return f"{time} > ago({duration(span.seconds)})"
    if span.calendar is not None:
        placed = _CALENDAR.get(span.calendar)
        return f"{time} {placed}" if placed else ""
    if span.start and span.end and not span.end.endswith("T00:00:00Z"):
        return f"{time} between (datetime({span.start}) .. datetime({span.end}))"
    edges = [f"{time} >= datetime({span.start})"] if span.start else []
    edges += [f"{time} < datetime({span.end})"] if span.end else []
    return " and ".join(edges)


def condition(one: Condition, time: str | None) -> str:
    """Return one condition."""
    if isinstance(one, Hours):
        return _hours(one, time) if time else ""
    if isinstance(one, Addresses):
        return _addresses(one)
    tests = [_test(column, one) for column in one.columns]
    text = " or ".join(tests)
    if one.negated and len(tests) > 1:
        # Every column must differ: a row with the value in any of them is excluded.
        return " and ".join(tests)
    return f"({text})" if len(tests) > 1 else text


def _test(column: Ref, test: Test) -> str:
    shown = name(column.name)
    if test.op == "exists":
        return f"{'isempty' if test.negated else 'isnotempty'}({shown})"
    if test.op == "true":
        return f"{shown} == {'false' if test.negated else 'true'}"
    if test.op == "cidr":
        said = " or ".join(f"ipv4_is_in_range({shown}, {string(str(v))})" for v in test.values)
        return f"not({said})" if test.negated else f"({said})" if len(test.values) > 1 else said
    numeric = column.type in ("long", "double") and all(_number(v) is not None for v in test.values)
    if numeric or column.type in ("boolean", "timestamp"):
        return _plain_test(shown, column, test)
    if column.type not in ("string", "unknown"):
        shown = f"tostring({shown})"
    values = [string(str(v)) for v in test.values]
    return _text_test(shown, test, values)


def _text_test(shown: str, test: Test, values: list[str]) -> str:
    if test.op in ("==", "!="):
        negated = test.negated != (test.op == "!=")
        if len(values) > 1:
            word = (
                ("!in~" if test.any_case else "!in")
                if negated
                else "in~"
                if test.any_case
                else "in"
            )
            return f"{shown} {word} ({', '.join(values)})"
        word = ("!~" if test.any_case else "!=") if negated else "=~" if test.any_case else "=="
        return f"{shown} {word} {values[0]}"
    if test.op in ("<", "<=", ">", ">="):
        return f"todouble({shown}) {test.op} {_number(test.values[0]) or 0}"
    word = f"!{test.op}" if test.negated else test.op
    said = (" and " if test.negated else " or ").join(f"{shown} {word} {v}" for v in values)
    return f"({said})" if len(values) > 1 else said


def _plain_test(shown: str, column: Ref, test: Test) -> str:
    values = [_value(column, v) for v in test.values]
    negated = test.negated != (test.op == "!=")
    if test.op in ("<", "<=", ">", ">="):
        return f"{shown} {test.op} {values[0]}"
    if len(values) > 1:
        return f"{shown} {'!in' if negated else 'in'} ({', '.join(values)})"
    return f"{shown} {'!=' if negated else '=='} {values[0]}"


def _value(column: Ref, value: Scalar) -> str:
    if column.type == "boolean":
        return "true" if str(value).lower() in ("true", "1", "yes") else "false"
    if column.type == "timestamp":
        return f"datetime({re.sub(r'[^0-9TZ:.+-]', '', str(value))})"
    number = _number(value)
    return "0" if number is None else f"{number:.15g}"


def _number(value: Scalar) -> float | None:
    try:
        return float(value)
    except ValueError:  # words beside a numeric column
        return None


def _hours(one: Hours, time: str) -> str:
    said = []
    if one.hours:
        start, end = one.hours
        hour = f"hourofday({time})"
        over = start >= end
        said.append(f"({hour} >= {start} {'or' if over else 'and'} {hour} < {end})")
    if one.weekdays:
        # Kusto counts days from Sunday.
        days = ", ".join(f"{(day + 1) % 7}d" for day in one.weekdays)
        said.append(f"dayofweek({time}) in ({days})")
    return " and ".join(said)


def _addresses(one: Addresses) -> str:
    shown = name(one.column.name)
    if one.column.type not in ("string", "unknown"):
        shown = f"tostring({shown})"
    outside = NOT_PUBLIC + (one.corporate if one.scope == "non-corporate" else ())
    inside = one.corporate if one.scope == "corporate" else NOT_PUBLIC
    if one.scope in ("internal", "corporate"):
        return f"ipv4_is_in_any_range({shown}, {_listed(inside)})"
    # For what is no IPv4 address the function gives null, so a service name is dropped here; IPv6
    # is looked at by itself.
    return (
        f'(ipv4_is_in_any_range({shown}, {_listed(outside)}) == false or ({shown} contains ":" '
        f"and not({shown} matches regex {string(IPV6_LOCAL)})))"
    )


def _listed(ranges: Iterable[str]) -> str:
    return ", ".join(string(one) for one in ranges)
