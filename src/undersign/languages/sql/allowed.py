"""What SQL may do here: read rows of visible tables, and nothing else. Judged on the tree.

One SELECT (WITH, set operations, VALUES) whose rows come from tables, CTEs, VALUES and a few
functions that make rows of their own arguments. Everything that is not named as allowed is refused.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING

from undersign.languages.sql.function_names import AGGREGATES, ROW_MAKERS, SCALARS, WINDOWS
from undersign.languages.sql.places import Places
from undersign.records.query import Problem

if TYPE_CHECKING:
    from sqlglot import exp

FUNCTIONS = SCALARS | AGGREGATES | WINDOWS | ROW_MAKERS
_REACHES_OUT = (
    "read_", "scan", "parquet_", "duckdb_", "pragma_", "pg_", "current_setting", "getenv",
    "getvariable", "query", "glob", "sniff_", "which_", "json_execute", "json_serialize",
    "json_deserialize", "from_substrait", "sql_auto", "checkpoint", "force_", "enable_",
    "disable_", "sleep", "nextval", "currval", "setval", "write_", "http", "load", "install",
    "test_", "seq_", "arrow_", "python_", "pandas_", "register_", "summary", "icu_calendar",
)  # fmt: skip
"""Beginnings or parts of names that are not merely unknown: said to be forbidden."""


def refusals(tree: exp.Expr, places: Places) -> Iterator[Problem]:
    """Yield a problem of kind `forbidden` or `unsupported` for each thing that may not run."""
    from sqlglot import exp

    root = tree
    while isinstance(root, exp.Subquery):
        root = root.this
    if not isinstance(root, exp.Select | exp.SetOperation | exp.Values):
        word = _first_word(places, tree)
        yield Problem("forbidden", f"{word}: only SELECT may run here", places.span(tree), word)
        return
    for node in tree.walk():
        yield from _node(node, places)


def _node(node: exp.Expr, places: Places) -> Iterator[Problem]:
    from sqlglot import exp

    if isinstance(node, _writers()):
        word = _first_word(places, node)
        yield Problem("forbidden", f"{word} changes something", places.span(node), word)
    elif isinstance(node, exp.Select) and (node.args.get("into") or node.args.get("locks")):
        what = "SELECT INTO" if node.args.get("into") else "FOR UPDATE"
        yield Problem("forbidden", f"{what} changes something", places.span(node), what)
    elif isinstance(node, exp.Table) and not isinstance(node.this, exp.Identifier):
        yield from _row_maker(node, places)
    elif isinstance(node, exp.Anonymous | exp.AnonymousAggFunc):
        if not (isinstance(node.parent, exp.Table) and node.arg_key == "this"):
            yield from _function(node, places)
    elif isinstance(node, exp.ReadCSV | exp.ReadParquet):
        if not isinstance(node.parent, exp.Table):
            yield _forbidden(node, _called(node, places), places)
    elif isinstance(node, exp.Placeholder | exp.Parameter | exp.SessionParameter):
        shown = places.written(node)
        yield Problem("unsupported", f"{shown}: parameters have no value", places.span(node), shown)


@cache
def _writers() -> tuple[type[exp.Expr], ...]:
    from sqlglot import exp

    names = (
        "DDL", "DML", "Insert", "Update", "Delete", "Merge", "Create", "Drop", "Alter", "Command",
        "Copy", "Set", "SetItem", "Pragma", "Attach", "Detach", "Install", "Use", "TruncateTable",
        "Transaction", "Commit", "Rollback", "LoadData", "Export", "Kill", "Execute", "Into",
    )  # fmt: skip
    found = [getattr(exp, name) for name in names if hasattr(exp, name)]
    # Select itself is a DML statement to the library's older class tree.
    return tuple(c for c in found if not issubclass(exp.Select, c) and not issubclass(exp.Union, c))


def _row_maker(table: exp.Table, places: Places) -> Iterator[Problem]:
    from sqlglot import exp

    made = table.this
    name = _called(made, places)
    if isinstance(made, exp.GenerateSeries | exp.Values | exp.Unnest) or name in ROW_MAKERS:
        return
    if _reaches_out(name) or isinstance(made, exp.ReadCSV | exp.ReadParquet):
        yield _forbidden(made, name, places)
        return
    message = f"{name} is no function that makes rows here"
    yield Problem("unknown-function", message, places.span(made), name)


def _function(node: exp.Expr, places: Places) -> Iterator[Problem]:
    name = _called(node, places)
    if name in FUNCTIONS:
        return
    if _reaches_out(name):
        yield _forbidden(node, name, places)
        return
    yield Problem("unknown-function", unknown_function(name), places.span(node), name)


def unknown_function(name: str) -> str:
    """Say that nothing here has this name, and which names look like it."""
    from difflib import get_close_matches

    close = get_close_matches(name, FUNCTIONS, n=2, cutoff=0.7)
    nearest = f"; did you mean {' or '.join(close)}?" if close else ""
    return f"no function {name}{nearest}"


def _forbidden(node: exp.Expr, name: str, places: Places) -> Problem:
    message = f"{name}: only visible tables are read, never files, settings or other databases"
    return Problem("forbidden", message, places.span(node), name)


def _reaches_out(name: str) -> bool:
    return any(name.startswith(p) or (p == "scan" and p in name) for p in _REACHES_OUT)


def _called(node: exp.Expr, places: Places) -> str:
    """Return the name a function was called by, lower case."""
    from sqlglot import exp

    if isinstance(node, exp.Anonymous | exp.AnonymousAggFunc):
        return str(node.this).lower()
    return places.written(node).partition("(")[0].strip().lower()[:60]


def _first_word(places: Places, node: exp.Expr) -> str:
    words = places.written(node).split()
    return words[0].upper()[:30] if words else type(node).__name__.upper()
