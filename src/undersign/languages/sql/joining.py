"""JOIN -> how the model says that two sides are put together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from undersign.languages.sql.conditions import Conditions, find, name_of
from undersign.languages.sql.scope import Relation
from undersign.languages.sql.steps import conjuncts
from undersign.records.query import And, Condition, Join, Pipeline

if TYPE_CHECKING:
    from sqlglot import exp

_SIDES = {"LEFT": "left", "RIGHT": "right", "FULL": "full"}


def join_of(node: exp.Expr, right: Pipeline, relation: Relation, conditions: Conditions) -> Join:
    """Return one join; `relation` is its right side."""
    kind, written = _kind(node)
    keys = [(c.name, c.name) for c in node.args.get("using") or ()]
    rest: list[Condition] = []
    on = node.args.get("on")
    time_bound = False
    for one in conjuncts(on) if on is not None else ():
        pair = _pair(one, relation, conditions)
        time_bound = time_bound or _compares_times(one, conditions)
        if pair:
            keys.append(pair)
        else:
            rest.append(conditions.read(one))
    condition = None
    if rest and on is not None:
        condition = rest[0] if len(rest) == 1 else And(tuple(rest), conditions.places.span(on))
    if not keys and condition is None and kind == "inner" and node.args.get("method") != "NATURAL":
        kind = "cross"
    place = conditions.places.span(node)
    return Join(kind, written, right, tuple(keys), place, condition, time_bound)


def _kind(node: exp.Expr) -> tuple[str, bool]:
    """Return the kind and whether it was written."""
    side = str(node.args.get("side") or "").upper()
    kind = str(node.args.get("kind") or "").upper()
    if kind in ("SEMI", "ANTI"):
        return ("right" if side == "RIGHT" else "left") + kind.lower(), True
    if side in _SIDES:
        return _SIDES[side], True
    return {"CROSS": "cross", "INNER": "inner"}.get(kind, "inner"), bool(kind)


def _pair(node: exp.Expr, right: Relation, conditions: Conditions) -> tuple[str, str] | None:
    """Return (left column, right column) of an equality between the two sides."""
    from sqlglot import exp

    if not isinstance(node, exp.EQ):
        return None
    sides = [node.this, node.expression]
    columns = [list(side.find_all(exp.Column)) for side in sides]
    if any(len(found) != 1 for found in columns):
        return None
    (one,), (two,) = columns
    of_right = [
        c.table.lower() == right.alias.lower() if c.table else c.name.lower() in right.columns
        for c in (one, two)
    ]
    if of_right == [True, False]:
        one, two = two, one
    elif of_right != [False, True]:
        return None
    return name_of(one, conditions.scope), name_of(two, conditions.scope)


def _compares_times(node: exp.Expr, conditions: Conditions) -> bool:
    """Tell whether a condition holds two times against each other."""
    from sqlglot import exp

    tables = set()
    for column in node.find_all(exp.Column):
        known = find(column, conditions.scope)
        if known is not None and known.type == "timestamp":
            tables.add(column.table.lower())
    return len(tables) > 1
