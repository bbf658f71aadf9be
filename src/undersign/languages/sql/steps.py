"""The order in which a SELECT works, so that its stages can be shown and counted one by one.

FROM, each JOIN, each condition of WHERE, GROUP BY, each condition of HAVING, window functions, each
condition of QUALIFY, the select list, DISTINCT, ORDER BY, LIMIT. A condition is what `AND` joins at
the top: every one of them is a stage of its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING
from typing import Literal as OneOf

from undersign.languages.sql.function_names import AGGREGATES

if TYPE_CHECKING:
    from sqlglot import exp

StepKind = OneOf[
    "join", "where", "group by", "having", "over", "qualify", "select", "distinct", "order by",
    "limit",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a SELECT and the node that asks for it."""

    kind: StepKind
    node: exp.Expr


def steps(select: exp.Select) -> Iterator[Step]:
    """Yield the steps after FROM in the order in which they work."""
    args = select.args
    for join in (*(args.get("joins") or ()), *(args.get("laterals") or ())):
        yield Step("join", join)
    yield from _conditions("where", args.get("where"))
    if is_aggregated(select):
        yield Step("group by", args.get("group") or select)
    yield from _conditions("having", args.get("having"))
    if any(True for _ in windows(select)):
        yield Step("over", next(windows(select)))
    yield from _conditions("qualify", args.get("qualify"))
    if not is_aggregated(select) and not is_bare_star(select):
        yield Step("select", select)
    for kind, name in (("distinct", "distinct"), ("order by", "order"), ("limit", "limit")):
        if args.get(name):
            yield Step(kind, args[name])  # type: ignore[arg-type]
    if args.get("offset") and not args.get("limit"):
        yield Step("limit", args["offset"])


def asks(step: Step, select: exp.Expr) -> list[exp.Expr]:
    """Return the nodes where a step is written: the stage's place in the text."""
    listed = step.kind in ("select", "distinct")
    if listed or (step.kind == "group by" and not select.args.get("group")):
        return list(select.expressions)
    return [step.node]


def source_name(node: exp.Expr) -> exp.Expr:
    """Return where a source is written: a table's name without its alias, else the whole node."""
    from sqlglot import exp

    if isinstance(node, exp.Table) and isinstance(node.this, exp.Identifier):
        return node.parts[-1]
    return node


def conjuncts(condition: exp.Expr) -> list[exp.Expr]:
    """Return what `AND` joins at the top of a condition, in order."""
    from sqlglot import exp

    found: list[exp.Expr] = []
    waiting = [condition]
    while waiting:
        node = waiting.pop()
        if isinstance(node, exp.And):
            waiting += [node.expression, node.this]
        else:
            found.append(node)
    return found


def is_aggregated(select: exp.Select) -> bool:
    """Tell whether a SELECT gives one row a group."""
    if select.args.get("group"):
        return True
    parts = [*select.expressions, *(p for p in (select.args.get("having"),) if p)]
    return any(True for part in parts for _ in aggregates(part))


def is_bare_star(select: exp.Select) -> bool:
    """Tell whether the select list is `*` and nothing else."""
    from sqlglot import exp

    only = select.expressions[0] if len(select.expressions) == 1 else None
    return isinstance(only, exp.Star) and not any(
        only.args.get(k) for k in ("except_", "replace", "rename")
    )


def aggregates(node: exp.Expr) -> Iterator[exp.Expr]:
    """Yield the aggregate calls of an expression, without those of windows and subqueries."""
    from sqlglot import exp

    for inner in node.walk(prune=lambda n: isinstance(n, exp.Window | exp.Subquery | exp.Select)):
        if isinstance(inner, exp.Window | exp.Subquery):
            continue
        if is_aggregate(inner):
            yield inner


def is_aggregate(node: exp.Expr) -> bool:
    """Tell whether a node is the call of an aggregate function."""
    from sqlglot import exp

    if isinstance(node, exp.AggFunc):
        return not isinstance(node, exp.RowNumber | exp.Lag | exp.Lead)
    return isinstance(node, exp.Anonymous) and str(node.this).lower() in AGGREGATES


def windows(select: exp.Select) -> Iterator[exp.Expr]:
    """Yield the window functions of the select list and of QUALIFY."""
    from sqlglot import exp

    parts = [*select.expressions, *(p for p in (select.args.get("qualify"),) if p)]
    for part in parts:
        for inner in part.walk(prune=lambda n: isinstance(n, exp.Select)):
            if isinstance(inner, exp.Window):
                yield inner


def _conditions(
    kind: OneOf["where", "having", "qualify"], clause: exp.Expr | None
) -> Iterator[Step]:
    if clause is not None:
        for one in conjuncts(clause.this):
            yield Step(kind, one)
