"""The small part of Markdown that cards are written in, as HTML with everything else escaped."""

from __future__ import annotations

import re
from html import escape

from undersign.render.terminal import safe_lines

_CODE = re.compile(r"`([^`\n]+)`")
_HEADING = re.compile(r"^(#{1,6}) +(.*)$")
_ITEM = re.compile(r"^[-*] +(.*)$")


def to_html(text: str) -> str:
    """Turn headings, paragraphs, lists, fenced and inline code into HTML.

    Headings become `h4`; links, images and raw HTML are shown as the text they are.
    """
    parts: list[str] = []
    pieces = re.split(r"^```.*$", safe_lines(text), flags=re.MULTILINE)
    for n, piece in enumerate(pieces):
        if n % 2:
            parts.append(f"<pre><code>{escape(piece.strip(chr(10)))}</code></pre>")
        else:
            parts += [_block(block) for block in re.split(r"\n\s*\n", piece) if block.strip()]
    return "\n".join(parts)


def _block(block: str) -> str:
    lines = block.strip().splitlines()
    heading = _HEADING.match(lines[0])
    if heading:
        rest = "\n".join(lines[1:])
        return f"<h4>{inline(heading[2])}</h4>" + (_block(rest) if rest.strip() else "")
    if all(_ITEM.match(line) or line.startswith("  ") for line in lines):
        items = re.split(r"^[-*] +", "\n".join(lines), flags=re.MULTILINE)[1:]
        return "<ul>" + "".join(f"<li>{inline(' '.join(i.split()))}</li>" for i in items) + "</ul>"
    return f"<p>{inline(' '.join(lines))}</p>"


def inline(text: str) -> str:
    """Escape one line of text; what stands in backticks becomes code."""
    return _CODE.sub(r"<code>\1</code>", escape(text))
