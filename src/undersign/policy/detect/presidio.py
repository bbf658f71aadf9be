"""Personal data by Microsoft Presidio, for those who ask for it: names, places, national ids.

An optional extra. Presidio recognises names with a language model of its own and is thousands of
times slower than the rules of this room, so nothing here uses it unless a policy asks for it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any

from undersign.errors import UsageError
from undersign.records.ruling import Spotted

REGULATED = frozenset({
    "CREDIT_CARD", "IBAN_CODE", "US_SSN", "US_BANK_NUMBER", "US_ITIN", "US_PASSPORT",
    "US_DRIVER_LICENSE", "UK_NHS", "UK_NINO", "ES_NIF", "IT_FISCAL_CODE", "PL_PESEL",
    "AU_TFN", "AU_MEDICARE", "IN_AADHAAR", "IN_PAN", "SG_NRIC_FIN", "FI_PERSONAL_IDENTITY_CODE",
    "MEDICAL_LICENSE",
})  # fmt: skip
"""Presidio's entities that a law names; every other one is `personal`."""


@dataclass(frozen=True, slots=True)
class Presidio:
    """Spots what Presidio's analyzer finds."""

    analyzer: Any
    """Has `analyze(text=, language=)`: an `AnalyzerEngine`."""
    language: str = "en"
    least: float = 0.5
    """The least score of a finding, from 0 to 1."""
    left_out: frozenset[str] = field(default_factory=lambda: frozenset({"URL", "DATE_TIME"}))
    """Entities that are no personal data in logs."""

    def spot(self, text: str) -> tuple[Spotted, ...]:
        """Return the pieces that Presidio finds, sorted, not overlapping: the surer one stays."""
        found = [
            one
            for one in self.analyzer.analyze(text=text, language=self.language)
            if one.score >= self.least and one.entity_type not in self.left_out
        ]
        kept: list[Spotted] = []
        for one in sorted(found, key=lambda r: (-r.score, r.start - r.end, r.start)):
            if all(one.end <= k.start or k.end <= one.start for k in kept):
                kept.append(_spotted(one))
        return tuple(sorted(kept, key=lambda s: s.start))


def presidio(options: Mapping[str, Any] | None = None) -> Presidio:
    """Return the adapter. Raises UsageError that says what to install."""
    try:
        library = import_module("presidio_analyzer")
    except ImportError as e:
        raise UsageError(
            "the policy asks for Presidio, which is not installed here",
            hint="pip install 'undersign[presidio]' && python -m spacy download en_core_web_lg",
        ) from e
    return Presidio(library.AnalyzerEngine(), **(options or {}))


def _spotted(one: Any) -> Spotted:
    entity = str(one.entity_type)
    data_class = "regulated" if entity in REGULATED else "personal"
    label = re.sub(r"[^A-Z]", "", entity)[:8]
    rule = f"presidio:{entity.lower().replace('_', '-')}"
    return Spotted(one.start, one.end, data_class, rule, label if len(label) > 1 else "PERSONAL")
