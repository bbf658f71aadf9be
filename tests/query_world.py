"""The grounds of a query's card: tables, a question, a run, an estate, from TOML."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Any

from undersign.records.artifact import Span
from undersign.records.estate import Estate
from undersign.records.hunt import Summary
from undersign.records.query import Query
from undersign.records.query_run import Near, Probe, QueryRun, SourceSpan, StageCount
from undersign.records.question import Links, Question
from undersign.records.visible import Visible, VisibleColumn, VisibleTable


def query_of(language: str, text: str, visible: Visible | None) -> Query:
    """Parse a query; bind it when the card states tables."""
    reader = import_module(f"undersign.languages.{language}")
    parsed = reader.parse(text) if visible is None else reader.bind(text, visible)
    assert isinstance(parsed, Query)
    return parsed


def question_of(body: Mapping[str, Any]) -> Question:
    from undersign.languages.question import read

    return read(body["text"])


def links_of(question: Question, visible: Visible) -> Links:
    from undersign.languages.question import link

    return link(question, visible)


def summary_of(body: Mapping[str, Any]) -> Summary:
    return Summary(**body)


def estate_of(body: Mapping[str, Any]) -> Estate:
    return Estate(**{**body, "corporate": tuple(body.get("corporate", ()))})


def visible_of(language: str, body: Mapping[str, Any]) -> Visible:
    return Visible(language, {name: _table(name, table) for name, table in body.items()}, "s1")


def _table(name: str, body: Mapping[str, Any]) -> VisibleTable:
    columns = {n: _column(n, c) for n, c in body.get("columns", {}).items()}
    simple = {k: body[k] for k in ("time", "rows", "first", "last", "imported") if k in body}
    roles = {role: tuple(names) for role, names in body.get("roles", {}).items()}
    words = tuple(body.get("words", ()))
    return VisibleTable(name, columns, roles=roles, words=words, **simple)


def _column(name: str, body: str | Mapping[str, Any]) -> VisibleColumn:
    if isinstance(body, str):
        return VisibleColumn(name, body)  # type: ignore[arg-type]
    return VisibleColumn(name, **{**body, "examples": tuple(body.get("examples", ()))})


def run_of(body: Mapping[str, Any]) -> QueryRun:
    """Build a run; places are written `at = [line, column, end line, end column]`."""
    simple = ("as_of", "rows", "rows_without_limit", "refused", "public_addresses")
    return QueryRun(
        **{k: body[k] for k in simple if k in body},
        snapshot="s1",
        sample=tuple(body.get("sample", ())),
        stages=tuple(_placed(StageCount, s) for s in body.get("stages", ())),
        probes=tuple(_placed(Probe, p) for p in body.get("probes", ())),
        thresholds=tuple(_placed(Near, t) for t in body.get("thresholds", ())),
        sources={n: SourceSpan(n, **s) for n, s in body.get("sources", {}).items()},
    )


def _placed(record: Any, body: Mapping[str, Any]) -> Any:
    fields = {k: v for k, v in body.items() if k != "at"}
    for pairs in ("near", "distribution"):
        if pairs in fields:
            fields[pairs] = tuple((a, b) for a, b in fields[pairs])
    return record(span=Span(*body["at"]), **fields)
