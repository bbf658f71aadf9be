"""What a query says outside of its comments, and where a question's words stand in it."""

from __future__ import annotations

import re
from functools import lru_cache

from undersign.records.artifact import Span
from undersign.records.query import Query

_PIECES = {
    "kql": r"@\"(?:[^\"]|\"\")*\"|@'(?:[^']|'')*'|\"(?:\\.|[^\"\\\n])*\""
    r"|'(?:\\.|[^'\\\n])*'|//[^\n]*",
    "sql": r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|--[^\n]*|/\*.*?\*/",
    "spl": r'"(?:\\.|[^"\\])*"|```.*?```',
}
_COMMENT = ("//", "--", "/*", "```")


def code_of(query: Query) -> str:
    """Return the text of a query without its comments; what they say is not asked of any log."""
    return _code(query.language, query.text)


def text_at(query: Query, span: Span) -> str:
    """Return what stands at a place of one line; empty for a place of several."""
    lines = query.text.split("\n")
    if span.line != span.end_line or not 0 < span.line <= len(lines):
        return ""
    return lines[span.line - 1][span.column - 1 : span.end_column - 1]


def says(text: str, value: str) -> bool:
    """Say whether `text` holds `value` as whole words or numbers, compared without case."""
    return _whole(value.strip()).search(text) is not None if value.strip() else False


def holds_literal(query: Query, value: str) -> bool:
    """Say whether a query's code holds a value, however its backslashes are escaped."""
    code = code_of(query)
    forms = {value, value.replace("\\", "\\\\"), value.replace("*", ""), value.strip("\\*/ ")}
    if re.fullmatch(r"[\d.]+", value):
        return says(code, value)
    return any(form and form.lower() in code.lower() for form in forms)


@lru_cache(maxsize=64)
def _code(language: str, text: str) -> str:
    return re.sub(_PIECES[language], _kept, text, flags=re.DOTALL)


def _kept(piece: re.Match[str]) -> str:
    text = piece.group()
    return " " if text.startswith(_COMMENT) else text


@lru_cache(maxsize=512)
def _whole(value: str) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w){re.escape(value)}(?!\w)", re.IGNORECASE)
