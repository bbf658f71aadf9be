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


@dataclass(frozen=True, slots=True)
class DraftEntry:
    """What the ledger keeps of a draft, in an entry of kind `draft`; the scorecard reads it.

    None says that nobody measured it: an older version wrote the entry, or the provider is silent.
    """

    subject: str
    """Path of the artifact."""
    kind: str
    drafter: str
    brief: str
    artifact_digest: str
    """Hex SHA-256 of the text as drafted, which is kept as `.undersign/drafts/DIGEST`."""
    seconds: float | None = None
    """From the brief to the draft on disk, its repair included."""
    findings: Mapping[str, int] | None = None
    """`error`, `warning`, `note` -> findings of the first checks; all three keys are there."""
    invented: int | None = None
    """Findings that a table, field or function is unknown here; None where no schema was known."""
    not_run: int | None = None
    """Checks that could not run on it."""
    repaired: bool = False
    """Whether the drafter was asked once more with what the checks found."""
    findings_before: Mapping[str, int] | None = None
    """Of a repaired draft: what the checks found before."""
    calls: tuple[str, ...] = ()
    """Ids of its calls in the ledger; none for the offline drafter."""
    tokens_in: int | None = None
    tokens_out: int | None = None
    cost_usd: float | None = None
