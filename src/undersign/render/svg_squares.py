"""One square a thing: filled when it was looked at, half when partly, crossed when not."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from undersign.render.svg import WIDTH, Words
from undersign.render.terminal import safe

WHOLE, PART, NONE = "whole", "part", "none"
_SIDE, _GAP = 14, 4
_MOST = 2_000


def squares(cells: Sequence[tuple[str, str]], words: Words) -> str:
    """Draw (name, WHOLE or PART or NONE) in rows, in the order given; hovering shows the name.

    More than 2,000 are not drawn one by one; the caption of the figure must say how many there are.
    """
    across = WIDTH // (_SIDE + _GAP)
    drawn = cells[:_MOST]
    parts = [_square(n, name, kind, across) for n, (name, kind) in enumerate(drawn)]
    tall = (-(-len(drawn) // across) or 1) * (_SIDE + _GAP)
    title, said = escape(words.title), escape(words.description)
    head = (
        f'<svg viewBox="0 0 {WIDTH} {tall}" role="img" '
        f'aria-labelledby="{words.name}-t {words.name}-d" class="squares">'
        f'<title id="{words.name}-t">{title}</title><desc id="{words.name}-d">{said}</desc>'
    )
    return head + "".join(parts) + "</svg>"


def _square(n: int, name: str, kind: str, across: int) -> str:
    x, y = (n % across) * (_SIDE + _GAP) + 1, (n // across) * (_SIDE + _GAP) + 1
    inner = _SIDE - 2
    label = f"<title>{escape(safe(name))}</title>"
    if kind == WHOLE:
        shape = f'<rect class="bar" x="{x}" y="{y}" width="{inner}" height="{inner}" rx="2"/>'
    else:
        shape = f'<rect class="hollow" x="{x}" y="{y}" width="{inner}" height="{inner}" rx="2"/>'
        if kind == PART:
            half = inner / 2
            shape += (
                f'<rect class="bar" x="{x}" y="{y + half:g}" width="{inner}" height="{half:g}"/>'
            )
        else:
            shape += (
                f'<path class="cross" d="M{x + 3} {y + 3}l{inner - 6} {inner - 6}'
                f'm0 {6 - inner}l{6 - inner} {inner - 6}"/>'
            )
    return f"<g>{label}{shape}</g>"
