"""What `ingest` took in and what it refused, for a person at a terminal."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from undersign.render.table import table
from undersign.render.terminal import Paint, counted, safe

_SHOWN_REJECTS = 10


def render(report: Mapping[str, Any], *, colour: bool = False) -> str:
    """Write the contract's ingest JSON as text; the number of rejects is always said.

    `rejected_total` is used when the list of rejects was cut.
    """
    paint = Paint(colour)
    tables, rejected = report["tables"], report["rejected"]
    rows = [(t["name"], f"{t['rows']:,}", t.get("source") or "") for t in tables]
    lines = [
        *table(("table", "rows added", "source"), rows, right=("rows added",), paint=paint),
        "",
    ]
    lines = lines if tables else []
    total = int(report.get("rejected_total", len(rejected)))
    lines += _rejects(rejected, total, paint)
    added = sum(t["rows"] for t in tables)
    parts = [f"{counted(added, 'event', 'events')} added"]
    if report["duplicates"]:
        known = counted(report["duplicates"], "was", "were")
        parts.append(f"{known} there already")
    parts.append(paint.yellow(f"{total:,} rejected") if total else "none rejected")
    return "\n".join([*lines, ", ".join(parts)]) + "\n"


def _place(reject: Mapping[str, Any]) -> str:
    """Name the line; line 0 stands for the whole file."""
    path = safe(str(reject["path"]))
    return f"{path}:{reject['line']}" if reject["line"] else path


def _rejects(rejected: list[Mapping[str, Any]], total: int, paint: Paint) -> list[str]:
    if not total:
        return []
    lines = [paint.yellow(f"Rejected: {total:,}")]
    lines += [f"  {_place(one)}: {safe(str(one['reason']))}" for one in rejected[:_SHOWN_REJECTS]]
    rest = rejected[_SHOWN_REJECTS:]
    if rest:
        for path, count in Counter(str(one["path"]) for one in rest).most_common(5):
            lines.append(f"  {safe(path)}: {count:,} more")
    return [*lines, ""]
