"""A document in Markdown, as blocks and sentences that know where they stand."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from undersign.records.artifact import Span


@dataclass(frozen=True, slots=True)
class Block:
    """One heading, paragraph, list item, table row or piece of code."""

    kind: str
    """`heading`, `paragraph`, `item`, `row`, `code`, `quote` or `html`."""
    text: str
    """A contiguous piece of the source, markup and all, without list marks and quote marks."""
    start: int
    """Offset of `text` in the document's text, in characters."""
    level: int = 0
    """Of a heading 1 to 6; of a list item its depth from 1; of a table's header row 1."""
    section: tuple[str, ...] = ()
    """Headings it stands under, outermost first, as plain text."""
    cells: tuple[tuple[str, int], ...] = ()
    """(text, offset in the document) of every cell of a table row."""
    header: tuple[str, ...] = ()
    """The table's header cells, for rows below one."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence of a paragraph, a list item, a quotation or a table cell."""

    text: str
    start: int
    """Offset in the document's text."""
    block: Block
    cited: tuple[str, ...] = ()
    """Addresses and claim ids it cites, `[auth.log:12]` or, in a notice, `<!-- C3 -->`."""


@dataclass(frozen=True, slots=True)
class Document:
    """A Markdown text, read."""

    text: str
    front: Mapping[str, Any] = field(default_factory=dict)
    """Front matter (YAML or TOML); empty when there is none or it cannot be read."""
    blocks: tuple[Block, ...] = ()
    sentences: tuple[Sentence, ...] = ()
    line_starts: tuple[int, ...] = (0,)
    links: tuple[tuple[str, int], ...] = ()
    """(target, offset) of every link, image and reference definition."""
    problems: tuple[tuple[str, int], ...] = ()
    """(what could not be read, offset)."""

    def span(self, start: int, end: int) -> Span:
        """Return the place of a piece of the text given by offsets."""
        from bisect import bisect_right

        line, end_line = (bisect_right(self.line_starts, at) for at in (start, end))
        first, last = self.line_starts[line - 1], self.line_starts[end_line - 1]
        return Span(line, start - first + 1, end_line, end - last + 1)

    def under(self, *words: str) -> Iterator[Block]:
        """Yield the blocks below a heading that holds one of these words, whatever its case."""
        for block in self.blocks:
            headings = " / ".join(block.section).casefold()
            if any(word.casefold() in headings for word in words):
                yield block
