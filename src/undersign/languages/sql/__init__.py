"""SQL as the query model: `parse` reads a text, `bind` also looks its names up in a workspace.

DuckDB's dialect, or Spark's where the text says `-- dialect: spark`. Nothing here runs anything;
what may not run is a problem of kind `forbidden`.
"""

from __future__ import annotations

from undersign.records.query import Pipeline, Query
from undersign.records.visible import Visible


def parse(text: str, dialect: str | None = None) -> Query:
    """Return the query model of one SQL text; every table and column counts as known."""
    return _query(text, None, dialect)


def bind(text: str, visible: Visible, dialect: str | None = None) -> Query:
    """Return the query model with names looked up; those that are not there are problems."""
    return _query(text, visible, dialect)


def _query(text: str, visible: Visible | None, dialect: str | None) -> Query:
    from undersign.languages.sql.reading import read, whole

    reading = read(text, dialect)
    if reading.tree is None:
        empty = Pipeline((), (), whole(reading))
        return Query("sql", text, empty, {}, reading.problems, visible is not None)
    from undersign.languages.sql.allowed import refusals
    from undersign.languages.sql.model import Model, functions_called

    refused = tuple(refusals(reading.tree, reading.places))
    model = Model(reading.places, visible)
    main = model.query(reading.tree).pipeline
    problems = sorted({*refused, *model.problems}, key=lambda p: (p.span.line, p.span.column))
    functions = tuple(functions_called(reading.tree, reading.places))
    return Query("sql", text, main, model.named, tuple(problems), visible is not None, functions)
