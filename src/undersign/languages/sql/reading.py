"""SQL text -> one sqlglot tree whose nodes know where they stand, or a located reason why not.

Two dialects: `duckdb`, and `spark` when the text says `-- dialect: spark` or the caller does.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, lru_cache, wraps
from typing import TYPE_CHECKING, Any

from undersign.languages.sql.places import END, START, Places
from undersign.records.artifact import Span
from undersign.records.query import Problem

if TYPE_CHECKING:
    from sqlglot import Parser, exp
    from sqlglot.tokenizer_core import Token

DIALECTS = ("duckdb", "spark")
MAX_TEXT = 200_000
MAX_TOKENS = 20_000
MAX_DEPTH = 24
"""Brackets within brackets; the parser recurses some thirty frames for each."""

_MARK = re.compile(r"^\s*--\s*dialect:\s*(\w+)\s*$", re.IGNORECASE | re.MULTILINE)
_PLACED = (
    "_parse_statement", "_parse_select", "_parse_cte", "_parse_table", "_parse_join",
    "_parse_where", "_parse_group", "_parse_having", "_parse_qualify", "_parse_order",
    "_parse_ordered", "_parse_limit", "_parse_expression", "_parse_disjunction",
    "_parse_conjunction", "_parse_equality", "_parse_range", "_parse_bitwise", "_parse_unary",
    "_parse_type", "_parse_column", "_parse_primary", "_parse_interval", "_parse_case",
    "_parse_window", "_parse_function",
)  # fmt: skip
"""Parser methods whose results get their place; enough for every node a person would point at."""


@dataclass(frozen=True, slots=True)
class Reading:
    """One text as read; `tree` is None when it could not be, and `problems` says why."""

    text: str
    dialect: str
    places: Places
    tree: exp.Expr | None = None
    problems: tuple[Problem, ...] = ()


class Unreadable(Exception):
    """The text is no SQL; message and half-open character offsets."""

    def __init__(self, message: str, start: int, end: int) -> None:
        super().__init__(message)
        self.start = start
        self.end = end


def dialect_of(text: str, given: str | None = None) -> str:
    """Return the dialect that was asked for, else the one the text names, else `duckdb`."""
    marked = _MARK.search(text[:2000])
    named = (given or (marked.group(1) if marked else "") or "duckdb").lower()
    return named if named in DIALECTS else "duckdb"


@lru_cache(maxsize=64)
def read(text: str, dialect: str | None = None) -> Reading:
    """Parse one SQL text; never raises for what the text holds."""
    chosen = dialect_of(text, dialect)
    places = Places(text)
    try:
        tree = _tree(text, chosen)
    except Unreadable as error:
        span = places.between(error.start, error.end)
        return Reading(text, chosen, places, None, (Problem("syntax", str(error), span),))
    return Reading(text, chosen, places, tree)


def _tree(text: str, dialect: str) -> exp.Expr:
    if len(text) > MAX_TEXT:
        raise Unreadable(f"the text has {len(text):,} characters, more than {MAX_TEXT:,}", 0, 1)
    if "\0" in text:
        at = text.index("\0")
        raise Unreadable("a NUL character", at, at + 1)
    tokens = _tokens(text, dialect)
    _check_shape(tokens)
    statements = [tree for tree in _parsed(text, tokens, dialect) if tree is not None]
    if not statements:
        raise Unreadable("there is no statement", 0, max(1, len(text)))
    if len(statements) > 1:
        start = int(statements[1].meta.get(START, 0))
        raise Unreadable("more than one statement", start, len(text))
    return statements[0]


def _tokens(text: str, dialect: str) -> list[Token]:
    from sqlglot.dialects.dialect import Dialect
    from sqlglot.errors import TokenError

    try:
        tokens: list[Token] = Dialect.get_or_raise(dialect).tokenize(text)
    except TokenError as error:
        start = _unclosed(text)
        raise Unreadable("a text or comment is never closed", start, len(text)) from error
    except (ValueError, IndexError) as error:
        raise Unreadable("cannot be split into words", 0, len(text)) from error
    return tokens


def _unclosed(text: str) -> int:
    """Return where the quote or comment begins that is never closed, as well as can be told."""
    at, size = 0, len(text)
    while at < size:
        two = text[at : at + 2]
        if two == "--":
            end = text.find("\n", at)
        elif two == "/*":
            end = text.find("*/", at + 2)
        elif text[at] in "'\"`":
            end = text.find(text[at], at + 1)
        else:
            at += 1
            continue
        if end < 0:
            return at
        at = end + (2 if two == "/*" else 1)
    return max(0, size - 1)


def _check_shape(tokens: list[Token]) -> None:
    """Refuse what would make the parser recurse or run without end."""
    from sqlglot.tokenizer_core import TokenType as T

    if len(tokens) > MAX_TOKENS:
        at = tokens[MAX_TOKENS]
        raise Unreadable(f"more than {MAX_TOKENS:,} words", at.start, at.end + 1)
    opening = {T.L_PAREN, T.L_BRACKET, T.L_BRACE, T.CASE}
    closing = {T.R_PAREN, T.R_BRACKET, T.R_BRACE, T.END}
    depth = 0
    for token in tokens:
        depth += (token.token_type in opening) - (token.token_type in closing)
        if depth > MAX_DEPTH:
            message = f"nested deeper than {MAX_DEPTH} levels"
            raise Unreadable(message, token.start, token.end + 1)


def _parsed(text: str, tokens: list[Token], dialect: str) -> list[exp.Expr | None]:
    from sqlglot.errors import ErrorLevel, ParseError

    # The library warns on stderr, with the text of whoever wrote the query.
    logging.getLogger("sqlglot").setLevel(logging.CRITICAL)
    try:
        parser = _placing_parser(dialect)(dialect=dialect, error_level=ErrorLevel.IMMEDIATE)
        return parser.parse(tokens, text)
    except ParseError as error:
        raise _located(error, text, tokens) from error
    except RecursionError as error:
        raise Unreadable("nested too deep", 0, len(text)) from error
    except (ValueError, AttributeError, TypeError, KeyError, IndexError) as error:
        # Text of others: what the parser did not foresee is unreadable, and no crash of ours.
        raise Unreadable("cannot be parsed", 0, len(text)) from error


def _located(error: Any, text: str, tokens: list[Token]) -> Unreadable:
    first = error.errors[0] if error.errors else {}
    line, column = first.get("line") or 1, first.get("col") or 1
    said = str(first.get("description") or "cannot be parsed").partition(".")[0]
    missing = re.match(r"Required keyword: '(\w+)' missing for .*\.(\w+)'>?", said)
    if missing:
        said = f"{missing.group(2).upper()} lacks its {missing.group(1)}"
    token = next((t for t in tokens if (t.line, t.col) == (line, column)), None)
    token = token or (tokens[-1] if tokens else None)
    if token is None:
        return Unreadable(said, 0, len(text))
    near = text[token.start : token.end + 1][:40]
    return Unreadable(f"{said} near `{near}`", token.start, token.end + 1)


@cache
def _placing_parser(dialect: str) -> type[Parser]:
    """Return the dialect's parser, made to write on each node where it stands."""
    from sqlglot.dialects.dialect import Dialect

    plain = Dialect.get_or_raise(dialect).parser_class
    known = [name for name in _PLACED if hasattr(plain, name)]
    return type("Placing", (plain,), {name: _placing(getattr(plain, name)) for name in known})


def _placing(method: Callable[..., Any]) -> Callable[..., Any]:
    from sqlglot import exp

    @wraps(method)
    def placed(self: Any, *args: Any, **kwargs: Any) -> Any:
        begin = self._index
        found = method(self, *args, **kwargs)
        if isinstance(found, exp.Expr) and self._index > begin:
            tokens = self._tokens
            meta = found.meta
            meta[START] = min(tokens[begin].start, meta.get(START, tokens[begin].start))
            meta[END] = max(tokens[self._index - 1].end + 1, meta.get(END, 0))
        return found

    return placed


def whole(reading: Reading) -> Span:
    """Return the place of the whole text."""
    return reading.places.between(0, len(reading.text))
