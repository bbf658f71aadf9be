"""`mv-apply`, and the names Kusto gives to an `mv-expand` that names nothing."""

# Every name in this SQL goes through quote_ident, every text through quote_string.
# ruff: noqa: S608

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from duckdb_kql import ir, lower, translate
from duckdb_kql.errors import KqlUnsupportedError
from duckdb_kql.schema import output_columns
from duckdb_kql.translate import naming, quote_ident, to_sql

from undersign.telemetry.translate.kql.tree import kind_of, rules


@dataclass(frozen=True)
class MvApply(ir.Operator):
    """`mv-apply targets on (body)`: the body runs over each row's elements by themselves."""

    targets: tuple[ir.MvExpandTarget, ...]
    replaced: tuple[str, ...]
    """Input columns that give way to what the body makes."""
    body: ir.Query
    index: str | None = None
    limit: int | None = None

    def columns(self, cols: list[str]) -> list[str]:
        """Input columns that stay, then the body's."""
        made = output_columns(self._inner("SELECT NULL"))
        kept = [c for c in cols if c not in self.replaced]
        clash = {c.lower() for c in kept} & {c.lower() for c in made}
        if clash:
            raise KqlUnsupportedError(
                "mv-apply", hint=f"its body makes the column {min(clash)} a second time"
            )
        return kept + made

    def sql(self, prev: str, cols: list[str]) -> str:
        """Return input columns beside the body's, which runs once a row."""
        expand = ir.MvExpand(self.targets, self.index, self.limit)
        items = [translate._mv_expand_unnest(expand, target) for target in self.targets]
        if self.index:
            lengths = [translate._mv_expand_length(target) for target in self.targets]
            longest = f"greatest({', '.join(lengths)})" if len(lengths) > 1 else lengths[0]
            items.append(
                f"UNNEST(generate_series(CAST(0 AS BIGINT), {longest} - 1)) "
                f"AS {quote_ident(self.index)}"
            )
        # A level of its own, or DuckDB takes an item's alias for the column it reads.
        read = ", ".join(
            f"_row.{quote_ident(t.column)} AS {quote_ident(t.column)}" for t in self.targets
        )
        body = to_sql(self._inner(f"SELECT {', '.join(items)} FROM (SELECT {read})"))
        names = [c for c in cols if c not in self.replaced]
        kept = ", ".join(f"_row.{quote_ident(c)}" for c in names)
        made = ", ".join(f"_made.{quote_ident(c)}" for c in self.columns(cols)[len(names) :])
        return (
            f"SELECT {', '.join(p for p in (kept, made) if p)} "
            f"FROM {prev} AS _row, LATERAL ({body}) AS _made"
        )

    def substituted(self, inside: Callable[[ir.Query], ir.Query]) -> MvApply:
        """Replace let values inside the body."""
        return replace(self, body=inside(self.body))

    def _inner(self, sql: str) -> ir.Query:
        names = [t.name or t.column for t in self.targets]
        columns = (*names, self.index) if self.index else tuple(names)
        return ir.Query(ir.CommandSource(sql, columns, "mv-apply"), list(self.body.operators))


def lower_mv_apply(node: Any) -> Any:
    """Make operators of an `mv-apply` node."""
    targets: list[ir.MvExpandTarget] = []
    computed: list[ir.NamedExpr] = []
    replaced: list[str] = []
    index: str | None = None
    limit: int | None = None
    for child in rules(node):
        kind = kind_of(child)
        if kind == "MvapplyOperatorExpression":
            target, prelude = lower._lower_mv_expand_target(child)
            if prelude is not None:
                computed.append(prelude)
            if prelude is not None or target.name is None:
                replaced.append(target.column)
            targets.append(target)
        elif kind == "MvapplyOperatorLimitClause":
            limit = int(lower._children(child)[-1].getText())
        elif "Parameter" in kind:
            key, _, value = child.getText().partition("=")
            if key.strip().lower() != "with_itemindex":
                raise KqlUnsupportedError("mv-apply", span=lower._span(child))
            index = value.strip()
        elif kind == "MvapplyOperatorIdClause":
            raise KqlUnsupportedError("mv-apply", span=lower._span(child))
    body = _body(node.OnExpression)
    applied = MvApply(tuple(targets), tuple(replaced), body, index, limit)
    return [ir.Extend(tuple(computed)), applied] if computed else applied


def _body(node: Any) -> ir.Query:
    """Lower the body: its first operator has no bar before it."""
    from undersign.telemetry.translate.kql.stages import Mark

    node = lower._collapse(node)
    parts = rules(node) if kind_of(node) in ("PipeSubExpression", "PipeExpression") else [node]
    operators = [op for op in lower._lower_operators(parts) if not isinstance(op, Mark)]
    return ir.Query(ir.CommandSource("", (), "mv-apply"), operators)


def lower_mv_target(node: Any, original: Callable[[Any], Any]) -> Any:
    """Lower one target of mv-expand or mv-apply, naming what is unnamed as Kusto does."""
    try:
        return original(node)
    except KqlUnsupportedError as error:
        if not error.construct.startswith("mv-expand of an unnamed"):
            raise
    inner = (
        next(k for k in rules(node) if kind_of(k) == "NamedExpression")
        if any(kind_of(k) == "NamedExpression" for k in rules(node))
        else node
    )
    expr = lower._lower_named(inner).expr
    name = naming.expression_name(expr)
    if name is None:
        # Kusto's emulator takes over the only column read where its binder says Column1.
        raise KqlUnsupportedError("mv-expand", span=lower._span(node))
    to_type = next(
        (
            k.getText().lower().partition("typeof(")[2].rstrip(")").strip()
            for k in rules(node)
            if kind_of(k) == "MvapplyOperatorExpressionToClause"
        ),
        None,
    )
    return ir.MvExpandTarget(name, None, to_type), ir.NamedExpr(expr, name)
