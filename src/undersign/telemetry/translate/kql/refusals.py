"""What the library says it cannot do, said in our words with its place."""

from __future__ import annotations

import re

from duckdb_kql.errors import KqlSchemaError, KqlSyntaxError, KqlUnsupportedError

from undersign.errors import QueryRefused
from undersign.telemetry.translate.kql.scan import place, tokens

_NAMES = {
    "ExternalDataExpression": "externaldata",
    "MakeSeriesOperator": "make-series",
    "MvapplyOperator": "mv-apply",
    "ProjectReorderOperator": "project-reorder",
    "ProjectKeepOperator": "project-keep",
    "ParseKvOperator": "parse-kv",
    "TopNestedOperator": "top-nested",
    "TopHittersOperator": "top-hitters",
    "SampleDistinctOperator": "sample-distinct",
    "ReduceByOperator": "reduce",
    "FacetByOperator": "facet",
    "PartitionByOperator": "partition",
}


class Located(Exception):
    """An error of the library with the offset of the stage it is about."""

    def __init__(self, error: BaseException, start: int) -> None:
        super().__init__(str(error))
        self.error = error
        self.start = start


def refusal(error: BaseException, text: str, start: int | None = None) -> QueryRefused:
    """Return our error for one of the library's; `start` is the stage's offset when known."""
    if isinstance(error, Located):
        return refusal(error.error, text, error.start)
    operator = _operator(error)
    line, column = _place(error, text, operator, start)
    return QueryRefused(_sentence(error, operator), operator=operator, line=line, column=column)


def _sentence(error: BaseException, operator: str) -> str:
    if isinstance(error, KqlSyntaxError):
        return "the KQL cannot be parsed"
    if isinstance(error, RecursionError):
        return "the query is nested too deeply to be translated"
    if isinstance(error, KqlSchemaError):
        if "differ only in case" in str(error):
            return f"{operator} makes two columns whose names differ only in case"
        return f"{operator} is no table or column that is known here"
    if operator:
        return f"{operator} cannot be run here exactly, so it is not run"
    return "this query cannot be translated here"


def _operator(error: BaseException) -> str:
    if isinstance(error, KqlUnsupportedError):
        name = error.construct.rpartition(":")[2] or error.construct
        if error.construct.startswith("mv-expand of"):
            return "mv-expand"
        name = _NAMES.get(name, name)
        found = re.fullmatch(r"([A-Z][a-z]+)+Operator", name)
        return re.sub(r"(?<!^)(?=[A-Z])", "-", name[: -len("Operator")]).lower() if found else name
    if isinstance(error, KqlSchemaError):
        return str(error.name)
    return ""


def _place(
    error: BaseException, text: str, operator: str, start: int | None
) -> tuple[int | None, int | None]:
    span = getattr(error, "span", None)
    if isinstance(error, KqlSyntaxError) and error.diagnostics:
        span = error.diagnostics[0].span
    if span is not None:
        return span.line, span.column + 1
    head = operator.split(" ")[0].lower()
    if head:
        for token in tokens(text):
            if token.start >= (start or 0) and token.text.lower() == head:
                return place(text, token.start)
    return place(text, start) if start is not None else (None, None)
