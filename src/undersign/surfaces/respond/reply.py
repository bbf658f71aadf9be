"""What a drafter replied, held against the evidence it cites; what does not hold is struck.

A reply may say what a log line told it to say. It fills slots and decides nothing: it sets no
milestone, names no owner, gives no judgement and signs nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from undersign.checks.prose.reading.cited import Cited, Reader, known_names, things_of
from undersign.checks.prose.reading.compare import is_grounded, is_in_text, wrong_time
from undersign.checks.prose.reading.stated import stated
from undersign.records.claim import Claim, ClaimKind
from undersign.records.document import Block, Sentence
from undersign.records.evidence import CaseFile, Evidence
from undersign.records.exchange import Passage
from undersign.records.timeline import Timeline
from undersign.surfaces.respond.carrying import next_number
from undersign.surfaces.respond.filled import Action, Filled, Point, Why
from undersign.surfaces.respond.postmortem import notable
from undersign.surfaces.respond.wording import plain
from undersign.workflow.replies import prose

_SHOWN, _LONGEST = 400, 600
_KINDS = ("prevent", "detect", "mitigate", "process")
_MOST = 20
_INSTRUCTION = re.compile(
    r"\b(?:ignore|disregard|forget)\b.{0,30}\b(?:previous|prior|above|earlier|all)\b.{0,20}"
    r"\binstructions?\b|\b(?:system prompt|as an ai|you are (?:an? |the )?(?:ai|assistant))\b|"
    r"\b(?:write|say|state|put|include|report|post)\b.{0,60}\b(?:postmortem|status ?page|timeline|"
    r"summary|notice|report)\b",
    re.IGNORECASE | re.DOTALL,
)
_QUOTATION = re.compile(r"\"[^\"]{12,}\"|\u201c[^\u201d]{12,}\u201d", re.DOTALL)
_WORD = re.compile(r"\w+")
_NAMES = (
    "address",
    "email",
    "hash",
    "account",
    "arn",
    "code",
    "event",
    "region",
    "domain",
    "name",
    "named",
)


def passages_of(timeline: Timeline, evidence: Mapping[str, Evidence]) -> tuple[Passage, ...]:
    """Return what a drafter is shown: claims and the raw text that each rests on, bounded.

    Everything in it is data of others; the instructions say so, and the door marks it.
    """
    shown = notable(timeline, _SHOWN)
    claims = [plain(entry.claim)[:_LONGEST] for entry in shown]
    claims += [plain(claim)[:_LONGEST] for claim in timeline.claims]
    listed = [f"{c.id} {text}" for c, text in zip(_claims(timeline, shown), claims, strict=True)]
    marks = [f"{m.mark}: {m.claim or 'not named'}" for m in timeline.milestones]
    return (
        Passage("claims", "\n".join(listed), "confidential"),
        Passage("milestones", "\n".join(marks), "confidential"),
    )


def _claims(timeline: Timeline, shown: Sequence[Any]) -> list[Claim]:
    return [*(entry.claim for entry in shown), *timeline.claims]


def filled_of(
    slots: Mapping[str, Any], by: str, timeline: Timeline, evidence: Mapping[str, Evidence]
) -> Filled:
    """Return what of a reply holds; the rest is struck and counted."""
    judge = _Judge(timeline, evidence)
    points = {
        name: tuple(judge.points(slots.get(name, ())))
        for name in ("summary", "impact", "factors", "well", "difficult")
    }
    whys = tuple(
        Why(prose(one["question"]), point, depth)
        for depth, one in enumerate(slots.get("whys", ())[:_MOST], 1)
        for point in judge.points([one["because"]])
    )
    actions = tuple(_action(one) for one in slots.get("actions", ())[:_MOST])
    return Filled(
        by=by,
        **points,
        whys=tuple(Why(w.question, w.because, n) for n, w in enumerate(whys, 1)),
        actions=actions,
        questions=tuple(prose(one) for one in slots.get("open_questions", ())[:_MOST]),
        struck=judge.struck,
    )


def inferences_of(
    slots: Mapping[str, Any], by: str, timeline: Timeline, evidence: Mapping[str, Evidence]
) -> tuple[tuple[Claim, ...], int]:
    """Return a reply's inferences as claims, and how many were struck."""
    judge = _Judge(timeline, evidence)
    number = next_number(timeline)
    claims = []
    for n, point in enumerate(judge.points(slots.get("inferences", ()))):
        addresses = tuple(one for one in point.cites if ":" in one)
        ids = tuple(one for one in point.cites if ":" not in one)
        claims.append(
            Claim(f"C{number + n}", ClaimKind.INFERENCE, addresses, ids, text=point.text, by=by)
        )
    return tuple(claims), judge.struck


class _Judge:
    """Keeps what cites something that is there and says nothing that its evidence has not."""

    def __init__(self, timeline: Timeline, evidence: Mapping[str, Evidence]) -> None:
        case = CaseFile(timeline.sources, dict(evidence))
        self._reader = Reader(case, timeline)
        self._names = known_names(case)
        self.struck = 0

    def points(self, given: Sequence[Mapping[str, Any]]) -> Iterator[Point]:
        """Yield the points that hold."""
        for one in given[:_MOST]:
            cites = tuple(dict.fromkeys(c.strip(" []") for c in one["cites"]))
            text = prose(one["text"])
            cited = self._cited(text, cites)
            if cites and text and self._holds(text, cited):
                heard = () if cited.logs else tuple(dict.fromkeys(m.author for m in cited.messages))
                yield Point(text, cites, heard)
            else:
                self.struck += 1
        self.struck += max(0, len(given) - _MOST)

    def _cited(self, text: str, cites: tuple[str, ...]) -> Cited:
        return self._reader.cited(Sentence(text, 0, Block("paragraph", text, 0), cites))

    def _holds(self, text: str, cited: Cited) -> bool:
        if cited.unknown or not cited.evidence:
            return False
        if any(_tells_what_to_write(one) or _only_quoted(text, one) for one in cited.evidence):
            return False
        said = stated(text)
        if said.attributions:
            return False
        for n, when in enumerate(said.times):
            if when.time is not None and wrong_time(when, n, said, cited, 0) is not None:
                return False
        for thing in things_of(said, self._names):
            if thing.kind in _NAMES and not (is_grounded(thing, cited) or is_in_text(thing, cited)):
                return False
        counted = {len(cited.evidence), *(entry.count for entry in cited.entries)} | cited.numbers
        return all(c.value in counted for c in said.counts)


def _tells_what_to_write(one: Evidence) -> bool:
    """Tell whether a line speaks to its reader about what to write: a drafter rests on none such.

    No control by itself: what is left is typed, cited, marked and waits for a person.
    """
    return _INSTRUCTION.search(f"{one.text}\n{one.raw}") is not None


def _only_quoted(text: str, one: Evidence) -> bool:
    """Tell whether a message says these words only as a quotation: then they are nobody's here."""
    own = _QUOTATION.sub(" ", one.text)
    if own == one.text:
        return False
    words = {w for w in _WORD.findall(text.casefold()) if len(w) > 3}
    inside = words & set(_WORD.findall(one.text.casefold()))
    return bool(inside) and not inside & set(_WORD.findall(own.casefold()))


def _action(one: Mapping[str, Any]) -> Action:
    kind = one.get("type") or ""
    due = one.get("due") or ""
    try:
        due = date.fromisoformat(due).isoformat() if due else ""
    except ValueError:
        due = ""
    # An owner is somebody's word: a drafter may propose what to do, and not who.
    return Action(prose(one["what"]), "", kind if kind in _KINDS else "", due)
