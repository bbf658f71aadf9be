"""`search` and `where * has`: a condition on any column that holds text."""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass, replace
from typing import Any

from duckdb_kql import ir, lower
from duckdb_kql.errors import KqlUnsupportedError
from duckdb_kql.translate import quote_ident, render_expr

from undersign.telemetry.translate.kql.tree import find, kind_of, rules, words

_TABLE = "$table"


@dataclass(frozen=True)
class AnyColumn(ir.Expr):
    """`* has "x"`: some text column of the input holds it."""

    op: str
    right: ir.Expr

    def over(self, cols: list[str]) -> ir.Expr:
        """Return the same said of each column."""
        each: list[ir.Expr] = [TextColumn(c, self.op, self.right) for c in cols if c != _TABLE]
        return functools.reduce(lambda a, b: ir.BinaryOp("or", a, b), each)


@dataclass(frozen=True)
class TextColumn(ir.Expr):
    """A comparison of one column that is false when the column holds no text."""

    name: str
    op: str
    right: ir.Expr

    def sql(self) -> str:
        """Return a condition; `typeof` is known when DuckDB plans, so other types cost nothing."""
        text = ir.RenderedAggregate(f"CAST({quote_ident(self.name)} AS VARCHAR)")
        compared = render_expr(ir.BinaryOp(self.op, text, self.right))
        name = quote_ident(self.name)
        return f"CASE WHEN typeof({name}) IN ('VARCHAR', 'JSON') THEN {compared} ELSE FALSE END"


def lower_star(node: Any) -> ir.Expr:
    """Lower `* has "x"`."""
    op = node.Operator.getText().strip().lower()
    return _any(op, lower._lower_expr(node.Right), node)


def lower_piped_search(node: Any) -> Any:
    """Lower `T | search ...`, which names its table only when nothing stands between."""
    piped = node
    while kind_of(piped) != "PipedOperator" and piped.parentCtx is not None:
        piped = piped.parentCtx
    pipe = rules(piped.parentCtx) if piped.parentCtx is not None else []
    if len(pipe) < 2 or pipe[1] is not piped or not lower._find_names(lower._collapse(pipe[0])):
        raise KqlUnsupportedError("search", span=lower._span(node))
    return [ir.Union((), "outer", _TABLE), ir.Where(_predicate(node))]


def lower_search_head(node: Any) -> ir.Query:
    """Lower `search in (A, B) ...`."""
    clause = find(node, "SearchOperatorInClause")
    if not clause:
        raise KqlUnsupportedError("search", span=lower._span(node))
    sources = [lower._lower_source(source) for source in rules(clause[0])]
    branches = tuple(ir.Query(source) for source in sources[1:])
    return ir.Query(sources[0], [ir.Union(branches, "outer", _TABLE), ir.Where(_predicate(node))])


def _predicate(node: Any) -> ir.Expr:
    if any("Parameter" in kind_of(child) for child in rules(node)) or node.Expression is None:
        raise KqlUnsupportedError("search", span=lower._span(node))
    return _terms(lower._lower_expr(node.Expression), node)


def _terms(expr: ir.Expr, node: Any) -> ir.Expr:
    if isinstance(expr, ir.BinaryOp) and expr.op in ("and", "or"):
        return replace(expr, left=_terms(expr.left, node), right=_terms(expr.right, node))
    if isinstance(expr, ir.UnaryOp) and expr.op in ("not", "!"):
        return replace(expr, operand=_terms(expr.operand, node))
    if isinstance(expr, ir.Literal):
        return _any("has", expr, node)
    return expr


def _any(op: str, right: ir.Expr, node: Any) -> ir.Expr:
    """Return the condition, refusing what could also stand in a number or a time."""
    text = right.value if isinstance(right, ir.Literal) else None
    if not isinstance(text, str) or "*" in text or not re.search("[A-Za-z]{2}", text):
        named = next((w for w in words(node) if w == "search"), "*")
        raise KqlUnsupportedError(
            named, span=lower._span(node), hint="a word with letters is looked for, nothing else"
        )
    return AnyColumn(op, right)
