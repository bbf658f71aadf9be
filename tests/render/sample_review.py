"""A small review with one candidate of each standing, one area stated, and hostile texts."""

from __future__ import annotations

from dataclasses import replace

from undersign.records.candidate import Candidate
from undersign.records.finding import Finding, Outcome, Seen, Severity, Status
from undersign.records.review import (
    CategoryCoverage,
    Coverage,
    Examined,
    FileCoverage,
    FileState,
    Judged,
    Looker,
    Review,
    Standing,
)
from undersign.surfaces.review.areas import areas

HOSTILE = (
    "\x1b[31m<script>alert(1)</script> @everyone [x](https://evil.example) ::error::x\n::warning::"
)
"""What a pull request may hold: escape codes, markup, a mention, a link, workflow commands."""
AT = "2026-11-25T10:00:00Z"


def sample_review(message: str = "SQL is built from words of the request") -> Review:
    steps = [
        {"file": "desk/tickets.py", "line": 10, "what": "source", "text": "words = request.args"},
        {"file": "desk/store.py", "line": 10, "what": "sink", "text": "db.execute(sql)"},
    ]
    way = Seen("a way", evidence={"steps": steps})
    supported = Examined(
        "aaaaaaaaaa",
        Candidate(
            "desk/tickets.py", 11, message, "anthropic:MODEL", category="sql-injection",
            cwe=("CWE-89",), owasp=("A03:2021",), severity="high", by_drafter=True,
        ),
        (
            Outcome("unsupported-path", "REV030", Status.CLEAN, seen=(way,)),
            Outcome("unknown-api", "REV010", Status.NOT_RUN, ("Apis",), "flask is not installed"),
        ),
        Standing.SUPPORTED,
        "a way from request.args to execute",
        code=("    words = request.args", "    found = rows('...' + words)"),
        code_start=10,
        also=("ruff",),
    )  # fmt: skip
    fault = Finding("f", "guarded-upstream", "REV032", Severity.ERROR, "before_request aborts")
    refuted = Examined(
        "bbbbbbbbbb",
        Candidate("desk/admin.py", 16, "no check: " + message, "anthropic:MODEL",
                  category="missing-authentication"),
        (Outcome("guarded-upstream", "REV032", Status.FOUND, findings=(fault,)),),
        Standing.REFUTED,
        "before_request aborts",
        labels=("test",),
        judged=Judged("dismiss", "guarded: " + message, "you@example.org", AT),
    )  # fmt: skip
    statement = Judged("looked", "read the token flow " + message, "you@example.org", AT)
    files = (
        FileCoverage("desk/tickets.py", FileState.ASSESSED, 12, looked=("dataflow",)),
        FileCoverage("logo.png", FileState.BINARY, why="it holds NUL bytes"),
        FileCoverage(f"odd {message}.py", FileState.UNPARSED, why="line 3"),
    )
    design, *others = sorted(areas(files), key=lambda one: one.key != "design")
    others.sort(key=lambda one: one.key != "business-logic")
    return Review(
        base="1234567",
        head="89abcde",
        made_at=AT,
        findings=(supported, refuted),
        coverage=Coverage(
            files,
            (
                CategoryCoverage("A03:2021", "Injection", ("dataflow",), 1),
                CategoryCoverage("A04:2021", "Insecure Design"),
            ),
            (replace(design, statement=statement), *others),
        ),
        lookers=(Looker("ruff", "0.17.6", 1), Looker("anthropic:MODEL", "", 2, by_drafter=True)),
        remarks=("2 files that git does not track count as added",),
    )
