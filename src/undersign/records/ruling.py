"""What the AI-tool policy rules over a text: what was spotted in it, and what may become of it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

DATA_CLASSES = (
    "public", "internal", "internal-names", "confidential", "secrets", "credentials", "personal",
    "customer", "regulated", "incident-restricted", "source-code", "opaque-binary",
)  # fmt: skip
"""The classes every policy must rule on; a workspace may add its own."""


class Ruling(StrEnum):
    """What a policy says of one cell, from the mildest to the strictest."""

    ALLOW = "allow"
    REDACT = "redact"
    ASK = "ask"
    REFUSE = "refuse"

    @property
    def strictness(self) -> int:
        """0 for allow to 3 for refuse: of several rulings the strictest holds."""
        return list(Ruling).index(self)


@dataclass(frozen=True, slots=True)
class Spotted:
    """A piece of a text that belongs to a data class."""

    start: int
    """Offset in the text, in characters."""
    end: int
    """Exclusive."""
    data_class: str
    rule: str
    """What spotted it: `github-pat`, `iban`, `internal-host`, `dictionary:customers`."""
    label: str
    """What its token is called, 2 to 8 capital letters: `TOKEN`, `EMAIL`, `HOST`."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell of the policy: this drafter, this data, this purpose."""

    drafter: str
    """The name of a group of drafters, or of one drafter."""
    data_class: str
    purpose: str


@dataclass(frozen=True, slots=True)
class Ruled:
    """What the policy says of one cell, and why."""

    cell: Cell
    ruling: Ruling
    rule: str
    """The id of the rule or exception that decided, or `default`: nothing names this cell."""
    why: str
    """One sentence for a person."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """What may happen with one request: the strictest of what is ruled of its data classes."""

    ruling: Ruling
    ruled: tuple[Ruled, ...]
    """One per data class that the request holds; the deciding ones first."""

    def of(self, data_class: str) -> Ruling:
        """Return what is ruled of one class; refuse for a class that was not judged."""
        found = (r.ruling for r in self.ruled if r.cell.data_class == data_class)
        return next(found, Ruling.REFUSE)

    @property
    def decided_by(self) -> Ruled | None:
        """The ruling that decided; None when there was nothing to judge."""
        return self.ruled[0] if self.ruled else None
