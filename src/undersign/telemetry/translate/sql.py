"""SQL -> DuckDB SQL: judged on its tree, written anew from it, cut into countable stages.

What runs is generated from the tree that was judged, never the text that was handed in.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from undersign.errors import QueryRefused
from undersign.languages.sql import bind
from undersign.languages.sql.literals import is_now
from undersign.languages.sql.places import Places
from undersign.languages.sql.reading import Reading, read
from undersign.languages.sql.steps import Step, aggregates, asks, is_aggregated, source_name, steps
from undersign.records.query import Query
from undersign.records.visible import Visible
from undersign.telemetry.translate import StageSql, Translated

if TYPE_CHECKING:
    from sqlglot import exp

_FATAL = (
    "syntax",
    "forbidden",
    "unsupported",
    "unknown-table",
    "unknown-column",
    "unknown-function",
)


def translate(query: Query, visible: Visible, now: datetime) -> Translated:
    """Return a bound SQL query as DuckDB SQL in which `now` is what the clock says.

    Raises:
        QueryRefused: It is no SELECT over visible tables, or names what is not there; with place.
    """
    bound = query if query.bound else bind(query.text, visible)
    for problem in bound.problems:
        if problem.kind in _FATAL:
            raise QueryRefused(
                problem.message,
                operator=problem.name or problem.kind,
                line=problem.span.line,
                column=problem.span.column,
            )
    reading = read(query.text)
    assert reading.tree is not None
    tree = reading.tree.copy()
    _stop_the_clock(tree, now)
    _plain_tables(tree)
    try:
        stages = tuple(_Cutter(reading).cut(tree))
        sql = generated(tree)
    except RecursionError as error:
        raise QueryRefused("nested too deep", operator="parentheses") from error
    return Translated(sql, stages, _tables_read(tree, visible))


def _tables_read(tree: exp.Expr, visible: Visible) -> tuple[str, ...]:
    """Return the visible tables whose names stand anywhere in a tree."""
    from sqlglot import exp

    named = (".".join(part.name for part in t.parts) for t in tree.find_all(exp.Table))
    found = (visible.find(name) for name in named)
    return tuple(dict.fromkeys(table.name for table in found if table))


def generated(tree: exp.Expr) -> str:
    """Write a tree as DuckDB SQL on one line.

    Raises QueryRefused when something of another dialect cannot be said exactly.
    """
    from sqlglot.errors import ErrorLevel, UnsupportedError

    try:
        return tree.sql(dialect="duckdb", comments=False, unsupported_level=ErrorLevel.RAISE)
    except UnsupportedError as error:
        raise QueryRefused(f"cannot be said exactly in DuckDB: {error}") from error


def _stop_the_clock(tree: exp.Expr, now: datetime) -> None:
    """Put the query's own time wherever the clock would be read."""
    from sqlglot import exp

    moment = now.astimezone(UTC).replace(tzinfo=None).isoformat(sep=" ")
    for node in list(tree.walk()):
        name = str(node.this).lower() if isinstance(node, exp.Anonymous) else ""
        if is_now(node):
            node.replace(_cast(moment, "TIMESTAMP"))
        elif isinstance(node, exp.CurrentDate) or name == "today":
            node.replace(_cast(moment[:10], "DATE"))
        elif isinstance(node, exp.CurrentTime | exp.Localtime) or name in _CLOCK_TIMES:
            node.replace(_cast(moment[11:], "TIME"))
        elif name == "ago" and len(node.expressions) == 1:
            node.replace(exp.Sub(this=_cast(moment, "TIMESTAMP"), expression=node.expressions[0]))
        elif name == "age" and len(node.expressions) == 1:
            node.set("expressions", [_cast(moment, "TIMESTAMP"), node.expressions[0]])


_CLOCK_TIMES = ("get_current_time", "current_localtime")


def _cast(text: str, kind: str) -> exp.Expr:
    from sqlglot import exp

    return exp.Cast(this=exp.Literal.string(text), to=exp.DataType.build(kind))


def _plain_tables(tree: exp.Expr) -> None:
    """Quote the names of tables, without the engine's own schema."""
    from sqlglot import exp

    for table in tree.find_all(exp.Table):
        if isinstance(table.this, exp.Identifier):
            if table.db.lower() == "main":
                table.set("db", None)
            for part in table.parts:
                part.set("quoted", True)


class _Cutter:
    """Cuts a tree into stages in the order of `languages.sql.steps`."""

    def __init__(self, reading: Reading) -> None:
        self._places: Places = reading.places
        self._ctes: list[exp.Expr] = []

    def cut(self, tree: exp.Expr) -> Iterator[StageSql]:
        """Yield the stages of every CTE in order of text, then those of the main query."""
        yield from self._query(tree, "")

    def _query(self, node: exp.Expr, pipeline: str) -> Iterator[StageSql]:
        from sqlglot import exp

        clause = node.args.get("with_")
        if clause is not None and clause.args.get("recursive"):
            self._ctes.append(clause)
        elif clause is not None:
            for cte in clause.expressions:
                yield from self._query(cte.this, cte.alias)
                self._ctes.append(cte)
        while isinstance(node, exp.Subquery) and not node.args.get("order"):
            node = node.this
        if isinstance(node, exp.Select):
            yield from self._select(node, pipeline)
        elif isinstance(node, exp.SetOperation):
            yield from self._query(node.this, pipeline)
            yield from self._set_operation(node, pipeline)
        else:
            yield self._stage(node, [node], pipeline)

    def _set_operation(self, node: exp.Expr, pipeline: str) -> Iterator[StageSql]:
        whole = node.copy()
        for key in ("with_", "order", "limit", "offset"):
            whole.set(key, None)
        yield self._stage(whole, [node.expression], pipeline)
        for key in ("order", "limit"):
            if node.args.get(key):
                whole.set(key, node.args[key].copy())
                yield self._stage(whole, [node.args[key]], pipeline)

    def _select(self, node: exp.Select, pipeline: str) -> Iterator[StageSql]:
        from sqlglot import exp

        clause = node.args.get("from_")
        growing = exp.Select(expressions=self._early_list(node))
        if clause is not None:
            target = clause.this
            if isinstance(target, exp.Subquery) and isinstance(target.this, exp.Query):
                yield from self._query(target, pipeline)
            else:
                growing.set("from_", clause.copy())
                yield self._stage(growing, [source_name(target)], pipeline)
            growing.set("from_", clause.copy())
        for step in steps(node):
            if step.kind == "join":
                yield from self._right_side(step)
            grown = self._grow(growing, step, node)
            yield self._stage(grown, asks(step, node), pipeline)

    def _early_list(self, node: exp.Select) -> list[exp.Expr]:
        """Return what is selected before the select list works: everything.

        A condition may use a name that the select list gives, so then the list goes along.
        """
        from sqlglot import exp

        star: list[exp.Expr] = [exp.Star()]
        if is_aggregated(node) or node.find(exp.Unnest, exp.Explode):
            return star
        names = {i.alias.lower(): i for i in node.expressions if isinstance(i, exp.Alias)}
        where = node.args.get("where")
        used = {c.name.lower() for c in where.find_all(exp.Column)} if where is not None else set()
        return star + [item.copy() for name, item in names.items() if name in used]

    def _right_side(self, step: Step) -> Iterator[StageSql]:
        from sqlglot import exp

        target = step.node.this
        if isinstance(target, exp.Subquery) and isinstance(target.this, exp.Query):
            line = self._places.span(step.node).line
            yield from self._query(target, f"join at line {line}")

    def _grow(self, growing: exp.Select, step: Step, node: exp.Select) -> exp.Select:
        """Add one step to the SELECT; the one given changes, so that conditions add up."""
        from sqlglot import exp

        part, kind = step.node.copy(), step.kind
        if kind == "join":
            key = "laterals" if isinstance(part, exp.Lateral) else "joins"
            growing.append(key, part)
        elif kind in ("where", "having", "qualify"):
            _and(growing, kind, part)
        elif kind in ("group by", "over", "select"):
            if kind == "group by":
                growing.set("group", _copied(node.args.get("group")))
            growing.set("expressions", self._late_list(node))
            growing.set("windows", [w.copy() for w in node.args.get("windows") or ()])
        else:
            growing.set({"order by": "order"}.get(kind, kind), part)
            if kind == "limit" and node.args.get("offset"):
                growing.set("offset", node.args["offset"].copy())
        return growing

    def _late_list(self, node: exp.Select) -> list[exp.Expr]:
        """Return the select list, aggregates named as the query model names them."""
        from sqlglot import exp

        items = []
        for item in node.expressions:
            named = isinstance(item, exp.Alias | exp.Star | exp.Column)
            alone = not named and any(True for _ in aggregates(item))
            items.append(
                exp.alias_(item.copy(), self._places.written(item), quoted=True)
                if alone
                else item.copy()
            )
        having = node.args.get("having")
        held = {i.unalias() for i in node.expressions}
        for call in aggregates(having) if having is not None else ():
            if call not in held:
                name = self._places.written(call)
                items.append(exp.alias_(call.copy(), name, quoted=True))
        return items

    def _stage(self, node: exp.Expr, place: list[exp.Expr], pipeline: str) -> StageSql:
        from sqlglot import exp

        whole: Any = node.copy()
        if self._ctes and isinstance(whole, exp.Query):
            recursive = any(isinstance(c, exp.With) for c in self._ctes)
            held = [c for one in self._ctes for c in _ctes_of(one)]
            whole.set("with_", exp.With(expressions=[c.copy() for c in held], recursive=recursive))
        span = self._places.hull(place)
        return StageSql(self._places.cut(span), span, generated(whole), "", pipeline)


def _and(select: exp.Select, key: str, condition: exp.Expr) -> None:
    from sqlglot import exp

    kinds = {"where": exp.Where, "having": exp.Having, "qualify": exp.Qualify}
    held = select.args.get(key)
    both = condition if held is None else exp.and_(held.this, condition, copy=False)
    select.set(key, kinds[key](this=both))


def _copied(node: exp.Expr | None) -> exp.Expr | None:
    return None if node is None else node.copy()


def _ctes_of(node: exp.Expr) -> list[exp.Expr]:
    from sqlglot import exp

    return list(node.expressions) if isinstance(node, exp.With) else [node]
