"""The outcomes of `check` for a person at a terminal: findings in place, then what is open."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from undersign.records.finding import Finding, Outcome, Severity
from undersign.records.work import Verdict, Work
from undersign.render.frame import frame, source_lines
from undersign.render.tally import (
    Cards,
    Tally,
    findings,
    grounds_missing,
    not_run,
    tally,
    verdict_of_not_run,
    verdict_on,
)
from undersign.render.terminal import Paint, clip, counted, safe

_EVIDENCE_COLUMNS = 110


def render(works: Sequence[Work], cards: Cards, *, colour: bool = False) -> str:
    """Write findings with code frames, then the checks that could not run, then one summary line.

    `cards` is unused here: a terminal reader asks `undersign explain CODE`.
    """
    paint = Paint(colour)
    lines: list[str] = []
    sources: dict[str, list[str]] = {}
    for work, _, finding in findings(works):
        path = work.artifact.path
        if path not in sources:
            sources[path] = source_lines(work.artifact.text)
        lines += [*_finding(work, finding, sources[path], paint), ""]
    lines += _open_checks(works, paint)
    lines.append(summary(works, paint))
    return "\n".join(lines) + "\n"


def summary(works: Sequence[Work], paint: Paint | None = None) -> str:
    """Say in one line what was found, and never that all is good when something did not run."""
    paint = paint or Paint()
    total = tally(works)
    if not works or not any(work.outcomes for work in works):
        return paint.yellow("nothing was checked: no check fits what was named")
    found = _found(total, paint)
    unread = sum(work.artifact.kind == "unreadable" for work in works)
    if unread:
        which = counted(unread, "artifact", "artifacts")
        found += "; " + paint.yellow(f"{which} could not be read")
    if not total.not_run:
        return found if unread else f"{found}; every check ran ({_of(total)})"
    grounds = dict.fromkeys(
        ground for _, outcome in not_run(works) for ground in outcome.needs or ("?",)
    )
    checks = counted(total.not_run, "check", "checks")
    needs = paint.yellow(f"{checks} could not run: needs {', '.join(map(safe, grounds))}")
    return f"{found}; {needs} ({_of(total)})"


def _finding(work: Work, finding: Finding, source: list[str], paint: Paint) -> list[str]:
    span = finding.span
    place = safe(work.artifact.path) + (f":{span.line}:{span.column}" if span else "")
    severity = _severity(finding.severity, paint)
    name = f"{finding.code} {finding.check}"
    head = f"{paint.bold(place)} {severity} {paint.cyan(safe(name))} {safe(finding.message)}"
    lines = [f"{head} {paint.dim(f'[{finding.id}]')}"]
    framed = frame(source, span) if span else None
    if span and framed:
        number = str(span.line)
        gutter = " " * len(number)
        carets = paint.red(framed[1]) if finding.severity is Severity.ERROR else framed[1]
        lines.append(f"  {paint.dim(f'{number} |')} {framed[0]}")
        lines.append(f"  {paint.dim(f'{gutter} |')} {carets}")
    if finding.suggestion:
        lines.append(f"    {paint.green(_suggestion(finding.suggestion))}")
    if finding.evidence:
        lines.append(f"    {paint.dim('evidence: ' + evidence_line(finding.evidence))}")
    verdict = verdict_on(work, finding.id)
    if verdict:
        lines.append(f"    {verdict_line(verdict)}")
    return lines


def evidence_line(evidence: Mapping[str, Any]) -> str:
    """Write evidence as `name=value` pairs on one printable, bounded line."""
    pairs = (f"{name}={_value(value)}" for name, value in evidence.items())
    return clip(safe(", ".join(pairs)), _EVIDENCE_COLUMNS)


def verdict_line(verdict: Verdict) -> str:
    """Write a person's verdict on one printable line."""
    said = f"{verdict.decision.value} by {verdict.person} on {verdict.at[:10]}: {verdict.reason}"
    return safe(said)


def _open_checks(works: Sequence[Work], paint: Paint) -> list[str]:
    """List checks that could not run, grouped by what they need and what would bring it."""
    groups: dict[tuple[str, str], dict[str, list[str]]] = {}
    for work, outcome in not_run(works):
        key = (grounds_missing(outcome), outcome.reason or "no reason was given")
        groups.setdefault(key, {}).setdefault(work.artifact.path, []).append(_named(work, outcome))
    if not groups:
        return []
    lines = [paint.bold("Could not run")]
    for (needs, reason), by_path in groups.items():
        lines.append(f"  {paint.yellow('needs ' + safe(needs))}: {safe(reason)}")
        lines += [f"    {safe(path)}: {', '.join(names)}" for path, names in by_path.items()]
    return [*lines, ""]


def _named(work: Work, outcome: Outcome) -> str:
    verdict = verdict_of_not_run(work, outcome)
    said = f" ({verdict.decision.value} by {verdict.person})" if verdict else ""
    return safe(outcome.check + said)


def _found(total: Tally, paint: Paint) -> str:
    if not total.findings:
        return "0 findings" if total.not_run else paint.green("0 findings")
    parts = (
        (total.errors, "error", "errors", paint.red),
        (total.warnings, "warning", "warnings", paint.yellow),
        (total.notes, "note", "notes", paint.dim),
    )
    return ", ".join(colour(counted(n, one, many)) for n, one, many, colour in parts if n)


def _of(total: Tally) -> str:
    return counted(total.artifacts, "artifact", "artifacts")


def _severity(severity: Severity, paint: Paint) -> str:
    colour = {Severity.ERROR: paint.red, Severity.WARNING: paint.yellow, Severity.NOTE: paint.cyan}
    return colour[severity](severity.value)


def _suggestion(text: str) -> str:
    shown = safe(text)
    return f"help: {shown}" if " " in shown else f"did you mean {shown}?"


def _value(value: object) -> str:
    if isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False, default=str)
