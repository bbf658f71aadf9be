"""What a drafter replied about a system: kept as threats that wait for a person, or struck.

A description may say what somebody wanted a drafter to write. A drafter fills slots and decides
nothing: it treats, waives and judges no threat, and what rests on nothing is struck.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from undersign.catalogs.references import References
from undersign.checks.threats.duplicate_threat import duplicate_threat
from undersign.checks.threats.generic_threat import generic_threat
from undersign.checks.threats.unanchored_threat import unanchored_threat
from undersign.checks.threats.wrong_reference import wrong_reference
from undersign.records.system import ExtraThreat, System
from undersign.records.threat import Analysis


def kept(
    slots: Mapping[str, Any], by: str, system: System, analysis: Analysis, references: References
) -> tuple[tuple[ExtraThreat, ...], int]:
    """Return the threats of a reply that rest on a stated fact, and how many were struck.

    Struck: no such element or fact, words that fit any system, a twin of a known threat. A wrong
    reference is left out of its threat.
    """
    found: list[ExtraThreat] = []
    taken = {one.id for one in system.threats}
    given = slots.get("threats", ())
    for one in given:
        threat = _threat(one, by, _free(taken))
        alone = replace(system, threats=(*system.threats, *found, threat))
        if threat.title and not any(_faults(alone, threat, analysis)):
            taken.add(threat.id)
            found.append(_rightly_referred(threat, system, references))
    return tuple(found), len(given) - len(found)


def _threat(one: Mapping[str, Any], by: str, threat_id: str) -> ExtraThreat:
    stride = "".join(dict.fromkeys(c for c in str(one["stride"]).upper() if c in "STRIDE"))
    element, fact, title = (" ".join(str(one[n]).split()) for n in ("element", "fact", "title"))
    references = tuple(" ".join(str(r).split()) for r in one["references"])
    return ExtraThreat(threat_id, element, fact, title, stride, references, by)


def _free(taken: set[str]) -> str:
    return next(found for n in range(1, 10_000) if (found := f"D-{n}") not in taken)


def _faults(system: System, threat: ExtraThreat, analysis: Analysis) -> Iterator[str]:
    checks = (unanchored_threat(system), generic_threat(system), duplicate_threat(system, analysis))
    for check in checks:
        yield from (f.message for f in check if f.message.startswith(f"{threat.id} "))


def _rightly_referred(threat: ExtraThreat, system: System, references: References) -> ExtraThreat:
    right = tuple(
        one
        for one in threat.references
        if not any(
            wrong_reference(
                replace(system, threats=(replace(threat, references=(one,)),)), references
            )
        )
    )
    return replace(threat, references=right)
