"""Which behaviour a brief is about: phrases first, then the words they are made of."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from math import log

from undersign.catalogs import attack
from undersign.catalogs.detections import Behaviour, Detections, load
from undersign.drafters.offline.slots import Slots
from undersign.drafters.offline.words import STOP, Reading, stems_of

SLACK = 4
"""Words that may stand between the words of a phrase."""
MIN_SCORE = 6.0
"""Below this a brief shares words with a behaviour by chance."""
NAMED = 100.0
"""A technique id in the brief outweighs every word."""


@dataclass(frozen=True, slots=True)
class Choice:
    """A behaviour, how well it fits, and the stems of the brief that speak for it."""

    behaviour: Behaviour
    score: float
    stems: frozenset[str]
    exact: bool
    """True when a whole phrase or an id was found, not only single words."""


@dataclass(frozen=True, slots=True)
class _Index:
    phrases: Mapping[str, tuple[tuple[str, ...], ...]]
    """Stems of each phrase; the technique's own name comes last and weighs a little less."""
    bags: Mapping[str, frozenset[str]]
    weight: Mapping[str, float]


def rank(reading: Reading, slots: Slots) -> list[Choice]:
    """Return the behaviours that fit, best first; ties go by slug, so that order never varies."""
    detections = load()
    index = _index()
    stems = reading.stems()
    products = _products(stems, detections)
    found = []
    for slug, behaviour in detections.behaviours.items():
        score, used, exact = _wording(stems, slug, index)
        named = _named(behaviour, slots)
        if not used and not named:
            continue
        score += named + _event(behaviour, slots) + _place(behaviour, stems, products)
        found.append(Choice(behaviour, score, used, exact or named > 0))
    return sorted(found, key=lambda c: (-c.score, c.behaviour.slug))


def best(reading: Reading, slots: Slots) -> Choice | None:
    """Return the behaviour a brief is about, or None when nothing is said clearly enough."""
    ranked = rank(reading, slots)
    if not ranked or ranked[0].score < MIN_SCORE or not ranked[0].exact:
        return None
    return ranked[0]


def place_stems(behaviour: Behaviour) -> frozenset[str]:
    """Return the stems of words that only say where or to what end: platform, source, tactic."""
    detections = load()
    product = behaviour.family.logsource.get("product", "")
    words = (*detections.platforms.get(product, ()), *behaviour.family.words)
    tactics = (tactic.replace("-", " ") for tactic in behaviour.tactics)
    places = ("server", "machine", "device")
    return frozenset(stem for text in (*words, *tactics, *places) for stem in stems_of(text))


def says(stems: tuple[str, ...], phrase: tuple[str, ...]) -> bool:
    """Tell whether all words of a phrase stand close together, in any order."""
    wanted = set(phrase)
    if not wanted <= set(stems):
        return False
    width = len(wanted) + (SLACK if len(wanted) > 1 else 0)
    return any(wanted <= set(stems[at : at + width]) for at in range(len(stems)))


def _wording(
    stems: tuple[str, ...], slug: str, index: _Index
) -> tuple[float, frozenset[str], bool]:
    said = [phrase for phrase in index.phrases[slug] if says(stems, phrase)]
    name = index.phrases[slug][-1]
    worth = sorted((_worth(p, index) * (0.75 if p is name else 1.0) for p in said), reverse=True)
    used = {stem for phrase in said for stem in phrase}
    shared = index.bags[slug].intersection(stems)
    score = sum(index.weight[stem] for stem in shared) * 0.5
    if worth:
        score += worth[0] * 1.5 + sum(worth[1:]) * 0.25
    return score, frozenset(used | shared), bool(said)


def _worth(phrase: tuple[str, ...], index: _Index) -> float:
    return sum(index.weight[stem] for stem in set(phrase))


def _named(behaviour: Behaviour, slots: Slots) -> float:
    for literal in slots.of_kind("technique"):
        asked = literal.value.upper()
        if behaviour.technique == asked:
            return NAMED
        if behaviour.technique.startswith(asked + "."):
            return NAMED / 2
    return 0.0


def _event(behaviour: Behaviour, slots: Slots) -> float:
    asked = {literal.value for literal in slots.of_kind("event")}
    if not asked:
        return 0.0
    return 8.0 if asked & event_ids(behaviour) else -4.0


def event_ids(behaviour: Behaviour) -> set[str]:
    """Return the event ids a behaviour looks at, as text."""
    found: set[str] = set()
    if "EventID" in behaviour.family.sample:
        found.add(str(behaviour.family.sample["EventID"]))
    for alternatives in behaviour.selections.values():
        for fields in alternatives:
            value = fields.get("EventID", ())
            found |= {str(v) for v in (value if isinstance(value, tuple) else (value,))}
    return found


def _products(stems: tuple[str, ...], detections: Detections) -> set[str]:
    return {
        product
        for product, words in detections.platforms.items()
        if any(says(stems, stems_of(word)) for word in words)
    }


def _place(behaviour: Behaviour, stems: tuple[str, ...], products: set[str]) -> float:
    """Weigh the platform and the log source that a brief names."""
    product = behaviour.family.logsource.get("product", "")
    score = 0.0
    if products:
        score += 3.0 if product in products else -8.0
    if any(says(stems, stems_of(word)) for word in behaviour.family.words):
        score += 2.0
    return score


@lru_cache(maxsize=1)
def _index() -> _Index:
    detections = load()
    names = attack.load().techniques
    stop = {stem for word in STOP for stem in stems_of(word)}
    phrases: dict[str, tuple[tuple[str, ...], ...]] = {}
    bags: dict[str, frozenset[str]] = {}
    for slug, behaviour in detections.behaviours.items():
        name = names[behaviour.technique].name
        phrases[slug] = tuple(stems_of(text) for text in (*behaviour.phrases, name))
        words = {stem for phrase in phrases[slug] for stem in phrase}
        bags[slug] = frozenset((words | set(stems_of(behaviour.title))) - stop)
    counts = Counter(stem for bag in bags.values() for stem in bag)
    total = len(bags)
    weight = {stem: 1.0 + log((1 + total) / (1 + count)) for stem, count in counts.items()}
    every = {stem for said in phrases.values() for phrase in said for stem in phrase}
    return _Index(phrases, bags, {stem: weight.get(stem, 0.3) for stem in every | set(weight)})
