"""The check `duplicate-rule`."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

from undersign.checks.reading.wording import quoted
from undersign.languages.sigma.document import Rule, SigmaFile
from undersign.records.corpus import Corpus, CorpusRule
from undersign.records.finding import Fault, Severity

_Atoms = frozenset[tuple[str, str]]
_RESERVED = frozenset({"condition", "timeframe"})


def duplicate_rule(file: SigmaFile, corpus: Corpus) -> Iterator[Fault]:
    """Report a rule of the corpus with the same id, the same logic or the same comparisons.

    The corpus handed in must not hold the file itself (`Corpus.without`).
    """
    for rule in file.rules:
        own = _canonical(rule.data.get("detection"))
        atoms = _atoms(own)
        source = (rule.logsource.product, rule.logsource.category, rule.logsource.service)
        for other in corpus.rules:
            fault = _compare(rule, (own, atoms, source), other)
            if fault is not None:
                yield fault


def _compare(
    rule: Rule, own: tuple[str, _Atoms, tuple[str | None, ...]], other: CorpusRule
) -> Fault | None:
    detection, atoms, source = own
    same_id = rule.id is not None and rule.id == other.id
    if same_id:
        return _fault(rule, other, "has the same id", "id")
    if tuple(p.lower() if p else None for p in other.logsource) != source:
        return None
    theirs = _read(other.detection)
    if theirs is not None and theirs == detection:
        return _fault(rule, other, "is the same rule", "detection")
    if atoms and theirs is not None and _atoms(theirs) == atoms:
        what = "makes the same comparisons in another arrangement"
        return _fault(rule, other, what, "detection", Severity.NOTE)
    return None


def _fault(
    rule: Rule, other: CorpusRule, what: str, place: str, severity: Severity | None = None
) -> Fault:
    return Fault(
        f"{quoted(other.title)} in {quoted(other.path)} {what}",
        rule.span(place, "~") if place == "detection" else rule.span(place),
        {"path": other.path, "id": other.id, "licence": other.licence},
        "extend the existing rule, or cite it in `related` and say what differs",
        severity,
    )


def _canonical(detection: Any) -> str:
    return json.dumps(detection, sort_keys=True, default=str)


@lru_cache(maxsize=8192)
def _read(detection: str) -> str | None:
    """Bring another's canonical JSON into our own spelling; None when it is not JSON."""
    try:
        return _canonical(json.loads(detection))
    except ValueError:
        return None


@lru_cache(maxsize=8192)
def _atoms(canonical: str) -> _Atoms:
    """Return every (key, value) of a detection without case; names and nesting left out."""
    detection = json.loads(canonical)
    found: set[tuple[str, str]] = set()
    if isinstance(detection, Mapping):
        for name, body in detection.items():
            if name not in _RESERVED:
                found.update(_pairs("", body))
    return frozenset(found)


def _pairs(key: str, value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping):
        for inner, one in value.items():
            yield from _pairs(str(inner).lower(), one)
    elif isinstance(value, list):
        for one in value:
            yield from _pairs(key, one)
    else:
        yield key, str(value).lower()
