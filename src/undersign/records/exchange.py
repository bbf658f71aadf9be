"""One exchange with a drafter: what is sent, what came back, and what the ledger keeps of it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from undersign.records.ruling import Cell, Judgement, Ruling


@dataclass(frozen=True, slots=True)
class Passage:
    """A piece of a prompt that is not ours: a question, a schema, rows, a neighbour rule."""

    label: str
    """What it is, in a word or two: `question`, `schema`, `rows`, `neighbour rule`."""
    text: str
    data_class: str = "internal"
    """The class of the whole passage; what is spotted inside is judged besides."""
    span_needed: bool = False
    """Whether what the drafter takes from it must say where it stands (logs, transcripts)."""


@dataclass(frozen=True, slots=True)
class Prompt:
    """Everything a drafter is told. Only `instructions` and `reply_schema` are obeyed."""

    kind: str
    """Kind of artifact, or `summary`."""
    purpose: str
    """The policy's purpose: `detect`, `hunt`, `review`, `respond`, `threatmodel`, `coding`."""
    instructions: str
    """Ours, from a prompt file of the package."""
    passages: tuple[Passage, ...]
    reply_schema: Mapping[str, Any]
    """JSON Schema of the reply: typed slots; text that is free stands in slots named `notes`."""

    @property
    def digest(self) -> str:
        """Hex SHA-256 of everything in it, before anything is redacted."""
        parts = [[p.label, p.text, p.data_class, p.span_needed] for p in self.passages]
        whole = [self.kind, self.purpose, self.instructions, parts, self.reply_schema]
        return sha256(json.dumps(whole, sort_keys=True).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Usage:
    """What a call took; None where the provider does not say: unmeasured is not zero."""

    tokens_in: int | None = None
    tokens_out: int | None = None
    cost_usd: float | None = None
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Said:
    """What a provider answered, before it is restored and validated."""

    text: str
    answered_by: str = ""
    """The exact name the provider gives what answered; empty when it does not say."""
    usage: Usage = Usage()


@dataclass(frozen=True, slots=True)
class Reply:
    """A validated reply: typed slots, values restored, and where it came from."""

    slots: Mapping[str, Any]
    """Fits the prompt's reply schema."""
    call: str
    """Id of the call in the ledger."""
    drafter: str
    answered_by: str = ""
    usage: Usage = Usage()
    redacted: int = 0
    """How many pieces of the prompt the drafter never saw."""
    withheld: int = 0
    """How many tokens stayed in it: their text names a place that the prompt does not."""
    repaired: bool = False
    """Whether it was asked once more because of what the checks or the schema found."""


@dataclass(frozen=True, slots=True)
class Asking:
    """What a person is asked to consent to: who would see how much of what."""

    drafter: str
    purpose: str
    judgement: Judgement
    pieces: Mapping[str, int]
    """Data class -> pieces spotted; 0 for a class that only whole texts have."""
    texts: tuple[tuple[str, str, int], ...]
    """Label, data class and length in characters of every text that would be sent."""

    @property
    def cells(self) -> frozenset[Cell]:
        """What the policy says ask about: a yes to these is a yes to the repair, too."""
        return frozenset(one.cell for one in self.judgement.ruled if one.ruling is Ruling.ASK)


@dataclass(frozen=True, slots=True)
class CallEntry:
    """What the ledger keeps of one step of a call; two entries at least for a call that was sent.

    `sending` is written before a byte leaves, `answered` or `failed` after. A call with `sending`
    alone was cut short: what was sent is known, what came back is not.
    """

    call: str
    """Id of the call: the same in all its entries."""
    step: str
    """`refused`, `sending`, `answered` or `failed`."""
    drafter: str
    purpose: str
    kind: str
    prompt_digest: str
    """Hex SHA-256 of the prompt before redaction."""
    sent_digest: str = ""
    """Hex SHA-256 of what is really sent."""
    classes: Mapping[str, int] = field(default_factory=dict)
    """Data class -> pieces seen; 0 for a class that a whole passage has without a spotted piece."""
    ruling: str = ""
    rule: str = ""
    consent: str = ""
    """Who said yes where the policy asks."""
    attempt: int = 1
    """2: the one repair."""
    reply_digest: str = ""
    answered_by: str = ""
    usage: Usage | None = None
    error: str = ""
    """Of `failed` and `refused`: one line without any value of the prompt."""
