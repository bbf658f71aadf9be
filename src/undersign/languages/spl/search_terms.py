"""Search expressions, as in `search` and the where of `tstats`: text -> tree.

Here a space is AND, OR binds tighter than AND, and only capitals are operators. Values compare
without case, `*` is a wildcard.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from undersign.languages.spl.scan import (
    MAX_DEPTH,
    SplError,
    bracket_end,
    string_end,
    unescaped,
)
from undersign.languages.spl.tree import Both, Compare, Name, Search, Sub, Term

if TYPE_CHECKING:
    from collections.abc import Callable

    from undersign.languages.spl.tree import Tree

_OPERATOR = re.compile(r"==|!=|<=|>=|=|<|>")
_OPENS = re.compile(r"\s*(==|!=|<=|>=|=|<|>)")


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    """word, string, op, sub, ( ) ,"""
    value: str
    start: int
    end: int


def search_expression(
    text: str, start: int, end: int, subsearch: Callable[[int, int], Tree]
) -> Search | None:
    """Parse [start, end) as a search; None when it is empty. Raises SplError."""
    parser = _Parser(_tokens(text, start, end), end, subsearch)
    if not parser.tokens:
        return None
    found = parser.both()
    if parser.at < len(parser.tokens):
        token = parser.tokens[parser.at]
        raise SplError(f"unexpected {token.value[:40]!r}", token.start, token.end)
    return found


def _tokens(text: str, start: int, end: int) -> list[_Token]:
    found: list[_Token] = []
    i = start
    while i < end:
        if text[i].isspace():
            i += 1
            continue
        value = bool(found) and found[-1].kind == "op"
        token = _token(text, i, end, value)
        found.append(token)
        i = token.end
    return found


def _token(text: str, i: int, end: int, is_value: bool) -> _Token:
    c = text[i]
    if c == '"':
        close = string_end(text, i, end)
        return _Token("string", unescaped(text[i + 1 : close - 1]), i, close)
    if c == "[":
        close = bracket_end(text, i, end)
        return _Token("sub", text[i + 1 : close - 1], i, close)
    if is_value and c not in "(),":
        close = _value_end(text, i, end)
        return _Token("word", unescaped(text[i:close]), i, close)
    if c in "(),":
        return _Token(c, c, i, i + 1)
    operator = _OPERATOR.match(text, i, end)
    if operator:
        return _Token("op", operator[0], i, operator.end())
    close = i
    while close < end and not text[close].isspace() and text[close] not in '(),"[]=<>':
        if text.startswith("!=", close):
            break
        close += 1
    close = max(close, i + 1)
    return _Token("word", unescaped(text[i:close]), i, close)


def _value_end(text: str, i: int, end: int) -> int:
    depth = 0
    while i < end and not text[i].isspace():
        if text[i] == "\\" and text[i + 1 : i + 2] in ('"', "\\"):
            i += 2
            continue
        if text[i] == "(":
            depth += 1
        elif text[i] == ")":
            if depth == 0:
                break
            depth -= 1
        elif text[i] in ',"' and depth == 0:
            break
        i += 1
    return min(i, end)


class _Parser:
    """Recursive descent; each level of parentheses costs three frames."""

    def __init__(
        self, tokens: list[_Token], end: int, subsearch: Callable[[int, int], Tree]
    ) -> None:
        self.tokens = tokens
        self.at = 0
        self.end = end
        self.depth = 0
        self.subsearch = subsearch

    def peek(self, ahead: int = 0) -> _Token:
        at = self.at + ahead
        return self.tokens[at] if at < len(self.tokens) else _Token("", "", self.end, self.end)

    def word(self, value: str) -> bool:
        token = self.peek()
        if token.kind == "word" and token.value == value and self.peek(1).kind != "op":
            self.at += 1
            return True
        return False

    def both(self) -> Search:
        items = [self.either()]
        while self.at < len(self.tokens) and self.peek().kind != ")":
            if self.peek().kind == ",":
                self.at += 1
                continue
            self.word("AND")
            items.append(self.either())
        if len(items) == 1:
            return items[0][0]
        children = tuple(_bare(item) if made else item for item, made in items)
        return Both("and", children, children[0].start, children[-1].end)

    def either(self) -> tuple[Search, bool]:
        """Return what stands between two ANDs, and whether it is an OR without parentheses."""
        items = [self.one()]
        while self.word("OR"):
            items.append(self.one())
        if len(items) == 1:
            return items[0], False
        return Both("or", tuple(items), items[0].start, items[-1].end), True

    def one(self) -> Search:
        token = self.peek()
        if self.word("NOT"):
            self._deeper(token)
            item = self.one()
            self.depth -= 1
            return Both("not", (item,), token.start, item.end)
        self.at += 1
        if token.kind == "(":
            return self._parenthesis(token)
        if token.kind == "sub":
            return Sub(self.subsearch(token.start + 1, token.end - 1), token.start, token.end)
        if token.kind in ("word", "string"):
            return self._term(token)
        shown = token.value or "the end"
        raise SplError(f"a search cannot go on with {shown[:40]!r}", token.start, token.end)

    def _deeper(self, token: _Token) -> None:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise SplError("this search is nested too deeply", token.start)

    def _parenthesis(self, token: _Token) -> Search:
        self._deeper(token)
        if self.peek().kind == ")":
            raise SplError("there is nothing in these parentheses", token.start, self.peek().end)
        item = self.both()
        self.depth -= 1
        if self.peek().kind != ")":
            raise SplError("this parenthesis never closes", token.start)
        self.at += 1
        return item

    def _term(self, token: _Token) -> Search:
        name = Name(token.value, token.start, token.end, token.kind == "string")
        if self.peek().kind == "op":
            return self._compare(name)
        negated = token.kind == "word" and self.peek().value == "NOT"
        ahead = self.peek(1) if negated else self.peek()
        opened = self.peek(2) if negated else self.peek(1)
        if ahead.kind == "word" and ahead.value.upper() == "IN" and opened.kind == "(":
            self.at += 3 if negated else 2
            found = self._in(name)
            wrapped = Both("not", (found,), found.start, found.end)
            return wrapped if negated else found
        if token.value in ("TERM", "CASE") and ahead.kind == "(":
            raise SplError(
                f"{token.value}() is not supported", token.start, ahead.end, "unsupported"
            )
        if token.value in ("AND", "OR") and token.kind == "word":
            raise SplError(f"{token.value} needs something on both sides", token.start, token.end)
        return Term(token.value, token.kind == "string", token.start, token.end)

    def _compare(self, name: Name) -> Search:
        op = self.peek()
        value = self.peek(1)
        if value.kind not in ("word", "string"):
            raise SplError(f"nothing is compared with {name.value[:40]!r}", name.start, op.end)
        self.at += 2
        written = Name(value.value, value.start, value.end, value.kind == "string")
        symbol = "=" if op.value == "==" else op.value
        return Compare(name, symbol, (written,), name.start, value.end)

    def _in(self, name: Name) -> Search:
        values = []
        while self.peek().kind in ("word", "string", ","):
            token = self.peek()
            self.at += 1
            if token.kind != ",":
                quoted = token.kind == "string"
                values.append(Name(token.value, token.start, token.end, quoted))
        close = self.peek()
        if close.kind != ")" or not values:
            raise SplError("IN needs a list of values in parentheses", name.start, close.end)
        self.at += 1
        return Compare(name, "=", tuple(values), name.start, close.end)


def _bare(item: Search) -> Search:
    if not isinstance(item, Both):
        return item
    return Both(item.op, item.items, item.start, item.end, bare=True)
