"""One SELECT -> sources and stages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from undersign.languages.sql.conditions import Conditions, find, function_name, name_of, unwrap
from undersign.languages.sql.grouping import aggregate_of, group_of
from undersign.languages.sql.joining import join_of
from undersign.languages.sql.scope import Known, Relation, Scope, by_name
from undersign.languages.sql.steps import Step, StepKind, aggregates, asks, steps, windows
from undersign.records.artifact import Span
from undersign.records.query import (
    Assigned,
    Column,
    Order,
    Pipeline,
    Problem,
    Source,
    Stage,
)

if TYPE_CHECKING:
    from sqlglot import exp

    from undersign.languages.sql.model import Built, Model


class SelectReader:
    """Reads one SELECT within a model."""

    def __init__(self, model: Model, node: exp.Expr, outer: Scope | None) -> None:
        self.model = model
        self.node: Any = node
        self.places = model.places
        self.scope = Scope(outer)
        self.conditions = Conditions(self.places, self.scope, self.result_name)

    def read(self) -> Built:
        """Return the SELECT as a pipeline with the columns that come out of it."""
        from sqlglot import exp

        from undersign.languages.sql.model import Built

        clause = self.node.args.get("from_")
        sources: tuple[Source, ...] = ()
        stages: list[Stage] = []
        if clause is not None:
            sources, inner, relation = self.model.relation(clause.this, self.scope)
            stages += inner
            self.scope.relations.append(relation)
            stages += self._nested_joins(clause.this)
        else:
            place = self.places.span(self.node)
            sources = (Source("SELECT", "inline", place),)
        for step in steps(self.node):
            if step.kind != "join":
                break
            stages.append(self._join(step.node))
        out = self._output()
        named = {i.alias.lower() for i in self.node.expressions if isinstance(i, exp.Alias)}
        self.scope.aliases = {
            name: known
            for name, known in out.columns.items()
            if name in named and name not in self._own_names()
        }
        for step in steps(self.node):
            if step.kind != "join":
                stages.append(self._stage(step, out))
        self._check_names()
        return Built(Pipeline(sources, tuple(stages), self.places.span(self.node)), out)

    def endings(self, out: Relation) -> tuple[Stage, ...]:
        """Return the ORDER BY and LIMIT of a set operation."""
        self.scope.relations.append(out)
        kinds: tuple[tuple[StepKind, str], ...] = (("order by", "order"), ("limit", "limit"))
        asked = (Step(kind, self.node.args[key]) for kind, key in kinds if self.node.args.get(key))
        return tuple(self._stage(step, out) for step in asked)

    def result_name(self, aggregate: exp.Expr) -> str:
        """Return what the result column of an aggregate is called: its alias, else as written."""
        from sqlglot import exp

        while isinstance(aggregate.parent, exp.Filter | exp.IgnoreNulls):
            aggregate = aggregate.parent
        if isinstance(aggregate.parent, exp.Alias):
            return str(aggregate.parent.alias)
        for item in self.node.expressions if isinstance(self.node, exp.Select) else ():
            if isinstance(item, exp.Alias) and item.this == aggregate:
                return str(item.alias)
        return self.places.written(aggregate)

    def _own_names(self) -> set[str]:
        return {name for relation in self.scope.relations for name in relation.columns}

    def _nested_joins(self, node: exp.Expr) -> list[Stage]:
        from sqlglot import exp

        inner = node.this if isinstance(node, exp.Subquery) else node
        return (
            [self._join(join) for join in inner.args.get("joins") or ()]
            if isinstance(inner, exp.Table)
            else []
        )

    def _join(self, node: exp.Expr) -> Stage:
        target = node.this if node.key == "join" else node
        sources, inner, relation = self.model.relation(target, self.scope)
        self.scope.relations.append(relation)
        right = Pipeline(sources, inner, self.places.span(target))
        join = join_of(node, right, relation, self.conditions)
        on = node.args.get("on")
        within = self._subqueries([on]) if on is not None else ()
        span, text, columns = self.places.span(node), self.places.written(node), self._joined()
        return Stage("join", "join", text, span, join=join, columns=columns, subqueries=within)

    def _joined(self) -> tuple[Column, ...] | None:
        if any(relation.open for relation in self.scope.relations):
            return None
        return tuple(
            Column(c.name, c.type) for r in self.scope.relations for c in r.columns.values()
        )

    def _stage(self, step: Step, out: Relation) -> Stage:
        from undersign.languages.sql.model import columns_out

        node, kind, columns = step.node, step.kind, columns_out(out)
        span = self.places.hull(asks(step, self.node))
        text = self.places.cut(span)
        if kind in ("where", "having", "qualify"):
            condition, within = self.conditions.read(node), self._subqueries([node])
            return Stage("filter", kind, text, span, condition=condition, subqueries=within)
        if kind == "group by":
            return self._aggregate(text, span, columns)
        if kind == "over":
            over = tuple(self._assigned(_named(one)) for one in windows(self.node))
            return Stage("window", kind, text, span, assigned=over)
        if kind == "select":
            listed = tuple(self._assigned(item) for item in self.node.expressions)
            within = self._subqueries(self.node.expressions)
            return Stage(
                "project", kind, text, span, assigned=listed, columns=columns, subqueries=within
            )
        if kind == "distinct":
            return Stage("distinct", kind, text, span, columns=columns)
        if kind == "order by":
            order = tuple(self._order(one) for one in node.expressions)
            return Stage("sort", kind, text, span, order=order, columns=columns)
        return Stage("limit", "limit", text, span, limit=_whole(node), columns=columns)

    def _subqueries(self, nodes: Sequence[exp.Expr]) -> tuple[Pipeline, ...]:
        from sqlglot import exp

        held = (
            sub
            for node in nodes
            for sub in node.find_all(exp.Subquery, exp.Exists)
            if not _is_within(sub, node)
        )
        queries = (s if isinstance(s, exp.Subquery) else s.this for s in held)
        return tuple(self.model.query(query, self.scope).pipeline for query in queries)

    def _aggregate(self, text: str, span: Span, columns: tuple[Column, ...] | None) -> Stage:
        having = self.node.args.get("having")
        parts = [*self.node.expressions, *([having] if having else [])]
        calls = {self.result_name(a): a for part in parts for a in aggregates(part)}
        found = tuple(aggregate_of(a, n, self.conditions) for n, a in calls.items())
        groups = tuple(group_of(one, self) for one in self._keys(self.node.args.get("group")))
        return Stage(
            "aggregate",
            "group by",
            text,
            span,
            aggregates=found,
            groups=groups,
            columns=columns,
            subqueries=self._subqueries(self.node.expressions),
        )

    def _keys(self, group: exp.Expr | None) -> list[exp.Expr]:
        """Return the grouping expressions, positions and aliases followed into the select list."""
        from sqlglot import exp

        items = self.node.expressions
        if group is None:
            return []
        if group.args.get("all"):
            return [i for i in items if not any(True for _ in aggregates(i))]
        keys = []
        for one in group.expressions:
            if isinstance(one, exp.Literal) and not one.is_string:
                place = int(str(one.this)) - 1 if str(one.this).isdigit() else -1
                keys.append(items[place] if 0 <= place < len(items) else one)
            else:
                keys.append(next((i for i in items if _names(i, one)), one))
        return keys

    def _output(self) -> Relation:
        """Return the columns of the select list."""
        from sqlglot import exp

        columns: list[Known] = []
        is_open = False
        for item in self.node.expressions:
            if isinstance(item, exp.Star) or (
                isinstance(item, exp.Column) and isinstance(item.this, exp.Star)
            ):
                is_open = self._star(item, columns) or is_open
            elif isinstance(item, exp.Columns):
                is_open = True
            else:
                columns.append(self._item(item))
        return Relation("", by_name(columns), is_open)

    def _star(self, item: exp.Expr, columns: list[Known]) -> bool:
        qualifier = item.table if item.key == "column" else ""  # type: ignore[attr-defined]
        star = item.this if item.key == "column" else item
        left_out = {c.name.lower() for c in star.args.get("except_") or ()}
        is_open = not self.scope.relations
        for relation in self.scope.relations:
            if not qualifier or relation.alias.lower() == qualifier.lower():
                columns += [c for n, c in relation.columns.items() if n not in left_out]
                is_open = is_open or relation.open
        return is_open

    def _item(self, item: exp.Expr) -> Known:
        from sqlglot import exp

        name = item.alias_or_name or self.places.written(item)
        inner = item.this if isinstance(item, exp.Alias) else item
        if isinstance(inner, exp.Column):
            known = find(inner, self.scope)
            return replace(known, name=name) if known else Known(name)
        if isinstance(inner, exp.Count | exp.ApproxDistinct):
            return Known(name, "long")
        return Known(name)

    def _assigned(self, item: exp.Expr) -> Assigned:
        from sqlglot import exp

        inner = item.this if isinstance(item, exp.Alias) else item
        columns = tuple(dict.fromkeys(name_of(c, self.scope) for c in item.find_all(exp.Column)))
        functions = tuple(function_name(f, self.places) for f in inner.find_all(exp.Func))
        return Assigned(
            item.alias_or_name or self.places.written(item),
            self.places.written(inner),
            self.places.span(item),
            columns,
            functions,
            renamed=isinstance(inner, exp.Column),
        )

    def _order(self, node: exp.Expr) -> Order:
        wrapped = unwrap(node.this, self.places)
        name = self.places.written(node.this)
        if wrapped and wrapped.aggregate is not None:
            name = self.result_name(wrapped.aggregate)
        elif wrapped and wrapped.column is not None:
            name = name_of(wrapped.column, self.scope)
        return Order(name, bool(node.args.get("desc")), self.places.span(node))

    def _check_names(self) -> None:
        """Note every column of this SELECT, not of those within it, that no table has."""
        from sqlglot import exp

        inner = (exp.Subquery, exp.Select, exp.With, exp.SetOperation)
        lambdas = {p.name.lower() for f in self.node.find_all(exp.Lambda) for p in f.expressions}
        for node in self.node.walk(prune=lambda n: n is not self.node and isinstance(n, inner)):
            if not isinstance(node, exp.Column) or isinstance(node.this, exp.Star):
                continue
            if node.name.lower() not in lambdas and node.table.lower() not in lambdas:
                self._check(node)

    def _check(self, column: exp.Column) -> None:
        known = find(column, self.scope)
        of_itself = known is not None and column.parent and column.parent.alias == column.name
        if known is not None and not (of_itself and known.table is None):
            return
        qualifier = column.table
        if self.scope.is_open(qualifier if self.scope.knows(qualifier) else ""):
            return
        tables = self.scope.tables()
        visible = self.model.visible
        nearest = visible.nearest_columns(column.name, tables) if visible and tables else ()
        hint = f"; did you mean {' or '.join(nearest)}?" if nearest else ""
        where = " or ".join(
            dict.fromkeys(r.table or r.alias for r in self.scope.relations if r.table or r.alias)
        )
        if column.this.args.get("quoted") and not nearest:
            hint = "; texts stand in single quotes"
        message = f"no column {column.name} in {where or 'this SELECT'}{hint}"
        self.model.problems.append(
            Problem("unknown-column", message, self.places.span(column), column.name)
        )


def _names(item: exp.Expr, key: exp.Expr) -> bool:
    """Tell whether a grouping key is the alias of this item of the select list."""
    from sqlglot import exp

    if not (isinstance(item, exp.Alias) and isinstance(key, exp.Column)) or key.table:
        return False
    return item.alias.lower() == key.name.lower()


def _named(node: exp.Expr) -> exp.Expr:
    """Return the item of the select list that gives an expression its name, if one does."""
    parent = node.parent
    return parent if parent is not None and parent.key == "alias" else node


def _whole(node: exp.Expr) -> int | None:
    """Return the number of a LIMIT; None when it is an expression or an OFFSET."""
    if node.key != "limit":
        return None
    text = str(node.expression.this) if node.expression is not None else ""
    return int(text) if text.isdigit() else None


def _is_within(node: exp.Expr, top: exp.Expr) -> bool:
    from sqlglot import exp

    parent = node.parent
    while parent is not None and parent is not top:
        if isinstance(parent, exp.Subquery | exp.Exists):
            return True
        parent = parent.parent
    return False
