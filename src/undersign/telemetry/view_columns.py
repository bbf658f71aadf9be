"""Columns of one view over one lake table, each as a DuckDB expression.

The only place where the ways of `catalogs.views` become SQL. Names and texts are quoted here;
nothing of a TOML file or of a log is pasted in as it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, cast

from undersign.catalogs.views import (
    ByRow,
    Constant,
    Cut,
    FirstOf,
    FromRaw,
    Joined,
    Origin,
    Packed,
    View,
    ViewColumn,
)
from undersign.records.event import RESERVED_COLUMNS
from undersign.records.query import Type
from undersign.telemetry.layout import LIST_SUFFIX, Table

SQL_TYPES: Mapping[str, str] = {
    "string": "VARCHAR",
    "long": "BIGINT",
    "double": "DOUBLE",
    "boolean": "BOOLEAN",
    "timestamp": "TIMESTAMP",
    "timespan": "INTERVAL",
    "dynamic": "JSON",
    "list": "VARCHAR[]",
    "unknown": "VARCHAR",
}
EVIDENCE = "_id"
"""Shown by every view, so that a row can be followed to its event."""


@dataclass(frozen=True, slots=True)
class Shown:
    """One column of a view, over one lake table."""

    name: str
    type: Type
    sql: str
    column: str | None = None
    """Lake column it shows unchanged."""
    reads: tuple[str, ...] = ()
    """Lake columns it is made of, the telling one first."""
    documented: bool = True
    constant: str | None = None
    """The text of a value that is the same in every row."""

    @property
    def empty(self) -> bool:
        """Whether it is null in every row."""
        return self.sql == null(self.type)


def quoted(name: str) -> str:
    """Quote an identifier."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """Quote a text constant."""
    return "'" + text.replace("'", "''") + "'"


def null(kind: str) -> str:
    """Return a typed null."""
    return f"CAST(NULL AS {SQL_TYPES[kind]})"


def columns_of(table: Table, view: View, language: str) -> dict[str, Shown]:
    """Return what a view shows of one lake table, in order, by name.

    In KQL a list is `dynamic`, a JSON array.
    """
    shown = {name: _shown(table, column, language) for name, column in view.columns.items()}
    taken = {name.lower() for name in shown}
    # KQL has a column once, under the product's name; Splunk keeps a field under its raw name too.
    renamed = {s.column for s in shown.values() if s.column} if language == "kql" else set()
    for name in _more(table, view):
        if name.lower() not in taken and name not in renamed and name in table.columns:
            column = _shown(table, ViewColumn(name, FirstOf((name,))), language)
            shown[name] = replace(column, documented=not view.closed)
            taken.add(name.lower())
    return shown


def rows_of(table: Table, view: View) -> str:
    """Return the SQL condition of the rows that belong to a view; empty when all do."""
    kept = _condition(table, view.where)
    if not view.unless:
        return kept
    others = f"({_condition(table, view.unless)}) IS NOT TRUE"
    return f"{kept} AND {others}" if kept else others


def _condition(table: Table, where: Mapping[str, tuple[str, ...]]) -> str:
    return " AND ".join(_accepted(table, column, values) for column, values in where.items())


def _more(table: Table, view: View) -> list[str]:
    """Return the lake columns that a view shows beside its own."""
    incoming = [c for c in table.columns if c not in RESERVED_COLUMNS] if view.rest else []
    return [*incoming, *(["_raw"] if view.rest else []), EVIDENCE]


def _accepted(table: Table, column: str, values: tuple[str, ...]) -> str:
    name = table.column(column)
    if name is None:
        return "false"
    if values == ("*",):
        return f"{quoted(name)} IS NOT NULL"
    if table.columns[name] == "long":
        numbers = sorted({int(v) for v in values})
        return f"{quoted(name)} IN ({', '.join(str(n) for n in numbers)})"
    texts = ", ".join(literal(v.lower()) for v in values)
    return f"lower(CAST({quoted(name)} AS VARCHAR)) IN ({texts})"


def _shown(table: Table, column: ViewColumn, language: str) -> Shown:
    sql, kind, reads = _origin(table, column.origin, column.type)
    if column.cut and sql:
        sql, kind = _cut(_converted(sql, kind, "string"), column.cut), "string"
    if column.starts and sql:
        sql, kind = _begun(_converted(sql, kind, "string"), column.starts), "string"
    if column.values and sql:
        sql, kind = _mapped(_converted(sql, kind, "string"), column), "string"
    wanted = column.type or kind
    if language == "kql" and wanted == "list":
        sql, kind, wanted = _converted(sql, kind, "list") if sql else "", "list", "dynamic"
    plain = not (column.cut or column.values or column.starts) and isinstance(
        column.origin, FirstOf
    )
    same = plain and len(reads) == 1 and (kind == wanted or kind == "list")
    return Shown(
        name=column.name,
        type=cast("Type", wanted),
        sql=_converted(sql, kind, wanted) if sql else null(wanted),
        column=reads[0] if same else None,
        reads=reads,
        constant=_written(column.origin.value) if isinstance(column.origin, Constant) else None,
    )


def _origin(table: Table, origin: Origin, wanted: str | None) -> tuple[str, str, tuple[str, ...]]:
    """Return the SQL, its type and the lake columns it reads; no SQL when there is nothing."""
    if isinstance(origin, FirstOf):
        return _first(table, origin, wanted)
    if isinstance(origin, Joined):
        names = _held(table, origin.columns)
        texts = [f"nullif({_text(table, name)}, '')" for name in names]
        joined = f"nullif(concat_ws({literal(origin.separator)}, {', '.join(texts)}), '')"
        return (joined if names else "", "string", names)
    if isinstance(origin, ByRow):
        return _by_row(table, origin, wanted)
    if isinstance(origin, Packed):
        return _packed(table, origin)
    if isinstance(origin, FromRaw):
        return _from_raw(origin, wanted), "string" if wanted == "string" else "dynamic", ()
    if isinstance(origin, Constant):
        return (*_constant(origin.value), ())
    return "", wanted or "string", ()


def _first(table: Table, origin: FirstOf, wanted: str | None) -> tuple[str, str, tuple[str, ...]]:
    names = _held(table, origin.columns)
    if not names:
        return "", wanted or "string", ()
    if len(names) == 1:
        return _typed(table, names[0]), table.columns[names[0]], names
    kinds = {table.columns[name] for name in names}
    kind = kinds.pop() if len(kinds) == 1 else "string"
    values = [_converted(_typed(table, name), table.columns[name], kind) for name in names]
    if kind == "string":
        values = [f"nullif(nullif({value}, ''), '-')" for value in values]
    return f"coalesce({', '.join(values)})", kind, names


def _by_row(table: Table, origin: ByRow, wanted: str | None) -> tuple[str, str, tuple[str, ...]]:
    """Return a CASE over the ways; they disagree about the type only when none is asked for."""
    ways = [_shown(table, replace(way, type=way.type or wanted), "") for _, way in origin.cases]
    kinds = {way.type for way in ways}
    kind = kinds.pop() if len(kinds) == 1 else "string"
    values = [_converted(way.sql, way.type, kind) for way in ways]
    whens = (
        f"WHEN {_condition(table, when)} THEN {value}"
        for (when, _), value in zip(origin.cases[:-1], values, strict=False)
    )
    reads = tuple(dict.fromkeys(name for way in ways for name in way.reads))
    return f"CASE {' '.join(whens)} ELSE {values[-1]} END", kind, reads


def _held(table: Table, names: tuple[str, ...]) -> tuple[str, ...]:
    found = (table.column(name) for name in names)
    return tuple(dict.fromkeys(name for name in found if name))


def _typed(table: Table, name: str) -> str:
    """Return a lake column as its type's SQL: times are kept with a zone and shown as naive UTC."""
    sql = quoted(name)
    return f"timezone('UTC', {sql})" if table.columns[name] == "timestamp" else sql


def _text(table: Table, name: str) -> str:
    return _converted(_typed(table, name), table.columns[name], "string")


def _written(value: str | int | float | bool) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _constant(value: str | int | float | bool) -> tuple[str, str]:
    if isinstance(value, bool):
        return str(value).lower(), "boolean"
    if isinstance(value, int):
        return f"CAST({value} AS BIGINT)", "long"
    if isinstance(value, float):
        return f"CAST({value!r} AS DOUBLE)", "double"
    return literal(value), "string"


def _from_raw(origin: FromRaw, wanted: str | None) -> str:
    raw = "TRY_CAST(_raw AS JSON)"
    function = "json_extract_string" if wanted == "string" else "json_extract"
    found = []
    for path in origin.paths:
        steps = "".join(f'."{step}"' for step in path.replace('"', "").split("."))
        found.append(f"nullif({function}({raw}, {literal('$' + steps)}), 'null')")
    return f"coalesce({', '.join(found)})"


def _packed(table: Table, origin: Packed) -> tuple[str, str, tuple[str, ...]]:
    names = _held(table, origin.columns)
    if origin.prefix:
        prefix = origin.prefix.lower()
        names = tuple(c for c in table.columns if c.lower().startswith(prefix))
    elif not origin.columns:
        left = {*origin.leaving, *RESERVED_COLUMNS}
        names = tuple(c for c in table.columns if c not in left and c[0] not in "_@")
    tree: dict[str, Any] = {}
    for name in names:
        _plant(tree, name[len(origin.prefix) :].split(".") if origin.prefix else [name], name)
    if not tree:
        return "", "dynamic", ()
    # A merge into an empty object leaves the nulls out, at every depth.
    packed = f"json_merge_patch('{{}}', {_object(table, tree)})"
    return f"nullif({packed}, '{{}}')", "dynamic", names


def _plant(tree: dict[str, Any], steps: list[str], name: str) -> None:
    for step in steps[:-1]:
        tree = inner if isinstance(inner := tree.setdefault(step, {}), dict) else tree
    last = steps[-1].removesuffix(LIST_SUFFIX)
    tree.setdefault(last, name)


def _object(table: Table, tree: Mapping[str, Any]) -> str:
    parts = []
    for key, value in tree.items():
        if isinstance(value, dict):
            # An object without any value would stay as {}.
            inner = f"nullif(json_merge_patch('{{}}', {_object(table, value)}), '{{}}')"
        else:
            inner = _converted(_typed(table, value), table.columns[value], "dynamic")
        parts.append(f"{literal(key)}, {inner}")
    return f"json_object({', '.join(parts)})"


def _cut(sql: str, cut: Cut) -> str:
    if cut.after:
        mark = literal(cut.after)
        rest = f"substr({sql}, strpos({sql}, {mark}) + {len(cut.after)})"
        sql = f"CASE WHEN contains({sql}, {mark}) THEN {rest} END"
    if cut.after_last:
        sql = f"string_split({sql}, {literal(cut.after_last)})[-1]"
    if cut.before:
        sql = f"split_part({sql}, {literal(cut.before)}, 1)"
    if cut.before_last:
        mark = literal(cut.before_last)
        rest = f"array_to_string(string_split({sql}, {mark})[:-2], {mark})"
        sql = f"CASE WHEN contains({sql}, {mark}) THEN {rest} END"
    return f"nullif({sql}, '')"


def _begun(sql: str, starts: Mapping[str, str]) -> str:
    whens = (
        f"WHEN starts_with(lower({sql}), {literal(old.lower())}) "
        f"THEN concat({literal(new)}, substr({sql}, {len(old) + 1}))"
        for old, new in starts.items()
    )
    return f"CASE {' '.join(whens)} ELSE {sql} END"


def _mapped(sql: str, column: ViewColumn) -> str:
    key = f"lower(coalesce({sql}, ''))" if "" in column.values else f"lower({sql})"
    whens = " ".join(f"WHEN {_like(key, k)} THEN {literal(v)}" for k, v in column.values.items())
    other = sql if column.otherwise is None else literal(column.otherwise)
    return f"CASE WHEN {key} IS NULL THEN NULL {whens} ELSE {other} END"


def _like(sql: str, pattern: str) -> str:
    if "*" not in pattern:
        return f"{sql} = {literal(pattern)}"
    escaped = pattern.replace("!", "!!").replace("%", "!%").replace("_", "!_").replace("*", "%")
    return f"{sql} LIKE {literal(escaped)} ESCAPE '!'"


def _converted(sql: str, kind: str, wanted: str) -> str:
    """Return the same value as another type; what does not fit becomes null."""
    if kind == wanted:
        return sql
    if wanted == "dynamic":
        return _dynamic(sql, kind)
    if wanted == "list":
        return f"CASE WHEN {sql} IS NOT NULL THEN [{_converted(sql, kind, 'string')}] END"
    if wanted == "string" and kind == "list":
        sql = _dynamic(sql, kind)
    if wanted == "timestamp" and kind == "string":
        # Text without a zone is UTC, whatever zone the connection is set to.
        zoned = f"regexp_matches({sql}, '(Z|[+-][0-9]{{2}}:?[0-9]{{2}})$')"
        text = f"CASE WHEN {zoned} THEN {sql} ELSE concat({sql}, 'Z') END"
        return f"timezone('UTC', TRY_CAST({text} AS TIMESTAMPTZ))"
    return f"TRY_CAST({sql} AS {SQL_TYPES[wanted]})"


def _dynamic(sql: str, kind: str) -> str:
    """Return JSON; a text that is a JSON object or array was one before it came into the lake."""
    if kind == "list":
        return f"to_json([{_parsed('x')} for x in {sql}])"
    return _parsed(sql) if kind == "string" else f"to_json({sql})"


def _parsed(sql: str) -> str:
    nested = f"regexp_matches({sql}, '^[{{[]') AND json_valid({sql})"
    text = f"CASE WHEN {sql} IS NOT NULL THEN to_json({sql}) END"
    return f"CASE WHEN {nested} THEN CAST({sql} AS JSON) ELSE {text} END"
