"""A model's findings as JSON: our own published form, and that of claude-code-security-review."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from undersign.catalogs import weaknesses
from undersign.records.candidate import Candidate, Step
from undersign.records.review import Looker
from undersign.surfaces.review.imports import (
    Imported,
    category_of,
    line_of,
    path_of,
    severity_of,
    text_of,
)

_ORIGIN = "findings JSON"


def read_findings(document: Any, where: str) -> Imported:
    """Read `findings`, `results` or a bare list; what cannot be used is a remark that names it."""
    holder: Mapping[str, Any] = document if isinstance(document, dict) else {}
    key = next(
        (k for k in ("findings", "results", "issues") if isinstance(holder.get(k), list)), ""
    )
    rows: Sequence[Any] = holder[key] if key else (document if isinstance(document, list) else [])
    origin = text_of(holder.get("drafter")) or text_of(holder.get("tool")) or _origin(holder, rows)
    candidates, remarks = [], []
    for at, row in enumerate(rows):
        place = f"{where}: {key or ''}[{at}]"
        if not isinstance(row, dict):
            remarks.append(f"{place} is no object")
            continue
        candidates.append(_candidate(row, origin, place, remarks))
    remarks += _said(holder, where)
    looker = Looker(origin, "", len(candidates), "", by_drafter=True)
    return Imported(tuple(candidates), (looker,), {}, tuple(remarks))


def _origin(holder: Mapping[str, Any], rows: Sequence[Any]) -> str:
    first = rows[0] if rows and isinstance(rows[0], dict) else {}
    theirs = (
        "exploit_scenario" in first or "analysis_summary" in holder or "filtering_summary" in holder
    )
    return "claude-code-security-review" if theirs else _ORIGIN


def _candidate(row: Mapping[str, Any], origin: str, place: str, remarks: list[str]) -> Candidate:
    written = text_of(row.get("file") or row.get("path") or row.get("filename"))
    path, trouble = path_of(written)
    if not written or trouble:
        remarks.append(f"{place} names no file that can be looked at: {trouble or 'none named'}")
    line, last = line_of(row.get("line") or row.get("start_line")), line_of(row.get("end_line"))
    message = text_of(row.get("message") or row.get("description") or row.get("title"))
    cwe = _texts(row.get("cwe"))
    rule = text_of(row.get("rule")) or text_of(row.get("category"))
    return Candidate(
        file=path or "?",
        line=line,
        end_line=last if last >= line else 0,
        message=message or "(no message)",
        origin=origin,
        rule=rule,
        quote=text_of(row.get("quote") or row.get("code")),
        category=_category(row, rule, cwe, message),
        cwe=cwe,
        owasp=_texts(row.get("owasp")),
        severity=severity_of(row.get("severity")),
        confidence=text_of(str(row.get("confidence", "")))[:40],
        apis=_texts(row.get("apis")),
        steps=tuple(_steps(row.get("steps"))),
        fix=text_of(row.get("fix") or row.get("recommendation")),
        by_drafter=True,
    )


def _category(row: Mapping[str, Any], rule: str, cwe: tuple[str, ...], message: str) -> str:
    said = text_of(row.get("category")).lower().replace("_", "-").replace(" ", "-")
    if said in weaknesses.load().categories:
        return said
    return category_of(rule, cwe, message)


def _texts(value: Any) -> tuple[str, ...]:
    rows = value if isinstance(value, list) else [value]
    return tuple(text_of(one)[:200] for one in rows if isinstance(one, str) and one.strip())[:12]


def _steps(value: Any) -> list[Step]:
    found = []
    for one in (value if isinstance(value, list) else [])[:40]:
        if isinstance(one, dict) and line_of(one.get("line")):
            path, trouble = path_of(text_of(one.get("file")))
            if path and not trouble:
                found.append(
                    Step(path, line_of(one["line"]), text_of(one.get("what"))[:200] or "step")
                )
    return found


def _said(holder: Mapping[str, Any], where: str) -> list[str]:
    """Tell what the tool says it left out or did not look at."""
    said = []
    for key in ("excluded_findings", "filtered_findings"):
        left = holder.get(key)
        if isinstance(left, list) and left:
            said.append(f"{where}: the tool itself left out {len(left):,} findings ({key})")
    summary = holder.get("analysis_summary")
    if isinstance(summary, dict) and summary.get("review_completed") is False:
        said.append(f"{where}: the tool says that its review was not completed")
    said += [f"{where}: not looked at, it says: {t}" for t in _texts(holder.get("not_looked_at"))]
    return said
