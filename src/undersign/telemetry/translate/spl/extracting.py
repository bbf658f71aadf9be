"""rex and regex: parts of a text by a regular expression."""

from __future__ import annotations

from sqlglot import exp

from undersign.languages.spl.scan import is_count
from undersign.languages.spl.tree import Command
from undersign.telemetry.translate.spl.patterns import checked, groups, only_group, sed
from undersign.telemetry.translate.spl.relation import Relation
from undersign.telemetry.translate.spl.values import (
    ELEMENT,
    Unsaid,
    Value,
    as_text,
    call,
    lambda_of,
    null,
    text_literal,
    united,
    when,
)
from undersign.telemetry.translate.spl.work import Work


def rex(command: Command, relation: Relation, _: Work) -> Relation:
    """Extract named groups, or replace by a sed script."""
    name = command.options["field"].value if "field" in command.options else "_raw"
    value = relation.get(name)
    if "offset_field" in command.options:
        raise Unsaid("offset_field")
    if command.mode == "sed":
        pattern, new, everywhere = sed(command.text)
        flags = [text_literal("g")] if everywhere else []
        text = (text_literal(pattern), text_literal(new), *flags)
        return relation.extend({name: _each(value, "regexp_replace", *text)})
    if command.mode:
        raise Unsaid(f"mode={command.mode[:20]}")
    pattern = checked(command.text)
    found = groups(pattern)
    if not found:
        raise Unsaid("a regular expression without named groups")
    most = command.options["max_match"].value if "max_match" in command.options else "1"
    make = _extracted if most == "1" else _all_extracted
    if not is_count(most):
        raise Unsaid("max_match must be a number")
    values = {}
    for group, _place in found:
        fresh = make(value, *only_group(pattern, group), int(most))
        values[group] = _kept_if_absent(fresh, relation.get(group))
    return relation.extend(values)


def _each(value: Value, name: str, *arguments: exp.Expr) -> Value:
    if value.kind == "list":
        changed = call(name, ELEMENT.sql, *arguments)
        return Value(call("list_transform", value.sql, lambda_of(changed)), "list")
    return Value(call(name, as_text(value), *arguments), "string")


def _extracted(value: Value, pattern: str, place: int, _: int) -> Value:
    if value.kind == "list":
        raise Unsaid("a multivalue field")
    text = as_text(value)
    found = call("regexp_extract", text, text_literal(pattern), exp.Literal.number(place))
    return Value(call("nullif", found, text_literal("")), "string")


def _all_extracted(value: Value, pattern: str, place: int, most: int) -> Value:
    if value.kind == "list":
        raise Unsaid("a multivalue field")
    arguments = (text_literal(pattern), exp.Literal.number(place))
    found = call("regexp_extract_all", as_text(value), *arguments)
    if most:
        found = call("list_slice", found, exp.Literal.number(1), exp.Literal.number(most))
    none = exp.EQ(this=call("len", found), expression=exp.Literal.number(0))
    return Value(when((none, null("list").sql), default=found), "list")


def _kept_if_absent(fresh: Value, old: Value) -> Value:
    if old.kind == "null":
        return fresh
    values = united([fresh, old])
    return Value(call("coalesce", *(v.sql for v in values)), values[0].kind)


def regex(command: Command, relation: Relation, _: Work) -> Relation:
    """Filter by a regular expression."""
    value = relation.get(command.fields[0].value)
    pattern = text_literal(checked(command.text))
    if value.kind == "list":
        raise Unsaid("a multivalue field")
    found = call("regexp_matches", as_text(value), pattern)
    if command.mode == "!=":
        found = exp.Not(this=call("coalesce", found, exp.false()))
    return relation.where(found)
