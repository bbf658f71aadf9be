"""Search and eval expressions as the conditions that checks read."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from undersign.languages.spl import times
from undersign.languages.spl.placed import Placed
from undersign.languages.spl.scope import Origin
from undersign.languages.spl.tree import (
    Binary,
    Both,
    Call,
    Compare,
    Const,
    Expr,
    Field,
    Logic,
    Name,
    Search,
    Term,
)
from undersign.records.artifact import Span
from undersign.records.query import (
    And,
    Comparison,
    Condition,
    Literal,
    Not,
    Opaque,
    Operator,
    Or,
)

_OPERATORS: dict[str, Operator] = {
    "=": "==", "==": "==", "!=": "!=", "<": "<", "<=": "<=", ">": ">", ">=": ">=", "like": "like",
}  # fmt: skip
_TURNED = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}
_WRAPPING = ("lower", "upper", "trim", "ltrim", "rtrim", "tostring", "tonumber", "len", "replace",
             "substr", "mvcount", "mvindex", "round", "urldecode", "strftime", "strptime", "abs",
             "mvjoin", "mvdedup", "split", "ceiling", "floor")  # fmt: skip
"""Functions of which the first argument is what is looked at."""


@dataclass(frozen=True, slots=True)
class Reader:
    """Turns expressions into conditions; `origin` tells where a field comes from, and notes it."""

    placed: Placed
    origin: Callable[[str, int, int], Origin]

    def span(self, start: int, end: int) -> Span:
        """Return where a part was written."""
        return self.placed.span(start, end)

    def text(self, start: int, end: int) -> str:
        """Return a part, macros put in."""
        return self.placed.text[start:end]

    # --- search expressions

    def search(self, found: Search) -> Condition | None:
        """Return a search expression as a condition; None when it holds for every event."""
        if isinstance(found, Term):
            return None if not found.value.strip("*") else self._term(found)
        if isinstance(found, Compare):
            return self._compare(found)
        span = self.span(found.start, found.end)
        if not isinstance(found, Both):
            return Opaque(self.text(found.start, found.end), span)
        parts = [p for item in found.items if (p := self.search(item)) is not None]
        if found.op == "not":
            return Not(parts[0], span) if parts else None
        return _joined(found.op, parts, span, found.bare)

    def _term(self, found: Term) -> Comparison:
        span = self.span(found.start, found.end)
        text = self.text(found.start, found.end)
        starred = "*" in found.value
        values = (Literal(found.value, "string", span, text),)
        op: Operator = "like" if starred else "has"
        return Comparison("", op, values, span, text, case_sensitive=False, type="string")

    def _compare(self, found: Compare) -> Comparison:
        span = self.span(found.start, found.end)
        text = self.text(found.start, found.end)
        name = found.field.value
        if name.lower() in ("earliest", "latest", "_index_earliest", "_index_latest"):
            return self._time(found, span, text)
        origin = self.origin(name, found.field.start, found.field.end)
        values = tuple(self._value(v) for v in found.values)
        op: Operator = _OPERATORS[found.op] if len(values) == 1 else "in"
        negated = False
        if len(values) == 1 and found.values[0].value == "*":
            op, values, negated = "exists", (), found.op == "!="
        elif any("*" in v.value for v in found.values) and op in ("==", "!="):
            op, negated = "like", found.op == "!="
        return Comparison(
            name, op, values, span, text, negated, case_sensitive=False,
            table=origin.table, table_column=origin.column, type=origin.type,
        )  # fmt: skip

    def _time(self, found: Compare, span: Span, text: str) -> Comparison:
        value = found.values[0]
        place = self.span(value.start, value.end)
        name = "_time" if not found.field.value.startswith("_index") else "_indextime"
        op: Operator = ">=" if "earliest" in found.field.value else "<"
        origin = self.origin(name, found.field.start, found.field.end)
        return Comparison(
            name, op, (_moment(value.value, place),), span, text,
            table=origin.table, table_column=origin.column, type="timestamp",
        )  # fmt: skip

    def _value(self, name: Name) -> Literal:
        span = self.span(name.start, name.end)
        text = self.text(name.start, name.end)
        if not name.quoted:
            for kind, make in (("long", int), ("double", float)):
                try:
                    return Literal(make(name.value), kind, span, text)  # type: ignore[arg-type]
                except ValueError:
                    continue
        return Literal(name.value, "string", span, text)

    # --- eval expressions

    def where(self, found: Expr) -> Condition:
        """Return an eval expression as a condition."""
        span = self.span(found.start, found.end)
        if isinstance(found, Logic) and found.op in ("and", "or"):
            return _joined(found.op, [self.where(i) for i in found.items], span, found.bare) or (
                self._opaque(found)
            )
        if isinstance(found, Logic) and found.op == "not":
            return Not(self.where(found.items[0]), span)
        if isinstance(found, Binary):
            return self._binary(found) or self._opaque(found)
        if isinstance(found, Call):
            return self._call(found) or self._opaque(found)
        return self._opaque(found)

    def _opaque(self, found: Expr) -> Opaque:
        for name, start, end in fields_read(found):
            self.origin(name, start, end)
        names = tuple(dict.fromkeys(n for n, _, _ in fields_read(found)))
        return Opaque(self.text(found.start, found.end), self.span(found.start, found.end), names)

    def _binary(self, found: Binary) -> Comparison | None:
        if found.op not in _OPERATORS:
            return None
        left, right, op = found.left, found.right, found.op
        if self.literal(left) is not None and self.literal(right) is None:
            left, right, op = right, left, _TURNED.get(op, op)
        value = self.literal(right)
        if value is None and isinstance(right, Field):
            self.origin(right.name, right.start, right.end)
            value = Literal(right.name, "name", self.span(right.start, right.end), right.name)
        if value is None or unwrapped(left) is None:
            return None
        if op == "like":
            value = _like(value)
        return self._comparison(left, _OPERATORS[op], (value,), found)

    def _call(self, found: Call) -> Comparison | None:
        arguments = found.arguments
        if found.name in ("isnull", "isnotnull") and len(arguments) == 1:
            return self._comparison(arguments[0], "exists", (), found, found.name == "isnull")
        if len(arguments) < 2:
            return None
        subject, rest = arguments[0], arguments[1:]
        op: Operator = {"match": "regex", "like": "like", "in": "in", "cidrmatch": "cidr"}.get(  # type: ignore[assignment]
            found.name, "true"
        )
        if op == "true":
            return None
        if op == "cidr":
            subject, rest = arguments[1], arguments[:1]
        values = [self.literal(a) for a in rest]
        known = tuple(v for v in values if v is not None)
        if len(known) != len(values):
            return None
        if op == "like":
            known = tuple(_like(v) for v in known)
        return self._comparison(subject, op, known, found)

    def _comparison(
        self, subject: Expr, op: Operator, values: tuple[Literal, ...], found: Expr,
        negated: bool = False,
    ) -> Comparison | None:  # fmt: skip
        inner = unwrapped(subject)
        if inner is None:
            return None
        field, functions = inner
        origin = self.origin(field.name, field.start, field.end)
        return Comparison(
            field.name, op, values, self.span(found.start, found.end),
            self.text(found.start, found.end), negated, True, functions,
            origin.table, origin.column, origin.type if not functions else "unknown",
        )  # fmt: skip

    def literal(self, found: Expr) -> Literal | None:
        """Return an expression that is a constant as one; times before now count as such."""
        span = self.span(found.start, found.end)
        text = self.text(found.start, found.end)
        if isinstance(found, Const):
            value = found.value
            if isinstance(value, bool):
                return Literal(value, "boolean", span, text)
            if isinstance(value, str):
                return Literal(value, "string", span, text)
            return Literal(value, "long" if isinstance(value, int) else "double", span, text)
        if isinstance(found, Call) and found.name == "null":
            return Literal(None, "null", span, text)
        seconds = _before_now(found)
        return Literal(seconds, "ago", span, text) if seconds is not None else None


def _before_now(found: Expr) -> float | None:
    """Return how many seconds before now `now()`, `relative_time(now(), ...)`, `now()-N` lie."""
    if isinstance(found, Call) and found.name in ("now", "time") and not found.arguments:
        return 0.0
    if isinstance(found, Call) and found.name == "relative_time" and len(found.arguments) == 2:
        base, how = found.arguments
        if _before_now(base) == 0.0 and isinstance(how, Const) and isinstance(how.value, str):
            return times.seconds_before(how.value)
    if isinstance(found, Binary) and found.op in "+-" and _before_now(found.left) is not None:
        right = found.right
        if isinstance(right, Const) and isinstance(right.value, int | float):
            sign = 1 if found.op == "-" else -1
            return (_before_now(found.left) or 0.0) + sign * float(right.value)
    return None


def _moment(text: str, span: Span) -> Literal:
    seconds = times.seconds_before(text)
    if seconds is not None:
        return Literal(seconds, "ago", span, text)
    found = times.resolve(text, dt.datetime(2000, 1, 1, tzinfo=dt.UTC))
    if found is None or "@" in text:
        return Literal(text, "string", span, text)
    return Literal(found.strftime("%Y-%m-%dT%H:%M:%SZ"), "timestamp", span, text)


def _like(value: Literal) -> Literal:
    shown = str(value.value).replace("%", "*").replace("_", "?")
    return Literal(shown, "string", value.span, value.text)


def _joined(op: str, parts: list[Condition], span: Span, bare: bool) -> Condition | None:
    if len(parts) < 2:
        return parts[0] if parts else None
    kind = And if op == "and" else Or
    merged: list[Condition] = []
    for part in parts:
        merged += part.children if isinstance(part, kind) else (part,)
    return And(tuple(merged), span) if op == "and" else Or(tuple(merged), span, bare)


def unwrapped(found: Expr) -> tuple[Field, tuple[str, ...]] | None:
    """Return the field inside functions and these, outermost first; None for anything else."""
    functions: list[str] = []
    while isinstance(found, Call) and found.name in _WRAPPING and found.arguments:
        functions.append(found.name)
        found = found.arguments[0]
    return (found, tuple(functions)) if isinstance(found, Field) else None


def fields_read(found: Expr | None) -> Iterator[tuple[str, int, int]]:
    """Yield every field that an expression reads, with its place."""
    if isinstance(found, Field):
        yield found.name, found.start, found.end
    elif isinstance(found, Binary):
        yield from fields_read(found.left)
        yield from fields_read(found.right)
    elif isinstance(found, Call):
        for item in found.arguments:
            yield from fields_read(item)
    elif isinstance(found, Logic):
        for item in found.items:
            yield from fields_read(item)


def calls(found: Expr | None) -> Iterator[tuple[str, int, int]]:
    """Yield every function that an expression calls, in the order of text."""
    if isinstance(found, Call):
        yield found.name, found.start, found.end
        for item in found.arguments:
            yield from calls(item)
    elif isinstance(found, Binary):
        yield from calls(found.left)
        yield from calls(found.right)
    elif isinstance(found, Logic):
        for item in found.items:
            yield from calls(item)
