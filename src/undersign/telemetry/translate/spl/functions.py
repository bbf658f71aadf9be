"""Eval functions: choice, comparison and text. Lists, times and numbers have files of their own."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sqlglot import exp

from undersign.languages.spl.tree import Call, Expr
from undersign.telemetry.translate.spl.evaluating import Scope, compare, condition, evaluate
from undersign.telemetry.translate.spl.matching import in_network
from undersign.telemetry.translate.spl.patterns import checked, replacement
from undersign.telemetry.translate.spl.values import (
    ELEMENT,
    Kind,
    Unsaid,
    Value,
    any_of,
    as_number,
    as_text,
    call,
    cast,
    flat,
    is_null,
    not_null,
    null,
    text_literal,
    united,
    when,
)


@dataclass(frozen=True, slots=True)
class Given:
    """A call's arguments, evaluated when asked for."""

    call: Call
    scope: Scope

    def __len__(self) -> int:
        return len(self.call.arguments)

    def expr(self, place: int) -> Expr:
        """Return an argument as written; raises Unsaid when there is none."""
        if place >= len(self.call.arguments):
            raise Unsaid(f"{self.call.name}() needs more arguments")
        return self.call.arguments[place]

    def value(self, place: int) -> Value:
        """Return an argument's value."""
        return evaluate(self.expr(place), self.scope)

    def values(self, start: int = 0) -> list[Value]:
        """Return the values of all arguments from `start` on."""
        return [evaluate(e, self.scope) for e in self.call.arguments[start:]]

    def condition(self, place: int) -> exp.Expr:
        """Return an argument as a condition."""
        return condition(self.expr(place), self.scope)

    def text(self, place: int) -> str:
        """Return an argument that must be written as a text; raises Unsaid."""
        value = self.value(place)
        if not isinstance(value.constant, str):
            raise Unsaid(f"{self.call.name}() with an argument that is not written in the search")
        return value.constant

    def number(self, place: int) -> int:
        """Return an argument that must be written as a whole number; raises Unsaid."""
        value = self.value(place)
        if not isinstance(value.constant, int | float) or value.constant != int(value.constant):
            raise Unsaid(f"{self.call.name}() with a number that is not written in the search")
        return int(value.constant)


Builder = Callable[[Given], Value]


def _if(given: Given) -> Value:
    yes, no = united([given.value(1), given.value(2)])
    whole = yes.whole and no.whole
    kind = yes.kind if yes.kind != "null" else no.kind
    return Value(when((given.condition(0), yes.sql), default=no.sql), kind, whole=whole)


def _kind_of(values: list[Value]) -> Kind:
    for value in values:
        if value.kind != "null":
            return value.kind
    return "null"


def _case(given: Given) -> Value:
    if len(given) % 2 or not len(given):
        raise Unsaid("case() needs pairs of condition and value")
    values = united([given.value(i) for i in range(1, len(given), 2)])
    conditions = [given.condition(i) for i in range(0, len(given), 2)]
    kind = _kind_of(values)
    pairs = [(c, v.sql) for c, v in zip(conditions, values, strict=True)]
    whole = all(v.whole for v in values)
    return Value(when(*pairs, default=null(kind).sql), kind, whole=whole)


def _coalesce(given: Given) -> Value:
    values = united(given.values())
    kind = _kind_of(values)
    whole = all(v.whole for v in values)
    return Value(call("coalesce", *(v.sql for v in values)), kind, whole=whole)


def _nullif(given: Given) -> Value:
    left, right = given.value(0), given.value(1)
    equal = compare("==", left, right)
    return Value(when((equal, null(left.kind).sql), default=left.sql), left.kind, whole=left.whole)


def _isnull(given: Given) -> Value:
    return Value(is_null(given.value(0).sql), "boolean")


def _isnotnull(given: Given) -> Value:
    return Value(not_null(given.value(0).sql), "boolean")


def _true(_: Given) -> Value:
    return Value(exp.true(), "boolean")


def _false(_: Given) -> Value:
    return Value(exp.false(), "boolean")


def _null(_: Given) -> Value:
    return null()


def _in(given: Given) -> Value:
    value = given.value(0)
    return Value(flat(exp.Or, [compare("==", value, v) for v in given.values(1)]), "boolean")


def _match(given: Given) -> Value:
    value, pattern = given.value(0), text_literal(checked(given.text(1)))
    if value.kind == "list":
        return Value(any_of(value, call("regexp_matches", ELEMENT.sql, pattern)), "boolean")
    return Value(call("regexp_matches", as_text(value), pattern), "boolean")


def _like(given: Given) -> Value:
    value, pattern = given.value(0), text_literal(given.text(1))
    if value.kind == "list":
        return Value(any_of(value, exp.Like(this=ELEMENT.sql, expression=pattern)), "boolean")
    return Value(exp.Like(this=as_text(value), expression=pattern), "boolean")


def _cidrmatch(given: Given) -> Value:
    try:
        network = ipaddress.IPv4Network(given.text(0), strict=False)
    except ValueError as error:
        raise Unsaid("cidrmatch() with anything but a range of IPv4 addresses") from error
    value = given.value(1)
    if value.kind == "list":
        return Value(any_of(value, in_network(ELEMENT.sql, network)), "boolean")
    return Value(in_network(as_text(value), network), "boolean")


def _text(name: str) -> Builder:
    """A function from one text to one text."""

    def build(given: Given) -> Value:
        return Value(call(name, as_text(given.value(0))), "string")

    return build


def _trimmed(name: str) -> Builder:
    def build(given: Given) -> Value:
        marks = [text_literal(given.text(1))] if len(given) > 1 else [text_literal(" \t")]
        return Value(call(name, as_text(given.value(0)), *marks), "string")

    return build


def _len(given: Given) -> Value:
    return Value(call("length", as_text(given.value(0))), "number", whole=True)


def _substr(given: Given) -> Value:
    text, start = as_text(given.value(0)), given.number(1)
    if start == 0:
        raise Unsaid("substr() counts from 1")
    length = [exp.Literal.number(max(0, given.number(2)))] if len(given) > 2 else []
    place = exp.Literal.number(abs(start))
    return Value(
        call("substr", text, exp.Neg(this=place) if start < 0 else place, *length), "string"
    )


def _replace(given: Given) -> Value:
    pattern = text_literal(checked(given.text(1)))
    new = text_literal(replacement(given.text(2)))
    text = as_text(given.value(0))
    return Value(call("regexp_replace", text, pattern, new, text_literal("g")), "string")


def _tostring(given: Given) -> Value:
    value = given.value(0)
    form = given.text(1).lower() if len(given) > 1 else ""
    if value.kind == "boolean":
        return Value(
            when((value.sql, text_literal("True")), default=text_literal("False")), "string"
        )
    if form == "hex":
        digits = call("lower", call("hex", cast(as_number(value), "BIGINT")))
        short = call("coalesce", call("nullif", call("ltrim", digits, text_literal("0")),
                                      text_literal("")), text_literal("0"))  # fmt: skip
        return Value(exp.DPipe(this=text_literal("0x"), expression=call("upper", short)), "string")
    if form:
        raise Unsaid(f'tostring(..., "{form[:20]}")')
    return Value(as_text(value), "string")


def _tonumber(given: Given) -> Value:
    if len(given) == 1 or given.number(1) == 10:
        return Value(as_number(given.value(0)), "number")
    if given.number(1) != 16:
        raise Unsaid("tonumber() with a base other than 10 and 16")
    text = as_text(given.value(0))
    hexadecimal = call("regexp_replace", text, text_literal("^(0[xX])?"), text_literal("0x"))
    whole = exp.TryCast(this=hexadecimal, to=exp.DataType.build("BIGINT"))
    return Value(whole, "number", whole=True)


def _typeof(given: Given) -> Value:
    kind = {"number": "Number", "string": "String", "boolean": "Boolean"}.get(given.value(0).kind)
    if kind is None:
        raise Unsaid("typeof() of this value")
    value = given.value(0)
    return Value(when((is_null(value.sql), text_literal("Invalid")), default=text_literal(kind)),
                 "string")  # fmt: skip


def _isnum(given: Given) -> Value:
    value = given.value(0)
    return Value(not_null(as_number(value)), "boolean")


def _isstr(given: Given) -> Value:
    value = given.value(0)
    held = not_null(value.sql)
    return Value(exp.And(this=held, expression=is_null(as_number(value))), "boolean")


def _hashed(name: str) -> Builder:
    def build(given: Given) -> Value:
        return Value(call(name, as_text(given.value(0))), "string")

    return build


def _urldecode(given: Given) -> Value:
    return Value(call("url_decode", as_text(given.value(0))), "string")


FUNCTIONS: dict[str, Builder] = {
    "if": _if, "case": _case, "coalesce": _coalesce, "nullif": _nullif, "isnull": _isnull,
    "isnotnull": _isnotnull, "true": _true, "false": _false, "null": _null, "in": _in,
    "match": _match, "like": _like, "cidrmatch": _cidrmatch, "lower": _text("lower"),
    "upper": _text("upper"), "len": _len, "substr": _substr, "replace": _replace,
    "trim": _trimmed("trim"), "ltrim": _trimmed("ltrim"), "rtrim": _trimmed("rtrim"),
    "tostring": _tostring, "tonumber": _tonumber, "typeof": _typeof, "isnum": _isnum,
    "isint": _isnum, "isstr": _isstr, "md5": _hashed("md5"), "sha1": _hashed("sha1"),
    "sha256": _hashed("sha256"), "urldecode": _urldecode,
}  # fmt: skip
"""Eval functions by name; `list_functions` and `number_functions` add theirs."""


def _others() -> Mapping[str, Builder]:
    from undersign.telemetry.translate.spl import list_functions, number_functions

    return {**list_functions.FUNCTIONS, **number_functions.FUNCTIONS}


FUNCTIONS.update(_others())
