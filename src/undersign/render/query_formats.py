"""The formats `query` can print besides JSON."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from undersign.errors import UsageError


@dataclass(frozen=True, slots=True)
class Look:
    """The terminal that reads it."""

    columns: int = 100
    colour: bool = False


def render(name: str, answer: Mapping[str, Any], look: Look | None = None) -> str:
    """Render the document of a query as `text`, `csv` or `jsonl`, ending with a newline."""
    if name == "text":
        from undersign.render import text_query

        return text_query.render(answer, look or Look())
    if name == "csv":
        return _csv(answer)
    if name == "jsonl":
        return _jsonl(answer)
    raise UsageError(f"no output format {name!r}", hint="one of text, json, jsonl, csv")


def _csv(answer: Mapping[str, Any]) -> str:
    """Write a header and the rows; nested values as JSON.

    A text that a spreadsheet would take for a formula gets an apostrophe: logs are written by
    attackers too.
    """
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow([_cell(column["name"]) for column in answer["columns"]])
    writer.writerows([_cell(value) for value in row] for row in answer["rows"])
    return stream.getvalue()


def _cell(value: Any) -> Any:
    if isinstance(value, dict | list):
        value = json.dumps(value, ensure_ascii=False)
    if isinstance(value, str) and value.startswith(("=", "+", "-", "@", "\t", "\r")):
        return f"'{value}"
    return value


def _jsonl(answer: Mapping[str, Any]) -> str:
    names = [column["name"] for column in answer["columns"]]
    rows = (dict(zip(names, row, strict=True)) for row in answer["rows"])
    return "".join(json.dumps(row, ensure_ascii=True) + "\n" for row in rows)
