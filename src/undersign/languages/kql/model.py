"""The JSON of `walk.js` as the nouns of `records.query`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from undersign.languages.kql.places import Places
from undersign.records.query import (
    Aggregate,
    And,
    Assigned,
    Column,
    Comparison,
    Condition,
    Group,
    Join,
    Literal,
    Not,
    Opaque,
    Or,
    Order,
    Pipeline,
    Source,
    Stage,
)

Json = Mapping[str, Any]


def pipeline(made: Json, places: Places, name: str = "") -> Pipeline:
    """Return one pipeline, with what is inside it."""
    return Pipeline(
        sources=tuple(_source(source, places) for source in made["sources"]),
        stages=tuple(_stage(stage, places) for stage in made["stages"]),
        span=places.span(made["at"]),
        name=name,
    )


def _source(made: Json, places: Places) -> Source:
    return Source(made["name"], made["kind"], places.span(made["at"]), made["table"])


def _stage(made: Json, places: Places) -> Stage:
    columns = made["columns"]
    return Stage(
        kind=made["kind"],
        keyword=made["keyword"],
        text=places.slice(made["at"]),
        span=places.span(made["at"]),
        condition=_optional_condition(made, places),
        aggregates=tuple(_aggregate(a, places) for a in made.get("aggregates", ())),
        groups=tuple(_group(g, places) for g in made.get("groups", ())),
        assigned=tuple(_assigned(a, places) for a in made.get("assigned", ())),
        order=tuple(
            Order(o["column"], o["descending"], places.span(o["at"])) for o in made.get("order", ())
        ),
        limit=made.get("limit"),
        join=_join(made["join"], places) if "join" in made else None,
        branches=tuple(pipeline(p, places) for p in made.get("branches", ())),
        subqueries=tuple(pipeline(p, places) for p in made.get("subqueries", ())),
        columns=None if columns is None else tuple(Column(name, kind) for name, kind in columns),
    )


def _join(made: Json, places: Places) -> Join:
    return Join(
        kind=made["kind"],
        kind_written=made["kind_written"],
        right=pipeline(made["right"], places),
        keys=tuple((left, right) for left, right in made["keys"]),
        span=places.span(made["at"]),
        condition=_optional_condition(made, places),
        time_bound=made["time_bound"],
    )


def _aggregate(made: Json, places: Places) -> Aggregate:
    return Aggregate(
        function=made["function"],
        column=made["column"],
        name=made["name"],
        span=places.span(made["at"]),
        condition=_optional_condition(made, places),
    )


def _group(made: Json, places: Places) -> Group:
    return Group(
        column=made["column"],
        name=made["name"],
        span=places.span(made["at"]),
        bin_seconds=made["bin_seconds"],
        functions=tuple(made["functions"]),
    )


def _assigned(made: Json, places: Places) -> Assigned:
    return Assigned(
        name=made["name"],
        text=places.slice(made["value"]),
        span=places.span(made["at"]),
        columns=tuple(made["columns"]),
        functions=tuple(made["functions"]),
        renamed=made["renamed"],
    )


def _optional_condition(made: Json, places: Places) -> Condition | None:
    inner = made.get("condition")
    return None if inner is None else _condition(inner, places)


def _condition(made: Json, places: Places) -> Condition:
    span = places.span(made["at"])
    if made["is"] == "comparison":
        return _comparison(made, places)
    if made["is"] == "not":
        return Not(_condition(made["child"], places), span)
    if made["is"] == "opaque":
        return Opaque(places.slice(made["at"]), span, tuple(made["columns"]))
    children = tuple(_condition(child, places) for child in made["children"])
    return And(children, span) if made["is"] == "and" else Or(children, span, made["bare"])


def _comparison(made: Json, places: Places) -> Comparison:
    return Comparison(
        column=made["column"],
        op=made["op"],
        values=tuple(_literal(value, places) for value in made["values"]),
        span=places.span(made["at"]),
        text=places.slice(made["at"]),
        negated=made["negated"],
        case_sensitive=made["cased"],
        functions=tuple(made["functions"]),
        table=made.get("table"),
        table_column=made.get("table_column"),
        type=made["type"],
    )


def _literal(made: Json, places: Places) -> Literal:
    return Literal(
        value=made["value"],
        kind=made["kind"],
        span=places.span(made["at"]),
        text=places.slice(made["at"]),
        rounded=made.get("rounded") or "",
    )
