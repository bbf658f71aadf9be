"""What a drafter is given besides the brief, and what it hands back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from undersign.records.corpus import Corpus
from undersign.records.estate import Estate
from undersign.records.history import ThresholdProposal
from undersign.records.question import Links, Question
from undersign.records.visible import Visible


class KnownTable(Protocol):
    """A table as a drafter needs to see it; `telemetry.schema.TableSchema` is one."""

    def find(self, name: str) -> object | None:
        """Return the field of this name, compared without case, or None."""


class KnownTables(Protocol):
    """The tables a workspace really has; `telemetry.schema.Schema` is one."""

    @property
    def tables(self) -> Mapping[str, KnownTable]:
        """Map the name of a table to the table."""


@dataclass(frozen=True, slots=True)
class DraftGrounds:
    """What a draft may stand on. Everything may be absent; the draft then says what it lacks."""

    schema: KnownTables | None = None
    corpus: Corpus | None = None
    threshold: ThresholdProposal | None = None
    """Measured on history for the correlation of a first draft."""
    snapshot: str = ""
    """Snapshot of the lake on which the threshold was measured."""
    days: float = 0.0
    """Length of that history in days."""


@dataclass(frozen=True, slots=True)
class DraftResult:
    """A draft: text, proposed tests, and what a person should know of how it came to be."""

    text: str
    tests_text: str
    """Content of `RULE.tests.yml`: a YAML list; empty when no test can be proposed."""
    sources: tuple[str, ...] = ()
    open_questions: tuple[str, ...] = ()
    unused_words: tuple[str, ...] = ()
    """Words of the brief that shaped nothing, as written, in their order."""
    slots: Mapping[str, Any] = field(default_factory=dict)
    """What was understood: technique, source, actor, filter, count, group-by, window, and more."""
    slug: str = ""
    """A file name without ending, such as `kerberoasting`."""


@dataclass(frozen=True, slots=True)
class HuntGrounds:
    """What a query may stand on: the question, what its words mean here, and what is there."""

    question: Question
    links: Links
    visible: Visible
    estate: Estate | None = None


@dataclass(frozen=True, slots=True)
class QueryDraft:
    """A query drafted from a question, or edited by an instruction, and how it came to be."""

    text: str
    language: str
    """`kql`, `spl` or `sql`."""
    understood: Mapping[str, Any] = field(default_factory=dict)
    """Slot -> what was understood: tables, window, filters, grouping, output, and more."""
    open_questions: tuple[str, ...] = ()
    """What only the asker can settle; each says what was assumed meanwhile."""
    unused_words: tuple[str, ...] = ()
    """Words of the question that shaped nothing, as written, in their order."""
    sources: tuple[str, ...] = ()
    """Where names and values of the draft come from."""
    added: tuple[str, ...] = ()
    """Of an edit: filters that are new, as written in the query."""
    removed: tuple[str, ...] = ()
    changed: tuple[tuple[str, str], ...] = ()
    """Of an edit: (before, after)."""
