"""What is told of a policy: whether it is whole, and what would happen to one text."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from undersign.records.ruling import Judgement, Ruled, Ruling, Spotted


@dataclass(frozen=True, slots=True)
class Block:
    """Cells that can be said in one line: each of these drafters with each class and purpose."""

    drafters: tuple[str, ...]
    classes: tuple[str, ...]
    purposes: tuple[str, ...]

    @property
    def cells(self) -> int:
        """How many cells it is."""
        return len(self.drafters) * len(self.classes) * len(self.purposes)


@dataclass(frozen=True, slots=True)
class Trouble:
    """Something in a policy that whoever signs it must know."""

    kind: str
    """`hole`, `contradiction`, `never-decides`, `expired`, `expires-soon`, `changes-nothing`,
    `exception-alone`, `client-refused`."""
    message: str
    line: int = 0
    """Line of the policy file; 0 when it is about no single one."""
    open: bool = True
    """False for what is told and need not be changed now."""


@dataclass(frozen=True, slots=True)
class PolicyCheck:
    """A policy and whether every cell of it is decided."""

    path: str
    """Empty: the workspace has no policy, the packaged one holds."""
    digest: str
    cells: tuple[Ruled, ...]
    """Every cell of groups, classes and purposes."""
    holes: tuple[Block, ...]
    troubles: tuple[Trouble, ...]

    @property
    def fit(self) -> bool:
        """Whether nothing is open: no hole, no contradiction, nothing expired."""
        return not any(one.open for one in self.troubles)


@dataclass(frozen=True, slots=True)
class Marked:
    """A piece of an explained text: where it stands, what it is, what is ruled of it."""

    spotted: Spotted
    line: int
    """From 1."""
    column: int
    """From 1, in characters."""
    ruled: Ruled


@dataclass(frozen=True, slots=True)
class PolicyQuestion:
    """What would happen to this text?"""

    text: str
    drafter: str
    purpose: str
    classes: tuple[str, ...] = ()
    """What the text is as a whole; empty: `internal`."""


@dataclass(frozen=True, slots=True)
class PolicyExplained:
    """What the policy would make of one text, and why. Nothing was sent."""

    asked: PolicyQuestion
    path: str
    """The policy's file; empty for the packaged one."""
    groups: tuple[str, ...]
    """Which groups of the policy hold the drafter."""
    judgement: Judgement
    counts: Mapping[str, int]
    """Data class -> pieces spotted; 0 for one that the text has as a whole."""
    marked: tuple[Marked, ...]
    sent: str | None
    """What would be sent; None when it is refused."""
    remarks: tuple[str, ...] = ()
    """What in the question itself looks like a slip: a purpose or class that nothing declares."""

    @property
    def decision(self) -> Ruling:
        """What is ruled of the whole text."""
        return self.judgement.ruling
