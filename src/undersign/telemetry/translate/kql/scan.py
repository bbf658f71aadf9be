"""Words of a KQL text that are neither string nor comment, with their places.

A cheap look before the real parser: enough to see what may never run, and how large and how deep a
text is. It decides nothing about meaning.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from undersign.errors import QueryRefused

MAX_CHARACTERS = 200_000
MAX_TOKENS = 12_000
"""The parser takes about 0.1 ms a token, so a text of this length stays under two seconds."""
MAX_BARS = 600
"""Stages; the longest query of those 5,609 has about 330."""
MAX_DEPTH = 60
"""Brackets within brackets; the deepest of 5,609 queries that people wrote has 14."""

_TOKEN = re.compile(
    r"""
      (?P<skip>\s+|//[^\n]*)
    | (?P<string>[hH]?(?:```.*?(?:```|\Z)|~~~.*?(?:~~~|\Z)
        |@"(?:[^"]|"")*"|@'(?:[^']|'')*'
        |"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'))
    | (?P<name>[A-Za-z_][A-Za-z0-9_]*)
    | (?P<number>[0-9][A-Za-z0-9_]*)
    | (?P<sign>.)
    """,
    re.VERBOSE | re.DOTALL,
)

_OUTSIDE = frozenset(
    {
        "externaldata", "external_data", "external_table", "cluster", "database", "workspace",
        "app", "resource", "adx", "arg", "stored_query_result", "materialized_view", "entity_group",
        "http_request", "http_request_post", "sql_request", "cosmosdb_sql_request",
        "mysql_request", "postgresql_request", "azure_digital_twins_query_request",
        "ai_embed_text", "ai_embeddings", "ai_chat_completion_prompt", "python", "r",
    }
)  # fmt: skip
"""Calls that reach beyond the tables of this workspace, or run foreign code."""


@dataclass(frozen=True, slots=True)
class Token:
    """One word or sign: `kind` is `string`, `name`, `number` or `sign`; `start` counts from 0."""

    kind: str
    text: str
    start: int


def tokens(text: str) -> Iterator[Token]:
    """Yield the tokens of a KQL text; white space and comments are left out."""
    for match in _TOKEN.finditer(text):
        kind = match.lastgroup or "sign"
        if kind != "skip":
            yield Token(kind, match.group(), match.start())


def place(text: str, offset: int) -> tuple[int, int]:
    """Return line and column of an offset, both from 1."""
    before = text.rfind("\n", 0, offset)
    return text.count("\n", 0, offset) + 1, offset - before


def refuse_forbidden(text: str) -> None:
    """Raise `QueryRefused` for what may never run here: commands, foreign data, huge texts."""
    if len(text) > MAX_CHARACTERS:
        raise QueryRefused(
            f"the query has {len(text):,} characters; more than {MAX_CHARACTERS:,} are not read"
        )
    if not text.isascii() and text != text.encode(errors="replace").decode():
        raise QueryRefused("the query holds half a character, which is no text")
    found = list(tokens(text))
    if len(found) > MAX_TOKENS:
        raise QueryRefused(
            f"the query has {len(found):,} words and signs; more than {MAX_TOKENS:,} are not read"
        )
    if sum(token.text == "|" for token in found) > MAX_BARS:
        raise QueryRefused(f"the query has more than {MAX_BARS} stages")
    _refuse_depth(text, found)
    for index, token in enumerate(found):
        after = found[index + 1].text if index + 1 < len(found) else ""
        statement = index == 0 or found[index - 1].text == ";"
        line, column = place(text, token.start)
        if statement and token.text == ".":
            raise QueryRefused(
                f".{after} is a control command; only queries run here",
                operator=f".{after}",
                line=line,
                column=column,
            )
        if token.kind == "name" and after == "(" and token.text.lower() in _OUTSIDE:
            raise QueryRefused(
                f"{token.text} reaches outside this workspace's tables, so it does not run here",
                operator=token.text.lower(),
                line=line,
                column=column,
            )


def _refuse_depth(text: str, found: list[Token]) -> None:
    depth = 0
    for token in found:
        if token.kind != "sign":
            continue
        if token.text in "([{":
            depth += 1
            if depth > MAX_DEPTH:
                line, column = place(text, token.start)
                raise QueryRefused(
                    f"brackets are nested more than {MAX_DEPTH} deep", line=line, column=column
                )
        elif token.text in ")]}":
            depth -= 1


def without_bare_serialize(text: str) -> str:
    """Blank `| serialize` without expressions, which changes no row and the grammar cannot read.

    Places stay where they are.
    """
    found = list(tokens(text))
    for index, token in enumerate(found):
        if token.kind != "name" or token.text != "serialize" or found[index - 1].text != "|":
            continue
        after = found[index + 1].text if index + 1 < len(found) else ";"
        if after in ("|", ")", ";", "}"):
            start, end = found[index - 1].start, token.start + len(token.text)
            blank = "".join("\n" if sign == "\n" else " " for sign in text[start:end])
            text = text[:start] + blank + text[end:]
    return text
