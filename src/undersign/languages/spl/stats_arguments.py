"""Aggregates and BY clauses of the stats family: text -> tree."""

from __future__ import annotations

import re
from dataclasses import dataclass

from undersign.languages.spl.expressions import expression
from undersign.languages.spl.scan import SplError, Word, paren_end, word_at, words
from undersign.languages.spl.tree import Agg, By, Expr, Name

_FUNCTION = re.compile(r"\s*([A-Za-z_]\w*)\s*(\()?")
_EVAL = re.compile(r"\s*eval\s*\(", re.IGNORECASE)
_AS = re.compile(r"\s+as\s+|\s*(?<=\))\s*as\s+", re.IGNORECASE)
_OPTION = re.compile(r"\s*([A-Za-z_]\w*)\s*=\s*(\"[^\"]*\"|[^\s,\"]+)")
_STOP = re.compile(r"\s*(by|groupby|over|from|where)\b", re.IGNORECASE)
_SPACE = re.compile(r"[\s,]*")
BARE = ("count", "c", "sparkline")
"""Functions that may stand without parentheses."""


@dataclass(frozen=True, slots=True)
class Aggregation:
    """What was read, and where reading stopped: at a keyword or at the end."""

    options: dict[str, Name]
    aggregates: list[Agg]
    at: int


def name_of(word: Word) -> Name:
    """Return a word as the name of a field."""
    return Name(word.value, word.start, word.end, word.kind != "word")


def aggregation(text: str, start: int, end: int) -> Aggregation:
    """Read options and aggregates up to BY, OVER, FROM, WHERE or the end; raises SplError."""
    found = Aggregation({}, [], start)
    at = start
    while True:
        gap = _SPACE.match(text, at, end)
        at = gap.end() if gap else at
        if at >= end or _STOP.match(text, at, end):
            return Aggregation(found.options, found.aggregates, at)
        option = _OPTION.match(text, at, end)
        if option:
            raw = option[2]
            value = Name(raw.strip('"'), option.start(2), option.end(2), raw.startswith('"'))
            found.options[option[1].lower()] = value
            at = option.end()
            continue
        aggregate, at = _aggregate(text, at, end)
        found.aggregates.append(aggregate)


def _aggregate(text: str, start: int, end: int) -> tuple[Agg, int]:
    head = _FUNCTION.match(text, start, end)
    if head is None or not (head[2] or head[1].lower() in (*BARE, "prestats", "append")):
        shown = (text[start:end].split() or [""])[0][:40]
        raise SplError(f"expected an aggregate such as count, not {shown!r}", start)
    function = head[1].lower()
    field: Name | None = None
    inner: Expr | None = None
    at = head.end(1)
    if head[2]:
        close = paren_end(text, head.end() - 1, end)
        field, inner = _argument(text, head.end(), close)
        at = close + 1
    written = "".join(text[start:at].split())
    name, at = _alias(text, at, end, written)
    return Agg(function, field, inner, name, start, at), at


def _argument(text: str, start: int, end: int) -> tuple[Name | None, Expr | None]:
    called = _EVAL.match(text, start, end)
    if called:
        close = paren_end(text, called.end() - 1, end)
        return None, expression(text, called.end(), close)
    found = words(text, start, end)
    if not found:
        return None, None
    if len(found) > 1:
        raise SplError("an aggregate is over one field", found[0].start, found[-1].end)
    return name_of(found[0]), None


def _alias(text: str, at: int, end: int, written: str) -> tuple[str, int]:
    found = _AS.match(text, at, end)
    if not found:
        return written, at
    if found.end() >= end:
        raise SplError("AS needs a name", found.start(), found.end())
    word = word_at(text, found.end(), end)
    if word.kind not in ("word", "string", "name"):
        raise SplError("AS needs a name", found.start(), found.end())
    if word.end < end and text[word.end] == "(":
        close = paren_end(text, word.end, end) + 1
        return text[word.start : close], close
    return word.value, word.end


def by_fields(text: str, start: int, end: int) -> list[By]:
    """Read fields of a BY clause; `span=` belongs to the field before it. Raises SplError."""
    found: list[By] = []
    tokens = words(text, start, end)
    at = 0
    while at < len(tokens):
        token = tokens[at]
        if token.kind == ",":
            at += 1
        elif at + 2 < len(tokens) and tokens[at + 1].kind == "=":
            if token.value.lower() == "span" and found:
                found[-1] = By(found[-1].field, tokens[at + 2].value)
            at += 3
        elif token.kind in ("word", "string", "name"):
            found.append(By(name_of(token)))
            at += 1
        else:
            raise SplError(f"{token.value[:40]!r} is no field", token.start, token.end)
    if not found:
        raise SplError("BY needs a field", start, end)
    return found
