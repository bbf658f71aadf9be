"""The stats family: one row a group, or group values on every row."""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

from undersign.languages.spl.scan import is_count
from undersign.languages.spl.tree import Agg, By, Command, Name
from undersign.telemetry.translate.spl.aggregating import WINDOWED, aggregate
from undersign.telemetry.translate.spl.evaluating import Scope
from undersign.telemetry.translate.spl.relation import Relation, ident, named, selected, table
from undersign.telemetry.translate.spl.steps import bin_of, chosen, expanded, reordered
from undersign.telemetry.translate.spl.values import (
    Unsaid,
    Value,
    as_number,
    as_text,
    call,
    cast,
    flat,
    not_null,
    null,
    text_literal,
    try_cast,
)
from undersign.telemetry.translate.spl.work import Work

_LEADING = r"^-?\d+(\.\d+)?"
"""What a text begins with, when it goes by a number."""
MAX_STREAM = 10_000
"""streamstats looks back over so many rows at most (`max_stream_window`)."""


def stats(command: Command, relation: Relation, work: Work) -> Relation:
    """Aggregate rows by fields; rows without one of these fields do not count."""
    if set(command.options) - {"allnum", "delim", "partitions", "prestats"}:
        raise Unsaid(f"the option {sorted(command.options)[0]!r}")
    return grouped(relation, command.aggregates, command.by, work)


def chart(command: Command, relation: Relation, work: Work) -> Relation:
    """Aggregate by one field; with two, Splunk names columns after values."""
    if len(command.by) != 1:
        raise Unsaid("columns named after values; stats ... by both fields shows them as rows")
    if set(command.options) - {"limit", "useother", "usenull"}:
        raise Unsaid(f"the option {sorted(command.options)[0]!r}")
    return grouped(relation, command.aggregates, command.by, work)


def grouped(
    relation: Relation, aggregates: tuple[Agg, ...], by: tuple[By, ...], work: Work
) -> Relation:
    """Return one row a group, in the order of the groups."""
    names = [b.field.value for b in by]
    relation = _groupable(relation, by)
    scope = Scope(relation.get, work.now)
    values = {n: relation.get(n) for n in names}
    for name, agg in expanded_aggregates(aggregates, relation, names):
        values[name] = aggregate(agg, relation, scope)
    columns = named(values)
    keys = [relation.get(n) for n in names]
    order = _by_groups(relation, keys)
    select = selected(columns, values, order).from_(table(relation.name), copy=False)
    if keys:
        select.group_by(*(k.sql for k in keys), copy=False)
    return relation.step(select, columns)


def _by_groups(relation: Relation, keys: list[Value]) -> exp.Expr:
    if not keys:
        return exp.Literal.number(1)
    return relation.numbered([exp.Ordered(this=k.sql) for k in keys])


def _groupable(relation: Relation, by: tuple[By, ...]) -> Relation:
    """Return the rows that have all fields to group by, one row for each of several values."""
    for item in by:
        name = item.field.value
        if item.span:
            if name != "_time":
                raise Unsaid("span= on anything but _time")
            width = bin_of(as_number(relation.get(name)), item.span)
            relation = relation.extend({name: Value(width, "number")})
        if relation.get(name).kind == "list":
            relation = expanded(relation, name)
    absent = {b.field.value for b in by if relation.get(b.field.value).kind == "null"}
    if absent:
        relation = relation.extend({name: null("string") for name in sorted(absent)})
    if not by:
        return relation
    held = [not_null(relation.get(b.field.value).sql) for b in by]
    return relation.where(flat(exp.And, held))


def expanded_aggregates(
    aggregates: tuple[Agg, ...], relation: Relation, by: list[str]
) -> Iterator[tuple[str, Agg]]:
    """Yield (result name, aggregate) with wildcards put in."""
    for agg in aggregates:
        if agg.field is None or "*" not in agg.field.value:
            yield agg.name, agg
            continue
        plain = f"{agg.function}({agg.field.value})"
        known = {n: 0 for n in relation.columns if n not in by and not n.startswith("_")}
        for name in chosen((agg.field,), known):
            shown = agg.name
            if shown.replace(" ", "").lower() == plain.lower():
                shown = f"{agg.function}({name})"
            elif "*" in shown:
                shown = _named_after(agg.field.value, name, shown)
            field = Name(name, agg.field.start, agg.field.end)
            yield shown, Agg(agg.function, field, None, shown, agg.start, agg.end)


def _named_after(pattern: str, name: str, shown: str) -> str:
    if pattern.count("*") != 1 or shown.count("*") != 1:
        raise Unsaid("more than one wildcard")
    before, after = pattern.split("*")
    return shown.replace("*", name[len(before) : len(name) - len(after)])


def eventstats(command: Command, relation: Relation, work: Work) -> Relation:
    """Add group values to every row; rows without a field to group by get none."""
    if set(command.options) - {"allnum"}:
        raise Unsaid(f"the option {sorted(command.options)[0]!r}")
    names = [b.field.value for b in command.by]
    if any(relation.get(n).kind in ("list", "null") for n in names):
        raise Unsaid("a multivalue or absent field after BY")
    groups = grouped(relation, command.aggregates, command.by, work)
    values = {
        n: Value(ident(c.ident, "l"), c.kind, whole=c.whole) for n, c in relation.columns.items()
    }
    for name, column in groups.columns.items():
        if name not in names:
            values[name] = Value(ident(column.ident, "r"), column.kind, whole=column.whole)
    columns = named(values)
    keys = [
        exp.EQ(
            this=ident(relation.columns[n].ident, "l"),
            expression=ident(groups.columns[n].ident, "r"),
        )
        for n in names
    ]
    select = selected(columns, values, ident("#o", "l")).from_(table(relation.name, "l"))
    on = flat(exp.And, list(keys)) if keys else exp.true()
    select = select.join(table(groups.name, "r"), on=on, join_type="left")
    return relation.step(select, columns)


def streamstats(command: Command, relation: Relation, work: Work) -> Relation:
    """Add running values, in the order of rows."""
    options = {k: v.value.lower() for k, v in command.options.items()}
    window = options.get("window", "0")
    if set(options) - {"window", "current", "global"} or not is_count(window):
        raise Unsaid("reset and time_window")
    names = [b.field.value for b in command.by]
    if names and window != "0" and options.get("global", "t") in ("t", "true"):
        raise Unsaid("a window over all groups at once; global=f gives each group its own")
    if any(relation.get(n).kind == "list" for n in names):
        raise Unsaid("a multivalue field after BY")
    current = options.get("current", "t") in ("t", "true", "1")
    values = relation.values()
    for name, agg in expanded_aggregates(command.aggregates, relation, names):
        if agg.function not in WINDOWED:
            raise Unsaid(f"running {agg.function}")
        value = aggregate(agg, relation, Scope(relation.get, work.now))
        running = _running(value, relation, names, (int(window) or MAX_STREAM, current))
        held = [not_null(relation.get(n).sql) for n in names]
        if held:
            running = exp.If(this=flat(exp.And, held), true=running)
            running = exp.Case(ifs=[running])
        values[name] = Value(running, value.kind, whole=value.whole)
    select, columns = relation.select(values)
    return relation.step(select, columns)


def _running(
    value: Value, relation: Relation, names: list[str], rows: tuple[int, bool]
) -> exp.Expr:
    """Put every aggregate inside an expression over a window of rows."""
    size, current = rows
    back = size - 1 if current else size
    spec = exp.WindowSpec(
        kind="ROWS", start=exp.Literal.number(back), start_side="PRECEDING",
        end="CURRENT ROW" if current else exp.Literal.number(1),
        end_side=None if current else "PRECEDING",
    )  # fmt: skip
    partition = [relation.get(n).sql for n in names]
    order = exp.Order(expressions=[exp.Ordered(this=relation.order())])

    def over(node: exp.Expr) -> exp.Expr:
        inside = isinstance(node.parent, exp.Filter)
        if inside or not _is_aggregate(node):
            return node
        return exp.Window(this=node.copy(), partition_by=[p.copy() for p in partition],
                          order=order.copy(), spec=spec.copy())  # fmt: skip

    return _transformed(value.sql.copy(), over)


_AGGREGATES = ("count", "sum", "avg", "min", "max", "stddev_samp", "stddev_pop", "var_samp",
               "var_pop", "list", "arg_min", "arg_max")  # fmt: skip


def _is_aggregate(node: exp.Expr) -> bool:
    if isinstance(node, exp.Filter | exp.Count):
        return True
    return isinstance(node, exp.Anonymous) and str(node.this).lower() in _AGGREGATES


def _transformed(node: exp.Expr, over: object) -> exp.Expr:
    """Replace the outermost aggregates of an expression, and look inside of nothing replaced."""
    if _is_aggregate(node):
        return over(node)  # type: ignore[operator,no-any-return]
    for child in list(node.iter_expressions()):
        fresh = _transformed(child, over)
        if fresh is not child:
            child.replace(fresh)
    return node


def timechart(command: Command, relation: Relation, work: Work) -> Relation:
    """Aggregate by bins of time; bins without rows are there too, with a count of 0."""
    options = {k: v.value for k, v in command.options.items()}
    span = options.get("span", "")
    if not span or set(options) - {"span", "limit", "useother", "usenull", "cont", "partial"}:
        raise Unsaid("timechart needs span= here: Splunk chooses the width by the time range")
    if command.by:
        raise Unsaid("columns named after values; bin and stats show them as rows")
    if relation.get("_time").kind != "number":
        raise Unsaid("these rows have no _time")
    by = (By(Name("_time", command.start, command.end), span),)
    groups = grouped(relation, command.aggregates, by, work)
    if options.get("cont", "t").lower() in ("f", "false"):
        return groups
    return _continuous(groups, span, command.aggregates)


def _continuous(groups: Relation, span: str, aggregates: tuple[Agg, ...]) -> Relation:
    from undersign.languages.spl import times

    width = times.span_seconds(span)
    if width is None:
        raise Unsaid("bins of months without gaps")
    first, last = (
        exp.Subquery(this=exp.select(call(n, ident("_time"))).from_(table(groups.name)))
        for n in ("min", "max")
    )
    step = exp.Literal.number(int(width))
    places = [cast(first, "BIGINT"), exp.Add(this=cast(last, "BIGINT"), expression=step), step]
    select = exp.select(exp.alias_(call("unnest", call("range", *places)), "t"))
    bins = Relation(groups.chain, groups.chain.add(select), {})
    values: dict[str, Value] = {
        "_time": Value(cast(exp.column("t", table="b"), "DOUBLE"), "number")
    }
    counted = {a.name for a in aggregates if a.function in ("count", "c", "dc", "distinct_count")}
    for name, column in groups.columns.items():
        if name != "_time":
            sql: exp.Expr = ident(column.ident, "g")
            if name in counted:
                sql = call("coalesce", sql, exp.Literal.number(0))
            values[name] = Value(sql, column.kind, whole=column.whole)
    columns = named(values)
    select = selected(columns, values, exp.column("t", table="b")).from_(table(bins.name, "b"))
    on = exp.EQ(this=exp.column("t", table="b"), expression=ident("_time", "g"))
    select = select.join(table(groups.name, "g"), on=on, join_type="left")
    return groups.step(select, columns)


def top(command: Command, relation: Relation, work: Work) -> Relation:
    """Return the most frequent (top) or least frequent (rare) values with count and percent."""
    options = {k: v.value for k, v in command.options.items()}
    if set(options) - {"limit", "countfield", "percentfield", "showcount", "showperc"}:
        raise Unsaid(f"the option {sorted(options)[0]!r}")
    limit = options.get("limit", str(command.number if command.number is not None else 10))
    if not is_count(limit):
        raise Unsaid("limit must be a number")
    by = [b.field.value for b in command.by]
    names = [n.value for n in command.fields]
    keys = tuple(By(n) for n in (*(b.field for b in command.by), *command.fields))
    count = options.get("countfield", "count")
    groups = grouped(relation, (Agg("count", None, None, count, 0, 0),), keys, work)
    counted = groups.get(count).sql
    total = exp.Window(this=call("sum", counted), partition_by=[groups.get(n).sql for n in by])
    share = exp.Div(
        this=exp.Mul(this=exp.Literal.number("100.0"), expression=counted), expression=total
    )
    percent = options.get("percentfield", "percent")
    values = {n: groups.get(n) for n in (*by, *names)}
    if options.get("showcount", "t").lower() not in ("f", "false"):
        values[count] = groups.get(count)
    if options.get("showperc", "t").lower() not in ("f", "false"):
        values[percent] = Value(share, "number")
    ranked = [exp.Ordered(this=groups.get(n).sql) for n in by]
    ranked.append(exp.Ordered(this=counted, desc=command.name == "top"))
    ranked += [exp.Ordered(this=groups.get(n).sql) for n in names]
    select, columns = groups.select(values, groups.numbered(list(ranked)))
    if int(limit):
        place = exp.Window(
            this=call("row_number"), partition_by=[groups.get(n).sql for n in by],
            order=exp.Order(expressions=list(ranked[len(by) :])),
        )  # fmt: skip
        within = exp.LTE(this=place, expression=exp.Literal.number(int(limit)))
        select = select.qualify(within) if hasattr(select, "qualify") else select
        select.set("qualify", exp.Qualify(this=within))
    return groups.step(select, columns)


def sort(command: Command, relation: Relation, _: Work) -> Relation:
    """Sort rows: numbers before texts, rows without the field last; 10000 rows unless told."""
    turned = command.mode == "desc"
    keys: list[exp.Expr] = []
    for key in command.order:
        if key.kind == "ip":
            raise Unsaid("sort by ip()")
        value = relation.get(key.field.value)
        descending = key.descending != turned
        keys += _keys(value, key.kind, descending)
    keys.append(exp.Ordered(this=relation.order()))
    limit = 10_000 if command.number is None else command.number
    sorted_rows = reordered(relation, keys)
    return limited(sorted_rows, limit) if limit else sorted_rows


def _keys(value: Value, kind: str, descending: bool) -> list[exp.Expr]:
    if value.kind == "list":
        raise Unsaid("a multivalue field")
    found: list[exp.Expr] = []
    if kind == "auto" and value.kind == "string":
        begins = call("regexp_extract", value.sql, text_literal(_LEADING))
        found.append(try_cast(begins, "DOUBLE"))
    elif kind != "str" and value.kind != "null":
        found.append(as_number(value))
    if value.kind == "string" and kind != "num":
        found.append(as_text(value))
    if kind == "str" and value.kind == "number":
        found.append(as_text(value))
    ordered = []
    for place, sql in enumerate(found):
        first = descending and place == 0 and len(found) > 1
        ordered.append(exp.Ordered(this=sql, desc=descending, nulls_first=False))
        if first:
            # Downwards, texts come before numbers: what has no number goes first.
            ordered[0] = exp.Ordered(this=sql, desc=True, nulls_first=True)
    if len(found) > 1:
        missing = exp.Ordered(this=exp.Is(this=value.sql, expression=exp.Null()))
        return [missing, *ordered]
    return list(ordered)


def limited(relation: Relation, count: int) -> Relation:
    """Keep the first rows."""
    select, columns = relation.select(relation.values())
    select = select.order_by(exp.Ordered(this=relation.order()), copy=False)
    return relation.step(select.limit(count, copy=False), columns)


def head(command: Command, relation: Relation, _: Work) -> Relation:
    """Keep the first rows, 10 unless told."""
    if command.where is not None or set(command.options) - {"limit"}:
        raise Unsaid("head with a condition")
    return limited(relation, 10 if command.number is None else command.number)


def tail(command: Command, relation: Relation, _: Work) -> Relation:
    """Keep the last rows, the last first."""
    turned = reordered(relation, [exp.Ordered(this=relation.order(), desc=True)])
    return limited(turned, 10 if command.number is None else command.number)


def dedup(command: Command, relation: Relation, work: Work) -> Relation:
    """Keep the first rows of each combination of values; rows without one of them go."""
    options = {k: v.value.lower() for k, v in command.options.items()}
    if any(v in ("t", "true", "1") for k, v in options.items() if k != "keepempty"):
        raise Unsaid("keepevents and consecutive")
    if options.get("keepempty", "f") in ("t", "true", "1"):
        raise Unsaid("keepempty")
    names = [n.value for n in command.fields]
    values = [relation.get(n) for n in names]
    if not names or any(v.kind == "null" for v in values):
        return relation.where(exp.false())
    place = exp.Window(
        this=call("row_number"), partition_by=[v.sql for v in values],
        order=exp.Order(expressions=[exp.Ordered(this=relation.order())]),
    )  # fmt: skip
    select, columns = relation.select(relation.values())
    select.where(flat(exp.And, [not_null(v.sql) for v in values]), copy=False)
    most = exp.Literal.number(max(1, command.number or 1))
    select.set("qualify", exp.Qualify(this=exp.LTE(this=place, expression=most)))
    kept = relation.step(select, columns)
    if not command.order:
        return kept
    return sort(Command("sort", 0, 0, order=command.order, number=0), kept, work)
