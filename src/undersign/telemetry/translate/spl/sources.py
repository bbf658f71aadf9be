"""Where rows come from: visible tables chosen by index, sourcetype and source, and CIM datasets."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from sqlglot import exp

from undersign.catalogs import cim
from undersign.languages.spl import times
from undersign.languages.spl.scan import is_count
from undersign.languages.spl.scope import choosing, event_tables, meanings
from undersign.languages.spl.tree import Compare, Search
from undersign.records.query import Type
from undersign.records.visible import Visible, VisibleTable
from undersign.telemetry.translate.spl import matching
from undersign.telemetry.translate.spl.fields import Needs
from undersign.telemetry.translate.spl.relation import (
    MARK,
    Chain,
    Col,
    Relation,
    common_kind,
    converted,
    ident,
    named,
    selected,
    table,
)
from undersign.telemetry.translate.spl.values import (
    Kind,
    Unsaid,
    Value,
    call,
    cast,
    null,
    number_literal,
    text_literal,
    when,
)

_KINDS: Mapping[Type, Kind] = {
    "long": "number", "double": "number", "timestamp": "number", "timespan": "number",
    "list": "list",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Window:
    """Bounds on the event's time, naive UTC; half-open."""

    start: dt.datetime | None = None
    end: dt.datetime | None = None


def window(found: Mapping[str, str], now: dt.datetime) -> Window:
    """Return the window of time modifiers; raises Unsaid."""
    bounds: dict[str, dt.datetime | None] = {"earliest": None, "latest": None}
    for name, text in found.items():
        if name not in bounds:
            raise Unsaid(f"the time modifier `{name}`")
        if text in ("0", "1") and name == "earliest":
            continue
        moment = times.resolve(text, now)
        if moment is None:
            raise Unsaid(f"{name}={text[:40]} is no time")
        bounds[name] = moment.astimezone(dt.UTC).replace(tzinfo=None)
    return Window(bounds["earliest"], bounds["latest"])


def events(
    chain: Chain, visible: Visible, search: Search | None, needs: Needs, within: Window
) -> Relation:
    """Return the rows of the tables that a search means, newest first.

    Whether a row is of what `sourcetype=...` and its kin ask for stands in the fields that `marks`
    reads.
    """
    tables = event_tables(visible, search)
    chain.tables.extend(t.name for t in tables)
    if not tables:
        return _nothing(chain, needs)
    parts = {t.name: _read(t, needs) for t in tables}
    told = meanings(search, tables) if search is not None else {}
    for place, (compare, meant) in enumerate(told.items()):
        for name, values in parts.items():
            values[f"{MARK}{place}"] = _mark(compare, meant[name], values)
    return _stacked(chain, tables, parts, within)


def _stacked(
    chain: Chain,
    tables: Iterable[VisibleTable],
    parts: Mapping[str, dict[str, Value]],
    within: Window,
) -> Relation:
    names = list(dict.fromkeys(n for values in parts.values() for n in values))
    kinds = {n: common_kind(v[n].kind for v in parts.values() if n in v) for n in names}
    columns = named({n: Value(exp.Null(), kinds[n]) for n in names})
    selects = []
    for found in tables:
        values = parts[found.name]
        typed = {n: converted(values.get(n, null()), kinds[n]) for n in names}
        selects.append(_select(found, columns, typed, within))
    union: exp.Expr = selects[0]
    for select in selects[1:]:
        union = exp.Union(this=union, expression=select, distinct=False)
    return Relation(chain, chain.add(union), columns)


def _mark(compare: Compare, meant: bool | None, values: Mapping[str, Value]) -> Value:
    """Return 1 where a table's rows are what a comparison asks for, else 0."""
    yes, no = number_literal(1), number_literal(0)
    if meant is not None:
        return Value(yes if meant else no, "number")
    asked = replace(compare, op="=")
    found = matching.compared(asked, values.get(compare.field.value, null()))
    return Value(when((found, yes), default=no), "number")


def marks(search: Search, relation: Relation) -> dict[Compare, exp.Expr]:
    """Return what comparisons on sourcetype and its kin come to on events just read."""
    found: dict[Compare, exp.Expr] = {}
    for place, compare in enumerate(dict.fromkeys(choosing(search))):
        mark = relation.columns.get(f"{MARK}{place}")
        if mark is not None:
            wanted = number_literal(1 if compare.op == "=" else 0)
            found[compare] = exp.EQ(this=ident(mark.ident), expression=wanted)
    return found


def unmarked(relation: Relation) -> Relation:
    """Drop the fields that `marks` reads."""
    return relation.keep(n for n in relation.columns if not n.startswith(MARK))


def _nothing(chain: Chain, needs: Needs) -> Relation:
    """Return no rows, with the fields that a search asks for."""
    values = {n: null("string") for n in sorted(needs.names | {"_raw"})}
    values["_time"] = null("number")
    columns = named(values)
    empty = selected(columns, values, exp.Literal.number(0)).where(exp.false())
    return Relation(chain, chain.add(empty), columns)


def _select(
    found: VisibleTable, columns: Mapping[str, Col], values: Mapping[str, Value], within: Window
) -> exp.Select:
    select = selected(columns, values, _newest_first(found)).from_(table(found.name), copy=False)
    for moment, kind in ((within.start, exp.GTE), (within.end, exp.LT)):
        if moment is not None:
            bound = cast(text_literal(moment.isoformat(sep=" ")), "TIMESTAMP")
            select.where(kind(this=ident(found.time or "_time"), expression=bound), copy=False)
    return select


def _newest_first(found: VisibleTable) -> exp.Expr:
    """Return the order of events; those of one moment by their id, so that runs agree."""
    if found.time is None:
        return exp.Literal.number(0)
    tie = ident("_id") if "_id" in found.columns else text_literal("")
    return call("row", exp.Neg(this=call("epoch_us", ident(found.time))), tie)


def _read(found: VisibleTable, needs: Needs) -> dict[str, Value]:
    """Return field -> value of one table, for the fields that a search needs."""
    values: dict[str, Value] = {}
    for name, column in found.columns.items():
        if needs.has(name) or name == "_time":
            values[name] = read(name, column.type, time=name == found.time)
    if found.time:
        values.setdefault("_time", read(found.time, "timestamp", time=True))
    if needs.has("sourcetype"):
        values.setdefault("sourcetype", Value(text_literal(found.name), "string"))
    for name in needs.names - set(values):
        inside = _inside(found, name)
        if inside is not None:
            values[name] = inside
    return values


def read(name: str, kind: Type, *, time: bool = False, epoch: bool = False) -> Value:
    """Return a visible column as a value: times as seconds, JSON and truth values as text."""
    sql = ident(name)
    if kind == "timestamp" and (time or epoch):
        return Value(call("epoch", sql), "number")
    if kind == "timestamp":
        form = text_literal("%Y-%m-%dT%H:%M:%S.%gZ")
        return Value(call("strftime", sql, form), "string")
    if kind == "timespan":
        return Value(call("epoch", sql), "number")
    if kind == "boolean":
        shown = when((sql, text_literal("true")), default=text_literal("false"))
        return Value(when((exp.Is(this=sql, expression=exp.Null()), null().sql), default=shown),
                     "string")  # fmt: skip
    if kind == "dynamic":
        return Value(call("json_extract_string", sql, text_literal("$")), "string")
    return Value(sql, _KINDS.get(kind, "string"), whole=kind == "long")


def _inside(found: VisibleTable, name: str) -> Value | None:
    """Return a field inside a JSON column: `requestParameters.bucketName`, `user.groups{}`."""
    parts = name.split(".")
    for place in range(len(parts) - 1, 0, -1):
        column = found.columns.get(".".join(parts[:place]))
        if column is not None and column.type == "dynamic":
            return json_field(ident(column.name), ".".join(parts[place:]))
    column = found.columns.get(name.removesuffix("{}"))
    if column is not None and column.type == "list":
        return Value(ident(column.name), "list")
    if column is not None and column.type == "dynamic":
        return json_field(ident(column.name), "{}")
    return None


def json_field(sql: exp.Expr, path: str) -> Value:
    """Return what a Splunk path (`a.b{}.c`, `a{0}`) finds in JSON; `{}` gives all elements."""
    steps = ["$"]
    many = False
    for part in path.split("."):
        name, _, index = part.partition("{")
        if name:
            steps.append('."' + name.replace('"', "") + '"')
        for inside in filter(None, ("{" + index).split("{")) if index else ():
            number = inside.rstrip("}")
            if number and not is_count(number):
                raise Unsaid(f"the path {path[:60]!r}")
            many = many or not number
            steps.append(f"[{number}]" if number else "[*]")
    found = call("json_extract_string", sql, text_literal("".join(steps)))
    if not many:
        return Value(found, "string")
    none = exp.EQ(this=call("len", found), expression=exp.Literal.number(0))
    return Value(when((none, null("list").sql), default=found), "list")


@dataclass(frozen=True, slots=True)
class DataModel:
    """A dataset that a search reads: the table behind it, or only its known columns."""

    dataset: cim.Dataset | None
    table: VisibleTable | None
    name: str
    constraints: Mapping[str, str]

    def columns(self) -> Mapping[str, Type]:
        """Return column -> type, without prefixes."""
        known: dict[str, Type] = dict(self.dataset.fields) if self.dataset else {}
        if self.table is not None:
            known |= {n: c.type for n, c in self.table.columns.items()}
        return known


def data_model(name: str, visible: Visible, fields: Iterable[str]) -> DataModel:
    """Find what `datamodel=NAME` reads; a bare model is told by the prefixes of its fields.

    Raises Unsaid when neither the workspace nor the CIM knows it.
    """
    dataset = cim.find(name)
    if "." not in name:
        prefixes = dict.fromkeys(f.partition(".")[0] for f in fields if "." in f)
        told = (cim.find(f"{name}.{p}") for p in prefixes)
        dataset = next((d for d in told if d), dataset)
    wanted = dataset.name if dataset else name
    found = visible.find(wanted)
    if found is None and dataset is None:
        near = visible.nearest_tables(name)
        hint = f"did you mean {near[0]}?" if near else None
        raise Unsaid(f"the data model `{name[:60]}` is not known", hint)
    constraints: Mapping[str, str] = {}
    if found is None and dataset is not None and dataset.parent:
        found = visible.find(dataset.parent)
        constraints = dataset.where
    return DataModel(dataset, found, wanted, constraints)


def strip_prefix(name: str, model: str, columns: Mapping[str, object]) -> str:
    """Return a field of a data model without the dataset's name before it."""
    if name in columns or "." not in name:
        return name
    parts = name.split(".")
    roots = [p.lower() for p in model.split(".")]
    for place in range(len(parts) - 1, 0, -1):
        heads = [p.lower() for p in parts[:place]]
        rest = ".".join(parts[place:])
        if rest in columns and (heads[-1] in roots or heads[0] in roots):
            return rest
    head = parts[0].lower() in roots or parts[0][:1].isupper()
    return ".".join(parts[1:]) if head else name


def dataset_rows(chain: Chain, model: DataModel, needs: Needs, within: Window) -> Relation:
    """Return the rows of a dataset; without any source here, an empty relation of its columns."""
    if model.table is not None:
        values = {
            n: read(n, c.type, time=n == model.table.time, epoch=True)
            for n, c in model.table.columns.items()
            if needs.has(n)
        }
        if model.table.time:
            values["_time"] = read(model.table.time, "timestamp", time=True)
        for n, kind in model.columns().items():
            if n not in model.table.columns and needs.has(n):
                values.setdefault(n, null(_KINDS.get(kind, "string")))
        values = {n: converted(v, v.kind) for n, v in values.items()}
        columns = named(values)
        select = _select(model.table, columns, values, within)
        chain.tables.append(model.table.name)
        return Relation(chain, chain.add(select), columns)
    known = {n: null(_KINDS.get(kind, "string")) for n, kind in model.columns().items()}
    columns = named(known)
    empty = selected(columns, known, cast(exp.Null(), "BIGINT")).where(exp.false())
    return Relation(chain, chain.add(empty), columns)
