"""A plan in Kusto's language."""

from __future__ import annotations

import re
from collections.abc import Iterable

from undersign.drafters.offline.hunt.plan import (
    Addresses,
    Condition,
    Having,
    Hours,
    Measure,
    Order,
    Plan,
    Ref,
    Scalar,
    Sequence,
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


def write(plan: Plan) -> str:
    """Return the plan as KQL, one stage a line."""
    shapes = {
        "unusual": _unusual,
        "first_seen": _first_seen,
        "rare": _rare,
        "spike": _spike,
        "sequence": _sequence,
    }
    shaped = shapes.get(plan.shape)
    return "\n".join(shaped(plan) if shaped else _plain(plan)) + "\n"


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


def _head(side: Side, *, span: bool = True) -> list[str]:
    kept = side if span else Side(side.table, side.time, None, side.conditions)
    return [name(side.table), *(f"| where {one}" for one in conditions(kept))]


def _measure(one: Measure) -> str:
    column = name(one.column.name) if one.column else ""
    if one.function == "set":
        return f"{name(one.name)} = make_set({column}, 100)"
    return f"{name(one.name)} = {one.function}({column})"


def _groups(plan: Plan) -> str:
    keys = [_key(ref) for ref in plan.groups]
    if plan.bin_seconds and plan.side.time:
        time = name(plan.side.time.name)
        keys.append(f"{time} = bin({time}, {duration(plan.bin_seconds)})")
    return f" by {', '.join(keys)}" if keys else ""


def _key(ref: Ref) -> str:
    """Return a grouping key; a dynamic value cannot be one."""
    shown = name(ref.name)
    return f"{shown} = tostring({shown})" if ref.type in ("dynamic", "list") else shown


def _having(one: Having) -> str:
    return f"| where {name(one.name)} {one.op} {one.value:.15g}"


def _order(order: Iterable[Order]) -> str:
    keys = ", ".join(f"{name(o.name)} {'desc' if o.descending else 'asc'}" for o in order)
    return f"| sort by {keys}" if keys else ""


def _tail(plan: Plan) -> list[str]:
    if plan.order and plan.limit is not None and len(plan.order) == 1:
        key = plan.order[0]
        way = "desc" if key.descending else "asc"
        return [f"| top {plan.limit} by {name(key.name)} {way}"]
    tail = [_order(plan.order)] if plan.order else []
    return tail + ([f"| take {plan.limit}"] if plan.limit is not None else [])


def _plain(plan: Plan) -> list[str]:
    lines = _head(plan.side)
    if plan.shape == "summary":
        measures = ", ".join(_measure(one) for one in plan.measures)
        lines.append(f"| summarize {measures}{_groups(plan)}")
        lines += [_having(one) for one in plan.having]
        return lines + _tail(plan)
    if plan.distinct and plan.columns:
        lines.append(f"| distinct {', '.join(name(c.name) for c in plan.columns)}")
        return lines + _tail(plan)
    lines += _tail(plan)
    if plan.columns:
        lines.append(f"| project {', '.join(name(c.name) for c in plan.columns)}")
    return lines


def _compared(plan: Plan) -> list[str]:
    """Count each group in the time asked about and before it, in one pass."""
    time = name(plan.side.time.name) if plan.side.time else "now()"
    recent, whole = duration(plan.recent), duration(plan.recent + plan.history)
    lines = [name(plan.side.table), f"| where {time} > ago({whole})"]
    lines += [f"| where {c}" for one in plan.side.conditions if (c := condition(one, time))]
    lines.append(
        f"| summarize Events = countif({time} > ago({recent})), "
        f"EventsBefore = countif({time} <= ago({recent})), "
        f"FirstSeen = min({time}), LastSeen = max({time})"
        + "".join(f", {_measure(one)}" for one in plan.measures)
        + _groups(plan)
    )
    return lines


def _unusual(plan: Plan) -> list[str]:
    expected = plan.history / plan.recent
    return [
        *_compared(plan),
        "| where Events > 0",
        f"| extend UsualEvents = EventsBefore / {expected:.6g}",
        "| where EventsBefore == 0 or Events > 3 * UsualEvents",
        "| sort by EventsBefore asc, Events desc",
        *([f"| take {plan.limit}"] if plan.limit is not None else []),
    ]


def _first_seen(plan: Plan) -> list[str]:
    return [
        *_compared(plan),
        f"| where FirstSeen > ago({duration(plan.recent)})",
        "| sort by FirstSeen asc",
        *([f"| take {plan.limit}"] if plan.limit is not None else []),
    ]


def _rare(plan: Plan) -> list[str]:
    measures = ", ".join(_measure(one) for one in plan.measures)
    lines = ["let counted ="]
    lines += [f"    {line}" for line in _head(plan.side)]
    lines.append(f"    | summarize {measures}{_groups(plan)};")
    lines.append("let few = toscalar(counted | summarize percentile(Events, 5));")
    lines += ["counted", "| where Events <= few", "| sort by Events asc"]
    return lines + ([f"| take {plan.limit}"] if plan.limit is not None else [])


def _spike(plan: Plan) -> list[str]:
    time = name(plan.side.time.name) if plan.side.time else "now()"
    recent, whole = duration(plan.recent), duration(plan.recent + plan.history)
    keys = [name(ref.name) for ref in plan.groups]
    by = f", {', '.join(keys)}" if keys else ""
    lines = ["let counted =", f"    {name(plan.side.table)}", f"    | where {time} > ago({whole})"]
    lines += [f"    | where {c}" for one in plan.side.conditions if (c := condition(one, time))]
    width = duration(plan.bin_seconds or 3600)
    lines.append(f"    | summarize Events = count() by Start = bin({time}, {width}){by};")
    usual = "Usual = avg(Events), Deviation = stdev(Events)"
    lines += [
        "let before =",
        "    counted",
        f"    | where Start < ago({recent})",
        f"    | summarize {usual} by {', '.join(keys) if keys else 'Every = 1'};",
        "counted",
        f"| where Start >= ago({recent})",
        *([] if keys else ["| extend Every = 1"]),
        f"| join kind=leftouter (before) on {', '.join(keys) if keys else 'Every'}",
        "| where isnull(Usual) or Events > Usual + 3 * Deviation",
        f"| project Start{by}, Events, Usual, Deviation",
        "| sort by Start asc",
    ]
    return lines


def _sequence(plan: Plan) -> list[str]:
    asked = plan.sequence
    if asked is None or plan.side.time is None or asked.second.time is None:
        return _plain(plan)
    first = _event(plan.side, "First", asked, 0)
    second = _event(asked.second, "Second", asked, 1)
    keys = ", ".join(f"Key{i + 1}" for i in range(len(asked.keys)))
    lines = ["let earlier =", *(f"    {line}" for line in first[:-1]), f"    {first[-1]};"]
    lines += ["let later =", *(f"    {line}" for line in second[:-1]), f"    {second[-1]};"]
    lines += [
        "earlier",
        f"| join kind=inner (later) on {keys}",
        f"| where SecondTime > FirstTime and SecondTime - FirstTime <= {duration(asked.gap)}",
    ]
    lines += [f"| where First{_tag(a)} != Second{_tag(b)}" for a, b in asked.changed]
    names = [f"Key{i + 1}" for i in range(len(asked.keys))]
    for side in ("First", "Second"):
        names += [f"{side}Time", *_shown(asked, side)]
    lines.append(f"| project {', '.join(dict.fromkeys(names))}")
    lines.append("| sort by SecondTime desc")
    return lines + ([f"| take {plan.limit}"] if plan.limit is not None else [])


def _shown(asked: Sequence, side: str) -> list[str]:
    at = 0 if side == "First" else 1
    pairs = [pair[at] for pair in asked.changed]
    there = {ref.name for ref in asked.shown}
    return [
        f"{side}{_tag(ref)}" for ref in (*asked.shown, *(p for p in pairs if p.name not in there))
    ]


def _event(side: Side, tag: str, asked: Sequence, at: int) -> list[str]:
    time = name(side.time.name) if side.time else ""
    kept = [f"Key{i + 1} = {_text(pair[at])}" for i, pair in enumerate(asked.keys)]
    kept.append(f"{tag}Time = {time}")
    there = {ref.name for ref in asked.shown}
    refs = (*asked.shown, *(p[at] for p in asked.changed if p[at].name not in there))
    kept += [f"{tag}{_tag(ref)} = {_text(ref)}" for ref in refs]
    filled = [f"| where isnotempty({_text(pair[at])})" for pair in asked.keys]
    return [*_head(side), *filled, f"| project {', '.join(dict.fromkeys(kept))}"]


def _text(ref: Ref) -> str:
    shown = name(ref.name)
    return f"tostring({shown})" if ref.type not in ("string", "unknown") else shown


def _tag(ref: Ref) -> str:
    """Return a column's name as a part of a new name."""
    parts = re.findall(r"[A-Za-z0-9]+", ref.name)
    return "".join(part[:1].upper() + part[1:] for part in parts) or "Value"
