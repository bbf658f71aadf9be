"""The check `forbidden-statement`."""

from __future__ import annotations

import re
from collections.abc import Iterator

from undersign.checks.reading.query_text import code_of
from undersign.checks.reading.wording import quoted
from undersign.records.artifact import Span
from undersign.records.finding import Fault, Severity
from undersign.records.query import Query

_HINT = "query the tables of the workspace only"
_COMMAND = re.compile(r"^\s*\.\w[\w-]*", re.MULTILINE)
_REACHES_OUT = frozenset({
    "sql_request", "mysql_request", "postgresql_request", "cosmosdb_sql_request", "http_request",
    "http_request_post", "azure_digital_twins_query_request", "python", "r", "infer_storage_schema",
})  # fmt: skip
"""Kusto plugins that call another system or run code."""


def forbidden_statement(query: Query) -> Iterator[Fault]:
    """Report what would write, or read something other than the logs."""
    reported = set()
    for problem in query.problems:
        if problem.kind == "forbidden":
            reported.add(problem.span)
            message = " ".join(problem.message.split()).rstrip(".")
            yield Fault(message, problem.span, {"name": problem.name}, _HINT)
    if query.language == "kql":
        yield from _kusto(query)
    for pipeline in query.pipelines():
        for source in pipeline.sources:
            named = re.fullmatch(r"[\w.]+", source.name)
            if source.kind == "external" and named and source.span not in reported:
                yield Fault(
                    f"{quoted(source.name)} reads from outside the logs and is never run here",
                    source.span,
                    {"name": source.name},
                    "put the values into the query, or ingest them",
                    Severity.WARNING,
                )


def _kusto(query: Query) -> Iterator[Fault]:
    """Report management commands, which begin with a dot, and plugins that reach out."""
    command = _COMMAND.search(code_of(query))
    if command and not code_of(query)[: command.start()].strip():
        name = command.group().strip()
        message = f"{quoted(name)} is a management command, not a query"
        yield Fault(message, _first_line(query.text), {"name": name}, _HINT)
    for name, span in query.functions:
        if name in _REACHES_OUT:
            message = f"{quoted(name)} calls another system or runs code"
            yield Fault(message, span, {"name": name}, _HINT)


def _first_line(text: str) -> Span:
    lines = text.split("\n")
    line = next((n for n, t in enumerate(lines, 1) if t.lstrip().startswith(".")), 1)
    return Span(line, 1, line, len(lines[line - 1]) + 1)
