"""A plan in SQL, as DuckDB speaks it over the views of the lake."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from ipaddress import IPv4Network, ip_network

from undersign.drafters.offline.hunt.plan import (
    Addresses,
    Condition,
    Hours,
    Measure,
    Order,
    Plan,
    Ref,
    Scalar,
    Side,
    Span,
    Test,
)
from undersign.drafters.offline.hunt.ranges import IPV4, IPV6_LOCAL, NOT_PUBLIC_TEXT

_CALENDAR = {
    "yesterday": (
        "{t} >= date_trunc('day', now()) - INTERVAL '1 day' AND {t} < date_trunc('day', now())"
    ),
    "since yesterday": "{t} >= date_trunc('day', now()) - INTERVAL '1 day'",
    "today": "{t} >= date_trunc('day', now())",
    "since midnight": "{t} >= date_trunc('day', now())",
    "this week": "{t} >= date_trunc('week', now())",
    "this month": "{t} >= date_trunc('month', now())",
    "this year": "{t} >= date_trunc('year', now())",
}


def write(plan: Plan) -> str:
    """Return the plan as one SELECT."""
    shapes = {
        "unusual": _compared,
        "first_seen": _compared,
        "rare": _rare,
        "spike": _spike,
        "sequence": _sequence,
    }
    return "\n".join(shapes.get(plan.shape, _plain)(plan)) + "\n"


def name(text: str) -> str:
    """Quote a name; a table of a schema is quoted in its parts."""
    return '"' + text.replace('"', '""') + '"'


def table(text: str) -> str:
    """Quote a table's name: `ocsf.api_activity` lies in a schema."""
    schema, dot, rest = text.partition(".")
    return f"{name(schema)}.{name(rest)}" if dot and schema == "ocsf" else name(text)


def string(text: str) -> str:
    """Quote a text: nothing in it can end the literal."""
    return "'" + text.replace("\0", " ").replace("'", "''") + "'"


def interval(seconds: float) -> str:
    """Return a length of time."""
    whole = max(1, int(seconds))
    for size, unit in ((86400, "day"), (3600, "hour"), (60, "minute")):
        if whole % size == 0 and whole != 86400:
            return f"INTERVAL '{whole // size} {unit}'"
    return "INTERVAL '24 hour'" if whole == 86400 else f"INTERVAL '{whole} second'"


def conditions(side: Side, *, span: bool = True) -> list[str]:
    """Return what must hold, the time first."""
    time = name(side.time.name) if side.time else None
    found = [window(time, side.span)] if time and side.span and span else []
    found += [condition(one, time) for one in side.conditions]
    return [one for one in found if one]


def window(time: str, span: Span) -> str:
    """Return the time that is read; empty when only a person can place it."""
    if span.seconds is not None:
        return f"{time} > now() - {interval(span.seconds)}"
    if span.calendar is not None:
        return _CALENDAR.get(span.calendar, "").replace("{t}", time)
    edges = [f"{time} >= {_moment(span.start)}"] if span.start else []
    edges += [f"{time} < {_moment(span.end)}"] if span.end else []
    return " AND ".join(edges)


def _moment(text: str) -> str:
    return f"TIMESTAMP {string(text.replace('T', ' ').removesuffix('Z'))}"


def condition(one: Condition, time: str | None) -> str:
    """Return one condition."""
    if isinstance(one, Hours):
        return _hours(one, time) if time else ""
    if isinstance(one, Addresses):
        return _addresses(one)
    tests = [_test(column, one) for column in one.columns]
    joined = (" AND " if one.negated else " OR ").join(tests)
    return f"({joined})" if len(tests) > 1 else joined


def _test(column: Ref, test: Test) -> str:
    shown = name(column.name)
    if test.op == "exists":
        return f"coalesce(CAST({shown} AS VARCHAR), '') {'=' if test.negated else '<>'} ''"
    if test.op == "true":
        return f"{shown} = {'FALSE' if test.negated else 'TRUE'}"
    if test.op == "cidr":
        said = " OR ".join(_in_range(shown, (str(v),)) for v in test.values)
        return f"NOT ({said})" if test.negated else f"({said})"
    if column.type in ("long", "double") and all(_number(v) is not None for v in test.values):
        return _listed(shown, test, [f"{_number(v) or 0:.15g}" for v in test.values])
    if column.type == "boolean":
        values = [
            "TRUE" if str(v).lower() in ("true", "1", "yes") else "FALSE" for v in test.values
        ]
        return _listed(shown, test, values)
    if column.type not in ("string", "unknown"):
        shown = f"CAST({shown} AS VARCHAR)"
    return _text_test(shown, test)


def _text_test(shown: str, test: Test) -> str:
    if test.op in ("<", "<=", ">", ">="):
        return f"TRY_CAST({shown} AS DOUBLE) {test.op} {_number(test.values[0]) or 0:.15g}"
    if test.op in ("==", "!="):
        if not test.any_case:
            return _listed(shown, test, [string(str(v)) for v in test.values])
        return _listed(f"lower({shown})", test, [string(str(v).lower()) for v in test.values])
    values = [string(str(v).lower()) for v in test.values]
    call = {"contains": "contains", "has": "contains", "startswith": "starts_with",
            "endswith": "ends_with"}[test.op]  # fmt: skip
    said = " OR ".join(f"{call}(lower({shown}), {v})" for v in values)
    if test.negated:
        return f"NOT ({said})"
    return f"({said})" if len(values) > 1 else said


def _listed(shown: str, test: Test, values: Sequence[str]) -> str:
    negated = test.negated != (test.op == "!=")
    if test.op in ("<", "<=", ">", ">="):
        return f"{shown} {test.op} {values[0]}"
    if len(values) > 1:
        said = f"{shown} {'NOT IN' if negated else 'IN'} ({', '.join(values)})"
    else:
        said = f"{shown} {'<>' if negated else '='} {values[0]}"
    # In SQL a row without a value is neither equal nor different; it was not excluded by name.
    return f"({said} OR {shown} IS NULL)" if negated else said


def _number(value: Scalar) -> float | None:
    try:
        return float(value)
    except ValueError:  # words beside a numeric column
        return None


def _hours(one: Hours, time: str) -> str:
    said = []
    if one.hours:
        start, end = one.hours
        word = "OR" if start >= end else "AND"
        said.append(f"(hour({time}) >= {start} {word} hour({time}) < {end})")
    if one.weekdays:
        days = ", ".join(str(day + 1) for day in one.weekdays)
        said.append(f"isodow({time}) IN ({days})")
    return " AND ".join(said)


def _value_of(shown: str) -> str:
    """Return an IPv4 address as a number; null for what is none."""
    parts = [
        f"TRY_CAST(split_part({shown}, '.', {i}) AS BIGINT) * {256 ** (4 - i)}"
        for i in (1, 2, 3, 4)
    ]
    return f"CASE WHEN regexp_matches({shown}, {string(IPV4)}) THEN {' + '.join(parts)} END"


def _in_range(shown: str, ranges: Iterable[str]) -> str:
    said = []
    for text in ranges:
        network = ip_network(text, strict=False)
        if isinstance(network, IPv4Network):
            low, high = int(network.network_address), int(network.broadcast_address)
            said.append(f"({_value_of(shown)}) BETWEEN {low} AND {high}")
    return " OR ".join(said) or "FALSE"


def _addresses(one: Addresses) -> str:
    shown = name(one.column.name)
    if one.scope == "corporate":
        return f"({_in_range(shown, one.corporate)})"
    private = f"regexp_matches({shown}, {string(NOT_PUBLIC_TEXT)})"
    if one.scope == "internal":
        return private
    inside = [private]
    if one.scope == "non-corporate" and one.corporate:
        inside.append(_in_range(shown, one.corporate))
    # What is no address is dropped, and so is a service name; IPv6 is looked at by itself.
    return (
        f"((regexp_matches({shown}, {string(IPV4)}) AND NOT ({' OR '.join(inside)})) "
        f"OR (contains({shown}, ':') AND NOT regexp_matches({shown}, {string(IPV6_LOCAL)})))"
    )


def _where(said: Sequence[str]) -> list[str]:
    return ["WHERE " + "\n  AND ".join(said)] if said else []


def _measure(one: Measure) -> str:
    column = name(one.column.name) if one.column else "*"
    call = {
        "count": "count(*)", "dcount": f"count(DISTINCT {column})",
        "set": f"list(DISTINCT {column})",
    }.get(one.function, f"{one.function}({column})")  # fmt: skip
    return f"{call} AS {name(one.name)}"


def _bin(time: str, seconds: float) -> str:
    return f"time_bucket({interval(seconds)}, {time})"


def _keys(plan: Plan) -> list[str]:
    return [name(ref.name) for ref in plan.groups]


def _order(order: Iterable[Order]) -> list[str]:
    keys = ", ".join(f"{name(o.name)} {'DESC' if o.descending else 'ASC'}" for o in order)
    return [f"ORDER BY {keys}"] if keys else []


def _limit(plan: Plan) -> list[str]:
    return [f"LIMIT {plan.limit}"] if plan.limit is not None else []


def _plain(plan: Plan) -> list[str]:
    said = conditions(plan.side)
    tail = [*_order(plan.order), *_limit(plan)]
    if plan.shape != "summary":
        columns = ", ".join(name(c.name) for c in plan.columns) or "*"
        head = f"SELECT {'DISTINCT ' if plan.distinct and plan.columns else ''}{columns}"
        return [head, f"FROM {table(plan.side.table)}", *_where(said), *tail]
    keys = _keys(plan)
    shown = list(keys)
    if plan.bin_seconds and plan.side.time:
        width = _bin(name(plan.side.time.name), plan.bin_seconds)
        shown.append(f'{width} AS "Start"')
        keys.append(width)
    lines = [f"SELECT {', '.join([*shown, *(_measure(m) for m in plan.measures)])}"]
    lines += [f"FROM {table(plan.side.table)}", *_where(said)]
    lines += [f"GROUP BY {', '.join(keys)}"] if keys else []
    having = [_having(plan, h.name, h.op, h.value) for h in plan.having]
    return lines + (["HAVING " + " AND ".join(having)] if having else []) + tail


def _having(plan: Plan, measure: str, op: str, value: float) -> str:
    one = next(m for m in plan.measures if m.name == measure)
    call = _measure(one).rpartition(" AS ")[0]
    return f"{call} {({'==': '=', '!=': '<>'}).get(op, op)} {value:.15g}"


def _compared(plan: Plan) -> list[str]:
    """Count each group in the time asked about and before it, in one pass."""
    time = name(plan.side.time.name) if plan.side.time else "now()"
    since = f"now() - {interval(plan.recent)}"
    said = [f"{time} > now() - {interval(plan.recent + plan.history)}"]
    said += conditions(plan.side, span=False)
    measures = [
        f'count(*) FILTER (WHERE {time} > {since}) AS "Events"',
        f'count(*) FILTER (WHERE {time} <= {since}) AS "EventsBefore"',
        f'min({time}) AS "FirstSeen"',
        f'max({time}) AS "LastSeen"',
        *(_measure(one) for one in plan.measures),
    ]
    keys = _keys(plan)
    lines = [
        "WITH counted AS (",
        f"  SELECT {', '.join([*keys, *measures])}",
        f"  FROM {table(plan.side.table)}",
        *(f"  {line}" for line in _where(said)),
        *([f"  GROUP BY {', '.join(keys)}"] if keys else []),
        ")",
    ]
    if plan.shape == "first_seen":
        rest = ["SELECT * FROM counted", f'WHERE "FirstSeen" > {since}', 'ORDER BY "FirstSeen"']
        return lines + rest + _limit(plan)
    usual = f'"EventsBefore" / {plan.history / plan.recent:.6g}'
    lines += [
        f'SELECT *, {usual} AS "UsualEvents"',
        "FROM counted",
        f'WHERE "Events" > 0 AND ("EventsBefore" = 0 OR "Events" > 3 * {usual})',
        'ORDER BY "EventsBefore" ASC, "Events" DESC',
    ]
    return lines + _limit(plan)


def _rare(plan: Plan) -> list[str]:
    keys = _keys(plan)
    return [
        "WITH counted AS (",
        f"  SELECT {', '.join([*keys, *(_measure(m) for m in plan.measures)])}",
        f"  FROM {table(plan.side.table)}",
        *(f"  {line}" for line in _where(conditions(plan.side))),
        f"  GROUP BY {', '.join(keys)}",
        ")",
        "SELECT * FROM counted",
        'WHERE "Events" <= (SELECT quantile_disc("Events", 0.05) FROM counted)',
        'ORDER BY "Events"',
        *_limit(plan),
    ]


def _spike(plan: Plan) -> list[str]:
    time = name(plan.side.time.name) if plan.side.time else "now()"
    keys = _keys(plan)
    shown = [*keys, f'{_bin(time, plan.bin_seconds or 3600)} AS "Start"']
    said = [f"{time} > now() - {interval(plan.recent + plan.history)}"]
    said += conditions(plan.side, span=False)
    usual = 'avg("Events") AS "Usual", stddev_samp("Events") AS "Deviation"'
    same = " AND ".join(f"b.{k} IS NOT DISTINCT FROM c.{k}" for k in keys) or "TRUE"
    group = f"  GROUP BY {', '.join(keys)}" if keys else ""
    return [
        "WITH counted AS (",
        f'  SELECT {", ".join(shown)}, count(*) AS "Events"',
        f"  FROM {table(plan.side.table)}",
        *(f"  {line}" for line in _where(said)),
        "  GROUP BY ALL",
        "), before AS (",
        f"  SELECT {', '.join([*keys, usual])}",
        f'  FROM counted WHERE "Start" < now() - {interval(plan.recent)}',
        *([group] if group else []),
        ")",
        'SELECT c.*, b."Usual", b."Deviation"',
        f"FROM counted AS c LEFT JOIN before AS b ON {same}",
        f'WHERE c."Start" >= now() - {interval(plan.recent)} AND '
        '(b."Usual" IS NULL OR c."Events" > b."Usual" + 3 * b."Deviation")',
        'ORDER BY c."Start"',
    ]


def _sequence(plan: Plan) -> list[str]:
    asked = plan.sequence
    if asked is None or plan.side.time is None or asked.second.time is None:
        return _plain(plan)
    first, second = name(plan.side.time.name), name(asked.second.time.name)
    joined = [f"a.{name(left.name)} = b.{name(right.name)}" for left, right in asked.keys]
    joined.append(f"b.{second} > a.{first}")
    joined.append(f"b.{second} <= a.{first} + {interval(asked.gap)}")
    joined += [f"a.{name(x.name)} <> b.{name(y.name)}" for x, y in asked.changed]
    pairs = [(r, r) for r in asked.shown]
    pairs += [p for p in asked.changed if p[0] not in asked.shown]
    shown = [f"a.{name(left.name)}" for left, _ in asked.keys]
    shown += [f'a.{first} AS "FirstTime"', f'b.{second} AS "SecondTime"']
    for left, right in pairs:
        tag = _tag(left)
        shown.append(f"a.{name(left.name)} AS {name('First' + tag)}")
        shown.append(f"b.{name(right.name)} AS {name('Second' + tag)}")
    return [
        "WITH earlier AS (",
        f"  SELECT * FROM {table(plan.side.table)}",  # noqa: S608  (quoted by construction)
        *(f"  {line}" for line in _where(conditions(plan.side))),
        "), later AS (",
        f"  SELECT * FROM {table(asked.second.table)}",  # noqa: S608
        *(f"  {line}" for line in _where(conditions(asked.second))),
        ")",
        f"SELECT {', '.join(shown)}",
        "FROM earlier AS a JOIN later AS b",
        "  ON " + "\n  AND ".join(joined),
        'ORDER BY "SecondTime" DESC',
        *_limit(plan),
    ]


def _tag(ref: Ref) -> str:
    return "".join(p[:1].upper() + p[1:] for p in re.findall(r"[A-Za-z0-9]+", ref.name)) or "Value"
