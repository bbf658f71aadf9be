"""The check `strays-from-brief`."""

from __future__ import annotations

import re
from collections.abc import Iterator

from undersign.checks.reading.attack_tags import attack_tags, family
from undersign.checks.reading.trees import all_atoms
from undersign.checks.reading.wording import listed, quoted
from undersign.languages.sigma.document import SigmaFile
from undersign.languages.sigma.tree import Number, Text
from undersign.records.artifact import Draft
from undersign.records.finding import Fault

_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
_WINDOW = re.compile(
    r"(?i)\b(\d{1,4})[ -]?(s(?:ec(?:ond)?s?)?|m(?:in(?:ute)?s?)?|h(?:(?:ou)?rs?)?|d(?:ays?)?"
    r"|w(?:eeks?)?)\b"
)
_TECHNIQUE = re.compile(r"(?i)\bT\d{4}(?:\.\d{3})?\b")
_EVENT = re.compile(r"(?i)\bevents?(?:[ _-]?ids?)?[ :=#]{1,3}(\d{1,5})\b")


def strays_from_brief(file: SigmaFile, draft: Draft) -> Iterator[Fault]:
    """Report a time window, technique or event id that the brief states and the file lacks."""
    if file.unreadable:
        return  # what cannot be read cannot be said to lack anything
    yield from _windows(file, draft.brief)
    yield from _techniques(file, draft.brief)
    yield from _events(file, draft.brief)


def _windows(file: SigmaFile, brief: str) -> Iterator[Fault]:
    asked = {
        int(n) * _SECONDS[unit[0].lower()]: f"{n} {unit}" for n, unit in _WINDOW.findall(brief)
    }
    spans = {c.timespan_seconds for c in file.correlations}
    for seconds, words in asked.items():
        if spans and seconds not in spans:
            correlation = file.correlations[0]
            yield Fault(
                f"the brief asks for {quoted(words)}, the correlation looks at"
                f" {listed(f'{s:,} seconds' for s in sorted(spans))}",
                correlation.span("correlation", "timespan"),
                {"asked_seconds": seconds, "timespans": sorted(spans)},
            )


def _techniques(file: SigmaFile, brief: str) -> Iterator[Fault]:
    tagged = {tag.name for d in file.documents for tag in attack_tags(d)}
    for named in dict.fromkeys(t.upper() for t in _TECHNIQUE.findall(brief)):
        if named not in tagged and not ("." not in named and named in map(family, tagged)):
            yield Fault(
                f"the brief names {named}, no tag does",
                file.documents[0].span("tags") if file.documents else None,
                {"asked": named, "tagged": sorted(tagged)},
                f"add `attack.{named.lower()}`",
            )


def _events(file: SigmaFile, brief: str) -> Iterator[Fault]:
    compared = set()
    for _, atom in all_atoms(file):
        if isinstance(atom.test, Number | Text):
            compared.add(str(atom.test.value))
    for number in dict.fromkeys(_EVENT.findall(brief)):
        if number not in compared:
            yield Fault(
                f"the brief names event {number}, the detection does not",
                file.documents[0].span("detection") if file.documents else None,
                {"asked": int(number)},
                f"add `EventID: {number}` to the selection",
            )
