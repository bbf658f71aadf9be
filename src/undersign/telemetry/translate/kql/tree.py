"""Small readings of the library's parse tree."""

from __future__ import annotations

from typing import Any

from duckdb_kql import ir, lower


def kind_of(node: Any) -> str:
    """Return the grammar rule of a node: `ProjectReorderOperator`."""
    return type(node).__name__.removesuffix("Context")


def rules(node: Any) -> list[Any]:
    """Return the children that are rules, not single tokens."""
    return list(lower._rule_children(node))


def words(node: Any) -> list[str]:
    """Return the single-token children, lower case."""
    return [
        child.getText().lower()
        for child in lower._children(node)
        if not type(child).__name__.endswith("Context")
    ]


def find(node: Any, kind: str) -> list[Any]:
    """Return the shallowest nodes of a rule below this one."""
    return list(lower._find_all(node, kind))


def expression(node: Any) -> ir.Expr:
    """Lower one expression, dropping a name before it."""
    made: ir.Expr = lower._lower_named(node).expr
    return made


def named(node: Any) -> ir.NamedExpr:
    """Lower `name = expression` or an expression alone."""
    made: ir.NamedExpr = lower._lower_named(node)
    return made


def constant(node: Any) -> int | None:
    """Return a whole number written as such, else None."""
    expr = expression(node)
    if isinstance(expr, ir.Literal) and type(expr.value) is int:
        return expr.value
    return None


def source_text(node: Any) -> str:
    """Return the text of a node as written, spaces included."""
    stream = node.start.getInputStream()
    text: str = stream.getText(node.start.start, node.stop.stop)
    return text


def span_of(node: Any) -> tuple[int, int]:
    """Return the half-open offsets of a node in the text; a leading bar is left out."""
    first = next(
        (r for r in rules(node) if kind_of(node) == "PipedOperator"),
        node,
    )
    stop = node.stop if node.stop is not None else node.start
    return first.start.start, stop.stop + 1
