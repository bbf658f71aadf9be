"""YAML text -> documents of nodes with spans, within limits that hostile text cannot break.

Built on the event stream of PyYAML, so that depth and size are counted before anything is built:
an alias costs as many nodes as it stands for, whatever it points to.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias

import yaml

from undersign.languages.sigma.document import Path, Problem
from undersign.records.artifact import Span

MAX_CHARACTERS = 1 << 20
MAX_DOCUMENTS = 50
MAX_DEPTH = 32
MAX_NODES = 20_000
"""Of one file, aliases counted as what they stand for; so are their characters."""

MAX_BITS = 63
"""Of a whole number, as in a table column or in JSON that others read."""
MAX_DIGITS = 100
"""Characters of a number: reading `1:1:1:...` takes time in the square of its length."""
_HIDDEN_BREAK = re.compile("[\x85\u2028\u2029]|\r(?!\n)")
"""What YAML 1.1 takes for a line end and editors do not: what follows a comment is read as a key,
and every later line has another number than people see."""
_CORE = "tag:yaml.org,2002:"
_TEXT_TAGS = frozenset({"str", "timestamp", "value"})
"""Dates stay text: YAML 1.2 has no date, and pySigma reads dates from text."""


@dataclass(frozen=True, slots=True)
class Scalar:
    """A single value: text, number, boolean or null."""

    value: str | int | float | bool | None
    raw: str
    """As written, without quotes and escapes."""
    style: str | None
    """None for plain, or one of `'`, `"`, `|`, `>`."""
    span: Span
    size: int = 1
    height: int = 1

    @property
    def length(self) -> int:
        """Characters of the text."""
        return len(self.raw)


@dataclass(frozen=True, slots=True)
class Items:
    """A sequence."""

    items: tuple[YamlNode, ...]
    span: Span
    size: int
    height: int
    length: int


@dataclass(frozen=True, slots=True)
class Pairs:
    """A mapping with text keys, in file order, every key once."""

    entries: tuple[tuple[Scalar, YamlNode], ...]
    span: Span
    size: int
    height: int
    length: int

    def get(self, key: str) -> YamlNode | None:
        """Return the value under a key, or None when there is no such key."""
        return next((value for name, value in self.entries if name.raw == key), None)


YamlNode: TypeAlias = Scalar | Items | Pairs


@dataclass(frozen=True, slots=True)
class YamlDocument:
    """One document and what is wrong with it as YAML."""

    root: YamlNode
    problems: tuple[Problem, ...]


class _Stop(Exception):
    """The rest of the text cannot or must not be read."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.message)
        self.problem = problem


def read_yaml(text: str) -> tuple[tuple[YamlDocument, ...], tuple[Problem, ...]]:
    """Return the documents of a text and the problems that ended or spoiled it as a whole.

    Never raises on bad text: documents before the first fatal problem are kept.
    """
    if len(text) > MAX_CHARACTERS:
        return (), (Problem(f"longer than {MAX_CHARACTERS:,} characters; not read"),)
    hidden = _HIDDEN_BREAK.search(text)
    if hidden is not None:
        return (), (_hidden_break(text, hidden.start()),)
    documents: list[YamlDocument] = []
    try:
        for document in _Reader(text.removeprefix("\ufeff")).documents():
            documents.append(document)  # noqa: PERF402 - what was read before a failure is kept
    except _Stop as stop:
        return tuple(documents), (stop.problem,)
    except yaml.MarkedYAMLError as error:
        return tuple(documents), (_syntax_problem(error),)
    except yaml.YAMLError as error:
        return tuple(documents), (Problem(f"not YAML: {_one_line(str(error))}"),)
    except UnicodeError:
        return tuple(documents), (Problem("holds characters that are no valid Unicode text"),)
    return tuple(documents), ()


def _hidden_break(text: str, at: int) -> Problem:
    line, column = text.count("\n", 0, at) + 1, at - text.rfind("\n", 0, at)
    message = f"U+{ord(text[at]):04X} ends a line for YAML, and not on the screen; remove it"
    return Problem(message, Span(line, column, line, column + 1))


def plain(node: YamlNode) -> Any:
    """Return a node as plain Python values: dict, list, str, int, float, bool, None."""
    if isinstance(node, Scalar):
        return node.value
    if isinstance(node, Items):
        return [plain(item) for item in node.items]
    return {key.raw: plain(value) for key, value in node.entries}


def spans(node: YamlNode) -> dict[Path, Span]:
    """Return the span of every value by path; a key's span has `~` appended to its path."""
    found: dict[Path, Span] = {}
    _collect_spans(node, (), found)
    return found


def _collect_spans(node: YamlNode, path: Path, found: dict[Path, Span]) -> None:
    found[path] = node.span
    if isinstance(node, Items):
        for index, item in enumerate(node.items):
            _collect_spans(item, (*path, index), found)
    elif isinstance(node, Pairs):
        for key, value in node.entries:
            here = (*path, key.raw)
            found[(*here, "~")] = key.span
            _collect_spans(value, here, found)


def _one_line(message: str) -> str:
    return " ".join(message.split())


def _syntax_problem(error: yaml.MarkedYAMLError) -> Problem:
    mark = error.problem_mark or error.context_mark
    words = ", ".join(part for part in (error.context, error.problem) if part)
    return Problem(f"not YAML: {_one_line(words)}", _span(mark, mark) if mark else None)


def _span(start: Any, end: Any) -> Span:
    return Span(start.line + 1, start.column + 1, end.line + 1, end.column + 1)


class _Reader:
    """Builds nodes from events; one instance per text."""

    def __init__(self, text: str) -> None:
        loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
        self._loader: Any = loader(text)
        self._anchors: dict[str, YamlNode | None] = {}
        self._problems: list[Problem] = []
        self._count = 0
        self._aliased = 0

    def documents(self) -> Iterator[YamlDocument]:
        """Yield document after document; an empty one between two `---` is left out."""
        try:
            seen = 0
            while not isinstance(event := self._loader.get_event(), yaml.StreamEndEvent):
                if not isinstance(event, yaml.DocumentStartEvent):
                    continue
                seen += 1
                if seen > MAX_DOCUMENTS:
                    raise _Stop(
                        Problem(
                            f"more than {MAX_DOCUMENTS} documents; the rest is not read",
                            _span(event.start_mark, event.end_mark),
                        )
                    )
                self._anchors, self._problems = {}, []
                root = self._node(self._loader.get_event(), 1)
                self._loader.get_event()
                if not (isinstance(root, Scalar) and root.value is None):
                    yield YamlDocument(root, tuple(self._problems))
        finally:
            self._loader.dispose()

    def _node(self, event: Any, depth: int) -> YamlNode:
        span = _span(event.start_mark, event.end_mark)
        if isinstance(event, yaml.AliasEvent):
            return self._alias(event, span, depth)
        self._spend(1, span)
        if depth > MAX_DEPTH:
            raise _Stop(Problem(f"nested deeper than {MAX_DEPTH} levels; not read", span))
        if event.anchor:
            self._anchors[event.anchor] = None
        node: YamlNode
        if isinstance(event, yaml.ScalarEvent):
            node = self._scalar(event, span)
        elif isinstance(event, yaml.SequenceStartEvent):
            node = self._items(event, depth)
        else:
            node = self._pairs(event, depth)
        if event.anchor:
            self._anchors[event.anchor] = node
        return node

    def _spend(self, nodes: int, span: Span) -> None:
        self._count += nodes
        if self._count > MAX_NODES:
            raise _Stop(
                Problem(f"more than {MAX_NODES:,} values, aliases expanded; not read", span)
            )

    def _alias(self, event: Any, span: Span, depth: int) -> YamlNode:
        node = self._anchors.get(event.anchor)
        if node is None:
            known = event.anchor in self._anchors
            what = "stands inside itself" if known else "is not defined"
            raise _Stop(Problem(f"the alias *{event.anchor} {what}", span))
        self._spend(node.size, span)
        self._aliased += node.length
        if self._aliased > MAX_CHARACTERS:
            message = f"more than {MAX_CHARACTERS:,} characters, aliases expanded; not read"
            raise _Stop(Problem(message, span))
        if depth + node.height - 1 > MAX_DEPTH:
            raise _Stop(Problem(f"nested deeper than {MAX_DEPTH} levels; not read", span))
        return node

    def _scalar(self, event: Any, span: Span) -> Scalar:
        tag = event.tag
        if tag is None or tag == "!":
            tag = self._loader.resolve(yaml.ScalarNode, event.value, event.implicit)
        return Scalar(self._value(tag, event.value, span), event.value, event.style or None, span)

    def _value(self, tag: str, raw: str, span: Span) -> str | int | float | bool | None:
        kind = tag.removeprefix(_CORE)
        if kind in _TEXT_TAGS:
            return raw
        if kind == "null":
            return None
        if kind in ("bool", "int", "float"):
            try:
                return self._typed(kind, yaml.ScalarNode(tag, raw))
            except (ValueError, KeyError, OverflowError):
                self._problems.append(Problem(f"{raw[:40]!r} is no usable {kind}", span))
                return raw
        if kind == "merge":
            self._problems.append(Problem("merge keys (`<<`) are not part of Sigma", span))
        else:
            self._problems.append(Problem(f"the YAML tag {tag[:60]!r} is not allowed", span))
        return raw

    def _typed(self, kind: str, node: yaml.ScalarNode) -> int | float | bool:
        if kind == "bool":
            return bool(self._loader.construct_yaml_bool(node))
        if len(node.value) > MAX_DIGITS:
            raise ValueError("longer than any number")
        if kind == "int":
            whole = int(self._loader.construct_yaml_int(node))
            if whole.bit_length() > MAX_BITS:
                raise ValueError("larger than any store or comparison holds")
            return whole
        number = float(self._loader.construct_yaml_float(node))
        if number != number or number in (float("inf"), float("-inf")):
            raise ValueError("not a finite number")
        return number

    def _refuse_tag(self, event: Any, expected: str) -> None:
        if event.tag not in (None, "!", _CORE + expected):
            span = _span(event.start_mark, event.end_mark)
            self._problems.append(Problem(f"the YAML tag {event.tag[:60]!r} is not allowed", span))

    def _items(self, start: Any, depth: int) -> Items:
        self._refuse_tag(start, "seq")
        items: list[YamlNode] = []
        while not isinstance(event := self._loader.get_event(), yaml.SequenceEndEvent):
            items.append(self._node(event, depth + 1))
        return Items(tuple(items), _block_span(start, event, items), *_measure(items))

    def _pairs(self, start: Any, depth: int) -> Pairs:
        self._refuse_tag(start, "map")
        entries: list[tuple[Scalar, YamlNode]] = []
        seen: set[str] = set()
        while not isinstance(event := self._loader.get_event(), yaml.MappingEndEvent):
            key = self._node(event, depth + 1)
            value = self._node(self._loader.get_event(), depth + 1)
            if not isinstance(key, Scalar) or not isinstance(key.value, str):
                self._problems.append(Problem("a key must be text; put it in quotes", key.span))
            elif key.raw in seen:
                self._problems.append(
                    Problem(f"the key `{key.raw[:60]}` is here a second time", key.span)
                )
            else:
                seen.add(key.raw)
                entries.append((key, value))
        span = _block_span(start, event, [value for _, value in entries])
        return Pairs(tuple(entries), span, *_measure([part for pair in entries for part in pair]))


def _measure(children: list[YamlNode]) -> tuple[int, int, int]:
    """Return size, height and length of a node with these children."""
    size = 1 + sum(child.size for child in children)
    height = 1 + max((child.height for child in children), default=0)
    return size, height, sum(child.length for child in children)


def _block_span(start: Any, end: Any, children: list[YamlNode]) -> Span:
    """Return the span of a collection; a block ends with its last child, not at the next key."""
    whole = _span(start.start_mark, end.end_mark)
    if start.flow_style or not children:
        return whole
    last = children[-1].span
    return Span(whole.line, whole.column, last.end_line, last.end_column)
