"""What an analysis of data flow says of the sinks of a program."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from undersign.records.candidate import Step

SUPPORTED, REFUTED, NOT_SHOWN = "supported", "refuted", "not shown"

FAMILIES: tuple[frozenset[str], ...] = (
    frozenset({"code-injection", "template-injection", "unsafe-deserialization"}),
    frozenset({"weak-hash", "weak-cipher"}),
    frozenset({"cross-site-scripting", "template-injection"}),
    frozenset({"llm-output-handling", "excessive-agency"}),
)
"""Categories that two tools may well call one by the other's name."""


def akin(one: str, other: str) -> bool:
    """Say whether two categories may mean the same fault."""
    return one == other or any(one in family and other in family for family in FAMILIES)


@dataclass(frozen=True, slots=True)
class Flow:
    """One sink, and what reaches it."""

    category: str
    file: str
    line: int
    end_line: int
    sink: str
    """The callee as it is written: `db.execute`."""
    verdict: str
    """`supported`: an untrusted value arrives; `refuted`: none can; `not shown`: neither was."""
    why: str
    source_kind: str = ""
    """`request`, `model-reply`, or `misuse` where no source is needed."""
    steps: tuple[Step, ...] = ()


@dataclass(frozen=True, slots=True)
class Flows:
    """The ground `Flows`: every sink that was met, and which files were analysed."""

    flows: tuple[Flow, ...] = ()
    analysed: frozenset[str] = frozenset()
    unread: Mapping[str, str] = field(default_factory=dict)
    """Path -> why it, or a part of it, was not analysed."""

    def at(self, file: str, first: int, last: int, category: str) -> tuple[Flow, ...]:
        """Return the flows of a category, or one akin to it, whose sink touches these lines."""
        return tuple(
            f
            for f in self.flows
            if f.file == file
            and f.line <= last
            and first <= f.end_line
            and (not category or akin(f.category, category))
        )

    def through(self, file: str, first: int, last: int, category: str) -> tuple[Flow, ...]:
        """Return supported flows that pass these lines on their way."""
        return tuple(f for f in self.supported() if akin(f.category, category) and any(
            s.file == file and first <= s.line <= last for s in f.steps))  # fmt: skip

    def supported(self) -> Iterator[Flow]:
        """Yield the flows that were shown."""
        return (f for f in self.flows if f.verdict == SUPPORTED)
