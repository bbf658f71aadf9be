"""All ways through a guard: it is run once for every answer to what is not known.

A run stops the request, or lets it pass; whoever reads the runs says what that means.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from undersign.surfaces.review.upstream.values import Value, World

_MOST_RUNS = 300
_MOST_CHOICES = 24
_MOST_STEPS = 4000


class Ended(Exception):
    """A run is over, or a function of it."""


class Reached(Ended):
    """The view was called, or did something: the request has passed."""


class Raised(Ended):
    """An exception: a refusal unless somebody catches it."""

    def __init__(self, name: str, *, crash: bool = False) -> None:
        super().__init__(name)
        self.name = name
        self.crash = crash
        """Nobody meant it as a refusal: a key or an attribute that is not there."""


class Returned(Ended):
    """A function returned."""

    def __init__(self, value: Value, line: int = 0) -> None:
        super().__init__("returned")
        self.value = value
        self.line = line


class Left(Ended):
    """A loop was left, or its turn."""


class GaveUp(Ended):
    """Too long or too deep to be followed."""


@dataclass(frozen=True)
class Facts:
    """What is known of the request that a view gets."""

    methods: tuple[str, ...] = ()
    path: Value | None = None
    endpoint: Value | None = None
    blueprint: Value | None = None
    parameters: frozenset[str] | None = frozenset()
    """Parameters that the sender fills, such as parts of a path; None: all that are left."""
    action: str = ""
    """Name of the method of a view set."""
    person: bool = False
    """Whether the framework puts a user object on the request."""


@dataclass
class Run:
    """One way through."""

    world: World
    facts: Facts
    answers: list[bool]
    free: list[bool] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    asked: int = 0
    steps: int = 0
    who: bool = False
    """Whether anything asked who somebody is."""
    doubt: str = ""
    """Why the request may have been stopped by code that is not seen."""
    deed: str = ""
    """What a view did before."""
    may_raise: bool = False
    in_view: bool = False
    shared: dict[str, Value] = field(default_factory=dict)
    """What was kept for the rest of the request: `flask.g.user`."""

    def choose(self, text: str, *, free: bool) -> bool:
        """Answer what is not known; `free`: the sender decides it."""
        if self.asked >= _MOST_CHOICES:
            raise GaveUp("it asks too much")
        if self.asked == len(self.answers):
            self.answers.append(True)
        answer = self.answers[self.asked]
        self.asked += 1
        self.free.append(free)
        self.texts.append(text[:80])
        return answer

    def step(self) -> None:
        """Count a statement."""
        self.steps += 1
        if self.steps > _MOST_STEPS:
            raise GaveUp("it is too long")

    def suspect(self, why: str) -> None:
        """Remember the first reason for doubt."""
        self.doubt = self.doubt or why


@dataclass(frozen=True)
class Path:
    """How one run ended."""

    stops: bool
    free: bool
    """Whether the sender alone decides that it goes this way."""
    who: bool
    doubt: str = ""
    crash: bool = False
    text: str = ""
    """What was asked last that the sender decides."""
    line: int = 0
    """Of the statement that returned."""


@dataclass(frozen=True)
class Paths:
    """All runs in one world."""

    ways: tuple[Path, ...]
    gave_up: str = ""

    @property
    def passing(self) -> tuple[Path, ...]:
        """Those that let the request pass."""
        return tuple(way for way in self.ways if not way.stops)

    @property
    def stopping(self) -> tuple[Path, ...]:
        """Those that stop it."""
        return tuple(way for way in self.ways if way.stops)


Task = Callable[[Run], tuple[bool, int]]
"""Runs something: whether it stops the request, and the line at which it returned."""


def all_ways(world: World, facts: Facts, task: Task, *, in_view: bool = False,
             enough: Callable[[Path], bool] | None = None) -> Paths:  # fmt: skip
    """Run a task once for every answer to what is not known, until there is `enough`."""
    answers: list[bool] = []
    ways: list[Path] = []
    for _ in range(_MOST_RUNS // 2 if in_view else _MOST_RUNS):
        if enough is not None and ways and enough(ways[-1]):
            return Paths(tuple(ways))
        run = Run(world, facts, answers, in_view=in_view)
        try:
            ways.append(_one(run, task))
        except (GaveUp, RecursionError) as ended:
            return Paths(tuple(ways), f"{ended or 'it'} could not be followed to its end")
        del answers[run.asked :]
        while answers and not answers[-1]:
            answers.pop()
        if not answers:
            return Paths(tuple(ways))
        answers[-1] = False
    return Paths(tuple(ways), "it has too many ways to follow them all")


def _one(run: Run, task: Task) -> Path:
    stops, crash, line = False, False, 0
    try:
        stops, line = task(run)
    except Reached:
        stops = False
    except Raised as raised:
        stops, crash = True, raised.crash
    if stops and run.deed:
        run.suspect(f"{run.deed} runs before the check")
        stops = False
    said = [text for text, free in zip(run.texts, run.free, strict=True) if free]
    return Path(stops, all(run.free), run.who, run.doubt, crash, said[-1] if said else "", line)


def passes(way: Path) -> bool:
    """Say whether a way lets the request pass."""
    return not way.stops


def passes_freely(way: Path) -> bool:
    """Say whether a way lets whoever comes pass, and nobody asks who that is."""
    return not way.stops and way.free and not way.who and not way.doubt
