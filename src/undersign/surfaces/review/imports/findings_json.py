"""A model's findings as JSON: our own published form, and that of claude-code-security-review.

The latter writes what its filters left out into `filtering_summary`. It is read like the rest, and
marked as what its origin would hide: a filter decides nothing here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from undersign.drafters.reply import json_object
from undersign.errors import BadInput
from undersign.records.candidate import Candidate, Step
from undersign.records.review import Looker
from undersign.surfaces.review.imports.categories import category_of, said_category
from undersign.surfaces.review.imports.imported import Imported, Remarks, named
from undersign.surfaces.review.imports.texts import (
    at,
    items,
    line_of,
    objects,
    path_of,
    severity_of,
    text_of,
)

_ORIGIN = "findings JSON"
_THEIRS = "claude-code-security-review"
_MOST_STEPS = 40
_MOST_IDS = 12
_LINES = re.compile(r"L?(\d{1,8})(?:\s*[-–]\s*L?(\d{1,8}))?")
_FILTERED = "_filter_metadata"
_THEIR_KEYS = ("exploit_scenario", _FILTERED)

Row = tuple[str, Any, str]
"""Its place in the file, what stands there, and why its origin left it out."""


def rows_of(document: Any, where: str) -> list[Row] | None:
    """Return the rows of findings JSON; None for a document that is none.

    Raises BadInput for one that says it is an error, or a model's answer without findings.
    """
    if isinstance(document, list):
        first = document[0] if document else None
        rows = not document or not isinstance(first, dict) or "file" in first or "finding" in first
        return list(_numbered("", document)) if rows else None
    if not isinstance(document, dict):
        return None
    document = _unwrapped(document, where)
    if isinstance(document.get("findings"), list):
        return [*_numbered("findings", document["findings"]), *_filtered(document)]
    if isinstance(error := document.get("error"), str) and len(document) <= 2:
        raise BadInput(f"it holds no review but an error: {text_of(error, 200)}", path=where)
    return None


def of_findings(document: Any, where: str) -> Imported:
    """Read findings; what cannot be used is a remark that names it."""
    rows = rows_of(document, where)
    if rows is None:
        raise BadInput("no findings JSON: it has no list `findings`", path=where)
    holder = _unwrapped(document, where) if isinstance(document, dict) else {}
    remarks = Remarks(where)
    origin = _origin(holder, rows)
    candidates = []
    for place, row, hidden in rows:
        if isinstance(row, dict):
            candidates.append(_candidate(row, (origin, hidden), place, remarks))
        else:
            remarks.add(place, "is no object")
    trouble = _trouble(holder)
    looker = Looker(origin, text_of(holder.get("version"), 60), len(candidates), trouble, True)
    read = dict.fromkeys(_paths(holder.get("looked_at"), remarks), (origin,))
    said = (*remarks.told(), *_said(holder, where))
    return Imported(tuple(candidates), (looker,), {}, said, read)


def _unwrapped(document: Mapping[str, Any], where: str) -> Mapping[str, Any]:
    """Return what stands in the answer of `claude -p --output-format json`, or the document."""
    if document.get("type") != "result" or not isinstance(document.get("result"), str):
        return document
    if document.get("is_error") is True:
        words = text_of(document["result"], 200)
        raise BadInput(f"it holds no review but an error: {words}", path=where)
    try:
        return json_object(document["result"])
    except BadInput as error:
        raise BadInput(f"its answer holds no findings: {error.message}", path=where) from error


def _numbered(key: str, rows: list[Any], hidden: str = "") -> Iterator[Row]:
    return ((f"{key}[{number}]", row, hidden) for number, row in enumerate(rows))


def _filtered(document: Mapping[str, Any]) -> Iterator[Row]:
    """Yield the findings that a filter left out: it decides nothing here."""
    summary = at(document, "filtering_summary")
    for holder, prefix in ((summary, "filtering_summary."), (document, "")):
        for key in ("excluded_findings_details", "excluded_findings"):
            for number, one in enumerate(items(holder.get(key))):
                inner = at(one, "finding") or one
                stage = text_of(at(one).get("filter_stage"), 40) or "a filter"
                why = text_of(at(one).get("exclusion_reason"), 200) or "no reason"
                yield f"{prefix}{key}[{number}]", inner, f"left out by {stage}: {why}"


def _origin(holder: Mapping[str, Any], rows: list[Row]) -> str:
    said = text_of(holder.get("drafter"), 100) or text_of(holder.get("tool"), 100)
    if said.strip():
        return named(said.strip(), "JSON")
    first = rows[0][1] if rows and isinstance(rows[0][1], dict) else {}
    theirs = "analysis_summary" in holder or "filtering_summary" in holder
    return _THEIRS if theirs or any(key in first for key in _THEIR_KEYS) else _ORIGIN


def _candidate(
    row: Mapping[str, Any], by: tuple[str, str], place: str, remarks: Remarks
) -> Candidate:
    origin, hidden = by
    line, last = _lines(row, place, remarks)
    message = _message(row)
    if not message:
        remarks.add(place, "says nothing of what is wrong")
    cwe = _texts(row.get("cwe"))
    said = text_of(row.get("category"), 200)
    rule = text_of(row.get("rule"), 200) or said
    return Candidate(
        file=_file(row, place, remarks),
        line=line,
        end_line=last,
        message=message or "(no message)",
        origin=origin,
        rule=rule,
        quote=text_of(row.get("quote") or row.get("code")),
        category=_category(said, (rule, cwe, message), place, remarks),
        cwe=cwe,
        owasp=_texts(row.get("owasp")),
        severity=_severity(row, place, remarks),
        confidence=_confidence(row),
        apis=_texts(row.get("apis")),
        steps=_steps(row.get("steps"), place, remarks),
        fix=text_of(row.get("fix") or row.get("recommendation")),
        suppressed=hidden,
        by_drafter=True,
    )


def _file(row: Mapping[str, Any], place: str, remarks: Remarks) -> str:
    written = text_of(row.get("file") or row.get("path") or row.get("filename"))
    path, trouble = path_of(written)
    if not written:
        remarks.add(place, "names no file")
    elif trouble:
        remarks.add(place, f"names no file that can be looked at: {trouble}")
    return path or "?"


def _lines(row: Mapping[str, Any], place: str, remarks: Remarks) -> tuple[int, int]:
    """Return the first and the last line; models also write `12`, `L12` and `12-15` as text."""
    given = next((row[k] for k in ("line", "start_line", "lines") if row.get(k) is not None), None)
    found = _LINES.fullmatch(given.strip()) if isinstance(given, str) else None
    if found:
        line, last = line_of(int(found[1])), line_of(int(found[2] or 0))
    else:
        line, last = line_of(given), line_of(row.get("end_line"))
    if given is not None and not line:
        remarks.add(place, "names a line that is none")
    if last and last < line:
        remarks.add(place, "ends before it begins")
    return line, last if line and last >= line else 0


def _message(row: Mapping[str, Any]) -> str:
    said = text_of(row.get("message") or row.get("description") or row.get("title"))
    scenario = text_of(row.get("exploit_scenario"))
    return text_of(f"{said} ({scenario})") if said and scenario else said or scenario


def _category(
    said: str, known: tuple[str, tuple[str, ...], str], place: str, remarks: Remarks
) -> str:
    """Return the category that a model names; a word that is none of ours is told."""
    if said and (found := said_category(said)):
        return found
    if said and said.lower() != "other":
        remarks.add(place, "names a category that is none of ours")
    return category_of(*known)


def _severity(row: Mapping[str, Any], place: str, remarks: Remarks) -> str:
    severity = severity_of(row.get("severity"))
    if not severity and row.get("severity") not in (None, ""):
        remarks.add(place, "names a severity that is none of ours")
    return severity


def _confidence(row: Mapping[str, Any]) -> str:
    said = row.get("confidence")
    if said is None or isinstance(said, bool | list | dict):
        said = ""
    words = text_of(str(said), 40)
    filtered = text_of(at(row, _FILTERED).get("justification"), 60)
    return f"{words}; its filter: {filtered}" if filtered else words


def _texts(value: Any) -> tuple[str, ...]:
    rows = value if isinstance(value, list) else [value]
    return tuple(text_of(one, 200) for one in rows if isinstance(one, str) and one.strip())[
        :_MOST_IDS
    ]


def _steps(value: Any, place: str, remarks: Remarks) -> tuple[Step, ...]:
    found = []
    given = items(value)
    for one in given[:_MOST_STEPS]:
        path, trouble = path_of(text_of(at(one).get("file")))
        line = line_of(at(one).get("line"))
        if path and not trouble and line:
            text = text_of(at(one).get("text"), 400).strip()
            found.append(Step(path, line, text_of(at(one).get("what"), 200) or "step", text))
    if len(found) < len(given):
        remarks.add(place, "gives a way with steps that cannot be used, or too many of them")
    return tuple(found)


def _paths(value: Any, remarks: Remarks) -> Iterator[str]:
    for number, one in enumerate(items(value)):
        path, trouble = path_of(text_of(one))
        if trouble:
            remarks.add(f"looked_at[{number}]", "names no file of the checkout")
        else:
            yield path


def _trouble(holder: Mapping[str, Any]) -> str:
    done = at(holder, "analysis_summary").get("review_completed")
    if done is False:
        return "it says that its review was not completed"
    return ""


def _said(holder: Mapping[str, Any], where: str) -> Iterator[str]:
    """Tell what the origin says it left out, or did not look at."""
    summary = at(holder, "filtering_summary")
    count, listed = summary.get("excluded_findings"), summary.get("excluded_findings_details")
    if isinstance(count, int) and not isinstance(count, bool) and count > len(items(listed)):
        missing = count - len(items(listed))
        yield f"{where}: its filters left out {missing:,} findings that are not in the file"
    unfiltered = sum(
        "failed" in text_of(at(one, _FILTERED).get("justification")).lower()
        for one in objects(holder.get("findings"))
    )
    if unfiltered:
        yield (
            f"{where}: its filter failed on {unfiltered:,} findings; their confidence is a default"
        )
    for one in _texts(holder.get("not_looked_at")):
        yield f"{where}: not looked at, it says: {one}"
    if (rest := len(items(holder.get("not_looked_at"))) - _MOST_IDS) > 0:
        yield f"{where}: and {rest:,} more that it did not look at"
