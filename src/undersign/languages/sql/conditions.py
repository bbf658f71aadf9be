"""Conditions of SQL -> conditions of the query model."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from undersign.languages.sql.literals import as_time, literal
from undersign.languages.sql.places import Places
from undersign.languages.sql.scope import Known, Scope
from undersign.languages.sql.steps import is_aggregate
from undersign.records.query import (
    And,
    Comparison,
    Condition,
    Not,
    Opaque,
    Operator,
    Or,
    Type,
)

if TYPE_CHECKING:
    from sqlglot import exp

_MIRRORED: dict[Operator, Operator] = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}
_CALLS: dict[str, Operator] = {
    "contains": "contains", "prefix": "startswith", "suffix": "endswith",
    "starts_with": "startswith", "ends_with": "endswith", "regexp_full_match": "regex",
}  # fmt: skip
_TYPES: dict[str, Type] = {
    "lower": "string", "upper": "string", "trim": "string", "lcase": "string", "ucase": "string",
    "length": "long", "len": "long", "strlen": "long", "hour": "long", "count": "long",
    "strftime": "string", "regexp_extract": "string", "date_trunc": "timestamp",
    "time_bucket": "timestamp",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Wrapped:
    """A column within functions."""

    column: exp.Column | None
    """None for an aggregate over whole rows."""
    functions: tuple[str, ...] = ()
    aggregate: exp.Expr | None = None
    """The aggregate call it stands in, if any."""


@dataclass(slots=True)
class Conditions:
    """Reads the conditions of one SELECT."""

    places: Places
    scope: Scope
    result_name: Callable[[exp.Expr], str]
    """What the result column of an aggregate is called."""

    def read(self, node: exp.Expr) -> Condition:
        """Return one condition; what the model has no word for is `Opaque`."""
        from sqlglot import exp

        if isinstance(node, exp.Paren):
            return self.read(node.this)
        if isinstance(node, exp.And | exp.Or):
            return self._joined(node)
        if isinstance(node, exp.Not):
            return self._negated(self.read(node.this), node)
        return self._compared(node) or self._opaque(node)

    def _joined(self, node: exp.And | exp.Or) -> Condition:
        from sqlglot import exp

        kind = type(node)
        written: list[exp.Expr] = []
        waiting: list[exp.Expr] = [node]
        while waiting:
            one = waiting.pop()
            bare = one
            while isinstance(bare, exp.Paren):
                bare = bare.this
            if isinstance(bare, kind):
                waiting += [bare.expression, bare.this]
            else:
                written.append(one)
        span = self.places.span(node)
        children = tuple(self.read(one) for one in written)
        if isinstance(node, exp.And):
            return And(children, span)
        return Or(children, span, bare=any(isinstance(one, exp.And) for one in written))

    def _negated(self, inner: Condition, node: exp.Expr) -> Condition:
        span, text = self.places.span(node), self.places.written(node)
        if not isinstance(inner, Comparison):
            return Not(inner, span)
        turned: dict[Operator, Operator] = {"==": "!=", "!=": "=="}
        if inner.op in turned:
            return replace(inner, op=turned[inner.op], span=span, text=text)
        return replace(inner, negated=not inner.negated, span=span, text=text)

    def _compared(self, node: exp.Expr) -> Condition | None:
        from sqlglot import exp

        plain: dict[type[exp.Expr], Operator] = {
            exp.EQ: "==", exp.NEQ: "!=", exp.LT: "<", exp.LTE: "<=", exp.GT: ">", exp.GTE: ">=",
            exp.NullSafeEQ: "==", exp.NullSafeNEQ: "!=",
        }  # fmt: skip
        if type(node) in plain:
            return self._binary(node, plain[type(node)])
        if isinstance(node, exp.Between):
            return self._of(node, node.this, "between", [node.args["low"], node.args["high"]])
        if isinstance(node, exp.In):
            return (
                None if not node.expressions else self._of(node, node.this, "in", node.expressions)
            )
        if isinstance(node, exp.Is):
            return self._is(node)
        if isinstance(node, exp.Like | exp.ILike | exp.Glob):
            return self._like(node)
        return self._called(node)

    def _binary(self, node: exp.Expr, op: Operator) -> Condition | None:
        left, right = node.this, node.expression
        found = self._of(node, left, op, [right])
        if found is None or (found.values and found.values[0].kind == "name"):
            # `5 < x`, and `now() - interval '1 day' < ts`, are read from the column's side.
            turned = self._of(node, right, _MIRRORED.get(op, op), [left])
            if turned and turned.values[0].kind != "name":
                return turned
        return found

    def _is(self, node: exp.Is) -> Condition | None:
        from sqlglot import exp

        if isinstance(node.expression, exp.Null):
            missing = self._of(node, node.this, "exists", [])
            return replace(missing, negated=not node.args.get("negate")) if missing else None
        if isinstance(node.expression, exp.Boolean):
            return self._of(node, node.this, "==", [node.expression])
        return None

    def _like(self, node: exp.Expr) -> Condition | None:
        from sqlglot import exp

        pattern = node.expression
        if not isinstance(pattern, exp.Literal):
            return None
        found = self._of(node, node.this, "like", [pattern])
        if found is None:
            return None
        written = found.values[0]
        text = str(written.value)
        if not isinstance(node, exp.Glob):
            text = _wildcards(text)
        return replace(
            found,
            values=(replace(written, value=text),),
            negated=bool(node.args.get("negate")),
            case_sensitive=not isinstance(node, exp.ILike),
        )

    def _called(self, node: exp.Expr) -> Condition | None:
        """Read a call or a column that is a condition by itself."""
        from sqlglot import exp

        if isinstance(node, exp.RegexpLike | exp.RegexpFullMatch):
            return self._regex(node)
        if isinstance(node, exp.Contains | exp.StartsWith | exp.EndsWith):
            op: Operator = {exp.Contains: "contains", exp.StartsWith: "startswith"}.get(
                type(node), "endswith"
            )  # type: ignore[assignment]
            return self._of(node, node.this, op, [node.expression])
        if isinstance(node, exp.Anonymous) and len(node.expressions) == 2:
            known = _CALLS.get(str(node.this).lower())
            if known:
                return self._of(node, node.expressions[0], known, [node.expressions[1]])
        if isinstance(node, exp.Column):
            return self._of(node, node, "true", [])
        return None

    def _regex(self, node: exp.Expr) -> Condition | None:
        found = self._of(node, node.this, "regex", [node.expression])
        if found is None:
            return None
        flag = node.args.get("flag") or node.args.get("options")
        loose = flag is not None and "i" in str(flag.this)
        return replace(found, case_sensitive=not (loose or "(?i" in str(found.values[0].value)))

    def _of(
        self, node: exp.Expr, left: exp.Expr, op: Operator, right: list[exp.Expr]
    ) -> Comparison | None:
        """Return a comparison of a column, or of one within functions, with constants."""
        wrapped = unwrap(left, self.places)
        values = [literal(one, self.places) for one in right]
        if wrapped is None or any(value is None for value in values):
            return None
        known = self._known(wrapped)
        kind = self._type(wrapped, known)
        held = tuple(v for v in values if v is not None)
        if kind == "timestamp":
            held = tuple(as_time(value) for value in held)
        return Comparison(
            column=self._name(wrapped),
            op=op,
            values=held,
            span=self.places.span(node),
            text=self.places.written(node),
            functions=wrapped.functions if wrapped.aggregate is None else (),
            table=known.table if known else None,
            table_column=known.column if known else None,
            type=kind,
        )

    def _name(self, wrapped: Wrapped) -> str:
        if wrapped.aggregate is not None:
            return self.result_name(wrapped.aggregate)
        assert wrapped.column is not None
        return name_of(wrapped.column, self.scope)

    def _known(self, wrapped: Wrapped) -> Known | None:
        if wrapped.aggregate is not None or wrapped.column is None:
            return None
        return find(wrapped.column, self.scope)

    def _type(self, wrapped: Wrapped, known: Known | None) -> Type:
        if wrapped.aggregate is not None:
            return "unknown"
        if wrapped.functions:
            return _TYPES.get(wrapped.functions[0], "unknown")
        return known.type if known else "unknown"

    def _opaque(self, node: exp.Expr) -> Opaque:
        from sqlglot import exp

        columns = (name_of(column, self.scope) for column in node.find_all(exp.Column))
        text, span = self.places.written(node), self.places.span(node)
        return Opaque(text, span, tuple(dict.fromkeys(columns)))


def unwrap(node: exp.Expr, places: Places) -> Wrapped | None:
    """Return the one column an expression is over and the functions around it, outermost first."""
    from sqlglot import exp

    functions: list[str] = []
    aggregate: exp.Expr | None = None
    while not isinstance(node, exp.Column):
        if isinstance(node, exp.Paren):
            node = node.this
            continue
        if not isinstance(
            node, exp.Func | exp.Cast | exp.Filter | exp.Distinct | exp.Bracket | exp.IgnoreNulls
        ):
            return None
        if is_aggregate(node) or isinstance(node, exp.Filter | exp.IgnoreNulls):
            aggregate = aggregate or node
        if isinstance(node, exp.Func):
            functions.append(function_name(node, places))
        inside = [c for c in node.iter_expressions() if any(True for _ in c.find_all(exp.Column))]
        if not inside and aggregate is not None:
            return Wrapped(None, tuple(functions), aggregate)
        if len(inside) != 1 and not (aggregate is not None and inside):
            return None
        node = inside[0]
    return Wrapped(node, tuple(functions), aggregate)


def function_name(node: exp.Expr, places: Places) -> str:
    """Return the name a function was called by, lower case; every way to cast is `cast`."""
    from sqlglot import exp

    if isinstance(node, exp.Cast):
        return "cast"
    if isinstance(node, exp.Anonymous):
        return str(node.this).lower()
    meta = node.meta
    if "start" in meta:
        word = places.text[meta["start"] : meta["end"] + 1].lower()
        if word.replace("_", "").isalnum():
            return word
    return str(node.sql_name()).lower() if isinstance(node, exp.Func) else node.key


def find(column: exp.Column, scope: Scope) -> Known | None:
    """Return what a column is; `a.b` may be the field `b` of a column `a`."""
    found = scope.find(column.name, column.table)
    if found is None and column.table and not scope.knows(column.table):
        held = scope.find(column.table)
        return Known(held.name, "unknown", held.table, held.column) if held else None
    return found


def name_of(column: exp.Column, scope: Scope) -> str:
    """Return a column's name as written, without the table; of `a.b` where `a` is a column, `a`."""
    if column.table and not scope.knows(column.table) and scope.find(column.table):
        return str(column.table)
    return str(column.name)


def _wildcards(pattern: str) -> str:
    """Translate `%` and `_` of LIKE into `*` and `?`."""
    return pattern.replace("%", "*").replace("_", "?")
