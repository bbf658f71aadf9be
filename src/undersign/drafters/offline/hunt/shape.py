"""Give the plan the form the question asks for: rows, counts, tops, baselines."""

from __future__ import annotations

import re
from dataclasses import replace

from undersign.drafters.offline.hunt.desk import Desk
from undersign.drafters.offline.hunt.plan import (
    Having,
    Measure,
    Order,
    Plan,
    Ref,
    Shape,
    Side,
)
from undersign.languages.question.synonyms import ROLE_WORDS
from undersign.records.question import Piece, Threshold

_DAY = 86400.0
_MONTH = 30 * _DAY


def shaped(desk: Desk, side: Side) -> Plan:
    """Return the plan for one table."""
    asked = desk.question
    groups = _groups(desk)
    binned = next((g for g in asked.groups if g.bin_seconds), None)
    if binned:
        desk.use(binned.piece)
    plan = Plan(side, groups=groups, bin_seconds=binned.bin_seconds if binned else None)
    plan = replace(plan, limit=asked.limit)
    for word in asked.words:
        if asked.limit is not None and word.text.replace(",", "") == str(asked.limit):
            desk.use(word)
    makers = {
        "anomalous": _unusual, "first_seen": _unusual, "rare": _rare, "spike": _spike,
        "count": _counted, "count_by": _counted, "trend": _counted, "top": _top, "bottom": _top,
        "last_seen": _last_seen, "distinct": _distinct,
    }  # fmt: skip
    made = makers[asked.output](desk, plan) if asked.output in makers else _rows(desk, plan)
    return _sorted(desk, made)


def _groups(desk: Desk) -> tuple[Ref, ...]:
    found = []
    for group in desk.question.groups:
        if group.bin_seconds:
            continue
        ref = _column_of(desk, group.piece)
        if ref is None:
            desk.missing += 1
            desk.ask(f"no column of {desk.table.name} is known for '{group.piece.text}'")
            continue
        desk.use(group.piece)
        found.append(ref)
    return tuple(dict.fromkeys(found))


def _column_of(desk: Desk, piece: Piece) -> Ref | None:
    best = desk.best_in(piece.start, piece.end)
    role = _role_of(piece.text)
    played = desk.entity(role) if role else None
    if best and best.column:
        alone = len(best.piece.text.split()) == 1 and best.score < 0.95
        return played if alone and played else desk.ref(best.column)
    return played


def _role_of(text: str) -> str | None:
    """Return the role that a noun phrase names by its last word: `source IP`, `user agent`."""
    words = text.lower().split()
    joined = "".join(words[-2:])
    return ROLE_WORDS.get(joined) or (ROLE_WORDS.get(words[-1]) if words else None)


def _entity(desk: Desk, default: str = "user") -> Ref | None:
    """Return the column of the entity that the question is about."""
    for word in desk.question.words:
        role = ROLE_WORDS.get(word.text.lower())
        if role and role != "action" and not desk.is_used(word):
            ref = _column_of(desk, word)
            if ref:
                desk.use(word)
                return ref
    return desk.entity(default) or desk.role("source_address", "host")


def _counted(desk: Desk, plan: Plan) -> Plan:
    asked = desk.question
    desk.use(asked.output_piece)
    measures: tuple[Measure, ...] = (Measure("count", None, "Events"),)
    counted = _counted_entity(desk)
    if counted and counted not in plan.groups:
        measures = (Measure("dcount", counted, "Distinct"),)
    if not plan.groups and any(one.what.lower().endswith("count") for one in desk.question.sort):
        plan = replace(plan, groups=tuple(ref for ref in (_ranked(desk),) if ref))
    plan = replace(plan, shape="summary", measures=(*_sets(desk), *measures))
    return _thresholds(desk, plan)


_SET = re.compile(r"\bmake[\s_](?:an?\s+)?(?:set|list|sent)\s+of\s+(?:the\s+)?", re.IGNORECASE)


def _sets(desk: Desk) -> tuple[Measure, ...]:
    """Read `make set of X`: the different values of a column per group."""
    found = []
    for match in _SET.finditer(desk.question.text):
        best = next((o for o in desk.columns() if 0 <= o.piece.start - match.end() <= 1), None)
        if best and best.column:
            desk.use(Piece(match.start(), best.piece.end, ""))
            ref = desk.ref(best.column)
            found.append(Measure("set", ref, f"{_tail(ref.name)}Set"))
    return tuple(found)


_ELSEWHERE = re.compile(r"\b(?:from|by|with|in|on|for|to|where|per|and)\b", re.IGNORECASE)


def _counted_entity(desk: Desk) -> Ref | None:
    """Return what is counted when that is an entity: `how many users`, `number of devices`."""
    piece = desk.question.output_piece
    if piece is None:
        return None
    after = [w for w in desk.question.words if piece.end <= w.start <= piece.end + 24][:2]
    distinct = any(w.text.lower() in ("distinct", "different", "unique") for w in after)
    after = [w for w in after if w.text.lower() not in ("distinct", "different", "unique")]
    text = desk.question.text
    after = [w for w in after if not _ELSEWHERE.search(text[piece.end : w.start])]
    for word in after[: 2 if distinct else 1]:
        role = ROLE_WORDS.get(word.text.lower())
        if role in ("user", "host", "source_address", "country", "domain") or distinct:
            ref = _column_of(desk, word)
            if ref:
                desk.use(word)
                return ref
    return None


def _thresholds(desk: Desk, plan: Plan) -> Plan:
    for one in desk.question.thresholds:
        plan = _threshold(desk, plan, one)
    return plan


def _threshold(desk: Desk, plan: Plan, one: Threshold) -> Plan:
    """Compare what the threshold is of: a numeric column, distinct values, or events."""
    near = desk.best_in(one.piece.start - 30, one.piece.end + 40, 0.6)
    desk.use(one.piece)
    words = one.of.lower().split()
    role = next((ROLE_WORDS[w] for w in reversed(words) if w in ROLE_WORDS), None)
    ref = desk.ref(near.column) if near and near.column else None
    if role and role != "action":
        ref = desk.role(role) or ref
    groups = plan.groups or ((_default_group(desk),) if _default_group(desk) else ())
    keys = tuple(g for g in groups if g is not None)
    if (one.distinct or role) and ref is not None and ref not in keys:
        measure = Measure("dcount", ref, f"Distinct{_tail(ref.name)}")
    else:
        measure = next((m for m in plan.measures if m.function == "count"), None) or Measure(
            "count", None, "Events"
        )
    measures = plan.measures if measure in plan.measures else (*plan.measures, measure)
    having = (*plan.having, Having(measure.name, one.op, one.value))
    within = desk.question.within
    if within and within.seconds:
        desk.use(within.piece)
        plan = replace(plan, bin_seconds=plan.bin_seconds or within.seconds)
        desk.ask(
            f"'{within.piece.text}' is counted in fixed windows; events on both sides of a "
            "window's edge are counted apart"
        )
    return replace(plan, shape="summary", measures=measures, having=having, groups=keys)


def _default_group(desk: Desk) -> Ref | None:
    return _entity(desk)


def _tail(name: str) -> str:
    return "".join(c for c in name if c.isalnum() or c == "_")


def _top(desk: Desk, plan: Plan) -> Plan:
    desk.use(desk.question.output_piece)
    falling = desk.question.output == "top"
    measure, groups = _metric(desk, plan.groups)
    groups = groups or tuple(r for r in (_ranked(desk),) if r)
    if not groups:
        return _rows(desk, plan)
    plan = replace(plan, shape="summary", groups=groups, limit=plan.limit or 10)
    plan = replace(plan, measures=(measure,), order=(Order(measure.name, falling),))
    return _thresholds(desk, plan)


_AMOUNT = re.compile(r"byte|size|count|duration|length|amount|total|score|packet", re.IGNORECASE)
"""Numbers that can be added up; ids and ports cannot."""


def _metric(desk: Desk, groups: tuple[Ref, ...]) -> tuple[Measure, tuple[Ref, ...]]:
    """Read `top users by failed logons` and `... by bytes sent`: what is ranked, and by what."""
    count = Measure("count", None, "Events")
    by = next((g for g in desk.question.groups if g.piece.text.lower().startswith("by ")), None)
    piece = desk.question.output_piece
    if by is None or piece is None or by.piece.start <= piece.end:
        return count, groups
    ranked = _ranked(desk, by.piece.start)
    if ranked is None:
        return count, groups
    desk.use(by.piece)
    metric = _column_of(desk, by.piece)
    if metric and metric.type in ("long", "double") and _AMOUNT.search(metric.name):
        count = Measure("sum", metric, f"Total{_tail(metric.name)}")
    return count, (ranked,)


def _ranked(desk: Desk, end: int | None = None) -> Ref | None:
    """Return the column of what is ranked: the first column or entity after `top 10`."""
    piece = desk.question.output_piece
    start = piece.end if piece else 0
    end = len(desk.question.text) if end is None else end
    after = [one for one in desk.columns() if start <= one.piece.start < end and one.score >= 0.55]
    after = [one for one in after if desk.table.columns[one.column or ""].type != "timestamp"]
    if after:
        first = min(after, key=lambda one: (one.piece.start, -one.score))
        desk.use(first.piece)
        return _column_of(desk, first.piece)
    return _entity(desk) if end == len(desk.question.text) else None


def _last_seen(desk: Desk, plan: Plan) -> Plan:
    desk.use(desk.question.output_piece)
    groups = plan.groups or tuple(r for r in (_entity(desk),) if r)
    if plan.side.time is None or not groups:
        return _rows(desk, plan)
    measures = (
        Measure("max", plan.side.time, "LastSeen"),
        Measure("count", None, "Events"),
    )
    return replace(plan, shape="summary", groups=groups, measures=measures)


def _distinct(desk: Desk, plan: Plan) -> Plan:
    piece = desk.question.output_piece
    ref = _column_of(desk, piece) if piece else None
    inside = desk.best_in(piece.start, piece.end + 24) if piece and ref is None else None
    ref = ref or (desk.ref(inside.column) if inside and inside.column else _entity(desk))
    if desk.question.thresholds:
        desk.use(piece)
        return _thresholds(desk, replace(plan, groups=plan.groups or ((ref,) if ref else ())))
    if ref is None or _is_inventory(desk):
        return _rows(desk, plan)
    desk.use(piece)
    return replace(plan, columns=tuple(dict.fromkeys((ref, *_columns(desk)))), distinct=True)


def _is_inventory(desk: Desk) -> bool:
    """Tell a table whose very rows are what is listed: `get all devices` of DeviceInfo."""
    return desk.table.name.lower().endswith(("info", "users", "inventory", "devices"))


def _columns(desk: Desk) -> tuple[Ref, ...]:
    found = []
    outcomes = [one.piece for one in desk.question.polarity]
    for piece in desk.question.columns:
        if any(one.start < piece.end and piece.start < one.end for one in outcomes):
            continue  # `show failed logins of ...` names events, no column
        ref = _column_of(desk, piece)
        if ref is not None:
            desk.use(piece)
            found.append(ref)
    return tuple(dict.fromkeys(found))


def _rows(desk: Desk, plan: Plan) -> Plan:
    desk.use(desk.question.output_piece)
    if desk.question.thresholds or plan.groups:
        if not plan.groups and not desk.question.thresholds:
            return plan
        measures = (*_sets(desk), Measure("count", None, "Events"))
        counted = replace(plan, shape="summary", measures=measures)
        return _thresholds(desk, counted)
    columns = _columns(desk)
    return replace(plan, columns=columns if len(columns) > 1 or _named(desk) else ())


def _named(desk: Desk) -> bool:
    return bool(desk.question.columns) and len(desk.question.columns) == 1


def _sorted(desk: Desk, plan: Plan) -> Plan:
    if plan.order:
        return plan
    for one in desk.question.sort:
        time = plan.side.time
        if (
            one.what in ("time", "timestamp")
            and time
            and plan.shape == "rows"
            and not plan.distinct
        ):
            desk.use(one.piece)
            return replace(plan, order=(Order(time.name, one.descending),))
        named = _column_of(desk, one.piece)
        kept = named is not None and named.type not in ("dynamic", "list")
        if plan.shape == "rows" and named and kept and not plan.distinct:
            desk.use(one.piece)
            return replace(plan, order=(Order(named.name, one.descending),))
        sortable = [m.name for m in plan.measures if m.function != "set"]
        if plan.shape == "summary" and sortable:
            desk.use(one.piece)
            return replace(plan, order=(Order(sortable[0], one.descending),))
    return plan


def _unusual(desk: Desk, plan: Plan) -> Plan:
    """Compare each entity (and address) in the time asked about with the time before."""
    desk.use(desk.question.output_piece)
    if plan.side.time is None:
        return _rows(desk, plan)
    first = desk.question.output == "first_seen"
    if first and _asks_when(desk):
        return _since_when(desk, plan, plan.side.time)
    recent = _recent(plan.side)
    groups = plan.groups
    if not groups:
        entity = _ranked(desk) if first else _entity(desk)
        address = None if first else desk.role("source_address")
        groups = tuple(dict.fromkeys(r for r in (entity, address) if r))
    named = tuple(r for r in (desk.role("object"),) if r and r not in groups)
    measures = tuple(Measure("set", ref, f"{_tail(ref.name)}Set") for ref in named)
    said = ", ".join(ref.name for ref in groups)
    days = _MONTH / _DAY
    if first:
        desk.ask(
            f"first seen means: no event of {said} in the {days:g} days before; "
            "is that long enough?"
        )
    else:
        desk.ask(
            f"unusual is read as: {said} not seen in the {days:g} days before, or more than three "
            "times as often as then; is that what was meant?"
        )
    shape: Shape = "first_seen" if first else "unusual"
    plan = replace(plan, measures=measures, recent=recent, history=_MONTH)
    return replace(plan, shape=shape, groups=groups)


def _asks_when(desk: Desk) -> bool:
    """Tell `when was x first seen` from `users first seen today`."""
    piece = desk.question.output_piece
    return piece is not None and piece.text.lower().startswith("when")


def _since_when(desk: Desk, plan: Plan, time: Ref) -> Plan:
    groups = plan.groups or tuple(r for r in (_ranked(desk),) if r)
    measures = (
        Measure("min", time, "FirstSeen"),
        Measure("max", time, "LastSeen"),
        Measure("count", None, "Events"),
    )
    return replace(plan, shape="summary", groups=groups, measures=measures)


def _recent(side: Side) -> float:
    return side.span.seconds if side.span and side.span.seconds else _DAY


def _rare(desk: Desk, plan: Plan) -> Plan:
    desk.use(desk.question.output_piece)
    groups = plan.groups or tuple(r for r in (_ranked(desk),) if r)
    if not groups:
        return _rows(desk, plan)
    desk.ask("rare is read as: among the least frequent 5 percent; the counts are shown")
    measures: tuple[Measure, ...] = (Measure("count", None, "Events"),)
    time = plan.side.time
    if time is not None:
        measures += (Measure("min", time, "FirstSeen"), Measure("max", time, "LastSeen"))
    return replace(plan, shape="rare", groups=groups, measures=measures)


def _spike(desk: Desk, plan: Plan) -> Plan:
    desk.use(desk.question.output_piece)
    if plan.side.time is None:
        return _rows(desk, plan)
    desk.ask(
        "a spike is read as: an hour above the mean plus three standard deviations of the 7 days "
        "before"
    )
    return replace(plan, shape="spike", recent=_recent(plan.side), history=7 * _DAY)
