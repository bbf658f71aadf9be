"""The report's facts put into the rows and sentences its template shows. No HTML is made here."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from undersign.records.finding import Finding, Outcome, Severity, Status
from undersign.records.history import Rate
from undersign.records.report import Report, Verified
from undersign.records.work import Verdict, Work
from undersign.render.frame import source_lines
from undersign.render.tally import (
    Tally,
    findings,
    grounds_missing,
    is_settled,
    not_run,
    tally,
    verdict_of_not_run,
    verdict_on,
)
from undersign.render.terminal import TAB
from undersign.render.text import evidence_line

_KEY = re.compile(r"^(\s*(?:- +)?)([\w.|'-]+)(?=:(?:\s|$))")


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of characters of a line that look the same."""

    text: str
    kind: str
    """`key`, `comment` or empty."""
    marked: bool


@dataclass(frozen=True, slots=True)
class Shown:
    """A finding with what people said of it."""

    finding: Finding
    evidence: str
    verdict: Verdict | None
    settled: bool


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the artifact with the findings that begin on it."""

    number: int
    pieces: tuple[Piece, ...]
    findings: tuple[Shown, ...]


@dataclass(frozen=True, slots=True)
class WhyRow:
    """One node of a condition: what it says, whether it holds, what the event had."""

    depth: int
    kind: str
    """`and`, `or`, `not`, `selection` or `atom`."""
    outcome: bool
    text: str
    seen: str
    hint: str


@dataclass(frozen=True, slots=True)
class CheckRow:
    """One line of the table of checks."""

    outcome: Outcome
    label: str
    """`error`, `warning`, `note`, `clean` or `not run`."""
    detail: str
    verdict: Verdict | None


@dataclass(frozen=True, slots=True)
class Banner:
    """The first thing a reader sees."""

    state: str
    """`signed`, `open`, `ready` or `unchecked`; also a class of the style sheet."""
    headline: str
    sentence: str
    blind: tuple[str, ...]
    """What was not looked at, each a sentence."""


def banner(report: Report) -> Banner:
    """Say who signed or what stands between the artifact and a signature."""
    work, blind = report.work, _blind(report)
    if report.verified:
        who = report.verified.signer
        things = "1 thing was" if len(blind) == 1 else f"{len(blind)} things were"
        left = f" {things} not looked at." if blind else ""
        said = f"Over exactly this text, on {report.verified.signed_at[:10]}.{left}"
        return Banner("signed", f"Signed by {who}", said, blind)
    if not work.outcomes:
        return Banner("unchecked", "Not checked", "No check has run on this text.", blind)
    items = work.open_items()
    if report.voided:
        said = f"There is a signature, but it does not hold: {report.voided}."
        return Banner("open", "Not signed", said, blind)
    if not items:
        said = "Nothing is open. It waits for its author of record to sign."
        return Banner("ready", "Not signed yet", said, blind)
    count = f"{len(items)} {'matter needs' if len(items) == 1 else 'matters need'}"
    return Banner("open", "Not signed", f"{count} a person's verdict first.", blind)


def _blind(report: Report) -> tuple[str, ...]:
    """List what could not be looked at: checks by what they need, unmeasured history, remarks."""
    by_ground: dict[tuple[str, str, str], list[str]] = {}
    for work, outcome in not_run([report.work]):
        verdict = verdict_of_not_run(work, outcome)
        said = (
            f"; {verdict.decision.value} by {verdict.person}: {verdict.reason}" if verdict else ""
        )
        key = (grounds_missing(outcome), outcome.reason or "no reason was given", said)
        by_ground.setdefault(key, []).append(outcome.check)
    missing = [
        f"{', '.join(names)} could not run: needs {needs} ({reason}){said}"
        for (needs, reason, said), names in by_ground.items()
    ]
    unmeasured = [
        f"{history.title}: {reason}" for history in report.histories for reason in history.missing
    ]
    return (*missing, *unmeasured, *report.remarks)


def totals(report: Report) -> Tally:
    """Count findings and outcomes of the one artifact."""
    return tally([report.work])


def headline_rate(report: Report) -> Rate | None:
    """Return the rate of the document the report is named after, else of the first measured."""
    measured = [h for h in report.histories if h.rate_per_day and h.status == "measured"]
    named = [h for h in measured if h.title == report.title]
    return next((h.rate_per_day for h in (*named, *measured)), None)


def general(work: Work) -> tuple[Shown, ...]:
    """Return the findings that point at no line of the text."""
    count = len(source_lines(work.artifact.text))
    return tuple(
        _shown(work, f)
        for _, _, f in findings([work])
        if f.span is None or not 0 < f.span.line <= count
    )


def code(work: Work) -> tuple[Line, ...]:
    """Return every line of the artifact, coloured lightly, with its findings."""
    at: dict[int, list[Finding]] = {}
    for _, _, finding in findings([work]):
        if finding.span:
            at.setdefault(finding.span.line, []).append(finding)
    lines = []
    for number, text in enumerate(source_lines(work.artifact.text), start=1):
        here = at.get(number, [])
        lines.append(Line(number, _pieces(text, here), tuple(_shown(work, f) for f in here)))
    return tuple(lines)


def check_rows(work: Work) -> tuple[CheckRow, ...]:
    """Return what was found and what could not run, worst first; clean checks are listed apart."""
    rows = [_row(work, o) for o in work.outcomes if o.status is not Status.CLEAN]
    order = ["error", "warning", "not run", "note"]
    return tuple(sorted(rows, key=lambda row: (order.index(row.label), row.outcome.code)))


def clean(work: Work) -> tuple[Outcome, ...]:
    """Return the checks that ran and found nothing."""
    return tuple(o for o in work.outcomes if o.status is Status.CLEAN)


def verify_command(verified: Verified) -> str:
    """Write the command that checks the signature with plain OpenSSH."""
    words = ("-f", verified.allowed_signers_path, "-I", verified.signer)
    more = ("-n", verified.namespace, "-s", verified.signature_path)
    command = shlex.join(("ssh-keygen", "-Y", "verify", *words, *more))
    return f"{command} < {shlex.quote(verified.statement_path)}"


def why_rows(node: Mapping[str, Any], depth: int = 0) -> Iterator[WhyRow]:
    """Flatten a why tree into rows from the top down."""
    kind, name, written = (str(node.get(key) or "") for key in ("kind", "name", "written"))
    field, values = node.get("field"), [str(value) for value in node.get("values") or ()]
    seen = f"the event has {', '.join(values)}" if values else "the event has no value"
    yield WhyRow(
        depth,
        kind,
        bool(node["outcome"]),
        written or name or str(field or ""),
        seen if kind == "atom" and (values or field is not None) else "",
        str(node.get("hint") or ""),
    )
    for child in node.get("children") or ():
        yield from why_rows(child, depth + 1)


def _row(work: Work, outcome: Outcome) -> CheckRow:
    if outcome.status is Status.NOT_RUN:
        detail = f"needs {grounds_missing(outcome)}: {outcome.reason or 'no reason was given'}"
        return CheckRow(outcome, "not run", detail, verdict_of_not_run(work, outcome))
    rank = [Severity.ERROR, Severity.WARNING, Severity.NOTE]
    worst = min((f.severity for f in outcome.findings), key=rank.index)
    settled = [verdict_on(work, f.id) for f in outcome.findings]
    verdict = settled[0] if len(settled) == 1 else None
    detail = "; ".join(f.message for f in outcome.findings)
    return CheckRow(outcome, worst.value, detail, verdict)


def _shown(work: Work, finding: Finding) -> Shown:
    verdict = verdict_on(work, finding.id)
    evidence = evidence_line(finding.evidence) if finding.evidence else ""
    return Shown(finding, evidence, verdict, is_settled(verdict))


def _pieces(text: str, here: list[Finding]) -> tuple[Piece, ...]:
    """Cut a line where its look changes: keys, comments, and what a finding points at."""
    looks = _looks(text)
    marked = [False] * len(text)
    for finding in here:
        span = finding.span
        assert span is not None
        end = span.end_column - 1 if span.end_line == span.line else len(text)
        for n in range(max(span.column - 1, 0), min(end, len(text))):
            marked[n] = True
    pieces: list[Piece] = []
    begin = 0
    for n in range(1, len(text) + 1):
        if n == len(text) or (looks[n], marked[n]) != (looks[begin], marked[begin]):
            shown = text[begin:n].replace("\t", " " * TAB)
            pieces.append(Piece(shown, looks[begin], marked[begin]))
            begin = n
    return tuple(pieces)


def _looks(text: str) -> list[str]:
    if text.lstrip().startswith("#"):
        return ["comment"] * len(text)
    looks = [""] * len(text)
    key = _KEY.match(text)
    if key:
        for n in range(key.start(2), key.end(2)):
            looks[n] = "key"
    return looks
