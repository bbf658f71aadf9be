"""Columns of text for a terminal."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from undersign.render.terminal import Paint, clip, pad, safe, width

_WIDEST = 60


def table(
    header: Sequence[str],
    rows: Sequence[Sequence[str]],
    *,
    right: Collection[str] = (),
    paint: Paint,
) -> list[str]:
    """Lay out rows under a header; `right` names the columns whose text stands on the right.

    Cells are made safe here; a cell wider than sixty columns is cut.
    """
    numeric = [name in right for name in header]
    cells = [[clip(safe(cell), _WIDEST) for cell in row] for row in rows]
    widths = [max(width(row[n]) for row in [list(header), *cells]) for n in range(len(header))]
    lines = [paint.dim(_line(list(header), widths, numeric))]
    return lines + [_line(row, widths, numeric) for row in cells]


def _line(row: Sequence[str], widths: Sequence[int], numeric: Sequence[bool]) -> str:
    padded = (pad(c, w, right=r) for c, w, r in zip(row, widths, numeric, strict=True))
    return "  ".join(padded).rstrip()
