"""Numbers and strings of tree-sitter's Python grammar as `ast` nodes."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from typing import Any

from undersign.languages.python.nodes import Reading, children, nothing, placed

_ESCAPE = re.compile(
    r"\\(?:\n|[0-7]{1,3}|x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|N\{[^}]*\}|.)|\{\{|\}\}",
    re.DOTALL,
)
_ONE = {
    "\\\n": "", "\\\\": "\\", "\\'": "'", '\\"': '"', "\\a": "\a", "\\b": "\b", "\\f": "\f",
    "\\n": "\n", "\\r": "\r", "\\t": "\t", "\\v": "\v",
}  # fmt: skip
_OLD_OCTAL = re.compile(r"0[0-7]+")

ReadExpression = Callable[[Any], Any]


def number(node: Any, reading: Reading) -> Any:
    """Return a number; Python 2's `0777` and `1L` too."""
    text = reading.text(node)
    for written in (text, text.rstrip("lL")):
        try:
            if _OLD_OCTAL.fullmatch(written):
                return ast.Constant(int(written, 8))
            return ast.Constant(ast.literal_eval(written))
        except (ValueError, SyntaxError):
            continue  # another Python's way to write it, or more digits than Python converts
    reading.skip(node)
    return nothing(node)


def string(node: Any, reading: Reading, read: ReadExpression) -> Any:
    """Return a string, or a formatted one with its pieces; `read` reads what stands in braces."""
    reading.seen.add(node.start_byte)
    prefix = _prefix(node, reading)
    if "`" in prefix:
        # Python 2's `x` for repr(x), whose inside the grammar takes for text.
        reading.skip(node)
        return ast.Call(placed(ast.Name("repr", ast.Load()), node), [nothing(node)], [])
    if any(c.type == "interpolation" for c in node.children) or set(prefix) & {"f", "t"}:
        return ast.JoinedStr(_pieces(node, reading, read, raw="r" in prefix))
    try:
        return ast.Constant(ast.literal_eval(reading.text(node)))
    except (ValueError, SyntaxError, MemoryError):
        return ast.Constant(_content(node, reading))  # ur"..." of Python 2


def joined(node: Any, reading: Reading, read: ReadExpression) -> Any:
    """Return strings that stand side by side as the one that they are."""
    parts = [placed(string(c, reading, read), c) for c in children(node)]
    if all(isinstance(p, ast.Constant) and isinstance(p.value, str) for p in parts):
        return ast.Constant("".join(p.value for p in parts))
    if all(isinstance(p, ast.Constant) and isinstance(p.value, bytes) for p in parts):
        return ast.Constant(b"".join(p.value for p in parts))
    flat: list[Any] = []
    for part in parts:
        flat += part.values if isinstance(part, ast.JoinedStr) else [part]
    return ast.JoinedStr(_merged(flat))


def _prefix(node: Any, reading: Reading) -> str:
    """Return the letters before the quotes, and the quotes."""
    return reading.text(node.children[0]).lower()


def _content(node: Any, reading: Reading) -> str:
    return "".join(reading.text(c) for c in node.children if c.type == "string_content")


def _pieces(node: Any, reading: Reading, read: ReadExpression, *, raw: bool) -> list[Any]:
    parts: list[Any] = []
    for part in node.children:
        if part.type == "string_content":
            parts.append(placed(ast.Constant(_plain(reading.text(part), raw=raw)), part))
        elif part.type == "interpolation":
            parts += _interpolation(part, reading, read)
    return _merged(parts)


def _plain(text: str, *, raw: bool) -> str:
    """Return what a piece of a formatted string stands for."""

    def one(found: re.Match[str]) -> str:
        written = found[0]
        if written in ("{{", "}}"):
            return written[0]
        if raw:
            return written
        return _ONE[written] if written in _ONE else _escaped(written)

    return _ESCAPE.sub(one, text)


def _escaped(written: str) -> str:
    if len(written) == 2 and written[1] not in "01234567":
        return written  # no escape at all: the backslash stays
    try:
        return str(ast.literal_eval(f'"{written}"'))
    except (ValueError, SyntaxError):
        return written


def _interpolation(node: Any, reading: Reading, read: ReadExpression) -> list[Any]:
    inner = node.child_by_field_name("expression")
    if inner is None:
        reading.skip(node)
        return [nothing(node)]
    if inner.type == "named_expression":
        return [_assigned(inner, node, reading, read)]
    how = node.child_by_field_name("type_conversion")
    written = node.child_by_field_name("format_specifier")
    conversion = (
        ord(reading.text(how)[1]) if how is not None and how.end_byte > how.start_byte + 1 else -1
    )
    spec = _specifier(written, reading, read) if written is not None else None
    equals = [c for c in node.children if c.type == "="]
    said: list[Any] = []
    if equals:
        said = [placed(ast.Constant(_said(node, equals[-1], reading)), node, equals[-1])]
        if conversion == -1 and spec is None:
            conversion = ord("r")
    return [*said, placed(ast.FormattedValue(read(inner), conversion, spec), node)]


def _assigned(inner: Any, node: Any, reading: Reading, read: ReadExpression) -> Any:
    """Read `{x:=10}`, which the grammar takes for a walrus: Python formats `x` with `=10`."""
    name = inner.child_by_field_name("name")
    text = reading.text(inner)[len(reading.text(name)) :].lstrip().removeprefix(":")
    spec = placed(ast.JoinedStr([placed(ast.Constant(text), inner)]), inner)
    return placed(ast.FormattedValue(read(name), -1, spec), node)


def _said(node: Any, equals: Any, reading: Reading) -> str:
    """Return what `{x = }` says before the value: the source, blanks and all."""
    end = equals.end_byte
    while reading.raw[end : end + 1].isspace():
        end += 1
    return reading.raw[node.start_byte + 1 : end].decode("utf-8", "replace")


def _specifier(node: Any, reading: Reading, read: ReadExpression) -> Any:
    parts: list[Any] = []
    at = node.start_byte + 1
    for part in node.children[1:]:
        if part.type in ("format_expression", "interpolation"):
            parts += [_between(node, at, part.start_byte, reading)]
            parts += _interpolation(part, reading, read)
            at = part.end_byte
    parts.append(_between(node, at, node.end_byte, reading))
    return placed(ast.JoinedStr(_merged(parts)), node)


def _between(node: Any, start: int, end: int, reading: Reading) -> Any:
    text = reading.raw[start:end].decode("utf-8", "replace")
    return placed(ast.Constant(_plain(text, raw=False)), node)


def _merged(parts: list[Any]) -> list[Any]:
    """Join texts that stand side by side, and leave out empty ones, as `ast` does."""
    made: list[Any] = []
    last: Any = None
    for part in parts:
        text = isinstance(part, ast.Constant)
        if text and last is not None:
            last.value += part.value
            last.end_lineno, last.end_col_offset = part.end_lineno, part.end_col_offset
        elif not text or part.value:
            made.append(part)
            last = part if text else None
    return made
