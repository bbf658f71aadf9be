"""A result as plain values for `render`, and as the few lines that a prompt shows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from undersign.records.query_run import StageCount
from undersign.workspace.querying import stage_document

if TYPE_CHECKING:
    from undersign.faces.library.findings import Findings
    from undersign.faces.library.result import Result


def document(result: Result, most: int) -> dict[str, Any]:
    """Return everything that is shown of a result, with its first `most` rows."""
    from undersign.telemetry.cells import plain_rows

    told: dict[str, Any] = {
        "question": result.question,
        "query": result.query,
        "language": result.language,
        "drafter": result.drafter,
        "stages": [stage_document(stage) for stage in result.stages],
        "truncated": result.truncated,
        "as_of": result.as_of,
        "snapshot": result.snapshot,
        "refused": result.refused,
        "open_questions": result.open_questions,
        "unused_words": result.unused_words,
        "added": result.added,
        "removed": result.removed,
        "changed": result.changed,
        "remarks": result.remarks,
        "unmeasured": result.unmeasured,
        "uncriticised": "",
        "columns": [],
        "rows": [],
        "total": None,
    }
    if not result.refused:
        table = result.table
        fields = zip(table.schema.names, table.schema.types, strict=True)
        told["columns"] = [{"name": name, "type": str(kind)} for name, kind in fields]
        told["rows"] = plain_rows(table.slice(0, most))
        told["total"] = table.num_rows
    return told


def text(result: Result, findings: Findings | None, most: int) -> str:
    """Write question, query, critique as far as it was asked for, stage counts, first rows."""
    from undersign.render import text as critique
    from undersign.render.query_formats import Look
    from undersign.render.terminal import safe, safe_lines
    from undersign.render.text_query import funnel, rows

    told, look = document(result, most), Look(columns=100)
    blocks = [safe(result.question), safe_lines(result.query.strip())]
    if findings is not None:
        blocks.append(critique.summary(findings.works))
    elif result.query:
        blocks.append("critique: not asked for yet (.findings)")
    blocks.append("\n".join(funnel(told["stages"], look)))
    blocks.append("\n".join(rows(told, look)) if told["rows"] else "")
    blocks += ["\n".join(f"open: {safe(one)}" for one in result.open_questions)]
    blocks += ["\n".join(f"unmeasured: {safe(one)}" for one in result.unmeasured)]
    blocks.append(_last(result, most))
    return "\n".join(block for block in blocks if block)


def _last(result: Result, most: int) -> str:
    from undersign.render.terminal import counted, safe

    if result.refused:
        return f"not run: {safe(result.refused)}"
    number = len(result)
    parts = [counted(number, "row", "rows") if number else "no rows"]
    if result.truncated:
        parts.append(_beyond(result.stages, number))
    if number > most:
        parts.append(f"the first {most} are shown")
    if result.as_of:
        parts.append(f"now = {safe(result.as_of)}")
    return "; ".join(parts)


def _beyond(stages: tuple[StageCount, ...], number: int) -> str:
    whole = stages[-1].rows if stages else None
    of = f" of {whole:,}" if whole is not None and whole > number else ""
    return f"cut at the limit{of}"
