"""A plan in Splunk's search language."""

from __future__ import annotations

import re
from collections.abc import Iterable

from undersign.drafters.offline.hunt.plan import (
    Addresses,
    Condition,
    Hours,
    Measure,
    Plan,
    Ref,
    Scalar,
    Side,
    Span,
    Test,
)
from undersign.drafters.offline.hunt.ranges import IPV4, IPV6_LOCAL, NOT_PUBLIC

_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")
DATASET = re.compile(r"[A-Z][A-Za-z_]*\.[A-Z][A-Za-z_]*\Z")
"""Name of a data set of a data model, such as `Authentication.Authentication`: no sourcetype."""
_MODIFIER = re.compile(r"(earliest|latest)=(?:(\"[^\"]*\")|(\S+))")
_CALENDAR = {
    "yesterday": "earliest=-1d@d latest=@d", "since yesterday": "earliest=-1d@d",
    "today": "earliest=@d", "since midnight": "earliest=@d", "this week": "earliest=@w1",
    "this month": "earliest=@mon", "this year": "earliest=@y",
}  # fmt: skip


def write(plan: Plan) -> str:
    """Return the plan as SPL, one command a line."""
    shapes = {
        "unusual": _compared,
        "first_seen": _compared,
        "rare": _rare,
        "spike": _spike,
        "sequence": _sequence,
    }
    return "\n".join(shapes.get(plan.shape, _plain)(plan)) + "\n"


def field(text: str) -> str:
    """Quote a field inside an expression: single quotes where it is no plain word."""
    return text if _PLAIN.match(text) else "'" + text.replace("'", "") + "'"


def named(text: str) -> str:
    """Quote a field in a list of fields: double quotes where it is no plain word."""
    return text if _PLAIN.match(text) else string(text)


def string(text: str) -> str:
    """Quote a text: nothing in it can end the literal."""
    flat = re.sub(r"[\x00-\x1f\x7f]", " ", text)
    return '"' + flat.replace("\\", "\\\\").replace('"', '\\"') + '"'


def ago(seconds: float) -> str:
    """Return a relative time: `-24h`, `-7d`."""
    whole = max(1, int(seconds))
    for size, unit in ((86400, "d"), (3600, "h"), (60, "m")):
        if whole % size == 0 and whole != 86400:
            return f"-{whole // size}{unit}"
    return "-24h" if whole == 86400 else f"-{whole}s"


def window(span: Span) -> str:
    """Return the time modifiers of the search; empty when only a person can place it."""
    if span.seconds is not None:
        return f"earliest={ago(span.seconds)}"
    if span.calendar is not None:
        return _CALENDAR.get(span.calendar, "")
    edges = [f"earliest={string(_moment(span.start))}"] if span.start else []
    edges += [f"latest={string(_moment(span.end))}"] if span.end else []
    return " ".join(edges)


def _moment(text: str) -> str:
    day, _, clock = text.removesuffix("Z").partition("T")
    year, month, date = day.split("-")
    return f"{month}/{date}/{year}:{clock}"


def _head(side: Side, earliest: str | None = None) -> list[str]:
    span = earliest if earliest is not None else window(side.span) if side.span else ""
    if DATASET.match(side.table):
        # Rows of a data model have no modifiers of time: their time is a field like any other.
        edges = [_edge(*match.groups()) for match in _MODIFIER.finditer(span)]
        lines = [f"| from datamodel:{side.table}", *(f"| where {edge}" for edge in edges)]
    else:
        lines = [f"search index=* sourcetype={string(side.table)} {span}".rstrip()]
    said = [condition(one) for one in side.conditions]
    return lines + [f"| where {one}" for one in said if one]


def _edge(which: str, moment: str, relative: str) -> str:
    when = f'strptime({moment}, "%m/%d/%Y:%H:%M:%S")' if moment else ""
    op = ">=" if which == "earliest" else "<"
    return f"_time{op}{when or f'relative_time(now(), {string(relative)})'}"


def condition(one: Condition) -> str:
    """Return one condition as an eval expression."""
    if isinstance(one, Hours):
        return _hours(one)
    if isinstance(one, Addresses):
        return _addresses(one)
    tests = [_test(column, one) for column in one.columns]
    joined = (" AND " if one.negated else " OR ").join(tests)
    return f"({joined})" if len(tests) > 1 else joined


def _test(column: Ref, test: Test) -> str:
    shown = field(column.name)
    if test.op == "exists":
        return f'{"NOT " if test.negated else ""}(isnotnull({shown}) AND {shown}!="")'
    if test.op == "true":
        return f"{shown}={'false()' if test.negated else 'true()'}"
    if test.op == "cidr":
        said = " OR ".join(f"cidrmatch({string(str(v))}, {shown})" for v in test.values)
        return f"NOT ({said})" if test.negated else f"({said})"
    if test.op in ("<", "<=", ">", ">="):
        return f"tonumber({shown}){test.op}{_number(test.values[0]) or 0:.15g}"
    if column.type in ("long", "double") and all(_number(v) is not None for v in test.values):
        return _any(test, [f"{shown}={_number(v) or 0:.15g}" for v in test.values])
    return _text_test(shown, test)


def _text_test(shown: str, test: Test) -> str:
    if test.op in ("==", "!="):
        left = f"lower({shown})" if test.any_case else shown
        values = [str(v).lower() if test.any_case else str(v) for v in test.values]
        return _any(test, [f"{left}={string(v)}" for v in values])
    said = []
    for value in test.values:
        middle = re.escape(str(value))
        pattern = {"startswith": f"^{middle}", "endswith": f"{middle}$"}.get(test.op, middle)
        said.append(f"match({shown}, {string('(?i)' + pattern)})")
    return _any(test, said)


def _any(test: Test, said: list[str]) -> str:
    negated = test.negated != (test.op == "!=")
    joined = " OR ".join(said)
    if negated:
        return f"NOT ({joined})"
    return f"({joined})" if len(said) > 1 else joined


def _number(value: Scalar) -> float | None:
    try:
        return float(value)
    except ValueError:  # words beside a numeric field
        return None


def _hours(one: Hours) -> str:
    said = []
    if one.hours:
        start, end = one.hours
        hour = 'tonumber(strftime(_time, "%H"))'
        word = "OR" if start >= end else "AND"
        said.append(f"({hour}>={start} {word} {hour}<{end})")
    if one.weekdays:
        # Splunk's %w counts from Sunday.
        day = 'tonumber(strftime(_time, "%w"))'
        said.append("(" + " OR ".join(f"{day}={(d + 1) % 7}" for d in one.weekdays) + ")")
    return " AND ".join(said)


def _addresses(one: Addresses) -> str:
    shown = field(one.column.name)
    outside = NOT_PUBLIC + (one.corporate if one.scope == "non-corporate" else ())
    if one.scope in ("internal", "corporate"):
        return f"({_in(shown, one.corporate if one.scope == 'corporate' else NOT_PUBLIC)})"
    # What is no address is dropped, and so is a service name; IPv6 is looked at by itself.
    return (
        f"((match({shown}, {string(IPV4)}) AND NOT ({_in(shown, outside)})) OR "
        f'(match({shown}, ":") AND NOT match({shown}, {string(IPV6_LOCAL)})))'
    )


def _in(shown: str, ranges: Iterable[str]) -> str:
    return " OR ".join(f"cidrmatch({string(r)}, {shown})" for r in ranges)


def _measure(one: Measure) -> str:
    column = named(one.column.name) if one.column else ""
    call = {"count": "count", "dcount": f"dc({column})", "set": f"values({column})"}.get(
        one.function, f"{one.function}({column})"
    )
    return f"{call} as {named(one.name)}"


def _by(refs: Iterable[Ref], *more: str) -> str:
    keys = [*(named(ref.name) for ref in refs), *more]
    return f" by {' '.join(keys)}" if keys else ""


def _tail(plan: Plan) -> list[str]:
    lines = []
    if plan.order:
        keys = " ".join(f"{'-' if o.descending else '+'} {named(o.name)}" for o in plan.order)
        lines.append(f"| sort {plan.limit or 0} {keys}")
    elif plan.limit is not None:
        lines.append(f"| head {plan.limit}")
    return lines


def _plain(plan: Plan) -> list[str]:
    lines = _head(plan.side)
    if plan.shape == "summary":
        if plan.bin_seconds:
            lines.append(f"| bin _time span={ago(plan.bin_seconds)[1:]}")
        measures = " ".join(_measure(one) for one in plan.measures)
        keys = ("_time",) if plan.bin_seconds else ()
        lines.append(f"| stats {measures}{_by(plan.groups, *keys)}")
        lines += [f"| where {field(h.name)}{_op(h.op)}{h.value:.15g}" for h in plan.having]
        return lines + _tail(plan)
    columns = [named(c.name) for c in plan.columns]
    if plan.distinct and columns:
        lines += [f"| dedup {' '.join(columns)}", f"| table {' '.join(columns)}"]
        return lines + _tail(plan)
    lines += _tail(plan)
    return lines + ([f"| table {' '.join(columns)}"] if columns else [])


def _op(op: str) -> str:
    return "=" if op == "==" else op


def _compared(plan: Plan) -> list[str]:
    """Count each group in the time asked about and before it, in one pass."""
    since = f'relative_time(now(), "{ago(plan.recent)}")'
    lines = _head(plan.side, f"earliest={ago(plan.recent + plan.history)}")
    measures = [
        f"count(eval(_time>{since})) as Events",
        f"count(eval(_time<={since})) as EventsBefore",
        "min(_time) as FirstSeen",
        "max(_time) as LastSeen",
        *(_measure(one) for one in plan.measures),
    ]
    lines.append(f"| stats {' '.join(measures)}{_by(plan.groups)}")
    if plan.shape == "first_seen":
        return [*lines, f"| where FirstSeen>{since}", "| sort 0 + FirstSeen", *_tail(plan)]
    return [
        *lines,
        "| where Events>0",
        f"| eval UsualEvents=EventsBefore/{plan.history / plan.recent:.6g}",
        "| where EventsBefore=0 OR Events>3*UsualEvents",
        "| sort 0 + EventsBefore - Events",
        *_tail(plan),
    ]


def _rare(plan: Plan) -> list[str]:
    measures = " ".join(_measure(one) for one in plan.measures)
    return [
        *_head(plan.side),
        f"| stats {measures}{_by(plan.groups)}",
        "| eventstats perc5(Events) as Few",
        "| where Events<=Few",
        "| sort 0 + Events",
        *_tail(plan),
    ]


def _spike(plan: Plan) -> list[str]:
    keys = [named(ref.name) for ref in plan.groups]
    since = f'relative_time(now(), "{ago(plan.recent)}")'
    return [
        *_head(plan.side, f"earliest={ago(plan.recent + plan.history)}"),
        f"| bin _time span={ago(plan.bin_seconds or 3600)[1:]}",
        f"| stats count as Events{_by(plan.groups, '_time')}",
        f"| eval Before=if(_time<{since}, Events, null())",
        f"| eventstats avg(Before) as Usual stdev(Before) as Deviation{_by(plan.groups)}",
        f"| where _time>={since} AND (isnull(Usual) OR Events>Usual+3*Deviation)",
        f"| table _time {' '.join(keys)} Events Usual Deviation",
    ]


def _sequence(plan: Plan) -> list[str]:
    asked = plan.sequence
    if asked is None:
        return _plain(plan)
    pairs = [(r, r) for r in asked.shown]
    pairs += [p for p in asked.changed if p[0] not in asked.shown]
    first = _renamed(plan.side, "First", [p[0] for p in pairs], [k[0] for k in asked.keys])
    second = _renamed(asked.second, "Second", [p[1] for p in pairs], [k[1] for k in asked.keys])
    keys = " ".join(f"Key{i + 1}" for i in range(len(asked.keys)))
    inner = "\n    ".join(second)
    shown = " ".join(f"{side}{_tag(p[0])}" for side in ("First", "Second") for p in pairs)
    return [
        *first,
        f"| join type=inner max=0 {keys}",
        f"    [ {inner} ]",
        f"| where SecondTime>FirstTime AND SecondTime-FirstTime<={asked.gap:.15g}",
        *(f"| where First{_tag(a)}!=Second{_tag(a)}" for a, _ in asked.changed),
        f"| table {keys} FirstTime SecondTime {shown}",
        "| sort 0 - SecondTime",
        *_tail(plan),
    ]


def _renamed(side: Side, tag: str, refs: list[Ref], keys: list[Ref]) -> list[str]:
    evals = [f"Key{i + 1}={field(key.name)}" for i, key in enumerate(keys)]
    evals.append(f"{tag}Time=_time")
    evals += [f"{tag}{_tag(ref)}={field(ref.name)}" for ref in refs]
    kept = " ".join(text.partition("=")[0] for text in evals)
    filled = [f"| where isnotnull(Key{i + 1})" for i in range(len(keys))]
    return [*_head(side), f"| eval {', '.join(evals)}", *filled, f"| fields {kept}"]


def _tag(ref: Ref) -> str:
    return "".join(p[:1].upper() + p[1:] for p in re.findall(r"[A-Za-z0-9]+", ref.name)) or "Value"
