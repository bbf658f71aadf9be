"""Commands that bring in other rows: join, append and its kin, lookups, subsearches."""

from __future__ import annotations

from collections.abc import Callable

from sqlglot import exp

from undersign.languages.spl.scan import is_count
from undersign.languages.spl.tree import Command, Name, Pair, Sub
from undersign.records.visible import VisibleTable
from undersign.telemetry.translate.spl import matching
from undersign.telemetry.translate.spl.relation import (
    Col,
    Relation,
    common_kind,
    converted,
    ident,
    named,
    selected,
    table,
)
from undersign.telemetry.translate.spl.sources import read
from undersign.telemetry.translate.spl.values import (
    Unsaid,
    Value,
    as_text,
    call,
    flat,
    is_null,
    not_null,
    null,
    text_literal,
    united,
    when,
)
from undersign.telemetry.translate.spl.work import Work

MAX_SUBSEARCH = 10_000
"""Rows of a subsearch in place of a condition that count."""
MAX_JOINED = 50_000
"""Rows of the subsearch of join and append that count."""


def _side(column: Col, name: str) -> Value:
    return Value(ident(column.ident, name), column.kind, whole=column.whole)


def join(command: Command, relation: Relation, work: Work) -> Relation:
    """Join with a subsearch: the first row of it for each key, unless max= says more."""
    options = {k: v.value.lower() for k, v in command.options.items()}
    if set(options) - {"type", "max", "overwrite"}:
        raise Unsaid(f"the option {sorted(set(options) - {'type', 'max', 'overwrite'})[0]!r}")
    kind = options.get("type", "inner")
    if kind not in ("inner", "left", "outer"):
        raise Unsaid(f"type={kind[:20]}")
    if options.get("max", "1") not in ("0", "1"):
        raise Unsaid("max= of anything but 0 and 1")
    right = work.subsearch(command.inner[0], MAX_JOINED)
    names = [n.value for n in command.fields] or [
        n for n in relation.columns if n in right.columns and not n.startswith("_")
    ]
    if not names:
        raise Unsaid("no field is common to both sides")
    if any(r.get(n).kind in ("list",) for n in names for r in (relation, right)):
        raise Unsaid("a multivalue field as key")
    if options.get("max", "1") == "1":
        right = _first_of(right, names)
    keep = options.get("overwrite", "true") in ("f", "false", "0")
    return _joined(relation, right, names, ("inner" if kind == "inner" else "left", keep))


def _first_of(relation: Relation, names: list[str]) -> Relation:
    place = exp.Window(
        this=call("row_number"), partition_by=[relation.get(n).sql for n in names],
        order=exp.Order(expressions=[exp.Ordered(this=relation.order())]),
    )  # fmt: skip
    select, columns = relation.select(relation.values())
    select.set("qualify", exp.Qualify(this=exp.EQ(this=place, expression=exp.Literal.number(1))))
    return relation.step(select, columns)


def _joined(left: Relation, right: Relation, names: list[str], how: tuple[str, bool]) -> Relation:
    kind, keep = how
    values = {n: _side(c, "l") for n, c in left.columns.items()}
    for name, column in right.columns.items():
        if name in names:
            continue
        fresh = _side(column, "r")
        old = values.get(name)
        if old is None:
            values[name] = fresh
        else:
            pair = united([old, fresh] if keep else [fresh, old])
            values[name] = Value(call("coalesce", *(v.sql for v in pair)), pair[0].kind)
    columns = named(values)
    keys: list[exp.Expr] = []
    for name in names:
        sides = [_side(r.columns[name], s) for r, s in ((left, "l"), (right, "r"))
                 if name in r.columns]  # fmt: skip
        if len(sides) < 2:
            keys.append(exp.false())
            continue
        a, b = united(sides)
        keys.append(exp.EQ(this=a.sql, expression=b.sql))
    select = selected(columns, values, ident("#o", "l")).from_(table(left.name, "l"))
    select = select.join(table(right.name, "r"), on=flat(exp.And, keys), join_type=kind)
    return left.step(select, columns)


def stacked(first: Relation, second: Relation) -> Relation:
    """Return the rows of one relation, then those of another, fields matched by name."""
    names = list(dict.fromkeys([*first.columns, *second.columns]))
    kinds = {
        n: common_kind(r.columns[n].kind for r in (first, second) if n in r.columns) for n in names
    }
    columns = named({n: Value(exp.Null(), kinds[n]) for n in names})
    selects = []
    for place, relation in enumerate((first, second)):
        values = {n: converted(relation.get(n), kinds[n]) for n in names}
        number = relation.numbered([exp.Ordered(this=relation.order())])
        select = selected(columns, values, number).from_(table(relation.name), copy=False)
        selects.append(select.select(exp.alias_(exp.Literal.number(place), "#p", quoted=True)))
    union = exp.Union(this=selects[0], expression=selects[1], distinct=False)
    loose = first.step(union, columns)
    keys: list[exp.Expr] = [exp.Ordered(this=ident("#p")), exp.Ordered(this=ident("#o"))]
    select, columns = loose.select(loose.values(), loose.numbered(keys))
    return loose.step(select, columns)


def append(command: Command, relation: Relation, work: Work) -> Relation:
    """Add the rows of a subsearch below."""
    if set(command.options) - {"maxtime", "maxout", "timeout"}:
        raise Unsaid(f"the option {sorted(command.options)[0]!r}")
    limit = MAX_JOINED
    if "maxout" in command.options and is_count(command.options["maxout"].value):
        limit = int(command.options["maxout"].value)
    return stacked(relation, work.subsearch(command.inner[0], limit))


def appendpipe(command: Command, relation: Relation, work: Work) -> Relation:
    """Add what a pipeline makes of the rows so far."""
    return stacked(relation, work.piped(command.inner[0], relation))


def union(command: Command, relation: Relation | None, work: Work) -> Relation:
    """Put the rows of several subsearches together."""
    if command.fields or not command.inner:
        raise Unsaid("named data sets; subsearches in brackets can be read")
    found = relation
    for tree in command.inner:
        more = work.subsearch(tree, MAX_JOINED)
        found = stacked(found, more) if found else more
    if found is None:
        raise Unsaid("nothing to put together")
    return found


def appendcols(command: Command, relation: Relation, work: Work) -> Relation:
    """Add the fields of a subsearch, row by row."""
    right = work.subsearch(command.inner[0], MAX_JOINED)
    keep = True
    if "override" in command.options:
        keep = command.options["override"].value.lower() in ("f", "false", "0")
    sides = []
    for side in (relation, right):
        number = side.numbered([exp.Ordered(this=side.order())])
        every = {**side.values(), "#n": Value(number, "number", whole=True)}
        select, columns = side.select(every)
        sides.append(side.step(select, columns))
    found = _joined(sides[0], sides[1], ["#n"], ("left", keep))
    return found.keep(n for n in found.columns if n != "#n")


def lookup_table(name: str, work: Work) -> VisibleTable:
    """Return the visible table behind a lookup; raises Unsaid."""
    known = work.visible
    found = known.find(name) or known.find(f"{name}.csv") or known.find(name.removesuffix(".csv"))
    if found is None:
        raise Unsaid(f"the lookup `{name[:60]}` is not here", "add it as a table of that name")
    return found


def _rows_of(found: VisibleTable, relation: Relation | None, work: Work) -> Relation:
    values = {n: read(n, c.type) for n, c in found.columns.items() if n not in ("_id", "_raw")}
    columns = named(values)
    select = selected(columns, values, exp.Window(this=call("row_number")))
    chain = relation.chain if relation else work.subsearch_chain()
    chain.tables.append(found.name)
    return Relation(chain, chain.add(select.from_(table(found.name), copy=False)), columns)


def lookup(command: Command, relation: Relation, work: Work) -> Relation:
    """Add fields of a lookup; several matches give several values."""
    if set(command.options) - {"update", "local", "event_time_field"}:
        raise Unsaid(f"the option {sorted(command.options)[0]!r}")
    rows = _rows_of(lookup_table(command.text, work), relation, work)
    if not command.pairs:
        raise Unsaid("a lookup without a field to look up")
    keys = [p.old.value for p in command.pairs]
    outputs = command.outputs or tuple(
        Pair(Name(n, 0, 0), Name(n, 0, 0)) for n in rows.columns if n not in keys
    )
    values = {f"k{i}": rows.get(k) for i, k in enumerate(keys)}
    for place, pair in enumerate(outputs):
        collected = call("list", as_text(rows.get(pair.old.value)))
        held = exp.Where(this=not_null(rows.get(pair.old.value).sql))
        values[f"v{place}"] = Value(exp.Filter(this=collected, expression=held), "list")
    columns = named(values)
    grouped = selected(columns, values, exp.Literal.number(0)).from_(table(rows.name), copy=False)
    grouped.group_by(*(rows.get(k).sql for k in keys), copy=False)
    found = rows.step(grouped, columns)
    return _looked_up(command, relation, found, outputs)


def _looked_up(
    command: Command, relation: Relation, found: Relation, outputs: tuple[Pair, ...]
) -> Relation:
    values = {n: _side(c, "l") for n, c in relation.columns.items()}
    for place, pair in enumerate(outputs):
        fresh = _side(found.columns[f"v{place}"], "r")
        old = values.get(pair.new.value)
        if old is not None and command.mode == "OUTPUTNEW":
            kept = united([old, fresh])
            fresh = Value(call("coalesce", *(v.sql for v in kept)), kept[0].kind)
        values[pair.new.value] = fresh
    keys: list[exp.Expr] = []
    for place, pair in enumerate(command.pairs):
        column = relation.columns.get(pair.new.value)
        if column is None:
            keys.append(exp.false())
            continue
        ours, theirs = _side(column, "l"), _side(found.columns[f"k{place}"], "r")
        if ours.kind == "list":
            keys.append(call("list_contains", ours.sql, as_text(theirs)))
        else:
            keys.append(exp.EQ(this=as_text(ours), expression=as_text(theirs)))
    columns = named(values)
    select = selected(columns, values, ident("#o", "l")).from_(table(relation.name, "l"))
    select = select.join(table(found.name, "r"), on=flat(exp.And, keys), join_type="left")
    return relation.step(select, columns)


def inputlookup(command: Command, relation: Relation | None, work: Work) -> Relation:
    """Read a lookup's rows."""
    if set(command.options) - {"append"}:
        raise Unsaid(f"the option {sorted(command.options)[0]!r}")
    rows = _rows_of(lookup_table(command.text, work), relation, work)
    if command.search is not None:
        rows = rows.where(matching.condition(command.search, rows.get, work.exists(rows)))
    added = "append" in command.options and command.options["append"].value.lower()[:1] == "t"
    return stacked(relation, rows) if added and relation is not None else rows


def exists(relation: Relation, work: Work) -> Callable[[Sub], exp.Expr]:
    """Return how a subsearch becomes a condition: any of its rows has the same values."""

    def build(sub: Sub) -> exp.Expr:
        rows = work.subsearch(sub.pipeline, MAX_SUBSEARCH)
        names = [n for n in rows.columns if not n.startswith("_")]
        if not names or {"search", "query"} & set(names):
            raise Unsaid("a subsearch whose rows are search text, or have no fields")
        conditions = [_same(_outer(relation, n), _side(rows.columns[n], "r")) for n in names]
        select = exp.select(exp.Literal.number(1)).from_(table(rows.name, "r"))
        return exp.Exists(this=select.where(flat(exp.And, conditions), copy=False))

    return build


def _outer(relation: Relation, name: str) -> Value:
    """Return a field of the rows outside, so that the subsearch's own does not hide it."""
    column = relation.columns.get(name)
    return _side(column, relation.name) if column else null()


def _same(ours: Value, theirs: Value) -> exp.Expr:
    if theirs.kind == "list":
        raise Unsaid("a subsearch with multivalue fields")
    if theirs.kind == "null":
        return exp.true()
    wanted = call("lower", as_text(theirs))
    if ours.kind == "null":
        return is_null(theirs.sql)
    if ours.kind == "list":
        raise Unsaid("a subsearch compared with a multivalue field")
    shown = call("lower", as_text(ours))
    pattern = wanted
    for mark in ("!", "%", "_"):
        pattern = call("replace", pattern, text_literal(mark), text_literal("!" + mark))
    pattern = call("replace", pattern, text_literal("*"), text_literal("%"))
    like = exp.Escape(this=exp.Like(this=shown, expression=pattern), expression=text_literal("!"))
    starred = call("contains", wanted, text_literal("*"))
    equal = when((starred, like), default=exp.EQ(this=shown, expression=wanted))
    return exp.Or(this=is_null(theirs.sql), expression=exp.Paren(this=equal))
