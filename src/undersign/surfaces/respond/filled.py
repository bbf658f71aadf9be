"""What a drafter or a person fills into a postmortem or a notice, each piece with what it cites."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Point:
    """One thing said, and what it rests on."""

    text: str
    cites: tuple[str, ...] = ()
    """Addresses and claim ids."""
    heard: tuple[str, ...] = ()
    """Who wrote it, when messages alone say so: it is heard and not seen."""


@dataclass(frozen=True, slots=True)
class Why:
    """One step of the five whys."""

    question: str
    because: Point
    depth: int = 1
    """1 for the first why; a deeper one asks about the answer before it."""


@dataclass(frozen=True, slots=True)
class Action:
    """One action item; what nobody named is empty and shown so."""

    what: str
    owner: str = ""
    kind: str = ""
    """`prevent`, `detect`, `mitigate` or `process`."""
    due: str = ""
    """ISO date."""


@dataclass(frozen=True, slots=True)
class Filled:
    """What was filled in, and by whom."""

    by: str
    summary: tuple[Point, ...] = ()
    impact: tuple[Point, ...] = ()
    factors: tuple[Point, ...] = ()
    whys: tuple[Why, ...] = ()
    well: tuple[Point, ...] = ()
    difficult: tuple[Point, ...] = ()
    actions: tuple[Action, ...] = ()
    questions: tuple[str, ...] = ()
    struck: int = 0
    """Pieces that cite nothing that is there, or say numbers and names their evidence has not."""


NOTHING = Filled("offline")
