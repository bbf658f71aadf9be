"""The adapter for Presidio, with a stand-in for its analyzer: the real one is not installed."""

from __future__ import annotations

import sys
from dataclasses import dataclass

import pytest

from undersign.errors import UsageError
from undersign.policy.detect import detector
from undersign.policy.detect.presidio import Presidio, presidio


@dataclass
class Result:
    """What Presidio's `RecognizerResult` has."""

    entity_type: str
    start: int
    end: int
    score: float


class Analyzer:
    """Finds one name, surely, and less surely a place inside it."""

    def analyze(self, text: str, language: str) -> list[Result]:
        assert language == "en"
        at = text.index("Ada Lovelace")
        return [
            Result("LOCATION", at + 4, at + 12, 0.6),
            Result("PERSON", at, at + 12, 0.85),
            Result("URL", 0, 2, 0.9),
            Result("US_BANK_NUMBER", 0, 3, 0.05),
        ]


def test_its_findings_become_pieces_beside_ours() -> None:
    both = detector(besides=Presidio(Analyzer()))
    text = "é from Ada Lovelace at 10.1.2.3"
    assert [(s.rule, s.label, text[s.start : s.end]) for s in both.spot(text)] == [
        ("presidio:person", "PERSON", "Ada Lovelace"),
        ("internal-address", "ADDRESS", "10.1.2.3"),
    ]


def test_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "presidio_analyzer", None)
    with pytest.raises(UsageError, match=r"undersign\[presidio\]"):
        presidio()
