"""Lint one Markdown text by the checks of documents, without a workspace."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from undersign.checks import CHECKS
from undersign.checks.spec import Grounds, run
from undersign.languages.markdown import parse
from undersign.records.artifact import Artifact
from undersign.records.finding import Finding
from undersign.records.surroundings import Exposed, Internal, Nearby

DOCUMENT_LINTS = [check for check in CHECKS if "RSP020" <= check.code <= "RSP030"]


class Said(NamedTuple):
    """One finding, as the tables of these tests keep it."""

    code: str
    severity: str
    line: int
    message: str
    found: str
    """The piece of the text that it points at."""


def lint(text: str, codes: Sequence[str] = (), kind: str = "postmortem") -> list[Said]:
    """Return what the checks say; no file is beside the text, no secret in it, no name internal."""
    return list(_said(text, codes, kind))


def _said(text: str, codes: Sequence[str], kind: str) -> Iterator[Said]:
    document = parse(text)
    grounds = Grounds({Nearby: Nearby(), Exposed: Exposed(), Internal: Internal()}, {})
    lines = text.split("\n")
    for check in DOCUMENT_LINTS:
        if codes and check.code not in codes:
            continue
        for one in run(check, Artifact("a.md", kind, text), document, grounds).findings:
            line = one.span.line if one.span else 0
            yield Said(check.code, str(one.severity), line, one.message, _found(one, lines))


def _found(one: Finding, lines: Sequence[str]) -> str:
    if one.span is None or one.span.line != one.span.end_line:
        return ""
    return lines[one.span.line - 1][one.span.column - 1 : one.span.end_column - 1]
