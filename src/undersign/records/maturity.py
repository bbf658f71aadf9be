"""What a workspace holds, and what that shows of a framework's practices."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Holdings:
    """Counts of what really lies in a workspace; every probe reads this and nothing else."""

    policy: str = ""
    """Path of its own policy file; empty when only the default that ships is in force."""
    policy_holes: int = 0
    exceptions: int = 0
    exceptions_expired: int = 0
    calls_sent: int = 0
    calls_refused: int = 0
    calls_redacted: int = 0
    gateway_requests: int = 0
    drafters: Mapping[str, int] | None = None
    """Drafter -> drafts on record."""
    drafters_unlisted: tuple[str, ...] = ()
    """Drafters on record that no group of the policy names."""
    drafters_measured: tuple[str, ...] = ()
    """`DRAFTER at KIND` with enough drafts for figures."""
    drafts: int = 0
    drafts_checked: int = 0
    drafts_costed: int = 0
    drafts_by_others: int = 0
    """By any drafter but the offline one, which costs nothing."""
    drafts_rejected: int = 0
    months: int = 0
    """Months with a draft."""
    signers: int = 0
    artifacts: int = 0
    signed: int = 0
    """Artifacts whose signature holds now."""
    rules: int = 0
    rules_tested: int = 0
    threat_models: int = 0
    """Signed artifacts that cite a threat model."""
    verdicts: int = 0
    people: int = 0
    """People who gave a verdict."""
    baselines: int = 0
    """Rules with a baseline on record."""
    unsealed: int = 0
    """Entries after the last signed checkpoint."""
    checkpoints: int = 0
    tables: int = 0
    hunts: int = 0
    hunts_concluded: int = 0
    ci: str = ""
    """Path of a workflow that runs `undersign verify`."""
    stale_catalogs: tuple[str, ...] = ()


class Standing(StrEnum):
    """What can be said of a practice; no grade, for no workspace holds enough for one."""

    SHOWN = "shown"
    """There is evidence and no gap."""
    PARTLY = "partly"
    NOT_SHOWN = "not shown"
    UNSEEN = "not visible"
    """No workspace could show it."""


@dataclass(frozen=True, slots=True)
class Assessed:
    """One practice and what speaks for it."""

    framework: str
    id: str
    about: str
    standing: Standing
    evidence: tuple[str, ...] = ()
    gaps: tuple[str, ...] = ()
    """What is missing, each with the next step."""
