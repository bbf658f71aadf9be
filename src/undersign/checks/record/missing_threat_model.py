"""The check `missing-threat-model`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from undersign.checks.spec import CannotRun
from undersign.languages.sigma.document import Document, SigmaFile
from undersign.records.finding import Fault


def missing_threat_model(file: SigmaFile) -> Iterator[Fault]:
    """Ask which threat model this answers to; without a citation the question stays open."""
    cited = [_citation(document) for document in file.documents]
    for document, text in zip(file.documents, cited, strict=True):
        if text is not None and not text.strip():
            yield Fault("`threat_model` cites nothing", document.span("undersign", "threat_model"))
            return
    if not any(cited):
        raise CannotRun(
            "ThreatModel",
            "no threat model is cited; add `undersign: threat_model: REF` to the rule,"
            " sign with --threat-model REF, or waive it: undersign triage"
            " 'PATH#missing-threat-model' accept-risk --reason TEXT",
        )


def _citation(document: Document) -> str | None:
    own = document.data.get("undersign")
    text = own.get("threat_model") if isinstance(own, Mapping) else None
    return None if text is None else str(text)
