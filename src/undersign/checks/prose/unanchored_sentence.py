"""unanchored-sentence: a sentence of a notice that no claim stands behind."""

from __future__ import annotations

import re
from collections.abc import Iterator

from undersign.records.document import Document
from undersign.records.finding import Fault

_PLAIN = re.compile(
    r"^\W*(?:next update|status|affected|this is the last update|we will|we are sorry|we "
    r"apologi[sz]e|"
    r"please|thank|if you|for questions|contact|you (?:can|may|do not need)|nobody has said yet)",
    re.IGNORECASE,
)
_JUDGED = re.compile(r"\(judgement, by [^)]+\)")


def unanchored_sentence(document: Document) -> Iterator[Fault]:
    """Report statements of a notice without a hidden citation such as `<!-- C12 -->`."""
    if document.front.get("kind") != "notice":
        return
    for sentence in document.sentences:
        text = sentence.text
        if sentence.cited or _JUDGED.search(text) or _PLAIN.match(text) or text.endswith("?"):
            continue
        if not re.search(r"\w{3}", text):
            continue
        yield Fault(
            "no claim stands behind this sentence",
            document.span(sentence.start, sentence.start + len(text)),
            suggestion="add <!-- C12 -->, or (judgement, by NAME)",
        )
