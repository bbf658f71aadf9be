"""What is hooked into `duckdb_kql` 1.1.2: our operators, functions, sources, marks, corrections.

The library dispatches through module functions and two tables; each hook below wraps one of them
and falls back to it. `install` runs once, when `engine` is imported, which nothing else may do.
"""

from __future__ import annotations

import functools
from contextvars import ContextVar
from typing import Any

from duckdb_kql import ir, lower, schema, translate
from duckdb_kql.errors import KqlUnsupportedError
from duckdb_kql.stored_functions import StoredFunction
from duckdb_kql.translate import functions as registry
from duckdb_kql.translate import naming

from undersign.telemetry.translate.kql import aggregates, joins, parsing, scalars, sources
from undersign.telemetry.translate.kql.expand import MvApply, lower_mv_apply, lower_mv_target
from undersign.telemetry.translate.kql.operators import LOWERED, OwnOperator
from undersign.telemetry.translate.kql.rebuild import rebuild
from undersign.telemetry.translate.kql.search import (
    AnyColumn,
    TextColumn,
    lower_piped_search,
    lower_search_head,
    lower_star,
)
from undersign.telemetry.translate.kql.series import lower_make_series
from undersign.telemetry.translate.kql.stages import Mark, Refused
from undersign.telemetry.translate.kql.tree import find, kind_of, span_of
from undersign.telemetry.translate.kql.windows import Over

keeping: ContextVar[bool] = ContextVar("undersign.kql.keeping", default=False)
"""True when a stage that cannot be lowered should end its pipeline and not the query."""

_OPERATORS = {
    **LOWERED,
    "MvapplyOperator": lower_mv_apply,
    "MakeSeriesOperator": lower_make_series,
    "SearchOperator": lower_piped_search,
}


@functools.cache
def install() -> None:
    """Put the hooks in; once is enough and twice does nothing."""
    registry.SCALAR_FUNCTIONS.update(scalars.templates())
    translate._SPECIAL_FORMS.update(scalars.special_forms())
    registry.AGGREGATE_FUNCTIONS.update(aggregates.templates())
    _hook(lower, "_lower_expr", _lower_expr)
    _hook(lower, "_lower_named", _lower_named)
    _hook(lower, "_lower_path", _lower_path)
    _hook(lower, "_lower_parse", parsing.lower_parse)
    _hook(lower, "_lower_join_key", joins.lower_join_key)
    _hook(lower, "_lower_join", joins.lower_join)
    _hook(lower, "_lower_lookup", joins.lower_join)
    _hook(lower, "_lower_operator", _lower_operator)
    _hook(lower, "_lower_operators", _lower_operators)
    _hook(lower, "_lower_head", _lower_head)
    _hook(lower, "_lower_mv_expand_target", _mv_expand_target)
    _hook(lower, "_lower_sort_key", _sort_key)
    _hook(lower, "_substitute_operator", _substitute_operator)
    _hook(lower, "_declare_let_function", _declare_let_function)
    _hook(translate, "render_expr", _render_expr)
    _hook(translate, "render_operator", _render_operator)
    _hook(translate, "render_join", joins.render_join)
    _hook(translate, "render_lookup", joins.render_lookup)
    _hook(translate, "render_union", joins.render_union)
    _hook(translate, "render_table_ref", _render_table_ref)
    _hook(translate, "_qualified_name", _qualified_name)
    _hook(translate, "render_literal", _render_literal)
    _hook(schema, "_operator_columns_unchecked", _operator_columns)


def _hook(module: Any, name: str, replacement: Any) -> None:
    setattr(module, name, functools.partial(replacement, getattr(module, name)))


def _lower_operator(original: Any, node: Any) -> Any:
    inner = node
    while kind_of(inner) in (
        "PipedOperator",
        "AfterPipeOperator",
        "ContextualPipeExpressionPipedOperator",
    ):
        inner = lower._rule_children(inner)[0]
    inner = lower._collapse(inner)
    ours = _OPERATORS.get(kind_of(inner))
    made = ours(inner) if ours else NotImplemented
    return original(node) if made is NotImplemented else made


def _lower_expr(original: Any, node: Any) -> ir.Expr:
    inner = lower._collapse(node)
    if kind_of(inner) == "TypeLiteralExpression":
        # Only `scalars` reads it: the kind keeps it apart from a text that says the same.
        wanted = inner.getText().lower().partition("(")[2].rstrip(")").strip()
        return ir.Literal(wanted, "guid")
    if kind_of(inner) == "StringStarOperatorExpression":
        return lower_star(inner)
    made: ir.Expr = original(node)
    return made


def _render_expr(original: Any, node: ir.Expr) -> str:
    sql = node.sql() if isinstance(node, Over | TextColumn) else str(original(node))
    sources.count_expression(sql)
    return sql


def _lower_named(original: Any, node: Any) -> ir.NamedExpr:
    """`toint(N = count())` names the column N, which 1.1.2 drops."""
    named: ir.NamedExpr = original(node)
    if named.name is None and isinstance(named.expr, ir.FunctionCall):
        clauses = find(node, "NamedExpressionNameClause")
        if clauses and named.expr.name.lower() in naming.NAME_PRESERVING:
            return ir.NamedExpr(named.expr, lower._find_names(clauses[0])[0])
    return named


def _lower_path(original: Any, node: Any) -> ir.Expr:
    """Read the old spelling `d.[0]` as `d[0]`."""
    base, *steps = lower._rule_children(node)
    legacy = [s for s in map(lower._collapse, steps) if kind_of(s).startswith("Legacy")]
    if not legacy:
        made: ir.Expr = original(node)
        return made
    path: list[ir.PathStep] = []
    for step in map(lower._collapse, steps):
        if kind_of(step) == "FunctionCallOrPathPathOperation":
            path.append(ir.PathStep(name=lower._find_names(step)[0]))
            continue
        index = lower._lower_expr(lower._rule_children(step)[-1])
        if isinstance(index, ir.Literal) and index.kind == "string":
            path.append(ir.PathStep(name=str(index.value)))
        else:
            path.append(ir.PathStep(index=index))
    return ir.PathAccess(lower._lower_expr(base), tuple(path))


def _lower_operators(original: Any, nodes: list[Any]) -> list[ir.Operator]:
    out: list[ir.Operator] = []
    for node in nodes:
        try:
            out.extend(original([node]))
        except KqlUnsupportedError as error:
            if not keeping.get():
                raise
            start, end = span_of(node)
            out.append(Refused(start, end, error))
            break
        start, end = span_of(node)
        out.append(Mark(start, end))
    return out


def _lower_head(original: Any, head: Any, rest: list[Any]) -> ir.Query:
    collapsed = lower._collapse(head)
    if kind_of(collapsed) == "MacroExpandOperator":
        raise KqlUnsupportedError("macro-expand", span=lower._span(collapsed))
    query: ir.Query
    if any(kind_of(lower._collapse(node)).startswith(("MakeGraph", "Graph")) for node in rest):
        query = original(head, rest)
        return query
    inner = lower._unparenthesize(collapsed)
    if kind_of(inner) == "SearchOperator":
        query = lower_search_head(inner)
        query.operators.append(Mark(*span_of(inner)))
        query.operators.extend(lower._lower_operators(rest))
        return query
    bracketed = inner is not collapsed and kind_of(inner) in ("PipeExpression", "UnionOperator")
    query = lower._lower_query_node(inner) if bracketed else original(head, [])
    if bracketed:
        query.operators = [op for op in query.operators if not isinstance(op, Mark)]
    start, end = span_of(collapsed)
    query.operators.append(Mark(start, end))
    query.operators.extend(lower._lower_operators(rest))
    return query


def _mv_expand_target(original: Any, node: Any) -> Any:
    return lower_mv_target(node, original)


def _sort_key(original: Any, node: Any) -> ir.SortKey:
    # 1.1.2 looks for "asc" and "desc" anywhere in the key's text, so `sort by Description asc`
    # came out descending. The grammar has the words as tokens of their own.
    collapsed = lower._collapse(node)
    if kind_of(collapsed) != "OrderedExpression":
        expr = lower._lower_named(collapsed).expr
        return ir.SortKey(expr)
    ordering = collapsed.Ordering
    words = [child.getText().lower() for child in lower._children(ordering)] if ordering else []
    nulls = None
    if "first" in words or "last" in words:
        nulls = "first" in words
    ascending = bool({"asc", "granny-asc"} & set(words))
    return ir.SortKey(lower._lower_named(collapsed.Expression).expr, ascending, nulls)


def _substitute_operator(original: Any, op: ir.Operator, scalars_: Any) -> ir.Operator:
    def inside(node: Any) -> Any:
        return lower._substitute(node, scalars_)

    if isinstance(op, OwnOperator):
        return op.substituted(inside)
    if isinstance(op, MvApply):
        return op.substituted(lambda query: lower._substitute_query(query, scalars_))
    if isinstance(op, ir.Top):
        return ir.Top(op.count, tuple(inside(key) for key in op.keys))
    made: ir.Operator = original(op, scalars_)
    return made


def _declare_let_function(original: Any, decl: Any, scalars_: Any) -> None:
    """Let a function that returns a table be called like a stored one.

    1.1.2 knows such functions only as stored ones; one written in the query is the same macro.
    """
    try:
        original(decl, scalars_)
    except KqlUnsupportedError as error:
        scope = lower._FN_STATE.get()
        hint = error.hint or ""
        if scope is None or not ("tabular body" in hint or "binds a table" in hint):
            raise
        name = lower._find_names(lower._rule_children(decl)[0])[0]
        functions = scope.functions if scope.functions is not None else {}
        functions.setdefault(None, {})[name] = StoredFunction(
            name, None, "", "", "", "", "", declaration=decl
        )
        scope.functions = functions


def _render_operator(
    original: Any, op: ir.Operator, prev: str, cols: list[str] | None = None
) -> str:
    op = _existing(op, cols or [])
    if isinstance(op, OwnOperator | MvApply):
        return op.sql(prev, cols or [])
    return str(original(op, prev, cols))


def _existing(op: Any, cols: list[str]) -> Any:
    """Decide `column_ifexists` and `*` by the columns that come in."""

    def visit(node: Any) -> Any:
        if isinstance(node, AnyColumn):
            return node.over(cols)
        if not isinstance(node, ir.FunctionCall) or len(node.args) != 2:
            return node
        if node.name.lower() not in ("column_ifexists", "columnifexists"):
            return node
        name = node.args[0].value if isinstance(node.args[0], ir.Literal) else None
        return ir.ColumnRef(name) if name in cols else node.args[1]

    return rebuild(op, visit) if isinstance(op, ir.Where | ir.Extend | ir.Project) else op


def _operator_columns(original: Any, op: Any, cols: list[str], tables: Any) -> list[str]:
    if isinstance(op, OwnOperator | MvApply):
        return op.columns(cols)
    found: list[str] = original(op, cols, tables)
    return found


def _render_table_ref(original: Any, source: ir.TableRef) -> str:
    if source.database is not None or source.cluster is not None:
        raise KqlUnsupportedError("database", hint="only this workspace's tables are read")
    cte = translate._let_cte(source.name)
    return str(original(source)) if cte is not None else sources.relation(source.name)


def _qualified_name(_original: Any, name: str) -> str:
    return sources.relation(name)


def _render_literal(original: Any, literal: ir.Literal) -> str:
    if literal.kind == "datetime" and isinstance(literal.value, str):
        constant = scalars.timestamp(literal.value)
        if constant is not None:
            return constant
    return str(original(literal))
