"""A review: candidates with what the checks said of each, and what nobody and nothing looked at."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from undersign.records.candidate import Candidate
from undersign.records.finding import Outcome


class Standing(StrEnum):
    """What the evidence says of a candidate; it orders the queue and closes nothing."""

    SUPPORTED = "supported"
    """A check saw what speaks for it: a way from source to sink, a route without a guard."""
    STANDS = "stands"
    """Nothing speaks against it, and no check could look for the way."""
    NOT_SHOWN = "not shown"
    """A check looked for what would speak for it and did not find it."""
    DOUBTFUL = "doubtful"
    """Something it says is wrong: its quote, its CWE, its place, or it is there twice."""
    REFUTED = "refuted"
    """Something it rests on is not so: a guard upstream, a constant, a name that is absent."""


@dataclass(frozen=True, slots=True)
class Judged:
    """A person's word on a candidate, as it stands in the review itself."""

    decision: str
    """`confirm`, `dismiss`, `accept-risk` or `needs-info`."""
    reason: str
    person: str
    at: str
    """RFC 3339, UTC."""
    carried_from: str = ""
    """Hex SHA-256 of the earlier review it was given in, when the code has not changed since."""


@dataclass(frozen=True, slots=True)
class Examined:
    """One candidate and everything said about it."""

    id: str
    """Ten hex digits that survive a rebase; what `triage` takes."""
    candidate: Candidate
    outcomes: tuple[Outcome, ...]
    """Of every check that applies to it, in the order of CHECKS."""
    standing: Standing
    why: str
    """One sentence: what put it there."""
    labels: tuple[str, ...] = ()
    """`test`, `generated`, ...: shown, and reasons for nothing."""
    baseline: str = "unknown"
    """`new`, `unchanged` (the line is in the target branch already) or `unknown`."""
    line_hash: str = ""
    """As CodeQL's primaryLocationLineHash."""
    code: tuple[str, ...] = ()
    """Up to seven lines of source around it, as they are at head; `code_start` is the first."""
    code_start: int = 0
    duplicate_of: str = ""
    """Id of the candidate that says the same; that one lists this one's origin in `also`."""
    also: tuple[str, ...] = ()
    """Other origins that say the same."""
    judged: Judged | None = None


class FileState(StrEnum):
    """How far one file was looked at."""

    ASSESSED = "assessed"
    PARTLY = "partly assessed"
    """Some of its lines or some checks only; `why` says which."""
    UNPARSED = "unparsed"
    UNSUPPORTED = "no parser"
    """Only searched for secrets: no other check reads this language."""
    BINARY = "binary"
    TOO_LARGE = "too large"
    EXCLUDED = "excluded"
    """By a person's config or option; `by` says which."""
    DELETED = "deleted"
    """Nothing is left to look at; what it guarded is gone with it."""
    UNREAD = "unread"
    """It could not be opened, leads outside the repository, or is a link or a submodule."""


@dataclass(frozen=True, slots=True)
class FileCoverage:
    """One file of the change, and what looked at it."""

    path: str
    state: FileState
    lines: int = 0
    """Of its text; of a change, its added lines."""
    why: str = ""
    by: str = ""
    """Who excluded it: `undersign.toml`, `--exclude`."""
    looked: tuple[str, ...] = ()
    """What read it: `dataflow`, `ruff`, `secrets`, `dependencies`, `anthropic:MODEL`."""
    labels: tuple[str, ...] = ()
    digest: str = ""
    """Hex SHA-256 of its bytes; empty when it was not read."""


@dataclass(frozen=True, slots=True)
class CategoryCoverage:
    """One category of a list, and what looked for it."""

    id: str
    """`A03:2021`, `LLM05:2025`, `CWE-89`."""
    name: str
    looked: tuple[str, ...] = ()
    """Empty: nothing did, and the silence says nothing."""
    candidates: int = 0
    """How many candidates say they are of it."""
    note: str = ""
    asked: tuple[str, ...] = ()
    """Models that were asked where nothing looked: that is not the same."""


@dataclass(frozen=True, slots=True)
class Area:
    """What no machine assesses here, and what a person wrote of it."""

    key: str
    """`design`, `multi-step-authorization`, `business-logic`, `novel-sinks`, or `file:PATH`."""
    title: str
    why: str
    """Why no machine looked."""
    statement: Judged | None = None
    """What a person looked at: decision `looked` or `accept-risk`, the words in `reason`."""


@dataclass(frozen=True, slots=True)
class Coverage:
    """What was looked at, by what, and what was not."""

    files: tuple[FileCoverage, ...]
    categories: tuple[CategoryCoverage, ...]
    areas: tuple[Area, ...]


@dataclass(frozen=True, slots=True)
class Looker:
    """One thing that looked for candidates."""

    name: str
    version: str = ""
    candidates: int = 0
    failed: str = ""
    """Why it did not look, or not at all of it; empty when it did."""
    by_drafter: bool = False


@dataclass(frozen=True, slots=True)
class Review:
    """One review of one state of the code."""

    base: str
    """Revision or words; empty when the whole tree was read."""
    head: str
    made_at: str
    """RFC 3339, UTC."""
    findings: tuple[Examined, ...]
    """In the order in which a person should read them."""
    coverage: Coverage
    lookers: tuple[Looker, ...]
    remarks: tuple[str, ...] = ()
    """What else could not be read or does not hold, each a sentence."""

    def found(self, id_: str) -> Examined | None:
        """Return the candidate with this id."""
        return next((f for f in self.findings if f.id == id_), None)
