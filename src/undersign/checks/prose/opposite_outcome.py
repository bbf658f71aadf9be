"""opposite-outcome: a sentence says that something succeeded which failed, or the reverse."""

from __future__ import annotations

from collections.abc import Iterator

from undersign.checks.prose.reading.cited import Cited, Reader
from undersign.checks.prose.reading.stated import Stated, stated
from undersign.records.document import Document
from undersign.records.evidence import CaseFile
from undersign.records.finding import Fault
from undersign.records.timeline import Timeline


def opposite_outcome(
    document: Document, case: CaseFile, timeline: Timeline | None
) -> Iterator[Fault]:
    """Compare words of success and failure with the outcomes of the lines that are cited."""
    reader = Reader(case, timeline)
    for sentence in document.sentences:
        if not sentence.cited:
            continue
        said = stated(sentence.text)
        if not (said.failed or said.done):
            continue
        message = _wrong(said, reader.cited(sentence))
        if message is not None:
            yield Fault(
                message,
                document.span(sentence.start, sentence.start + len(sentence.text)),
                evidence={"evidence": list(sentence.cited)},
            )


def _wrong(said: Stated, cited: Cited) -> str | None:
    # A message may tell of an outcome that no line of a log has; what it says is its author's.
    if cited.messages or not cited.logs:
        return None
    outcomes = {one.outcome for one in cited.logs}
    known = outcomes - {""}
    if not known:
        return None
    if said.failed and "failure" not in known and not _is_named(said.failed, cited):
        return f"says {said.failed[0]!r}, and every line it cites succeeded"
    if said.done and "success" not in known and not _is_named(said.done, cited):
        return f"says {said.done[0]!r}, and every line it cites failed"
    return None


def _is_named(words: tuple[str, ...], cited: Cited) -> bool:
    """Tell whether the words are part of a name in the evidence, such as an event's title."""
    fields = " ".join(v for values in cited.by_role.values() for v in values)
    return all(word.casefold() in fields for word in words)
