"""The check `suspicious-backslash`."""

from __future__ import annotations

import re
from collections.abc import Iterator

from undersign.checks.reading.wording import quoted
from undersign.checks.reading.written import Written, written_values
from undersign.languages.sigma.document import SigmaFile
from undersign.records.finding import Fault, Severity

_ESCAPED_STAR = re.compile(r"(?:^|[\w:.%)}\]])\\\*")
"""One backslash right after a folder's name, or leading, makes a letter of the star after it."""
_LITERAL_STARS = re.compile(r"^\\\*.*\\\*$|^\\\*\.\w+")
"""Stars escaped on both sides, or before an extension: what somebody types on a command line."""
_INNER_FOUR = re.compile(r"(?:(?<=[\w.%)}])|(?<=\b[A-Za-z]:))\\{4,}(?=[\w.%({])")
_NETWORK = re.compile(r"\\\\(?=[\w*?.])(?!\?\\)")


def suspicious_backslash(file: SigmaFile) -> Iterator[Fault]:
    """Report backslashes that Sigma reads differently from what the value seems to mean."""
    for value in written_values(file):
        text = value.text
        if text is not None and "\\" in text:
            yield from _faults(value, text)


def _faults(value: Written, text: str) -> Iterator[Fault]:
    if _ESCAPED_STAR.search(text) and not _LITERAL_STARS.search(text):
        message = f"`\\*` in {quoted(text)} is a literal star, not a folder and a wildcard"
        yield _fault(value, message, "write `\\\\*` for a backslash and then anything")
    if _INNER_FOUR.search(text):
        message = f"{quoted(text)} asks for two backslashes in a row inside a path"
        yield _fault(value, message, "write one backslash; Sigma needs no escape before a letter")
    anchored = "contains" not in value.modifiers and "endswith" not in value.modifiers
    if anchored and value.field is not None and _NETWORK.match(text):
        message = f"{quoted(text)} begins with one backslash for Sigma, not with two"
        yield _fault(value, message, "write `\\\\\\\\server` for a network path", Severity.NOTE)


def _fault(value: Written, message: str, hint: str, severity: Severity | None = None) -> Fault:
    return Fault(message, value.span, {"value": str(value.value)}, hint, severity)
