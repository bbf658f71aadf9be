"""What `query` gave, for a person at a terminal: rows after every stage, then the rows."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from undersign.render.table import table
from undersign.render.terminal import Paint, clip, counted, pad, safe, width

if TYPE_CHECKING:
    from undersign.render.query_formats import Look

_BAR = 12
_MOST_COLUMNS = 8
"""Columns up to which rows are lines of a table; more are written one below the other."""
_WIDEST = 60
_EIGHTHS = " ▏▎▍▌▋▊▉█"


def render(answer: Mapping[str, Any], look: Look) -> str:
    """Write the funnel of stages, the rows, and one line that sums up."""
    paint = Paint(look.colour)
    lines = funnel(answer["stages"], look)
    if lines:
        lines.append("")
    if answer["rows"]:
        lines += [*rows(answer, look), ""]
    return "\n".join([*lines, summary_line(answer, paint)]) + "\n"


def funnel(stages: Sequence[Mapping[str, Any]], look: Look) -> list[str]:
    """Write one line a stage: rows that come out, a bar, the stage as written.

    What the query reads beside its main pipeline comes first.
    """
    stages = sorted(stages, key=lambda stage: not stage["pipeline"])
    paint = Paint(look.colour)
    most = max((s["rows"] for s in stages if s["rows"] is not None), default=0)
    numbers = ["?" if s["rows"] is None else f"{s['rows']:,}" for s in stages]
    broad = max((len(n) for n in numbers), default=0)
    room = max(20, look.columns - broad - _BAR - 6)
    lines = []
    before = ""
    for stage, number in zip(stages, numbers, strict=True):
        if stage["pipeline"] != before:
            before = stage["pipeline"]
            lines.append(paint.bold(safe(before or "the query")))
        text = clip(safe(" ".join(stage["text"].split())), room)
        bar = pad(_bar(stage["rows"], most), _BAR)
        shown = (
            paint.yellow(pad(number, broad, right=True))
            if stage["rows"] == 0
            else pad(number, broad, right=True)
        )
        lines.append(f"  {shown}  {paint.cyan(bar)}  {text}")
        if stage["rows"] is None:
            lines.append(" " * (broad + _BAR + 6) + paint.dim(safe(stage.get("reason", ""))))
    return lines


def rows(answer: Mapping[str, Any], look: Look) -> list[str]:
    """Write rows as a table that fits the terminal, or one below the other when it cannot."""
    names = [column["name"] for column in answer["columns"]]
    cells = [[_text(value) for value in row] for row in answer["rows"]]
    natural = [
        min(_WIDEST, max(width(safe(c)) for c in (name, *(row[n] for row in cells))))
        for n, name in enumerate(names)
    ]
    paint = Paint(look.colour)
    if len(names) <= _MOST_COLUMNS and sum(natural) + 2 * len(names) <= look.columns:
        header = [safe(name) for name in names]
        numeric = [header[n] for n in range(len(names)) if _is_numeric(answer["rows"], n)]
        return table(header, cells, right=numeric, paint=paint)
    return _below_each_other(names, answer["rows"], look)


def _below_each_other(
    names: Sequence[str], found: Sequence[Sequence[Any]], look: Look
) -> list[str]:
    """Write every row as a block of `name  value`, columns without a value left out."""
    paint = Paint(look.colour)
    broad = min(32, max((width(safe(name)) for name in names), default=0))
    room = max(20, look.columns - broad - 4)
    lines = []
    for number, row in enumerate(found, start=1):
        lines.append(paint.dim(f"row {number}"))
        for name, value in zip(names, row, strict=True):
            if value is not None:
                label = pad(clip(safe(name), broad), broad)
                lines.append(f"  {paint.cyan(label)}  {clip(safe(_text(value)), room)}")
    return lines


def summary_line(answer: Mapping[str, Any], paint: Paint) -> str:
    """Say in one line how many rows there are, and what `now` meant."""
    shown = len(answer["rows"])
    text = counted(shown, "row", "rows")
    if answer["truncated"]:
        whole = answer["stages"][-1]["rows"] if answer["stages"] else None
        of = f" of {whole:,}" if whole is not None and whole > shown else ""
        text = paint.yellow(f"the first {text}{of}; more with --limit")
    elif not shown:
        text = paint.yellow("no rows")
    return f"{text} ({answer['seconds']:.1f} s; now = {safe(answer['as_of'])})"


def _bar(number: int | None, most: int) -> str:
    if not number or not most:
        return ""
    eighths = max(1, round(number / most * _BAR * 8))
    full, rest = divmod(eighths, 8)
    return "█" * full + (_EIGHTHS[rest] if rest else "")


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list) else str(value)


def _is_numeric(found: Sequence[Sequence[Any]], place: int) -> bool:
    values = [row[place] for row in found if row[place] is not None]
    return bool(values) and all(
        isinstance(v, int | float) and not isinstance(v, bool) for v in values
    )
