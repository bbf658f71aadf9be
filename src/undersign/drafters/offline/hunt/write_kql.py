"""A plan in Kusto's language."""

from __future__ import annotations

import re
from collections.abc import Iterable

from undersign.drafters.offline.hunt.kql_terms import (
    condition,
    conditions,
    duration,
    name,
    window,
)
from undersign.drafters.offline.hunt.plan import (
    Having,
    Measure,
    Order,
    Plan,
    Ref,
    Sequence,
    Side,
)

__all__ = ["condition", "name", "window", "write"]


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


def _head(side: Side, *, span: bool = True) -> list[str]:
    kept = side if span else Side(side.table, side.time, None, side.conditions)
    return [name(side.table), *(f"| where {one}" for one in conditions(kept))]


def _measure(one: Measure) -> str:
    column = name(one.column.name) if one.column else ""
    if one.column and one.column.type in ("dynamic", "list"):
        column = f"tostring({column})"
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
        texts = [_key(c) for c in plan.columns if c.type in ("dynamic", "list")]
        lines += [f"| extend {', '.join(texts)}"] if texts else []
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
    # `todouble`: KQL divides whole numbers to a whole number, and 29 / 30 would be none at all.
    expected = f"todouble(EventsBefore) / {plan.history / plan.recent:.6g}"
    return [
        *_compared(plan),
        "| where Events > 0",
        f"| extend UsualEvents = {expected}",
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
