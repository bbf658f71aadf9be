"""tstats and from: rows of a CIM dataset, aggregated under the names with their prefixes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from sqlglot import exp

from undersign.catalogs import cim
from undersign.languages.spl.tree import Agg, Both, Command, Compare, Name, Search, Term
from undersign.telemetry.translate.spl import matching, sources
from undersign.telemetry.translate.spl.fields import Needs, searched
from undersign.telemetry.translate.spl.grouping import grouped
from undersign.telemetry.translate.spl.relation import Chain, Relation
from undersign.telemetry.translate.spl.values import Unsaid, Value, as_text, call, text_literal
from undersign.telemetry.translate.spl.work import Work

_OPTIONS = {"summariesonly", "allow_old_summaries", "fillnull_value", "prestats", "append",
            "chunk_size", "include_reduced_buckets"}  # fmt: skip
NODE = "nodename"


def tstats_rows(command: Command, chain: Chain, work: Work) -> Relation:
    """Return the rows that tstats reads, before its conditions, fields without prefixes."""
    if set(command.options) - _OPTIONS:
        raise Unsaid(f"the option {sorted(set(command.options) - _OPTIONS)[0]!r}")
    for name in ("prestats", "append"):
        if name in command.options and command.options[name].value.lower()[:1] == "t":
            raise Unsaid(f"{name}=true")
    window, rest = matching.split_time(command.search)
    within = sources.window(window, work.now)
    if not command.text:
        needs = Needs(set(_named(command)))
        return sources.events(chain, work.visible, rest, needs, within)
    model = sources.data_model(command.text, work.visible, _named(command))
    columns = model.columns()
    needs = Needs({sources.strip_prefix(n, model.name, columns) for n in _named(command)})
    for name in model.constraints:
        needs.names.add(name)
    relation = sources.dataset_rows(chain, model, needs, within)
    for name, value in model.constraints.items():
        relation = relation.where(matching.equal(relation.get(name), value))
    return relation


def _named(command: Command) -> list[str]:
    names = [a.field.value for a in command.aggregates if a.field]
    names += [b.field.value for b in command.by]
    return [*names, *searched(command.search)]


def _getter(command: Command, relation: Relation, work: Work) -> Callable[[str], Value]:
    if not command.text:
        return relation.get
    model = sources.data_model(command.text, work.visible, _named(command))
    columns = model.columns()
    return lambda name: relation.get(sources.strip_prefix(name, model.name, columns))


def tstats_filter(command: Command, relation: Relation, work: Work) -> Relation:
    """Apply the where of tstats."""
    _, rest = matching.split_time(command.search)
    if rest is None:
        return relation
    get = _getter(command, relation, work)
    marks = sources.marks(rest, relation)
    told = matching.without_places(_without_nodes(rest, command.text), relation.columns)
    if told is None:
        return relation
    exists = work.exists(relation)
    return relation.where(matching.condition(told, get, exists, marks))


def _without_nodes(search: Search, model: str) -> Search:
    """Turn `nodename=Root.Child` into what tells the child's events from its parent's."""
    if isinstance(search, Both):
        return replace(search, items=tuple(_without_nodes(i, model) for i in search.items))
    if not (isinstance(search, Compare) and search.field.value == NODE):
        return search
    parts: list[Search] = []
    for value in search.values:
        dataset = cim.find(f"{model.partition('.')[0]}.{value.value.rpartition('.')[2]}")
        if dataset is None or search.op != "=":
            raise Unsaid(f"nodename={value.value[:60]}")
        told: list[Search] = [
            Compare(Name(f, 0, 0), "=", (Name(v, 0, 0),), search.start, search.end)
            for f, v in dataset.where.items()
        ]
        every = Term("*", True, search.start, search.end)
        parts.append(Both("and", tuple(told), search.start, search.end) if told else every)
    return Both("or", tuple(parts), search.start, search.end)


def tstats(command: Command, relation: Relation, work: Work) -> Relation:
    """Aggregate; groups without a value get `fillnull_value` when that is told."""
    get = _getter(command, relation, work)
    values: dict[str, Value] = {}
    for name in [*(b.field.value for b in command.by), *_aggregated(command)]:
        value = get(name)
        values[name] = value
    filler = command.options.get("fillnull_value")
    if filler is not None:
        for item in command.by:
            name = item.field.value
            if name != "_time":
                values[name] = _filled(values[name], filler.value)
    if relation.get("_time").kind == "number":
        values.setdefault("_time", relation.get("_time"))
    select, columns = relation.select(values)
    ready = relation.step(select, columns)
    return grouped(ready, _spelled(command.aggregates), command.by, work)


def _filled(value: Value, filler: str) -> Value:
    if value.kind == "list":
        one = exp.Array(expressions=[text_literal(filler)])
        return Value(call("coalesce", value.sql, one), "list")
    return Value(call("coalesce", as_text(value), text_literal(filler)), "string")


def _aggregated(command: Command) -> list[str]:
    return [a.field.value for a in command.aggregates if a.field and "*" not in a.field.value]


def _spelled(aggregates: tuple[Agg, ...]) -> tuple[Agg, ...]:
    if any(a.field and "*" in a.field.value for a in aggregates):
        raise Unsaid("a wildcard among the fields of a data model")
    return aggregates


def from_rows(command: Command, chain: Chain, work: Work) -> Relation:
    """Return the rows of `from datamodel:NAME`."""
    if not command.text:
        raise Unsaid("from with anything but a data model")
    model = sources.data_model(command.text, work.visible, ())
    return sources.dataset_rows(chain, model, Needs(every=True), sources.Window())
