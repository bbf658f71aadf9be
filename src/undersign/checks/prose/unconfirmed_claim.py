"""unconfirmed-claim: a notice that tells what nobody has confirmed."""

from __future__ import annotations

from collections.abc import Iterator

from undersign.checks.prose.reading.cited import Reader
from undersign.checks.prose.reading.stated import stated
from undersign.records.claim import ClaimKind
from undersign.records.document import Document
from undersign.records.evidence import CaseFile
from undersign.records.finding import Fault, Severity
from undersign.records.timeline import Timeline

_OUTSIDE = ("status-page", "customer")


def unconfirmed_claim(document: Document, case: CaseFile, timeline: Timeline) -> Iterator[Fault]:
    """Report sentences of notices that rest on an inference, an unread picture or a guess."""
    reader = Reader(case, timeline)
    outside = document.front.get("audience") in _OUTSIDE
    for sentence in document.sentences:
        cited = reader.cited(sentence)
        span = document.span(sentence.start, sentence.start + len(sentence.text))
        inferred = [c.id for c in cited.claims if c.kind is ClaimKind.INFERENCE]
        unread = [one.id for one in cited.evidence if not one.confirmed]
        if inferred:
            yield Fault(f"rests on {inferred[0]}, which is an inference", span)
        elif unread:
            yield Fault(f"rests on {unread[0]}, which a machine read from a picture", span)
        elif outside and (stated(sentence.text).hedged or stated(sentence.text).causes):
            yield Fault("guesses, or says why, to people outside", span, severity=Severity.WARNING)
