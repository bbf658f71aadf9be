"""The check `placeholder-left`."""

from __future__ import annotations

import re
from collections.abc import Iterator

from undersign.checks.reading.wording import quoted
from undersign.checks.reading.written import texts
from undersign.languages.sigma.document import Document, Path, SigmaFile
from undersign.records.artifact import Span
from undersign.records.finding import Fault, Severity

_ANYWHERE = re.compile(
    r"\b(?:TODO|FIXME|CHANGEME|CHANGE_ME|REPLACE_ME|REPLACEME|TBD)\b"
    r"|<(?:your|insert|enter|replace|placeholder|fill|todo|add)\b[^<>\n]{0,60}>"
    r"|<[A-Z][A-Z0-9]*[_ ][A-Z0-9_ ]{2,40}>"
    r"|\{\{ ?[A-Za-z_][\w. ]{0,60}\}\}|\[(?:your|insert|placeholder)[ _-][^\]\n]{0,60}\]"
    r"|(?i:lorem ipsum)"
)
_IN_RECORD = re.compile(
    r"(?i)\bx{3,}\b(?!['\"/\\])|\b(?:your|jane|john)[ _.-]?(?:name|doe)\b"
    r"|\bexample\.(?:com|org|net)\b"
)
_RECORD_KEYS = frozenset({"title", "author", "references"})
_COMMENT = re.compile(r"^\s*#.*?\b(TODO|FIXME|TBD)\b")


def placeholder_left(file: SigmaFile) -> Iterator[Fault]:
    """Report what a template, a drafter or an author meant to fill in later."""
    for document in file.documents:
        for path, text in texts(document):
            found = _ANYWHERE.search(text) or _of_record(path, text)
            if found is not None:
                yield _fault(document, path, found.group())
    for number, line in enumerate(file.text.split("\n"), 1):
        note = _COMMENT.match(line)
        if note:
            start = note.start(1) + 1
            span = Span(number, start, number, start + len(note.group(1)))
            message = f"a comment still says {quoted(note.group(1))}"
            yield Fault(message, span, severity=Severity.NOTE)


def _of_record(path: Path, text: str) -> re.Match[str] | None:
    """Look for placeholders that would be ordinary text inside a detection."""
    return _IN_RECORD.search(text) if path and path[0] in _RECORD_KEYS else None


def _fault(document: Document, path: Path, found: str) -> Fault:
    where = ".".join(str(step) for step in path)
    return Fault(
        f"the placeholder {quoted(found)} was left in {quoted(where)}",
        document.span(*path),
        {"placeholder": found},
        "fill it in, or delete it",
    )
