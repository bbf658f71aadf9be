"""What is really in the lake, for a person at a terminal."""

from __future__ import annotations

from collections.abc import Sequence

from undersign.render.table import table
from undersign.render.terminal import Paint, safe
from undersign.telemetry.schema import FieldStats, TableSchema

_TABLES = ("table", "rows", "fields", "first", "last")
_FIELDS = ("field", "type", "filled", "distinct", "examples")


def render(tables: Sequence[TableSchema], *, colour: bool = False) -> str:
    """Write one line a table, or every field when there is a single table."""
    paint = Paint(colour)
    if not tables:
        return "the lake is empty: run `undersign ingest PATH...`\n"
    rows = [
        (t.name, f"{t.rows:,}", f"{len(t.fields):,}", t.first or "undated", t.last or "undated")
        for t in sorted(tables, key=lambda t: (-t.rows, t.name))
    ]
    lines = table(_TABLES, rows, right=("rows", "fields"), paint=paint)
    if len(tables) == 1:
        ranked = sorted(tables[0].fields.values(), key=lambda f: (-f.fill, f.name.lower()))
        fields = [_field(f) for f in ranked]
        lines += ["", *table(_FIELDS, fields, right=("filled", "distinct"), paint=paint)]
    else:
        lines += ["", paint.dim(f"fields of one table: undersign schema {safe(rows[0][0])}")]
    return "\n".join(lines) + "\n"


def _field(field: FieldStats) -> tuple[str, ...]:
    distinct = f"{field.distinct:,}" if field.distinct is not None else ""
    return (field.name, field.type, _share(field.fill), distinct, ", ".join(field.examples[:3]))


def _share(fill: float) -> str:
    """Write a share so that 'all' and 'none' mean exactly that."""
    if fill in (0.0, 1.0):
        return f"{fill:.0%}"
    if fill < 0.001:
        return "<0.1%"
    return ">99.9%" if fill > 0.999 else f"{fill:.1%}"
