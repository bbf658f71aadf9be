"""A tree of SQL -> the query model: pipelines of stages, names resolved where tables are known."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING
from typing import Literal as OneOf

from undersign.languages.sql.conditions import function_name
from undersign.languages.sql.places import Places
from undersign.languages.sql.scope import Known, Relation, Scope, by_name, of_table
from undersign.languages.sql.select import SelectReader
from undersign.languages.sql.steps import source_name
from undersign.records.artifact import Span
from undersign.records.query import Column, Pipeline, Problem, Source, Stage, StageKind
from undersign.records.visible import Visible

if TYPE_CHECKING:
    from sqlglot import exp


@dataclass(frozen=True, slots=True)
class Built:
    """A query expression as a pipeline, and the columns that come out of it."""

    pipeline: Pipeline
    relation: Relation


@dataclass(slots=True)
class Model:
    """Builds the model of one text; `problems`, `named` and `functions` fill up on the way."""

    places: Places
    visible: Visible | None
    problems: list[Problem] = field(default_factory=list)
    named: dict[str, Pipeline] = field(default_factory=dict)
    ctes: dict[str, Relation] = field(default_factory=dict)

    def query(self, node: exp.Expr, outer: Scope | None = None) -> Built:
        """Return a SELECT, a set operation or VALUES as a pipeline."""
        from sqlglot import exp

        self._with(node, outer)
        if isinstance(node, exp.Subquery):
            return self._parenthesised(node, outer)
        if isinstance(node, exp.SetOperation):
            return self._set_operation(node, outer)
        if isinstance(node, exp.Select):
            return SelectReader(self, node, outer).read()
        span = self.places.span(node)
        rows = node.expressions if isinstance(node, exp.Values) else []
        width = len(rows[0].expressions) if rows and isinstance(rows[0], exp.Tuple) else 1
        columns = by_name([Known(f"col{n}") for n in range(width)])
        source = Source(self.places.written(node)[:60], "inline", span)
        return Built(Pipeline((source,), (), span), Relation("", columns, False))

    def _parenthesised(self, node: exp.Subquery, outer: Scope | None) -> Built:
        inner = self.query(node.this, outer)
        ends = SelectReader(self, node, outer).endings(inner.relation)
        pipeline = replace(inner.pipeline, stages=(*inner.pipeline.stages, *ends))
        return Built(pipeline, inner.relation)

    def _set_operation(self, node: exp.SetOperation, outer: Scope | None) -> Built:
        from sqlglot import exp

        left, right = self.query(node.this, outer), self.query(node.expression, outer)
        word = node.key if node.args.get("distinct") is not False else f"{node.key} all"
        span = self.places.span(node.expression)
        columns = _columns(left.relation)
        kind: StageKind = "union" if isinstance(node, exp.Union) else "other"
        text = f"{word} {self.places.written(node.expression)}"
        stage = Stage(kind, word, text, span, branches=(right.pipeline,), columns=columns)
        ends = SelectReader(self, node, outer).endings(left.relation)
        whole = self.places.span(node)
        stages = (*left.pipeline.stages, stage, *ends)
        pipeline = Pipeline(left.pipeline.sources, stages, whole)
        # The columns of a union come from two places, so from none that can be named.
        known = [Known(c.name, c.type) for c in left.relation.columns.values()]
        return Built(pipeline, Relation("", by_name(known), left.relation.open))

    def _with(self, node: exp.Expr, outer: Scope | None) -> None:
        clause = node.args.get("with_")
        if clause is None:
            return
        for cte in clause.expressions:
            name = cte.alias
            columns = tuple(c.name for c in cte.args["alias"].columns) if cte.args["alias"] else ()
            if clause.args.get("recursive"):
                own = by_name([Known(c) for c in columns])
                self.ctes[name.lower()] = Relation(name, own, not columns)
            built = self.query(cte.this, outer)
            self.named[name] = replace(built.pipeline, name=name, span=self.places.span(cte))
            self.ctes[name.lower()] = built.relation.renamed(name, columns)

    def relation(
        self, node: exp.Expr, scope: Scope
    ) -> tuple[tuple[Source, ...], tuple[Stage, ...], Relation]:
        """Return what FROM or JOIN names: sources, the stages of a subquery, and its columns."""
        from sqlglot import exp

        span = self.places.span(node)
        alias = node.alias_or_name
        renamed = (
            tuple(c.name for c in node.args["alias"].columns) if node.args.get("alias") else ()
        )
        around = scope.outer
        if isinstance(node, exp.Lateral):
            # A lateral subquery sees what stands before it in FROM.
            node, around = node.this, scope
        if isinstance(node, exp.Subquery) and isinstance(node.this, exp.Table):
            return self.relation(node.this, scope)
        if isinstance(node, exp.Subquery):
            built = self.query(node, around)
            inner = built.pipeline
            return inner.sources, inner.stages, built.relation.renamed(alias, renamed)
        if isinstance(node, exp.Table) and isinstance(node.this, exp.Identifier):
            source, relation = self._table(node, span)
            if node.args.get("pivots"):
                relation = Relation(relation.alias, {}, True, relation.table)
            return (source,), (), relation.renamed(alias, renamed)
        if isinstance(node, exp.Values):
            built = self.query(node, scope)
            return built.pipeline.sources, (), built.relation.renamed(alias, renamed)
        source = Source(self.places.written(node).partition("(")[0].strip(), self._made(node), span)
        return (source,), (), Relation(alias, {}, True).renamed(alias, renamed)

    def _made(self, node: exp.Expr) -> OneOf["inline", "external"]:
        from sqlglot import exp

        made = node.this if isinstance(node, exp.Table) else node
        name = function_name(made, self.places)
        inline = isinstance(made, exp.Unnest | exp.GenerateSeries) or not name.startswith("read_")
        return "inline" if inline else "external"

    def _table(self, node: exp.Table, span: Span) -> tuple[Source, Relation]:
        name = ".".join(p.name for p in node.parts)
        place = self.places.span(source_name(node), span)
        if name.lower() in self.ctes:
            return Source(name, "named", place), self.ctes[name.lower()]
        found = self.visible.find(_unqualified(name)) if self.visible else None
        if found:
            return Source(name, "table", place, found.name), of_table(found, node.alias_or_name)
        if self.visible:
            nearest = self.visible.nearest_tables(name)
            hint = f"; did you mean {' or '.join(nearest)}?" if nearest else ""
            self.problems.append(Problem("unknown-table", f"no table {name}{hint}", place, name))
        return Source(name, "table", place), Relation(node.alias_or_name)


def columns_out(relation: Relation) -> tuple[Column, ...] | None:
    """Return a relation's columns as a stage tells them; None when not all are known."""
    return _columns(relation)


def functions_called(tree: exp.Expr, places: Places) -> Iterable[tuple[str, Span]]:
    """Yield every function called, lower case, with its place."""
    from sqlglot import exp

    for node in tree.find_all(exp.Func):
        if isinstance(node, exp.And | exp.Or | exp.Xor):
            continue
        yield function_name(node, places), places.span(node)


def _columns(relation: Relation) -> tuple[Column, ...] | None:
    if relation.open:
        return None
    return tuple(Column(c.name, c.type) for c in relation.columns.values())


def _unqualified(name: str) -> str:
    """Return a table name without the engine's own schema."""
    lowered = name.lower()
    return name[5:] if lowered.startswith("main.") else name
