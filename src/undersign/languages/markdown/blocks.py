"""Blocks of a Markdown text, each a contiguous piece of it; markdown-it finds the structure.

https://spec.commonmark.org/0.31.2/ with tables of GitHub Flavored Markdown (spec 0.29, 4.10).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from typing import TYPE_CHECKING

from undersign.languages.markdown.front_matter import front_matter
from undersign.languages.markdown.sentences import sentences_of
from undersign.records.document import Block, Document

if TYPE_CHECKING:
    from markdown_it.token import Token

MOST = 4 * 1024 * 1024
"""Characters of a document that are read."""
_DEEPEST = 40
_TOO_DEEP = f"nested more than {_DEEPEST} levels deep: read as plain text"
_MARK = re.compile(r"(?:[ \t]*(?:[-*+]|\d{1,9}[.)])(?:[ \t]+\[[ xX]\])?[ \t]+|[ \t]*>[ \t]?)+")
_INDENT = re.compile(r"[ \t]*(?:>[ \t]?)*[ \t]*")
_HEADING = re.compile(r"[ \t]{0,3}#{1,6}[ \t]*")
_CELL = re.compile(r"(?:\\.|`[^`]*`|[^|\\`]|`)+")
_INLINE_MARK = re.compile(r"[*_`~]+|\[([^\]]*)\]\([^)]*\)|<[^>]*>|\\(?=[!-/:-@\[-`{-~])")
_NESTED = re.compile(r"^(?:[ \t]*(?:>|[-*+][ \t])){40}", re.MULTILINE)
_DEPTHS = {
    "bullet_list_open": (1, 0), "ordered_list_open": (1, 0),
    "bullet_list_close": (-1, 0), "ordered_list_close": (-1, 0),
    "blockquote_open": (0, 1), "blockquote_close": (0, -1),
}  # fmt: skip
_WHOLE = {"fence": "code", "code_block": "code", "html_block": "html"}


@dataclass
class _Reading:
    """A document while its blocks are collected."""

    text: str
    lines: tuple[int, ...]
    """Offset of every line, and of the end."""
    shift: int
    """Lines of the front matter."""
    blocks: list[Block] = field(default_factory=list)
    section: list[tuple[int, str]] = field(default_factory=list)
    depth: int = 0
    quotes: int = 0
    header: tuple[str, ...] = ()
    links: list[tuple[str, int]] = field(default_factory=list)

    def slice(self, token: Token) -> tuple[int, int]:
        first, last = token.map or (0, 0)
        start, end = self.lines[first + self.shift], self.lines[last + self.shift]
        return start, max(start, end)

    def path(self) -> tuple[str, ...]:
        return tuple(title for _, title in self.section)

    def add(self, kind: str, start: int, end: int, *, level: int = 0) -> None:
        piece = self.text[start:end]
        text = piece.rstrip()
        if text.strip():
            self.blocks.append(Block(kind, text, start, level, self.path()))


def parse(text: str) -> Document:
    """Read a document; raises nothing. What could not be read is among its problems."""
    from markdown_it import MarkdownIt

    read, problems = text[:MOST], []
    if len(text) > MOST:
        problems.append((f"only the first {MOST:,} characters were read", MOST))
    starts = _line_starts(text)
    front = front_matter(read)
    if front.problem:
        problems.append((front.problem, 0))
    shift = read.count("\n", 0, front.end)
    reading = _Reading(text, (*starts, len(text)), shift)
    engine = MarkdownIt("commonmark", {"maxNesting": _DEEPEST}).enable("table")
    body = read[front.end :].replace("\r\n", " \n").replace("\r", " ").replace("\0", "\ufffd")
    if _too_deep(body):
        problems.append((_TOO_DEEP, front.end))
        reading.add("paragraph", front.end, len(read))
    else:
        tokens = engine.parse(body)
        if any(token.level >= _DEEPEST - 1 for token in tokens):
            # The engine leaves out what lies deeper.
            problems.append((_TOO_DEEP, front.end))
            reading.add("paragraph", front.end, len(read))
        else:
            _collect(tokens, reading)
    blocks = tuple(reading.blocks)
    return Document(
        text=text,
        front=front.data,
        blocks=blocks,
        sentences=tuple(s for block in blocks for s in sentences_of(block, text)),
        line_starts=starts,
        links=tuple(reading.links),
        problems=tuple(problems),
    )


def _line_starts(text: str) -> tuple[int, ...]:
    lengths = (len(line) + 1 for line in text.split("\n")[:-1])
    return (0, *accumulate(lengths))


def _too_deep(body: str) -> bool:
    """Tell whether a line opens more quotes or lists than anybody writes: slow to parse."""
    return bool(_NESTED.search(body))


def _collect(tokens: Sequence[Token], reading: _Reading) -> None:
    opened: list[str] = []
    for n, token in enumerate(tokens):
        kind = token.type
        if kind in _DEPTHS:
            lists, quotes = _DEPTHS[kind]
            reading.depth += lists
            reading.quotes += quotes
        elif kind == "list_item_open":
            opened.append("item")
        elif kind == "list_item_close":
            opened.pop()
        elif kind == "paragraph_open":
            _paragraph(tokens[n + 1], token, reading, opened)
        else:
            _leaf(kind, tokens, n, reading)


def _leaf(kind: str, tokens: Sequence[Token], n: int, reading: _Reading) -> None:
    if kind == "heading_open":
        _heading(tokens[n + 1], tokens[n], reading)
    elif kind in _WHOLE:
        reading.add(_WHOLE[kind], *reading.slice(tokens[n]))
    elif kind == "tr_open":
        _row(tokens[n], reading)
    elif kind == "table_open":
        reading.header = ()


def _heading(inline: Token, token: Token, reading: _Reading) -> None:
    level = int(token.tag[1:])
    start, end = reading.slice(token)
    mark = _HEADING.match(reading.text, start, end)
    begin = mark.end() if mark and token.markup.startswith("#") else start
    while reading.section and reading.section[-1][0] >= level:
        reading.section.pop()
    # A heading stands under those above it, not under itself.
    reading.add("heading", begin, end, level=level)
    reading.section.append((level, plain(inline.content)))
    _links(inline, begin, end, reading)


def _paragraph(inline: Token, token: Token, reading: _Reading, opened: list[str]) -> None:
    start, end = reading.slice(token)
    in_item = bool(opened)
    mark = (_MARK if in_item and opened[-1] == "item" else _INDENT).match(reading.text, start, end)
    begin = mark.end() if mark else start
    if in_item:
        opened[-1] = "text"  # a second paragraph of the item has no list mark
    kind = "item" if in_item else "quote" if reading.quotes else "paragraph"
    reading.add(kind, begin, end, level=reading.depth if in_item else 0)
    _links(inline, begin, end, reading)


def _row(token: Token, reading: _Reading) -> None:
    start, end = reading.slice(token)
    line = reading.text[start:end]
    cells = tuple(_cells(line, start))
    is_header = not reading.header
    if is_header:
        reading.header = tuple(plain(text) for text, _ in cells)
    block = Block(
        "row",
        line.strip(),
        start + len(line) - len(line.lstrip()),
        int(is_header),
        reading.path(),
        cells,
        reading.header,
    )
    reading.blocks.append(block)
    for match in _LINK.finditer(line):
        reading.links.append((match[1] or match[2], start + match.start()))


def _cells(line: str, start: int) -> Iterator[tuple[str, int]]:
    for match in _CELL.finditer(line.rstrip("\r\n")):
        text = match[0]
        if text.strip() or match.start():
            lead = len(text) - len(text.lstrip())
            if text.strip():
                yield text.strip(), start + match.start() + lead
            elif match.end() < len(line.rstrip("\r\n")):
                yield "", start + match.start()


_LINK = re.compile(r"\]\(\s*<?([^)\s>]+)|<(https?://[^>\s]+)>")


def _links(inline: Token, start: int, end: int, reading: _Reading) -> None:
    """Note the targets of links and images; where each stands is looked up in the text."""
    at = start
    for child in inline.children or ():
        target = child.attrGet("href") or child.attrGet("src")
        if child.type in ("link_open", "image") and isinstance(target, str):
            found = reading.text.find(target, at, end)
            at = found if found >= 0 else at
            reading.links.append((target, at))


def plain(text: str) -> str:
    """Return a heading's or a cell's words without markup, for people and for comparing."""
    return " ".join(_INLINE_MARK.sub(lambda m: m[1] or "", text).split())
