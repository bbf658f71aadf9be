"""What can be drafted when no behaviour of the catalog is meant: a neighbour, or literals alone."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from undersign.catalogs import attack, log_sources
from undersign.catalogs.detections import Behaviour, Family, load
from undersign.drafters.offline.plan import Fieldnames
from undersign.drafters.offline.retrieve import Neighbour
from undersign.drafters.offline.slots import Slots
from undersign.drafters.offline.words import Reading, stems_of
from undersign.records.drafting import DraftGrounds

_ASKING = frozenset({"timeframe", "condition"})
MAX_TITLE = 90


@dataclass(frozen=True, slots=True)
class Adapted:
    """A behaviour made of a published rule, with the detection as that rule writes it."""

    behaviour: Behaviour
    detection: Mapping[str, Any]
    """Without its condition."""
    condition: str


def from_neighbours(
    found: list[Neighbour], grounds: DraftGrounds
) -> Iterator[tuple[Adapted, Neighbour]]:
    """Yield the neighbours that can be adapted: whole, readable, and of known fields only."""
    for neighbour in found:
        adapted = _adapted(neighbour) if neighbour.whole else None
        if adapted is None:
            continue
        names = Fieldnames(adapted.behaviour, grounds)
        if all(names.known(field) for field in _fields(adapted.detection)):
            yield adapted, neighbour


def _adapted(neighbour: Neighbour) -> Adapted | None:
    rule = neighbour.rule
    detection = json.loads(rule.detection)
    condition = detection.pop("condition", None)
    if not isinstance(condition, str) or "|" in condition or "timeframe" in detection:
        return None
    family = _family(rule.logsource)
    tactics = attack.load().tactics
    tags = [tag.lower().removeprefix("attack.").replace("_", "-") for tag in rule.tags]
    technique = next((t.upper() for t in tags if t[:1] == "t" and t[1:5].isdigit()), "")
    behaviour = Behaviour(
        slug="_".join(stems for stems in _slug_words(rule.title)),
        title=rule.title,
        technique=technique if technique in attack.load().techniques else "",
        tactics=tuple(t for t in tags if t in tactics),
        level=rule.level or "medium",
        family=family,
        phrases=(),
        description=f"Adapted from a published rule. {' '.join(rule.description.split())}",
        references=(),
        false_positives=(),
        selections={},
        samples=(),
    )
    return Adapted(behaviour, detection, condition)


def _family(logsource: tuple[str | None, str | None, str | None]) -> Family:
    """Return the family of a logsource, or one that knows no roles and no literals."""
    keys = ("product", "category", "service")
    named = {k: v for k, v in zip(keys, logsource, strict=True) if v}
    known = next((f for f in load().families if f.logsource == named), None)
    return known or Family(named, (), "", "", {}, {}, {})


def _fields(part: object) -> Iterator[str]:
    """Yield the fields that a detection compares; keywords have none."""
    if isinstance(part, Mapping):
        for key, value in part.items():
            if isinstance(value, Mapping) or _list_of_maps(value):
                yield from _fields(value)
            else:
                yield str(key).partition("|")[0]
    elif _list_of_maps(part):
        for one in part:  # type: ignore[attr-defined]
            yield from _fields(one)


def _list_of_maps(value: object) -> bool:
    return isinstance(value, list) and any(isinstance(one, Mapping) for one in value)


def from_literals(reading: Reading, slots: Slots) -> Behaviour | None:
    """Return a behaviour that is nothing but the values a brief states, where they are seen.

    Only when the brief names the log source and at least one value that it can be compared with.
    """
    family = _named_family(reading, slots)
    stated = [one for one in slots.literals if not one.negated]
    events = [int(one.value) for one in stated if one.kind == "event"]
    if family is None or not stated:
        return None
    usable = [one for one in stated if one.kind in family.literals]
    if not usable:
        return None
    selections = {"selection": ({"EventID": events[0]},)} if events else {}
    for word in family.words:
        stems = set(stems_of(word))
        if stems <= set(reading.stems()):
            reading.use_stems(frozenset(stems))
    title = reading.text[:1].upper() + reading.text[1:MAX_TITLE].rstrip()
    return Behaviour(
        slug="_".join(_slug_words(reading.text)[:5]),
        title=title,
        technique="",
        tactics=(),
        level="low",
        family=family,
        phrases=(),
        description=f"Written from the values of this brief alone: {reading.text}",
        references=(family.reference,),
        false_positives=(),
        selections=selections,
        samples=(),
    )


def _named_family(reading: Reading, slots: Slots) -> Family | None:
    """Return the log source a brief names; a bare Windows event id means the security log."""
    stems = reading.stems()
    text = " ".join(stems)
    detections = load()
    for family in detections.families:
        if any(f" {' '.join(stems_of(word))} " in f" {text} " for word in family.words):
            return family
    if any(slots.of_kind("event")):
        windows = {"product": "windows", "service": "security"}
        return next((f for f in detections.families if f.logsource == windows), None)
    if any(slots.of_kind("process")) and log_sources.load().known(
        "windows", "process_creation", None
    ):
        started = {"product": "windows", "category": "process_creation"}
        return next((f for f in detections.families if f.logsource == started), None)
    return None


def _slug_words(text: str) -> list[str]:
    return [word for word in stems_of(text) if word.isalnum()][:6] or ["draft"]
