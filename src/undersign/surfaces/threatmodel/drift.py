"""What has changed in a deployment since its model was agreed, and which threats that touches."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from undersign.records.system import System
from undersign.records.threat import Analysis
from undersign.surfaces.threatmodel.importers.imported import Imported

_STRUCTURE = ("id", "name", "kind", "boundary", "image")
_BLOCK = re.compile(r"^drift_(?:base|source):.*\n?(?:[ \t]+.*\n?)*", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Change:
    """One difference."""

    kind: str
    """`added`, `removed`, `changed`, `exposed` or `contradicted`: the model states otherwise."""
    element: str
    told: str
    threats: tuple[str, ...] = ()
    """Ids of the model's threats that rest on the element."""


def drift(system: System, analysis: Analysis, now: Imported) -> tuple[Change, ...]:
    """Compare a deployment with what was agreed (`drift_base`) and with what the model states."""
    on = _threats_on(analysis)
    found = [*_since(system.drift_base, now, on), *_contradicted(system, now, on)]
    return tuple(sorted(found, key=lambda one: (one.kind, one.element, one.told)))


def agreed(text: str, now: Imported, source: str = "") -> str:
    """Return a description whose `drift_base` is the deployment as it is; the rest untouched.

    `source` names the deployment's file, relative to the description, for later checks.
    """
    kept = _BLOCK.sub("", text)
    kept += "" if kept.endswith("\n") or not kept else "\n"
    lines = [f'  "{key}": "{value}"' for key, value in now.hashes().items()]
    named = f"drift_source: {json.dumps(source)}\n" if source else ""
    return f"{kept}{named}drift_base:\n" + "\n".join(lines) + "\n"


def _threats_on(analysis: Analysis) -> Mapping[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for one in analysis.threats:
        for element in dict.fromkeys((one.element, *(fact.element for fact in one.facts))):
            found.setdefault(element, []).append(one.id)
    return {element: tuple(ids) for element, ids in found.items()}


def _since(
    base: Mapping[str, str], now: Imported, on: Mapping[str, tuple[str, ...]]
) -> Iterator[Change]:
    if not base:
        return
    hashes = now.hashes()
    for element in sorted({*base, *hashes}):
        ids = _touched(element, on)
        if element not in base:
            kind = "exposed" if element.startswith("anybody->") else "added"
            yield Change(kind, element, _new(element, kind), ids)
        elif element not in hashes:
            yield Change("removed", element, f"{element} is not there any more", ids)
        elif hashes[element] != base[element]:
            yield Change("changed", element, f"{element} has changed", ids)


def _new(element: str, kind: str) -> str:
    if kind == "exposed":
        target = element.partition("->")[2].partition("#")[0]
        return f"anybody on the internet now reaches {target}"
    return f"{element} is new"


def _touched(element: str, on: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    """Return the threats on an element; of a flow also those on where it goes."""
    target = element.partition("->")[2].partition("#")[0]
    return tuple(dict.fromkeys((*on.get(element, ()), *on.get(target, ()))))


def _contradicted(
    system: System, now: Imported, on: Mapping[str, tuple[str, ...]]
) -> Iterator[Change]:
    known = {one.id: one for one in system.elements}
    for key, item in now.components.items():
        element = known.get(key)
        if element is None:
            continue
        for fact, value in item.items():
            stated = element.facts.get(fact)
            if fact in _STRUCTURE or stated is None or stated == value:
                continue
            ours, theirs = _word(stated), _word(value)
            told = f"the model says {fact} of {key} is {ours}; the file says {theirs}"
            yield Change("contradicted", key, told, on.get(key, ()))


def _word(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
