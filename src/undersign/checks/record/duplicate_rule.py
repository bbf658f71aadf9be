"""The check `duplicate-rule`."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any, NamedTuple

from undersign.checks.reading.wording import quoted
from undersign.languages.sigma.document import Rule, SigmaFile
from undersign.records.corpus import Corpus, CorpusRule
from undersign.records.finding import Fault, Severity

_Atoms = frozenset[tuple[str, str]]
_Source = tuple[str | None, str | None, str | None]
_RESERVED = frozenset({"condition", "timeframe"})


def duplicate_rule(file: SigmaFile, corpus: Corpus) -> Iterator[Fault]:
    """Report a rule of the corpus with the same id, the same logic or the same comparisons.

    The corpus handed in must not hold the file itself (`Corpus.without`).
    """
    whole = corpus.whole or corpus
    index = _index(whole)
    for rule in file.rules:
        own = _canonical(rule.data.get("detection"))
        source = (rule.logsource.product, rule.logsource.category, rule.logsource.service)
        same_id = set(index.ids.get(rule.id, ())) if rule.id else set()
        same_text = set(index.texts.get((source, own), ()))
        alike = {*same_id, *same_text, *index.atoms.get((source, _atoms(own)), ())}
        for at in sorted(alike):
            other = whole.rules[at]
            if other.path == corpus.left_out:
                continue
            if at in same_id:
                yield _fault(rule, other, "has the same id", "id")
            elif at in same_text:
                yield _fault(rule, other, "is the same rule", "detection")
            else:
                what = "makes the same comparisons in another arrangement"
                yield _fault(rule, other, what, "detection", Severity.NOTE)


class _Index(NamedTuple):
    """Positions in a corpus, by what may be the same about two rules."""

    ids: dict[str, list[int]]
    texts: dict[tuple[_Source, str], list[int]]
    atoms: dict[tuple[_Source, _Atoms], list[int]]


@lru_cache(maxsize=1)
def _index(corpus: Corpus) -> _Index:
    """Index a corpus once: every rule against every other would take minutes for thousands."""
    index = _Index({}, {}, {})
    for at, rule in enumerate(corpus.rules):
        if rule.id:
            index.ids.setdefault(rule.id, []).append(at)
        text = _read(rule.detection)
        if text is None:
            continue
        product, category, service = (p.lower() if p else None for p in rule.logsource)
        source = (product, category, service)
        index.texts.setdefault((source, text), []).append(at)
        if atoms := _atoms(text):
            index.atoms.setdefault((source, atoms), []).append(at)
    return index


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


def _read(detection: str) -> str | None:
    """Bring another's canonical JSON into our own spelling; None when it is not JSON."""
    try:
        return _canonical(json.loads(detection))
    except ValueError:
        return None


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
