"""The check `missing-date`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

from undersign.checks.reading.wording import quoted
from undersign.languages.sigma.document import Document, SigmaFile
from undersign.records.finding import Fault, Severity

_ISO = re.compile(r"\d{4}-\d{2}-\d{2}")


def missing_date(file: SigmaFile) -> Iterator[Fault]:
    """Report a document without a date, or with one that can be read in more than one way."""
    for document in file.documents:
        if document.data.get("date") is None:
            yield Fault(
                "no date says when this was written",
                document.span("title"),
                suggestion="add `date: YYYY-MM-DD`",
                severity=Severity.NOTE,
            )
        days = {key: _day(document, key) for key in ("date", "modified")}
        for key, day in days.items():
            value = document.data.get(key)
            if value is not None and day is None:
                yield Fault(
                    f"{quoted(value)} is no date of the form YYYY-MM-DD",
                    document.span(key),
                    {key: str(value)[:100]},
                )
        written, modified = days["date"], days["modified"]
        if written and modified and modified < written:
            message = f"modified on {modified}, before it was written on {written}"
            yield Fault(message, document.span("modified"))


def _day(document: Document, key: str) -> date | None:
    text = str(document.data.get(key))
    try:
        return date.fromisoformat(text) if _ISO.fullmatch(text) else None
    except ValueError:
        return None
