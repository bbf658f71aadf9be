"""Commands that filter, compute, rename and pick: a relation in, a relation out."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Mapping

from sqlglot import exp

from undersign.languages.spl import times
from undersign.languages.spl.reading import tree
from undersign.languages.spl.scan import is_count
from undersign.languages.spl.tree import Agg, Command, Name
from undersign.telemetry.translate.spl import matching
from undersign.telemetry.translate.spl.evaluating import Scope, condition, evaluate
from undersign.telemetry.translate.spl.fields import fields_of
from undersign.telemetry.translate.spl.number_functions import stamp, strftime, time_format
from undersign.telemetry.translate.spl.patterns import checked
from undersign.telemetry.translate.spl.relation import Relation, ident, named, selected
from undersign.telemetry.translate.spl.sources import json_field
from undersign.telemetry.translate.spl.values import (
    ELEMENT,
    Unsaid,
    Value,
    as_number,
    as_text,
    call,
    cast,
    is_null,
    lambda_of,
    null,
    number,
    number_literal,
    numeric,
    string,
    text_literal,
    when,
)
from undersign.telemetry.translate.spl.work import Work

CTIME = "%m/%d/%Y %H:%M:%S"


def search(command: Command, relation: Relation, work: Work) -> Relation:
    """Filter by a search expression."""
    if command.search is None:
        return relation
    found = matching.condition(command.search, relation.get, work.exists(relation))
    return relation.where(found)


def where(command: Command, relation: Relation, work: Work) -> Relation:
    """Filter by an eval expression."""
    if command.where is None:
        raise Unsaid("without a condition")
    return relation.where(condition(command.where, Scope(relation.get, work.now)))


def evaluated(command: Command, relation: Relation, work: Work) -> Relation:
    """Compute fields; each sees those before it, so one that reads them begins a new step."""
    fresh: dict[str, Value] = {}
    for assign in command.assigns:
        if fresh.keys() & {assign.name.value, *fields_of(assign.value)}:
            relation, fresh = relation.extend(fresh), {}
        value = evaluate(assign.value, Scope(relation.get, work.now))
        fresh[assign.name.value] = null("string") if value.kind == "null" else value
    return relation.extend(fresh)


def rename(command: Command, relation: Relation, _: Work) -> Relation:
    """Give fields new names; a name that is taken is taken over."""
    values = relation.values()
    for pair in command.pairs:
        for old, new in _renamed(pair.old.value, pair.new.value, list(values)):
            values = _moved(values, old, new)
    select, columns = relation.select(values)
    return relation.step(select, columns)


def _moved(values: dict[str, Value], old: str, new: str) -> dict[str, Value]:
    """Put a field under a new name in its old place."""
    if old == new:
        return values
    if old not in values:
        return {**values, new: null("string")}
    return {(new if n == old else n): v for n, v in values.items() if n != new}


def _renamed(old: str, new: str, known: list[str]) -> list[tuple[str, str]]:
    if "*" not in old:
        return [(old, new)]
    if old.count("*") != new.count("*"):
        raise Unsaid("wildcards that do not pair")
    pattern = re.compile("(.*)".join(re.escape(p) for p in old.split("*")))
    found = []
    for name in known:
        hit = pattern.fullmatch(name)
        if hit:
            pieces = zip(new.split("*"), [*hit.groups(), ""], strict=True)
            found.append((name, "".join(p for pair in pieces for p in pair)))
    return found


def chosen(names: tuple[Name, ...], known: Mapping[str, object]) -> list[str]:
    """Return the fields that names with wildcards mean, in order, each once."""
    found: dict[str, None] = {}
    for name in names:
        if "*" in name.value:
            pattern = name.value.replace("[", "[[]")
            found |= {n: None for n in known if fnmatch.fnmatchcase(n, pattern)}
        else:
            found[name.value] = None
    return list(found)


def fields(command: Command, relation: Relation, _: Work) -> Relation:
    """Keep or drop fields; `_time` and `_raw` stay unless they are dropped by name."""
    names = chosen(command.fields, relation.columns)
    if command.mode == "-":
        return relation.keep(n for n in relation.columns if n not in names)
    inner = [n for n in ("_time", "_raw") if n in relation.columns and n not in names]
    return relation.keep([*(n for n in names if n in relation.columns), *inner])


def tabled(command: Command, relation: Relation, _: Work) -> Relation:
    """Show fields in the order given."""
    return relation.keep(chosen(command.fields, relation.columns))


def binned(command: Command, relation: Relation, _: Work) -> Relation:
    """Put times into bins."""
    pair = command.pairs[0]
    value = relation.get(pair.old.value)
    text = command.options["span"].value if "span" in command.options else ""
    if not text or set(command.options) - {"span"}:
        raise Unsaid("bin needs span= and nothing else here: Splunk chooses the width by the data")
    if pair.old.value != "_time":
        raise Unsaid("bins of anything but _time, which Splunk shows as ranges of text")
    return relation.extend({pair.new.value: Value(bin_of(as_number(value), text), "number")})


def bin_of(seconds: exp.Expr, text: str) -> exp.Expr:
    """Return the start of a time's bin; raises Unsaid."""
    found = times.span(text)
    if found is None or found[1] == "w":
        raise Unsaid(f"the span {text[:20]!r}")
    amount, unit = found
    width = times.span_seconds(text)
    if width is not None:
        size = number_literal(float(width))
        share = exp.Div(this=exp.Paren(this=seconds), expression=size)
        return exp.Mul(this=call("floor", share), expression=size)
    if amount != 1:
        raise Unsaid(f"the span {text[:20]!r}")
    name = {"mon": "month", "q": "quarter", "y": "year"}[unit]
    return call("epoch", call("date_trunc", text_literal(name), stamp(seconds)))


def fillnull(command: Command, relation: Relation, _: Work) -> Relation:
    """Put a value where there is none."""
    filler = command.options["value"].value if "value" in command.options else "0"
    names = [n.value for n in command.fields] or list(relation.columns)
    values = {n: _filled(relation.get(n), filler) for n in names if n != "_time"}
    return relation.extend(values)


def _filled(value: Value, filler: str) -> Value:
    found = numeric(filler)
    if value.kind == "number" and found is not None:
        whole = value.whole and found == int(found)
        constant = number(int(found) if whole else found)
        return Value(call("coalesce", value.sql, constant.sql), "number", whole=whole)
    if value.kind == "list":
        one = exp.Array(expressions=[text_literal(filler)])
        return Value(call("coalesce", value.sql, one), "list")
    if value.kind == "null":
        return string(filler)
    return Value(call("coalesce", as_text(value), text_literal(filler)), "string")


def mvexpand(command: Command, relation: Relation, _: Work) -> Relation:
    """Make a row of every value of a multivalue field."""
    name = command.fields[0].value if command.fields else ""
    value = relation.get(name)
    if value.kind != "list":
        return relation
    values = value.sql
    if "limit" in command.options and command.options["limit"].value != "0":
        if not is_count(command.options["limit"].value):
            raise Unsaid("a limit that is no number")
        last = exp.Literal.number(int(command.options["limit"].value))
        values = call("list_slice", values, exp.Literal.number(1), last)
    empty = exp.Array(expressions=[cast(exp.Null(), "VARCHAR")])
    rows = when((is_null(value.sql), empty), default=values)
    return _unnested(relation, name, rows)


def _unnested(relation: Relation, name: str, rows: exp.Expr) -> Relation:
    every = {**relation.values(), name: Value(call("unnest", rows), "string")}
    select, columns = relation.select(every)
    loose = relation.step(select, columns)
    select, columns = loose.select(
        loose.values(), loose.numbered([exp.Ordered(this=loose.order())])
    )
    return loose.step(select, columns)


def expanded(relation: Relation, name: str) -> Relation:
    """Return one row for every value of a field, as BY sees a multivalue field."""
    return _unnested(relation, name, relation.get(name).sql)


def makemv(command: Command, relation: Relation, _: Work) -> Relation:
    """Cut a text into values."""
    name = command.fields[0].value if command.fields else ""
    text = as_text(relation.get(name))
    options = command.options
    if "setsv" in options:
        raise Unsaid("setsv")
    if "tokenizer" in options:
        pattern = checked(options["tokenizer"].value)
        pieces = call("regexp_extract_all", text, text_literal(pattern), exp.Literal.number(1))
    else:
        mark = options["delim"].value if "delim" in options else " "
        pieces = call("string_split", text, text_literal(mark))
    if "allowempty" not in options or options["allowempty"].value.lower() not in ("t", "true"):
        kept = exp.NEQ(this=ELEMENT.sql, expression=text_literal(""))
        pieces = call("list_filter", pieces, lambda_of(kept))
    return relation.extend({name: Value(pieces, "list")})


def nomv(command: Command, relation: Relation, _: Work) -> Relation:
    """Put the values of a multivalue field together, one a line."""
    name = command.fields[0].value if command.fields else ""
    value = relation.get(name)
    if value.kind != "list":
        return relation
    joined = call("array_to_string", value.sql, text_literal("\n"))
    return relation.extend({name: Value(joined, "string")})


def convert(command: Command, relation: Relation, _: Work) -> Relation:
    """Change how values are written: ctime, mktime, num and none."""
    form = command.options["timeformat"].value if "timeformat" in command.options else CTIME
    values: dict[str, Value] = {}
    for agg in command.aggregates:
        if agg.field is None:
            raise Unsaid("convert without a field")
        for name in chosen((agg.field,), relation.columns):
            shown = agg.name if agg.name != _written(agg) else name
            values[shown] = _converted(agg.function, relation.get(name), form)
    return relation.extend(values)


def _written(agg: Agg) -> str:
    field = agg.field.value if agg.field else ""
    return f"{agg.function}({field})" if agg.name.startswith(agg.function) else agg.name + "\0"


def _converted(function: str, value: Value, form: str) -> Value:
    if function == "ctime":
        if value.kind == "list":
            shown = strftime(as_number(ELEMENT), form)
            return Value(call("list_transform", value.sql, lambda_of(shown)), "list")
        return Value(strftime(as_number(value), form), "string")
    if function == "mktime":
        read = call("try_strptime", as_text(value), text_literal(time_format(form, reading=True)))
        return Value(call("epoch", read), "number")
    if function == "num":
        return Value(as_number(value), "number")
    raise Unsaid(f"convert {function[:20]}()")


def spath(command: Command, relation: Relation, work: Work) -> Relation:
    """Read JSON: one path, or every field that is needed later."""
    options = command.options
    source = options["input"].value if "input" in options else "_raw"
    text = as_text(relation.get(source))
    json = exp.TryCast(this=text, to=exp.DataType.build("JSON", dialect="duckdb"))
    path = options["path"].value if "path" in options else ""
    path = path or (command.fields[0].value if command.fields else "")
    if path:
        output = options["output"].value if "output" in options else path
        return relation.extend({output: json_field(json, path)})
    later = work.later()
    if later.every or later.patterns:
        raise Unsaid("spath without a path, when what follows needs every field")
    fresh = {n: json_field(json, n) for n in sorted(later.names) if n not in relation.columns}
    return relation.extend(fresh)


def foreach(command: Command, relation: Relation, work: Work) -> Relation:
    """Repeat evals for every field that is meant, `<<FIELD>>` standing for its name."""
    names = chosen(command.fields, dict.fromkeys(relation.columns, 0))
    if not command.text or set(command.options):
        raise Unsaid("foreach with options, or without a template in brackets")
    for name in names:
        found = tree(f"| eval {command.text.replace('<<FIELD>>', name)}")
        if found.problems or any(c.name != "eval" for c in found.tree.commands):
            raise Unsaid("a template that is more than eval, or does not fit a field's name")
        for inner in found.tree.commands:
            relation = evaluated(inner, relation, work)
    return relation


def reverse(_: Command, relation: Relation, work: Work) -> Relation:
    """Turn the order of rows."""
    del work
    return reordered(relation, [exp.Ordered(this=relation.order(), desc=True)])


def reordered(relation: Relation, keys: list[exp.Expr]) -> Relation:
    """Put rows in an order."""
    select, columns = relation.select(relation.values(), relation.numbered(keys))
    return relation.step(select, columns)


def makeresults(command: Command, relation: Relation, work: Work) -> Relation:
    """Make rows with nothing but the time."""
    count = command.options["count"].value if "count" in command.options else "1"
    if not is_count(count) or set(command.options) - {"count"}:
        raise Unsaid("makeresults with anything but count=")
    values = {"_time": Value(number_literal(float(work.now.timestamp())), "number")}
    columns = named(values)
    rows = call("range", exp.Literal.number(min(int(count), 100_000)))
    select = selected(columns, values, ident("range")).from_(rows, copy=False)
    return Relation(relation.chain, relation.chain.add(select), columns)
