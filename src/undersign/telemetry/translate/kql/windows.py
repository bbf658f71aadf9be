"""row_number, prev, next and row_cumsum: functions of the row order, tied to the sort before them.

SQL rows have no order of their own, so a window needs the sort's keys; without a sort that still
holds, Kusto itself promises no order, and the query is refused.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields, is_dataclass, replace
from typing import Any

from duckdb_kql import ir
from duckdb_kql.errors import KqlUnsupportedError
from duckdb_kql.translate import render_expr, render_sort_keys

from undersign.telemetry.translate.kql.rebuild import rebuild
from undersign.telemetry.translate.kql.stages import Mark

Keys = tuple[ir.SortKey, ...]

_SQL = {
    "row_number": "row_number()",
    "prev": "lag({0}, {1}, {2})",
    "next": "lead({0}, {1}, {2})",
    "row_cumsum": "sum({0})",
}
_ARGUMENTS = {"row_number": (0,), "prev": (1, 2), "next": (1, 2), "row_cumsum": (1,)}


@dataclass(frozen=True)
class Over(ir.Expr):
    """A function of the row order, with the sort keys that make the order."""

    name: str
    args: tuple[ir.Expr, ...]
    keys: Keys

    def sql(self) -> str:
        """Return the window function; a text that is missing is empty."""
        args = [render_expr(arg) for arg in self.args]
        order = f"ORDER BY {render_sort_keys(self.keys)}"
        if self.name in ("prev", "next"):
            missing = f"CASE WHEN typeof({args[0]}) = 'VARCHAR' THEN '' END"
            call = _SQL[self.name].format(args[0], args[1] if len(args) > 1 else 1, missing)
            return f"{call} OVER ({order})"
        return f"{_SQL[self.name].format(*args)} OVER ({order} ROWS UNBOUNDED PRECEDING)"


def with_order(query: ir.Query) -> ir.Query:
    """Return the query with every function of the row order tied to its sort.

    Raises `KqlUnsupportedError` where no sort holds.
    """

    def visit(node: Any) -> Any:
        if not isinstance(node, ir.Query):
            return node
        keys: Keys | None = None
        operators = []
        for op in node.operators:
            operators.append(_tied(op, keys))
            keys = _keys_after(op, keys)
        return replace(node, operators=operators)

    made: ir.Query = rebuild(query, visit)
    return made


def _tied(op: Any, keys: Keys | None) -> Any:
    if not any(call.name.lower() in _SQL for call in _calls(op)):
        return op

    def visit(node: Any) -> Any:
        if not isinstance(node, ir.FunctionCall) or node.name.lower() not in _SQL:
            return node
        name = node.name.lower()
        if keys is None or not isinstance(op, ir.Extend | ir.Project):
            raise KqlUnsupportedError(name, hint="no sort before it holds")
        if len(node.args) not in _ARGUMENTS[name]:
            raise KqlUnsupportedError(name, hint="its further arguments are not translated")
        return Over(name, node.args, keys)

    return rebuild(op, visit)


def _keys_after(op: Any, keys: Keys | None) -> Keys | None:
    if isinstance(op, ir.Sort | ir.Top):
        return op.keys
    if keys is None or isinstance(op, ir.Where | ir.Take | Mark):
        return keys
    used = {ref.name for key in keys for ref in _refs(key)}
    if isinstance(op, ir.Extend):
        made = {e.name or getattr(e.expr, "name", "") for e in op.expressions}
        return None if made & used else keys
    if isinstance(op, ir.Project):
        kept = {
            e.expr.name
            for e in op.expressions
            if isinstance(e.expr, ir.ColumnRef) and e.name in (None, e.expr.name)
        }
        return keys if used <= kept else None
    return None


def _calls(node: Any) -> Iterator[ir.FunctionCall]:
    return (n for n in _nodes(node) if isinstance(n, ir.FunctionCall))


def _refs(node: Any) -> Iterator[ir.ColumnRef]:
    return (n for n in _nodes(node) if isinstance(n, ir.ColumnRef))


def _nodes(root: Any) -> Iterator[Any]:
    """Yield every node of an operator, nested queries aside, shared ones once."""
    stack, seen = [root], set()
    while stack:
        node = stack.pop()
        if isinstance(node, list | tuple):
            stack.extend(node)
        elif is_dataclass(node) and not isinstance(node, ir.Query) and id(node) not in seen:
            seen.add(id(node))
            yield node
            stack.extend(getattr(node, field.name) for field in fields(node))
