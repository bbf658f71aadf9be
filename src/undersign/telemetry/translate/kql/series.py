"""`make-series` over stated bounds: one array a group, with a value for every step."""

# Every name in this SQL goes through quote_ident, every text through quote_string.
# ruff: noqa: S608

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from duckdb_kql import ir, lower, translate
from duckdb_kql.errors import KqlUnsupportedError
from duckdb_kql.parser import parse
from duckdb_kql.translate import quote_ident, render_expr

from undersign.telemetry.translate.kql.operators import OwnOperator
from undersign.telemetry.translate.kql.tree import (
    expression,
    find,
    kind_of,
    named,
    rules,
    source_text,
)


@dataclass(frozen=True)
class MakeSeries(OwnOperator):
    """Aggregates for each step of time from `start` to `stop`, the end left out."""

    aggregates: tuple[ir.NamedExpr, ...]
    defaults: tuple[ir.Expr, ...]
    on: ir.ColumnRef
    bounds: tuple[ir.Expr, ir.Expr, ir.Expr]
    """Start, stop, step."""
    by: tuple[ir.NamedExpr, ...]

    def columns(self, cols: list[str]) -> list[str]:
        """Group keys, the arrays, and the array of times."""
        keys, made = self._names(cols)
        return [*keys, *made, self.on.name]

    def sql(self, prev: str, cols: list[str]) -> str:
        """Return one row a group: values in steps, joined to every step there is."""
        keys, made = self._names(cols)
        start, stop, step = (render_expr(bound) for bound in self.bounds)
        on = quote_ident(self.on.name)
        step_us = f"epoch_us({step})"
        index = f"((epoch_us({on}) - epoch_us({start})) // {step_us})"
        count = f"((epoch_us({stop}) - epoch_us({start}) + {step_us} - 1) // {step_us})"
        key_sql = [
            f"{render_expr(k.expr)} AS {quote_ident(n)}" for k, n in zip(self.by, keys, strict=True)
        ]
        aggregates = [
            f"{translate.render_aggregate(a)} AS {quote_ident(n)}"
            for a, n in zip(self.aggregates, made, strict=True)
        ]
        groups = ", ".join([*(render_expr(k.expr) for k in self.by), index])
        steps = (
            f"SELECT {', '.join([*key_sql, f'{index} AS _step', *aggregates])} FROM {prev} "
            f"WHERE {on} >= {start} AND {on} < {stop} GROUP BY {groups}"
        )
        quoted = [quote_ident(k) for k in keys]
        same = "".join(f" AND _b.{k} IS NOT DISTINCT FROM _g.{k}" for k in quoted)
        values = [
            f"to_json(list(coalesce(_b.{quote_ident(n)}, {render_expr(d)}) ORDER BY _n.i)) "
            f"AS {quote_ident(n)}"
            for n, d in zip(made, self.defaults, strict=True)
        ]
        moment = f"make_timestamp(epoch_us({start}) + _n.i * {step_us})"
        times = (
            f"to_json(list(strftime({moment}, '%Y-%m-%dT%H:%M:%S.%f') || '0Z' ORDER BY _n.i)) "
            f"AS {on}"
        )
        chosen = ", ".join([*(f"_g.{k}" for k in quoted), *values, times])
        return (
            f"SELECT {chosen} FROM (SELECT DISTINCT {', '.join(quoted) or '1 AS _one'} "
            f"FROM ({steps})) AS _g CROSS JOIN (SELECT UNNEST(range({count})) AS i) AS _n "
            f"LEFT JOIN ({steps}) AS _b ON _b._step = _n.i{same} "
            f"GROUP BY {', '.join(f'_g.{k}' for k in quoted) or '_g._one'}"
        )

    def substituted(self, inside: Callable[[Any], Any]) -> OwnOperator:
        """Replace let values inside."""
        return replace(
            self,
            aggregates=tuple(inside(a) for a in self.aggregates),
            defaults=tuple(inside(d) for d in self.defaults),
            bounds=tuple(inside(b) for b in self.bounds),
            by=tuple(inside(k) for k in self.by),
        )

    def _names(self, cols: list[str]) -> tuple[list[str], list[str]]:
        keys, made = translate.summarize_names(ir.Summarize(self.aggregates, self.by), cols)
        return keys, [names[0] for names in made]


def lower_make_series(node: Any) -> MakeSeries:
    """Make the operator of a `make-series` node; bounds that the data decide are refused."""
    clause = node.FromToStepClause or node.InRangeClause
    on = expression(rules(node.OnClause)[0]) if node.OnClause else None
    parts = (clause.FromExpression, clause.ToExpression, clause.StepExpression) if clause else ()
    if not isinstance(on, ir.ColumnRef) or not parts or None in parts:
        raise KqlUnsupportedError(
            "make-series", span=lower._span(node), hint="it needs from, to and step"
        )
    if node.InRangeClause:  # `in range(a, b, step)` takes the end in, by an older rule
        raise KqlUnsupportedError("make-series", span=lower._span(node))
    aggregates, defaults = [], []
    parameters = [child for child in rules(node) if "Parameter" in kind_of(child)]
    for part in find(node, "MakeSeriesOperatorAggregation"):
        aggregates.append(_aggregate(parameters, part))
        parameters = []
        default = part.Default
        defaults.append(expression(default.Value) if default else ir.Literal(0, "long"))
    by = tuple(named(k) for k in rules(node.ByClause)) if node.ByClause else ()
    start, stop, step = (expression(part) for part in parts)
    return MakeSeries(tuple(aggregates), tuple(defaults), on, (start, stop, step), by)


def _aggregate(parameters: list[Any], part: Any) -> ir.NamedExpr:
    """Lower one aggregate; the grammar takes the `s = sum` of `s = sum(v)` for a parameter."""
    if not parameters:
        return named(part.Expression)
    if len(parameters) > 1 or not source_text(part.Expression).startswith("("):
        raise KqlUnsupportedError("make-series", span=lower._span(parameters[0]))
    stream = part.start.getInputStream()
    text = stream.getText(parameters[0].start.start, part.Expression.stop.stop)
    return named(rules(find(parse(f"print {text}").tree, "PrintOperator")[0])[0])
