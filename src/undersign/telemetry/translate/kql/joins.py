"""Strings that a join or union has no value for are empty, as every missing string in Kusto."""

# Every name in this SQL goes through quote_ident, every text through quote_string.
# ruff: noqa: S608

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from duckdb_kql import ir, lower
from duckdb_kql.schema import join_output_columns, lookup_output_columns, union_output_columns
from duckdb_kql.translate import quote_ident

from undersign.telemetry.translate.kql.tree import kind_of, rules

_FILLS_RIGHT = frozenset({"leftouter", "fullouter"})
_FILLS_LEFT = frozenset({"rightouter", "fullouter"})


def filled(column: str) -> str:
    """Return a column with empty text for null when it is a text, whatever its type.

    `typeof` is known when DuckDB plans, so for other types nothing of this is left to run.
    """
    name = quote_ident(column)
    return f"CASE WHEN typeof({name}) = 'VARCHAR' THEN TRY(coalesce({name}, '')) ELSE {name} END"


def _filling(sql: str, columns: list[str], missing: list[str]) -> str:
    chosen = [
        f"{filled(c)} AS {quote_ident(c)}" if c in missing else quote_ident(c) for c in columns
    ]
    return f"SELECT {', '.join(chosen)} FROM ({sql})"


def render_join(original: Any, op: ir.Join, prev: str, *rest: Any) -> str:
    """Render a join; the side without a partner has empty strings."""
    left, right = rest[0], rest[2]
    columns = join_output_columns(left, right, op.kind)
    missing = columns[len(left) :] if op.kind in _FILLS_RIGHT else []
    missing = columns[: len(left)] + missing if op.kind in _FILLS_LEFT else missing
    sql = str(original(op, prev, *rest))
    return _filling(sql, columns, missing) if missing else sql


def render_lookup(original: Any, op: ir.Lookup, prev: str, *rest: Any) -> str:
    """Render a lookup; rows without a match have empty strings."""
    left, right = rest[0], rest[2]
    columns = lookup_output_columns(left, right, [key.right for key in op.keys])
    sql = str(original(op, prev, *rest))
    return _filling(sql, columns, columns[len(left) :]) if op.kind == "leftouter" else sql


def render_union(original: Any, op: ir.Union, prev: str, *rest: Any) -> str:
    """Render a union; a branch without a column has empty strings in it."""
    left, schema = rest[0], rest[2]
    columns = union_output_columns(op, left, schema)
    missing = [c for c in columns if c != op.with_source]
    return _filling(str(original(op, prev, *rest)), columns, missing)


@dataclass(frozen=True)
class _Keys(ir.JoinKey):
    """Several keys written as one condition with `and`."""

    several: tuple[ir.JoinKey, ...] = ()


def lower_join_key(original: Any, node: Any) -> ir.JoinKey:
    """Lower `$left.a == $right.b and $left.c == $right.d`, which 1.1.2 reads as one odd name."""
    inner = lower._collapse(node)
    if kind_of(inner) != "LogicalAndExpression":
        key: ir.JoinKey = original(node)
        return key
    several = tuple(key for part in _conjuncts(inner) for key in _single(original(part)))
    return _Keys(several[0].left, several[0].right, several)


def lower_join(original: Any, node: Any, kids: list[Any]) -> Any:
    """Lower a join or lookup with each of its keys by itself."""
    made = original(node, kids)
    return replace(made, keys=tuple(single for key in made.keys for single in _single(key)))


def _conjuncts(node: Any) -> list[Any]:
    node = lower._collapse(node)
    operation = kind_of(node) in ("LogicalAndExpression", "LogicalAndOperation")
    return [leaf for part in rules(node) for leaf in _conjuncts(part)] if operation else [node]


def _single(key: ir.JoinKey) -> tuple[ir.JoinKey, ...]:
    return key.several if isinstance(key, _Keys) else (key,)
