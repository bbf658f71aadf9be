"""Everything the report of one artifact shows, gathered by the caller."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from undersign.records.history import History
from undersign.records.rule_tests import RuleTests
from undersign.records.work import Work


@dataclass(frozen=True, slots=True)
class Example:
    """One event of the history and why the rule matches it, or does not."""

    event_id: str
    origin: str
    """File the event came from."""
    line: int
    """Line or record number in it."""
    values: Mapping[str, Any]
    """Canonical field -> value."""
    matches: bool
    tree: Mapping[str, Any]
    """The condition with each answer: kind, outcome, name, written, field, values, children."""


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that happened to the artifact, as the ledger has it."""

    at: str
    """RFC 3339, UTC."""
    kind: str
    """`ingest`, `draft`, `check`, `baseline`, `triage`, `sign`, `checkpoint` ..."""
    text: str
    seq: int | None = None
    digest: str = ""
    """Hex digest of the ledger entry; empty when it is not in the ledger."""


@dataclass(frozen=True, slots=True)
class Verified:
    """A signature that held when the report was made, and how anyone can check it again."""

    signer: str
    key_fingerprint: str
    signed_at: str
    statement_path: str
    signature_path: str
    allowed_signers_path: str
    namespace: str = "undersign/v1"


@dataclass(frozen=True, slots=True)
class Report:
    """One artifact, everything said about exactly this text, and what could not be looked at."""

    work: Work
    title: str
    made_at: str
    """RFC 3339, UTC."""
    cards: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    """Check name -> (summary, whole card as Markdown)."""
    histories: tuple[History, ...] = ()
    example: Example | None = None
    tests: RuleTests | None = None
    steps: tuple[Step, ...] = ()
    verified: Verified | None = None
    """None also when there is a signature that does not hold; `voided` then says why."""
    voided: str = ""
    """Why the signature beside the artifact does not hold; empty when there is none, or it does."""
    remarks: tuple[str, ...] = ()
    """More that was not looked at or does not hold, each a sentence: `5 lines were rejected`."""
