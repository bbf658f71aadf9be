"""The check `missing-author`."""

from __future__ import annotations

import re
from collections.abc import Iterator

from undersign.checks.reading.wording import quoted
from undersign.languages.sigma.document import SigmaFile
from undersign.records.finding import Fault

_MACHINE = re.compile(
    r"(?i)^\W*(?:ai|llm|undersign|offline|chatgpt|gpt-?\d[\w.]*|openai|anthropic|claude[\w .-]*"
    r"|copilot|gemini[\w .-]*|assistant|bot|n/?a|none|unknown|anonymous)\W*$"
)


def missing_author(file: SigmaFile) -> Iterator[Fault]:
    """Report a document without a person as its author of record."""
    for document in file.documents:
        author = document.data.get("author")
        if not isinstance(author, str) or not author.strip():
            yield Fault(
                "nobody is named as the author of record",
                document.span("author") if author else document.span("title"),
                suggestion="add `author:` with the person who has read every line",
            )
        elif _MACHINE.match(author):
            yield Fault(
                f"{quoted(author)} is no person, and only a person can answer for a rule",
                document.span("author"),
                {"author": author[:200]},
                "name the person who has read every line",
            )
