"""The outline of a file in JavaScript, TypeScript, Go or Java: imports, functions, unread pieces.

Tree-sitter's grammars read them. What a grammar cannot make sense of is listed, so that coverage
can name it; nothing here says what the code does.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from time import thread_time
from typing import Any

from undersign.records.artifact import Span

_MOST = 5_000_000
"""Bytes of one file; what is longer is not parsed at all."""
_SECONDS = 3.0
"""Of one processor, for one file: 50,000 honest lines take one, rubbish may take for ever."""

_GRAMMARS = {
    "javascript": ("tree_sitter_javascript", "language"),
    "typescript": ("tree_sitter_typescript", "language_typescript"),
    "tsx": ("tree_sitter_typescript", "language_tsx"),
    "go": ("tree_sitter_go", "language"),
    "java": ("tree_sitter_java", "language"),
}
OUTLINED = frozenset(_GRAMMARS)
"""The languages that `outline` reads."""

_SCRIPT = frozenset({
    "function_declaration", "generator_function_declaration", "function_expression",
    "generator_function", "method_definition", "arrow_function",
})  # fmt: skip
_FUNCTIONS = {
    "javascript": _SCRIPT,
    "typescript": _SCRIPT,
    "tsx": _SCRIPT,
    "go": frozenset({"function_declaration", "method_declaration", "func_literal"}),
    "java": frozenset({
        "method_declaration", "constructor_declaration", "compact_constructor_declaration",
        "lambda_expression",
    }),
}  # fmt: skip
_IMPORTS = {
    "import_statement": "source", "export_statement": "source", "import_require_clause": "source",
    "import_spec": "path",
}  # fmt: skip
"""Where the name stands of what is imported."""
_END = {"java": b"\n;\n"}
"""Put behind the text: at its end this grammar goes back over an open expression again and again,
where nothing stops it. A semicolon closes that, and is a whole statement itself."""
_HOLDERS = {
    "variable_declarator": "name", "assignment_expression": "left", "pair": "key",
    "public_field_definition": "name", "field_definition": "property",
}  # fmt: skip
"""Where the name stands that a function without one of its own is given."""


@dataclass(frozen=True, slots=True)
class Import:
    """One import."""

    name: str
    """What is imported, without quotes: `react`, `./x`, `net/http`, `java.util.*`."""
    span: Span


@dataclass(frozen=True, slots=True)
class Function:
    """One function, method, constructor or lambda."""

    name: str
    """Empty when it is given none."""
    span: Span


@dataclass(frozen=True, slots=True)
class Outline:
    """What stands in a file, each in the order of the text."""

    unread: tuple[Span, ...] = ()
    """Pieces that the grammar could not read; an empty span is where something is missing."""
    imports: tuple[Import, ...] = ()
    functions: tuple[Function, ...] = ()


def outline(text: str, language: str) -> Outline:
    """Outline a file; never raises on bad text.

    Raises ValueError for a language that is not in OUTLINED.
    """
    if language not in OUTLINED:
        raise ValueError(f"no grammar for {language or 'a file of unknown language'}")
    raw = text.encode("utf-8", "replace")
    end = _END.get(language, b"")
    root = _parsed(_parser(language), raw + end) if len(raw) <= _MOST else None
    if root is None:
        last = text.count("\n") + 1
        return Outline((Span(1, 1, last, len(text) - text.rfind("\n")),))
    found = _found(root, language)
    unread = _widest([(n.start_byte, n.end_byte) for n in found["unread"]])
    nodes = [*found["import"], *found["function"]]
    places = _places(raw, [*unread, *((n.start_byte, n.end_byte) for n in nodes)])

    def span(start: int, end: int) -> Span:
        return Span(*places[start], *places[end])

    return Outline(
        tuple(span(*piece) for piece in unread),
        tuple(Import(_imported(n), span(n.start_byte, n.end_byte)) for n in found["import"]),
        tuple(Function(_named(n), span(n.start_byte, n.end_byte)) for n in found["function"]),
    )


def _parsed(parser: Any, raw: bytes) -> Any:
    """Return the root of the tree, or None when it takes too long."""
    until = thread_time() + _SECONDS
    try:
        return parser.parse(
            lambda offset, _: raw[offset : offset + 65_536],
            progress_callback=lambda _, __: thread_time() > until,
        ).root_node
    except ValueError:  # it was stopped
        parser.reset()
        return None


@cache
def _parser(language: str) -> Any:
    from tree_sitter import Language, Parser

    module, function = _GRAMMARS[language]
    return Parser(Language(getattr(import_module(module), function)()))


def _found(root: Any, language: str) -> dict[str, list[Any]]:
    """Go through the tree. (A query of tree-sitter takes quadratic time where a node is wide.)"""
    found: dict[str, list[Any]] = {"unread": [], "import": [], "function": []}
    functions = _FUNCTIONS[language]
    left = [root]
    while left:
        node = left.pop()
        if node.is_missing or node.type == "ERROR":
            found["unread"].append(node)
        elif node.type in functions and node.is_named:
            found["function"].append(node)
        elif imported := _import_in(node, language):
            found["import"].append(imported)
        left += node.children
    return {name: sorted(nodes, key=_order) for name, nodes in found.items()}


def _import_in(node: Any, language: str) -> Any:
    """Return the node that names what a node imports, or None."""
    if node.type in _IMPORTS:
        return node.child_by_field_name(_IMPORTS[node.type])
    if node.type == "import_declaration" and language == "java":
        return node
    if node.type != "call_expression" or language == "go":
        return None
    called = node.child_by_field_name("function")
    given = node.child_by_field_name("arguments")
    if called is None or given is None or called.text not in (b"import", b"require"):
        return None
    first = given.named_children[0] if given.named_child_count else None
    return first if first is not None and first.type == "string" else None


def _order(node: Any) -> tuple[int, int]:
    return node.start_byte, -node.end_byte


def _widest(pieces: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Leave out pieces within others; they come in order, the wider first."""
    made: list[tuple[int, int]] = []
    for start, end in pieces:
        if not made or start > made[-1][1] or end > made[-1][1]:
            made.append((start, end))
    return made


def _imported(node: Any) -> str:
    text = str(node.text.decode("utf-8", "replace"))
    if node.type == "import_declaration":
        words = [w for w in text.rstrip(";").split() if w not in ("import", "static")]
        return "".join(words)
    return text.strip("\"'`")


def _named(node: Any) -> str:
    name = node.child_by_field_name("name")
    holder = node.parent
    if name is None and holder is not None and holder.type in _HOLDERS:
        name = holder.child_by_field_name(_HOLDERS[holder.type])
    return "" if name is None else str(name.text[:200].decode("utf-8", "replace"))


def _places(raw: bytes, pieces: Iterable[tuple[int, int]]) -> dict[int, tuple[int, int]]:
    """Return offset in bytes -> line and column in characters.

    In order and from one offset to the next: a hostile file may be one line of a megabyte.
    """
    made: dict[int, tuple[int, int]] = {}
    at, line, column = 0, 1, 1
    for offset in sorted({edge for piece in pieces for edge in piece}):
        between = raw[at:offset]  # nothing, behind the end
        lines = between.count(b"\n")
        if lines:
            line, column = line + lines, 1
            between = between[between.rfind(b"\n") + 1 :]
        column += len(between.decode("utf-8", "replace"))
        made[offset] = (line, column)
        at = min(offset, len(raw))
    return made
