"""Eval expressions, as in `eval` and `where`: text -> tree.

Here AND binds tighter than OR, text is compared with case, and `.` puts texts together.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from undersign.languages.spl.scan import MAX_DEPTH, SplError, string_end, unescaped
from undersign.languages.spl.tree import Binary, Call, Const, Expr, Field, Logic

MAX_CHAIN = 120
"""Operators of one precedence in a row that make a tree lean; `and` and `or` stay flat."""

_NUMBER = re.compile(r"\d+(?:\.\d+)?(?:[eE][+-]?\d+)?(?![\w{}])|\.\d+(?![\w{}])")
_NAME = re.compile(r"[A-Za-z_@#][\w@#{}:$]*|\d+[A-Za-z_{}][\w{}:$]*|\$[\w.:-]+\$")
_OPERATOR = re.compile(r"==|!=|<=|>=|[-+*/%.=<>(),]")
_POWER = {
    "xor": 1, "or": 2, "and": 3, "==": 5, "!=": 5, "<": 5, "<=": 5, ">": 5, ">=": 5, "like": 5,
    "in": 5, ".": 6, "+": 7, "-": 7, "*": 8, "/": 8, "%": 8,
}  # fmt: skip
_NOT = 4
_NEGATIVE = 9


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    value: str
    start: int
    end: int


def expression(text: str, start: int, end: int) -> Expr:
    """Parse all of [start, end) as one expression; raises SplError."""
    parser = _Parser(_tokens(text, start, end), end)
    found = parser.parse(0)
    parser.finish()
    return found


def arguments(text: str, start: int, end: int) -> list[Expr]:
    """Parse comma-separated expressions; raises SplError."""
    parser = _Parser(_tokens(text, start, end), end)
    found = [parser.parse(0)]
    while parser.accept(","):
        found.append(parser.parse(0))
    parser.finish()
    return found


def _tokens(text: str, start: int, end: int) -> list[_Token]:
    found: list[_Token] = []
    i = start
    while i < end:
        if text[i].isspace():
            i += 1
            continue
        token = _token(text, i, end)
        if token.value[0:1] == "." and token.kind == "number" and _is_value(found):
            token = _Token("op", ".", i, i + 1)
        found.append(token)
        i = token.end
    return found


def _is_value(found: list[_Token]) -> bool:
    """Say whether the last token ends a value, so that a point after it joins texts."""
    if not found or (found[-1].kind == "word" and found[-1].value.lower() in (*_POWER, "not")):
        return False
    return found[-1].kind != "op" or found[-1].value == ")"


def _token(text: str, i: int, end: int) -> _Token:
    if text[i] == '"':
        close = string_end(text, i, end)
        return _Token("string", unescaped(text[i + 1 : close - 1]), i, close)
    if text[i] == "'":
        close = text.find("'", i + 1, end)
        if close < 0:
            raise SplError("this quoted field name never ends", i)
        return _Token("field", text[i + 1 : close], i, close + 1)
    for kind, pattern in (("number", _NUMBER), ("word", _NAME), ("op", _OPERATOR)):
        found = pattern.match(text, i, end)
        if found:
            value = "==" if found[0] == "=" else found[0]
            return _Token(kind, value, i, found.end())
    raise SplError(f"an expression cannot have {text[i]!r} here", i)


class _Parser:
    """Precedence climbing; every level of parentheses costs two frames."""

    def __init__(self, tokens: list[_Token], end: int) -> None:
        self.tokens = tokens
        self.at = 0
        self.end = end
        self.depth = 0
        self.wrapped: set[tuple[int, int]] = set()
        """Where parts stand that have parentheses of their own."""

    def peek(self) -> _Token:
        if self.at < len(self.tokens):
            return self.tokens[self.at]
        return _Token("end", "", self.end, self.end)

    def accept(self, op: str) -> bool:
        if self.peek().kind == "op" and self.peek().value == op:
            self.at += 1
            return True
        return False

    def expect(self, op: str) -> _Token:
        token = self.peek()
        if not self.accept(op):
            shown = token.value or "the end"
            raise SplError(f"expected {op!r} before {shown[:40]!r}", token.start, token.end)
        return token

    def finish(self) -> None:
        if self.at < len(self.tokens):
            token = self.peek()
            raise SplError(f"unexpected {token.value[:40]!r}", token.start, token.end)

    def parse(self, least: int) -> Expr:
        self.depth += 1
        if self.depth > 2 * MAX_DEPTH:
            raise SplError("this expression is nested too deeply", self.peek().start)
        left = self.first()
        for _ in range(MAX_CHAIN):
            op = self._operator()
            if not op or _POWER[op] <= least:
                self.depth -= 1
                return left
            left = self._after(left, op)
        raise SplError("this expression has too many operators in a row", self.peek().start)

    def _operator(self) -> str:
        token = self.peek()
        if token.kind in ("op", "word") and token.value.lower() in _POWER:
            return token.value.lower()
        return ""

    def _after(self, left: Expr, op: str) -> Expr:
        self.at += 1
        if op == "in":
            self.expect("(")
            items = self._list()
            return Call("in", (left, *items), left.start, self.tokens[self.at - 1].end)
        if op in ("and", "or", "xor"):
            return self._logic(left, op)
        right = self.parse(_POWER[op])
        return Binary(op, left, right, left.start, right.end)

    def _logic(self, left: Expr, op: str) -> Expr:
        items = [left, self.parse(_POWER[op])]
        while self._operator() == op:
            self.at += 1
            items.append(self.parse(_POWER[op]))
        bare = op == "or" and any(
            isinstance(i, Logic) and i.op == "and" and (i.start, i.end) not in self.wrapped
            for i in items
        )
        return Logic(op, tuple(items), left.start, items[-1].end, bare)

    def first(self) -> Expr:
        token = self.peek()
        self.at += 1
        if token.kind == "op" and token.value in ("-", "+"):
            value = self.parse(_NEGATIVE)
            return value if token.value == "+" else _negative(value, token)
        if token.kind == "op" and token.value == "(":
            inner = self.parse(0)
            self.expect(")")
            self.wrapped.add((inner.start, inner.end))
            return inner
        if token.kind == "word":
            return self._word(token)
        if token.kind == "number":
            return Const(_number(token), token.start, token.end)
        if token.kind == "string":
            return Const(token.value, token.start, token.end)
        if token.kind == "field":
            return Field(token.value, token.start, token.end)
        shown = token.value or "the end"
        raise SplError(f"an expression cannot go on with {shown[:40]!r}", token.start, token.end)

    def _word(self, token: _Token) -> Expr:
        lowered = token.value.lower()
        if lowered == "not":
            item = self.parse(_NOT)
            return Logic("not", (item,), token.start, item.end)
        if self.accept("("):
            items = self._list()
            return Call(lowered, tuple(items), token.start, self.tokens[self.at - 1].end)
        if lowered in ("true", "false"):
            return Const(lowered == "true", token.start, token.end)
        return Field(token.value, token.start, token.end)

    def _list(self) -> list[Expr]:
        items: list[Expr] = []
        if not self.accept(")"):
            items.append(self.parse(0))
            while self.accept(","):
                items.append(self.parse(0))
            self.expect(")")
        return items


def _number(token: _Token) -> int | float:
    if token.value.isdecimal() and len(token.value) < 19:
        return int(token.value)
    found = float(token.value)
    if found == float("inf"):
        raise SplError("this number is too large", token.start, token.end)
    return found


def _negative(value: Expr, sign: _Token) -> Expr:
    if isinstance(value, Const) and isinstance(value.value, int | float):
        return Const(-value.value, sign.start, value.end)
    return Logic("-", (value,), sign.start, value.end)
