"""Real queries: they are read, every span lies inside the text, invented names do not pass."""

from __future__ import annotations

import csv
import gzip
import json
import random
from pathlib import Path

import pytest

from undersign.languages import kql
from undersign.records.artifact import Span
from undersign.records.query import Pipeline, Query, comparisons
from undersign.records.visible import Visible, VisibleColumn, VisibleTable

TYPES = {
    "real": "double",
    "int": "long",
    "datetime": "timestamp",
    "bool": "boolean",
    "boolean": "boolean",
    "guid": "string",
    "decimal": "double",
    "long": "long",
    "double": "double",
    "dynamic": "dynamic",
    "timespan": "timespan",
}


@pytest.fixture(scope="module")
def visible(shared_data: Path) -> Visible:
    tables: dict[str, dict[str, VisibleColumn]] = {}
    path = shared_data / "schemas" / "la_table_schemas.csv.gz"
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for row in csv.DictReader(lines):
            name, kind = row["column_name"], TYPES.get(row["column_type"], "string")
            made = VisibleColumn(name, kind)  # type: ignore[arg-type]
            tables.setdefault(row["table_name"], {})[name] = made
    return Visible("kql", {name: VisibleTable(name, columns) for name, columns in tables.items()})


@pytest.fixture(scope="module")
def sample(shared_data: Path) -> list[str]:
    with gzip.open(shared_data / "kql" / "queries.jsonl.gz", "rt", encoding="utf-8") as lines:
        queries = [json.loads(line)["query"] for line in lines]
    return random.Random(3).sample(queries, 250)


def test_most_are_read_and_no_span_leaves_the_text(sample: list[str]) -> None:
    unread = 0
    for text in sample:
        query = kql.parse(text)
        unread += query.unreadable
        lines = text.split("\n")
        for span in spans(query):
            assert 1 <= span.line <= span.end_line <= len(lines)
            assert 1 <= span.column <= len(lines[span.line - 1]) + 1
            assert 1 <= span.end_column <= len(lines[span.end_line - 1]) + 1
    assert unread / len(sample) <= 0.07


def spans(query: Query) -> list[Span]:
    found = [problem.span for problem in (*query.problems, *query.hints)]
    found += [span for _, span in query.functions]
    for pipeline in query.pipelines():
        found += [source.span for source in pipeline.sources]
        for stage in pipeline.stages:
            found += [stage.span, *(c.span for c in comparisons(stage.condition))]
            found += [noun.span for noun in (*stage.assigned, *stage.groups, *stage.aggregates)]
    return found


def test_invented_names_are_caught(sample: list[str], visible: Visible) -> None:
    """One name replaced in each clean query; where Kusto cannot know, neither can we."""
    rng = random.Random(4)
    tried = missed = 0
    for text in sample[:120]:
        query = kql.bind(text, visible)
        if query.problems or "isfuzzy" in text.lower():
            continue
        for planted in (unknown_table(query), other_column(query, visible, rng), function(query)):
            if planted is None:
                continue
            tried += 1
            caught = kql.bind(planted, visible).problems
            missed += not any(problem.kind.startswith("unknown") for problem in caught)
    assert tried > 100
    assert missed / tried <= 0.01


def unknown_table(query: Query) -> str | None:
    known = [s for p in query.pipelines() for s in p.sources if s.table and s.name == s.table]
    return replaced(query.text, known[0].span, f"{known[0].name}Evt") if known else None


def other_column(query: Query, visible: Visible, rng: random.Random) -> str | None:
    """A column that exists, in another table."""
    first = first_filter(query.main, query.text)
    table = visible.find(query.main.sources[0].table or "") if query.main.sources else None
    if first is None or table is None:
        return None
    others = [c for t in visible.tables.values() for c in t.columns if c not in table.columns]
    span, name = first
    return replaced(query.text, span, rng.choice(others)) if name in table.columns else None


def first_filter(pipeline: Pipeline, text: str) -> tuple[Span, str] | None:
    """The left side of the first comparison of the first stage, when it is a plain column."""
    if not pipeline.stages or pipeline.stages[0].kind != "filter":
        return None
    for found in comparisons(pipeline.stages[0].condition):
        if found.text.startswith(found.column) and not found.functions and found.values:
            end = found.span.column + len(found.column)
            return Span(found.span.line, found.span.column, found.span.line, end), found.column
    return None


def function(query: Query) -> str | None:
    if not query.functions:
        return None
    name, span = query.functions[0]
    return replaced(query.text, span, f"{name}_of") if name not in query.named else None


def replaced(text: str, span: Span, new: str) -> str:
    lines = text.split("\n")
    line = lines[span.line - 1]
    lines[span.line - 1] = line[: span.column - 1] + new + line[span.end_column - 1 :]
    return "\n".join(lines)
