"""Values of a search as typed SQL expressions.

SPL gives every field a text and looks at it as a number when it can; DuckDB has types. A `Value` is
an expression with the kind that is known of it, and the functions here are the only ways from one
kind to another. Nothing is pasted into SQL: expressions are built as trees.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal as OneOf
from typing import TypeAlias

from sqlglot import exp

from undersign.errors import QueryRefused

Kind: TypeAlias = OneOf["string", "number", "boolean", "list", "null"]
"""Times are numbers: seconds since 1970. A list is a multivalue field of texts."""

SQL_TYPES = {"string": "VARCHAR", "number": "DOUBLE", "boolean": "BOOLEAN", "list": "VARCHAR[]",
             "null": "VARCHAR"}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Value:
    """An SQL expression and what is known of it."""

    sql: exp.Expr
    kind: Kind
    constant: str | int | float | None = None
    """The value itself, when it was written in the search."""
    whole: bool = False
    """A number that is a BIGINT in SQL."""
    mixed: int = 0
    """How many `+` of unknown kinds are in it; each one repeats its sides."""


def call(name: str, *arguments: exp.Expr) -> exp.Expr:
    """Return a call of a DuckDB function."""
    return exp.Anonymous(this=name, expressions=list(arguments))


def text_literal(value: str) -> exp.Expr:
    """Return a text constant."""
    return exp.Literal.string(value.replace("\0", ""))


def number_literal(value: float) -> exp.Expr:
    """Return a number constant."""
    literal: exp.Expr = exp.Literal.number(repr(abs(value)))
    if isinstance(value, float):
        literal = cast(literal, "DOUBLE")
    return exp.Neg(this=literal) if value < 0 else literal


def string(value: str) -> Value:
    """Return a text constant as a value."""
    return Value(text_literal(value), "string", value)


def number(value: float) -> Value:
    """Return a number constant as a value."""
    return Value(number_literal(value), "number", value, whole=isinstance(value, int))


def cast(sql: exp.Expr, kind: str) -> exp.Expr:
    """Return CAST."""
    return exp.Cast(this=sql, to=exp.DataType.build(kind, dialect="duckdb"))


def try_cast(sql: exp.Expr, kind: str) -> exp.Expr:
    """Return TRY_CAST."""
    return exp.TryCast(this=sql, to=exp.DataType.build(kind, dialect="duckdb"))


def null(kind: Kind = "null") -> Value:
    """Return a typed null."""
    return Value(cast(exp.Null(), SQL_TYPES[kind]), kind)


def when(*pairs: tuple[exp.Expr, exp.Expr], default: exp.Expr) -> exp.Expr:
    """Return CASE WHEN ... THEN ... ELSE ... END."""
    case = exp.Case(ifs=[exp.If(this=c, true=v) for c, v in pairs])
    case.set("default", default)
    return case


def is_null(sql: exp.Expr) -> exp.Expr:
    """Return IS NULL."""
    return exp.Is(this=sql, expression=exp.Null())


def not_null(sql: exp.Expr) -> exp.Expr:
    """Return IS NOT NULL."""
    return exp.Not(this=is_null(sql))


def both(left: exp.Expr, right: exp.Expr) -> exp.Expr:
    """Return AND, each side in parentheses."""
    return exp.And(this=exp.Paren(this=left), expression=exp.Paren(this=right))


def either(left: exp.Expr, right: exp.Expr) -> exp.Expr:
    """Return OR, each side in parentheses."""
    return exp.Or(this=exp.Paren(this=left), expression=exp.Paren(this=right))


def flat(kind: type[exp.Connector], parts: list[exp.Expr]) -> exp.Expr:
    """Put many conditions together as a tree of little depth."""
    while len(parts) > 1:
        pairs = zip(parts[::2], parts[1::2], strict=False)
        joined: list[exp.Expr] = [
            kind(this=exp.Paren(this=a), expression=exp.Paren(this=b)) for a, b in pairs
        ]
        parts = joined + ([parts[-1]] if len(parts) % 2 else [])
    return parts[0]


def as_number(value: Value) -> exp.Expr:
    """Return a value as a number; null when its text is none."""
    if value.kind == "number":
        return value.sql
    if value.kind == "string" and isinstance(value.constant, str):
        found = numeric(value.constant)
        return cast(exp.Null(), "DOUBLE") if found is None else number_literal(float(found))
    if value.kind in ("string", "null"):
        return try_cast(value.sql, "DOUBLE")
    raise Unsaid(f"a {_called(value)} is used as a number")


def as_text(value: Value) -> exp.Expr:
    """Return a value as text: whole numbers without a decimal point."""
    if value.kind in ("string", "null"):
        return value.sql
    if value.kind == "number":
        return number_text(value)
    raise Unsaid(f"a {_called(value)} is used as a single text")


def number_text(value: Value) -> exp.Expr:
    """Return a number as Splunk writes it."""
    if value.whole:
        return cast(value.sql, "VARCHAR")
    shown = cast(value.sql, "VARCHAR")
    return call("regexp_replace", shown, text_literal(r"\.0$"), text_literal(""))


def as_list(value: Value) -> exp.Expr:
    """Return a value as a multivalue field: a single one becomes a list of one."""
    if value.kind == "list":
        return value.sql
    one = exp.Array(expressions=[as_text(value)])
    return when((is_null(value.sql), cast(exp.Null(), "VARCHAR[]")), default=one)


def as_condition(value: Value) -> exp.Expr:
    """Return a value as a condition."""
    if value.kind in ("boolean", "null"):
        return value.sql if value.kind == "boolean" else cast(exp.Null(), "BOOLEAN")
    raise Unsaid("a value that is neither true nor false is used as a condition")


def united(values: list[Value]) -> list[Value]:
    """Bring values to one kind, for the branches of `if`, `case` and `coalesce`."""
    kinds = {v.kind for v in values} - {"null"}
    if "boolean" in kinds:
        raise Unsaid("a truth value is kept in a field")
    if not kinds:
        return values
    if kinds == {"number"}:
        whole = all(v.whole for v in values if v.kind == "number")
        return [Value(as_number(v), "number", whole=whole) for v in values]
    if "list" in kinds:
        return [Value(as_list(v), "list") for v in values]
    return [Value(as_text(v), "string") for v in values]


def any_of(value: Value, condition: exp.Expr) -> exp.Expr:
    """Say that a condition on `x` holds for any value of a multivalue field."""
    kept = call("list_filter", value.sql, lambda_of(condition))
    return exp.GT(this=call("len", kept), expression=exp.Literal.number(0))


ELEMENT = Value(exp.column("x"), "string")
"""The element inside a lambda."""


def lambda_of(body: exp.Expr) -> exp.Expr:
    """Return `lambda x: body`."""
    return exp.Lambda(this=body, expressions=[exp.to_identifier("x")], colon=True)


def numeric(text: str) -> float | None:
    """Return the number that a text is, as SPL sees it."""
    try:
        return float(text) if text and text.strip() == text and "_" not in text else None
    except ValueError:
        return None


class Unsaid(Exception):
    """Something that cannot be said exactly; the command that meets it adds its name and place."""

    def __init__(self, message: str, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def refused(self, operator: str, line: int, column: int) -> QueryRefused:
        """Return it as the error that callers know."""
        message = f"{operator}: {self.message}"
        return QueryRefused(message, operator=operator, line=line, column=column, hint=self.hint)


def _called(value: Value) -> str:
    return {"list": "multivalue field", "boolean": "truth value"}.get(value.kind, value.kind)
