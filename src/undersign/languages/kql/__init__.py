"""KQL, read by Microsoft's own language service.

`parse` needs no workspace and knows no table; `bind` looks names up in one. Both always return a
`Query`: what cannot be read is a located problem in it. The service's files come from npm while
the package is built; where they are missing an `UndersignError` says what to do.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from undersign.languages.kql import model
from undersign.languages.kql.host import GaveUp, service
from undersign.languages.kql.limits import beyond_limits
from undersign.languages.kql.places import Places
from undersign.languages.kql.problems import hints, is_syntax, problems
from undersign.languages.kql.several import another, end_of_first
from undersign.records.query import Pipeline, Problem, Query
from undersign.records.visible import Visible


@dataclass(frozen=True, slots=True)
class Completion:
    """Something that may stand at a place of a query."""

    name: str
    kind: str
    """`column`, `table`, `function`, `keyword`, ..."""
    detail: str = ""
    """What to insert, when that is not the name."""


def parse(text: str) -> Query:
    """Return the query, every table open: no column and no table is unknown."""
    return _read(text, None)


def bind(text: str, visible: Visible) -> Query:
    """Return the query with its names looked up in the tables of a workspace."""
    return _read(text, visible)


def complete(text: str, offset: int, visible: Visible) -> tuple[Completion, ...]:
    """Return what may stand at a character offset, best first; nothing when it cannot be read."""
    places = Places(text)
    if beyond_limits(places):
        return ()
    try:
        listed = service().call("complete", visible, places.read, places.unit(offset))
    except GaveUp:
        return ()
    return tuple(Completion(name, kind, detail) for name, kind, detail in listed)


def _read(text: str, visible: Visible | None) -> Query:
    places = Places(text)
    problem = beyond_limits(places)
    if problem:
        return _unread(places, problem, visible)
    try:
        read = service().call("read", visible, places.read)
        end = end_of_first(read["problems"], places)
        if end is not None:
            first = service().call("read", visible, text[:end])
            if not any(is_syntax(listed) for listed in first["problems"]):
                return _query(first, places, visible, another(places, end))
    except GaveUp as error:
        told = Problem("syntax", f"This query cannot be read: {error}.", places.span([0, 0]))
        return _unread(places, told, visible)
    return _query(read, places, visible)


def _query(read: dict[str, Any], places: Places, visible: Visible | None, *more: Problem) -> Query:
    main = read["main"]
    query = Query(
        language="kql",
        text=places.text,
        main=model.pipeline(main, places) if main else _nothing(places),
        named={name: model.pipeline(made, places, name) for name, made in read["named"]},
        bound=visible is not None,
        functions=tuple((name, places.span(at)) for name, at, *_ in read["functions"]),
        hints=tuple(hints([*read["problems"], *read["hints"]], places)),
    )
    tables = {s.table: None for p in query.pipelines() for s in p.sources if s.table}
    return replace(query, problems=(*problems(read, places, visible, tables), *more))


def _unread(places: Places, problem: Problem, visible: Visible | None) -> Query:
    nothing = _nothing(places)
    return Query("kql", places.text, nothing, problems=(problem,), bound=visible is not None)


def _nothing(places: Places) -> Pipeline:
    return Pipeline((), (), places.span([0, places.unit(len(places.text))]))
