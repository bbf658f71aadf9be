"""A hunt: a hypothesis, every query that was asked of the logs for it, and what a person concluded.

The state machine, in sentences:

1. A hunt is opened by a person, with a hypothesis, and takes entries while it is open.
2. An entry is one query with its critique and what it showed; it is never changed afterwards.
3. A person closes a hunt once, with a verdict and a finding in words; after that it takes no more
   entries, but notes, false positives and validation may still be added.
4. `confirmed` and `refuted` need at least one entry that really ran; `refuted` also needs one whose
   tables held events in its time. Otherwise the verdict is `inconclusive` or `data-gap`: what
   could not be looked at refutes nothing.
5. A hunt is handed off to detection engineering when it has a query, validation and false
   positives, each written by a person.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

Cell: TypeAlias = str | int | float | bool | None
"""A value of a stored row: nested values are JSON text, times RFC 3339 UTC, durations seconds."""


class HuntVerdict(StrEnum):
    """What a hunt came to."""

    CONFIRMED = "confirmed"
    REFUTED = "refuted"
    INCONCLUSIVE = "inconclusive"
    DATA_GAP = "data-gap"
    """The logs that would tell are not there."""


@dataclass(frozen=True, slots=True)
class Note:
    """What a person wrote down."""

    at: str
    """RFC 3339, UTC."""
    person: str
    text: str
    entry: int | None = None
    """The entry it is about; None for the hunt as a whole."""


@dataclass(frozen=True, slots=True)
class Conclusion:
    """How a hunt was closed."""

    verdict: HuntVerdict
    finding: str
    person: str
    at: str


@dataclass(frozen=True, slots=True)
class Remark:
    """One finding of an entry's critique, as it was shown."""

    check: str
    code: str
    severity: str
    """`error`, `warning` or `note`."""
    message: str
    line: int | None = None
    column: int | None = None
    suggestion: str = ""


@dataclass(frozen=True, slots=True)
class NotRun:
    """A check of the critique that could not look, and why."""

    check: str
    reason: str


@dataclass(frozen=True, slots=True)
class Critique:
    """What the checks said of an entry's query."""

    found: tuple[Remark, ...] = ()
    not_run: tuple[NotRun, ...] = ()
    clean: tuple[str, ...] = ()
    """Names of the checks that looked and found nothing."""


@dataclass(frozen=True, slots=True)
class StageRows:
    """Rows that came out of one stage."""

    text: str
    rows: int | None
    """None when it could not be counted; `reason` says why."""
    reason: str = ""
    pipeline: str = ""
    """Empty for the main pipeline, else where the stage belongs: a name, `join at line 3`."""


@dataclass(frozen=True, slots=True)
class Shown:
    """What an entry's query showed: counts, a digest over all rows and the first few rows."""

    rows: int | None = None
    """Rows of the result; None when nothing was run, and `refused` says why."""
    truncated: bool = False
    """The run stopped at a limit, so `rows` and `digest` are of a part."""
    columns: tuple[tuple[str, str], ...] = ()
    """(name, type)."""
    sample: tuple[tuple[Cell, ...], ...] = ()
    """The first rows, in the order of `columns`; attacker-controlled text."""
    digest: str = ""
    """Over all rows of the result, whatever their order; empty when not computed."""
    stages: tuple[StageRows, ...] = ()
    refused: str = ""


@dataclass(frozen=True, slots=True)
class Summary:
    """A summary of rows, kept apart from them: whoever wrote it, it proves nothing."""

    by: str
    """`offline`, `PROVIDER:MODEL`, or `person:NAME`."""
    text: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One query of a hunt, its critique, and what it showed."""

    nth: int
    """From 1, in the order of the journal; 0 before the journal has taken it."""
    at: str
    """RFC 3339, UTC."""
    question: str
    language: str
    """`kql`, `spl`, `sql` or `sigma`."""
    query: str
    drafter: str
    """Who or what wrote the query: a drafter, or `person:NAME`."""
    unused_words: tuple[str, ...] = ()
    """Words of the question that shaped nothing in the query."""
    open_questions: tuple[str, ...] = ()
    critique: Critique | None = None
    """None when no check was asked, which is not the same as nothing found."""
    as_of: str = ""
    """RFC 3339 UTC: what `now` meant in the query."""
    snapshot: str = ""
    """Of the lake as a whole."""
    pins: tuple[tuple[str, str], ...] = ()
    """(lake table, its snapshot id) for every table that was read."""
    shown: Shown | None = None
    """None when the query was not run."""
    summary: Summary | None = None

    @property
    def ran(self) -> bool:
        """Whether the query gave an answer, be it no rows."""
        return self.shown is not None and self.shown.rows is not None


@dataclass(frozen=True, slots=True)
class Origin:
    """The document a hunt was imported from, word for word."""

    format: str
    """`hearth`."""
    text: str
    """Never executed, whatever queries it holds."""


@dataclass(frozen=True, slots=True)
class Hunt:
    """One hunt, as its file holds it."""

    id: str
    """Unique in the workspace: `0007`, or the id of the document it was imported from (`H042`)."""
    title: str
    hypothesis: str
    hunter: str
    """The person who opened it."""
    opened_at: str
    """RFC 3339, UTC."""
    techniques: tuple[str, ...] = ()
    """ATT&CK ids."""
    question: str = ""
    conclusion: Conclusion | None = None
    notes: tuple[Note, ...] = ()
    false_positives: tuple[Note, ...] = ()
    """What else looks like this, and how to tell."""
    validation: tuple[Note, ...] = ()
    """How it was shown that the query finds what it is for."""
    entries: tuple[Entry, ...] = ()
    origin: Origin | None = None

    @property
    def state(self) -> str:
        """`open` or `closed`."""
        return "closed" if self.conclusion else "open"

    def entry(self, nth: int) -> Entry | None:
        """Return the entry of this number."""
        return next((e for e in self.entries if e.nth == nth), None)


@dataclass(frozen=True, slots=True)
class Ran:
    """What running an entry's query again gave."""

    rows: int | None
    digest: str = ""
    truncated: bool = False
    stages: tuple[StageRows, ...] = ()
    refused: str = ""
    """Why there is no answer."""


@dataclass(frozen=True, slots=True)
class Rerun:
    """One entry's query run again, compared with what the journal has."""

    nth: int
    query: str
    was: int | None
    """Rows when it was journalled."""
    on: str
    """`pinned`: the snapshots the entry names. `newest`: what the lake holds now."""
    outcome: str
    """`same`, `changed`, or `not run`: could not be read, run or compared; `reason` says why."""
    rows: int | None = None
    reason: str = ""

    @property
    def difference(self) -> int | None:
        """Rows more (or fewer, below zero) than the journal has; None when not known."""
        return None if self.rows is None or self.was is None else self.rows - self.was
