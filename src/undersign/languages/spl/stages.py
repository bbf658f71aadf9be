"""Every command as a stage of the query model, and what it does to the fields of rows."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace

from undersign.languages.spl import joined_stages, times
from undersign.languages.spl.bound import Bound, look
from undersign.languages.spl.conditions import calls, fields_read, unwrapped
from undersign.languages.spl.scan import is_count
from undersign.languages.spl.scope import Origin, Scope
from undersign.languages.spl.tree import Agg, By, Command, Expr, Field, Name
from undersign.records.query import Aggregate, Assigned, Group, Order, Stage, Type

_COMMON = {
    "c": "count", "dc": "dcount", "distinct_count": "dcount", "estdc": "dcount",
    "values": "make_set", "list": "make_list", "mean": "avg", "median": "percentile",
    "earliest": "arg_min", "latest": "arg_max",
}  # fmt: skip
_PERCENTILE = re.compile(r"(?:exactperc|upperperc|perc|p)\d+(?:\.\d+)?$")
_NUMBERS = ("count", "dcount", "sum", "avg", "stdev", "percentile", "range", "var")
_TEXTS = ("lower", "upper", "substr", "replace", "tostring", "strftime", "trim", "mvjoin")


def _search(command: Command, bound: Bound, stage: Stage) -> Stage:
    condition = bound.reader.search(command.search) if command.search else None
    return replace(stage, kind="filter", condition=condition)


def _where(command: Command, bound: Bound, stage: Stage) -> Stage:
    condition = bound.reader.where(command.where) if command.where else None
    return replace(stage, kind="filter", condition=condition)


def _eval(command: Command, bound: Bound, stage: Stage) -> Stage:
    made = []
    for assign in command.assigns:
        value, name = assign.value, assign.name.value
        origins = [bound.origin(n, s, e) for n, s, e in fields_read(value)]
        plain = isinstance(value, Field)
        read = tuple(dict.fromkeys(n for n, _, _ in fields_read(value)))
        called = tuple(n for n, _, _ in calls(value))
        span = bound.reader.span(assign.name.start, value.end)
        text = bound.reader.text(value.start, value.end)
        made.append(Assigned(name, text, span, read, called, plain))
        bound.scope.fields[name] = origins[0] if plain else Origin(_type_of(value))
    return replace(stage, kind="extend", assigned=tuple(made))


def _type_of(value: Expr) -> Type:
    name = getattr(value, "name", "") if not isinstance(value, Field) else ""
    return "string" if name in _TEXTS else "unknown"


def _rename(command: Command, bound: Bound, stage: Stage) -> Stage:
    made = []
    fields = bound.scope.fields
    for pair in command.pairs:
        old, new = pair.old.value, pair.new.value
        look(bound, (pair.old,))
        span = bound.reader.span(pair.old.start, pair.new.end)
        text = bound.reader.text(pair.old.start, pair.old.end)
        made.append(Assigned(new, text, span, (old,), (), True))
        for source, target in _pairs(old, new, list(fields)):
            fields[target] = fields.pop(source)
    return replace(stage, kind="rename", assigned=tuple(made))


def _pairs(old: str, new: str, known: list[str]) -> list[tuple[str, str]]:
    if "*" not in old:
        return [(old, new)] if old in known else []
    if old.count("*") != 1 or new.count("*") != 1:
        return []
    before, after = old.split("*")
    return [
        (name, new.replace("*", name[len(before) : len(name) - len(after)]))
        for name in known
        if name.startswith(before) and name.endswith(after) and len(name) >= len(old) - 1
    ]


def _fields(command: Command, bound: Bound, stage: Stage) -> Stage:
    scope = bound.scope
    if command.mode == "-":
        gone = {n for name in command.fields for n in scope.matching(name.value)}
        scope.fields = {n: o for n, o in scope.fields.items() if n not in gone}
        return replace(stage, kind="project")
    look(bound, command.fields)
    kept = [n.value for n in command.fields]
    if command.name == "fields":
        kept += [n for n in ("_time", "_raw") if n in scope.fields and n not in kept]
    scope.only(kept)
    return replace(stage, kind="project")


def _aggregates(command: Command, bound: Bound) -> tuple[Aggregate, ...]:
    found = []
    for agg in command.aggregates:
        column, condition = "", None
        if agg.field is not None:
            column = agg.field.value
            look(bound, (agg.field,))
        elif agg.expression is not None:
            inner = unwrapped(agg.expression)
            column = inner[0].name if inner else ""
            if _is_condition(agg.expression):
                condition = bound.reader.where(agg.expression)
        span = bound.reader.span(agg.start, agg.end)
        found.append(Aggregate(common(agg.function), column, agg.name, span, condition))
    return tuple(found)


def _is_condition(found: Expr) -> bool:
    op = getattr(found, "op", "")
    name = getattr(found, "name", "")
    truths = ("match", "like", "in", "isnull", "isnotnull", "cidrmatch", "searchmatch")
    return op in ("==", "!=", "<", "<=", ">", ">=", "like", "and", "or", "not") or name in truths


def common(function: str) -> str:
    """Return an aggregate's name as all languages call it."""
    return "percentile" if _PERCENTILE.match(function) else _COMMON.get(function, function)


def _groups(by: tuple[By, ...], bound: Bound) -> tuple[Group, ...]:
    found = []
    for item in by:
        name = item.field.value
        look(bound, (item.field,))
        width = times.span_seconds(item.span) if item.span else bound.scope.bins.get(name)
        found.append(Group(name, name, bound.reader.span(item.field.start, item.field.end), width))
    return tuple(found)


def _result(command: Command, by: tuple[By, ...], scope: Scope) -> None:
    fields = {b.field.value: scope.find(b.field.value) or Origin() for b in by}
    for agg in command.aggregates:
        fields |= _aggregated(agg, scope)
    scope.fields, scope.open = fields, any("*" in n for n in fields) and scope.open


def _aggregated(agg: Agg, scope: Scope) -> dict[str, Origin]:
    if agg.field is not None and "*" in agg.field.value:
        return {n: Origin() for _, n in _pairs(agg.field.value, agg.name, list(scope.fields))}
    word = common(agg.function)
    if word in _NUMBERS:
        return {agg.name: Origin("long" if word in ("count", "dcount") else "double")}
    if word in ("make_set", "make_list"):
        return {agg.name: Origin("list")}
    origin = scope.find(agg.field.value) if agg.field else None
    return {agg.name: Origin(origin.type if origin else "unknown")}


def _stats(command: Command, bound: Bound, stage: Stage) -> Stage:
    by = command.by
    if command.name == "timechart":
        span = command.options["span"].value if "span" in command.options else ""
        by = (By(Name("_time", command.start, command.end), span), *by)
    aggregates, groups = _aggregates(command, bound), _groups(by, bound)
    wide = command.name in ("chart", "timechart") and len(by) > 1
    _result(command, by, bound.scope)
    bound.scope.open = bound.scope.open or wide
    bound.scope.prefixes = ()
    return replace(stage, kind="aggregate", aggregates=aggregates, groups=groups)


def _window(command: Command, bound: Bound, stage: Stage) -> Stage:
    aggregates, groups = _aggregates(command, bound), _groups(command.by, bound)
    for agg in command.aggregates:
        bound.scope.fields |= _aggregated(agg, bound.scope)
    return replace(stage, kind="window", aggregates=aggregates, groups=groups)


def _top(command: Command, bound: Bound, stage: Stage) -> Stage:
    keys = (*command.by, *(By(n) for n in command.fields))
    groups = _groups(keys, bound)
    limit = command.number if command.number is not None else 10
    if "limit" in command.options and is_count(command.options["limit"].value):
        limit = int(command.options["limit"].value)
    span = stage.span
    fields = {k.field.value: bound.scope.find(k.field.value) or Origin() for k in keys}
    fields |= {"count": Origin("long"), "percent": Origin("double")}
    bound.scope.fields, bound.scope.open = fields, False
    return replace(
        stage, kind="aggregate", aggregates=(Aggregate("count", "", "count", span),),
        groups=groups, order=(Order("count", command.name == "top", span),), limit=limit or None,
    )  # fmt: skip


def _sort(command: Command, bound: Bound, stage: Stage) -> Stage:
    order = []
    for key in command.order:
        look(bound, (key.field,))
        span = bound.reader.span(key.field.start, key.field.end)
        order.append(Order(key.field.value, key.descending != (command.mode == "desc"), span))
    limit = 10_000 if command.number is None else command.number
    return replace(stage, kind="sort", order=tuple(order), limit=limit or None)


def _limit(command: Command, bound: Bound, stage: Stage) -> Stage:
    del bound
    return replace(stage, kind="limit", limit=10 if command.number is None else command.number)


def _dedup(command: Command, bound: Bound, stage: Stage) -> Stage:
    groups = _groups(tuple(By(n) for n in command.fields), bound)
    return replace(stage, kind="distinct", groups=groups)


def _bin(command: Command, bound: Bound, stage: Stage) -> Stage:
    pair = command.pairs[0]
    look(bound, (pair.old,))
    width = times.span_seconds(command.options["span"].value) if "span" in command.options else None
    name = pair.new.value
    if width:
        bound.scope.bins[name] = width
    origin = bound.scope.find(pair.old.value) or Origin()
    bound.scope.fields[name] = origin if name == pair.old.value else Origin(origin.type)
    made = Assigned(name, stage.text, stage.span, (pair.old.value,), ("bin",))
    return replace(stage, kind="extend", assigned=(made,))


def _rex(command: Command, bound: Bound, stage: Stage) -> Stage:
    name = command.options.get("field", Name("_raw", command.start, command.end))
    look(bound, (name,))
    if command.mode == "sed":
        return replace(stage, kind="extend", assigned=(
            Assigned(name.value, stage.text, stage.span, (name.value,), ("rex",)),))  # fmt: skip
    made = []
    for group in re.findall(r"\(\?P?<([A-Za-z_]\w*)>", command.text):
        bound.scope.fields[group] = Origin("string")
        made.append(Assigned(group, stage.text, stage.span, (name.value,), ("rex",)))
    return replace(stage, kind="parse", assigned=tuple(made))


def _regex(command: Command, bound: Bound, stage: Stage) -> Stage:
    from undersign.records.query import Comparison, Literal

    name = command.fields[0]
    origin = bound.origin(name.value, name.start, name.end)
    value = Literal(command.text, "string", stage.span, command.text)
    condition = Comparison(
        name.value, "regex", (value,), stage.span, stage.text, command.mode == "!=",
        table=origin.table, table_column=origin.column, type=origin.type,
    )  # fmt: skip
    return replace(stage, kind="filter", condition=condition)


def _spath(command: Command, bound: Bound, stage: Stage) -> Stage:
    path = command.options.get("path") or (command.fields[0] if command.fields else None)
    output = command.options.get("output", path)
    if path is None or output is None:
        bound.scope.open = True
        return replace(stage, kind="parse")
    bound.scope.fields[output.value] = Origin("string")
    made = Assigned(output.value, stage.text, stage.span, (), ("spath",))
    return replace(stage, kind="parse", assigned=(made,))


def _convert(command: Command, bound: Bound, stage: Stage) -> Stage:
    made = []
    for agg in command.aggregates:
        if agg.field is None:
            continue
        look(bound, (agg.field,))
        plain = f"{agg.function}({agg.field.value})"
        name = agg.field.value if agg.name.lower() == plain.lower() else agg.name
        bound.scope.fields[name] = Origin("string" if agg.function == "ctime" else "unknown")
        span = bound.reader.span(agg.start, agg.end)
        made.append(Assigned(name, plain, span, (agg.field.value,), (agg.function,)))
    return replace(stage, kind="extend", assigned=tuple(made))


def _added(command: Command, bound: Bound, stage: Stage) -> Stage:
    """fillnull: fields that now have a value in every row."""
    for name in command.fields:
        if bound.scope.find(name.value) is None or name.value not in bound.scope.fields:
            bound.scope.fields[name.value] = Origin("string")
    return replace(stage, kind="extend")


def _expand(command: Command, bound: Bound, stage: Stage) -> Stage:
    look(bound, command.fields)
    return replace(stage, kind="expand")


def _changed(command: Command, bound: Bound, stage: Stage) -> Stage:
    look(bound, command.fields)
    for name in command.fields:
        bound.scope.fields[name.value] = Origin("list" if command.name == "makemv" else "string")
    return replace(stage, kind="extend")


def _same(command: Command, bound: Bound, stage: Stage) -> Stage:
    del command, bound
    return stage


def _foreach(command: Command, bound: Bound, stage: Stage) -> Stage:
    del command
    bound.scope.open = True
    return replace(stage, kind="extend")


def _transaction(command: Command, bound: Bound, stage: Stage) -> Stage:
    look(bound, command.fields)
    bound.scope.fields |= {"duration": Origin("double"), "eventcount": Origin("long")}
    return replace(
        stage, kind="aggregate", groups=_groups(tuple(By(n) for n in command.fields), bound)
    )


STAGES: Mapping[str, Callable[[Command, Bound, Stage], Stage]] = {
    "search": _search, "where": _where, "eval": _eval, "rename": _rename, "fields": _fields,
    "table": _fields, "stats": _stats, "tstats": _stats, "chart": _stats, "timechart": _stats,
    "eventstats": _window, "streamstats": _window, "top": _top, "rare": _top, "sort": _sort,
    "head": _limit, "tail": _limit, "dedup": _dedup, "bin": _bin, "rex": _rex, "regex": _regex,
    "spath": _spath, "convert": _convert, "fillnull": _added, "mvexpand": _expand,
    "makemv": _changed, "nomv": _changed, "lookup": joined_stages.lookup,
    "inputlookup": joined_stages.inputlookup, "join": joined_stages.join,
    "append": joined_stages.append, "appendcols": joined_stages.append,
    "union": joined_stages.append, "appendpipe": joined_stages.appendpipe, "reverse": _same,
    "makeresults": _same, "from": _same, "foreach": _foreach, "transaction": _transaction,
}  # fmt: skip
