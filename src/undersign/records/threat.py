"""What a threat model finds: threats anchored on facts, questions, crossings, references."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from undersign.records.system import Treatment, Value


@dataclass(frozen=True, slots=True)
class Cited:
    """One fact that a threat or a question rests on."""

    element: str
    fact: str
    value: Value
    """None: nobody said."""
    is_control: bool = False
    """Whether it would prevent the threat if it were there."""

    def __str__(self) -> str:
        told = {None: "not said", True: "true", False: "false"}
        said = (
            told[self.value] if self.value is None or isinstance(self.value, bool) else self.value
        )
        return f"{self.element}.{self.fact} is {said}"


@dataclass(frozen=True, slots=True)
class Threat:
    """One threat; negate any fact that it cites and it is gone."""

    id: str
    """`RULE@ELEMENT`: stable while the element keeps its id, whatever else is edited."""
    rule: str
    element: str
    element_name: str
    title: str
    """One sentence that names the element."""
    severity: str
    """`low`, `medium`, `high` or `critical`."""
    facts: tuple[Cited, ...]
    """What it rests on; negating any one of them takes it away."""
    because: tuple[str, ...] = ()
    """What the flows of the system add to that, in words."""
    stride: str = ""
    """Letters of STRIDE."""
    linddun: tuple[str, ...] = ()
    references: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """`llm` (concept keys), `asi`, `atlas`, `attack`, `ai_rmf`, `aisvs`, `asvs`, `cwe`, `owasp`,
    `defences` -> ids."""
    mitigations: tuple[str, ...] = ()
    question: str = ""
    by: str = "rules"
    """`rules`, a drafter's name, or a person."""
    treatment: Treatment | None = None


@dataclass(frozen=True, slots=True)
class Question:
    """Something to ask at the whiteboard: a rule that an unknown fact keeps open."""

    id: str
    """`RULE@ELEMENT`."""
    rule: str
    element: str
    element_name: str
    text: str
    unknown: tuple[Cited, ...]
    """The facts that would decide it."""
    severity: str = "medium"
    also: tuple[str, ...] = ()
    """Ids of other questions that the same facts decide."""


@dataclass(frozen=True, slots=True)
class Crossing:
    """A flow that crosses a boundary, and the threats on it or on where it goes."""

    flow: str
    name: str
    boundaries: tuple[str, str]
    threats: tuple[str, ...]
    waived: bool = False


NO_DEPENDENCY = "not a model dependency"
"""What stands for a policy where no supplier's model is used."""
OWN_MODEL = "a model of our own: no supplier"


@dataclass(frozen=True, slots=True)
class AiReferences:
    """The four references of one AI component."""

    component: str
    name: str
    llm: tuple[str, ...]
    """Concept keys of the OWASP Top 10 for LLM applications."""
    atlas: tuple[str, ...]
    ai_rmf: tuple[str, ...]
    policy: str
    """The supplier's frontier policy as written; `not a model dependency`; empty when missing."""
    policy_verified: str = ""
    """`on DATE by WHOM` when the description says so; empty: unverified."""
    waived: tuple[str, ...] = ()

    @property
    def is_unverified(self) -> bool:
        """Whether a supplier's policy is stated that nobody says to have read."""
        stated = self.policy not in ("", NO_DEPENDENCY, OWN_MODEL)
        return stated and not self.policy_verified

    @property
    def missing(self) -> tuple[str, ...]:
        """The references that are neither there nor waived."""
        there = {"llm_top10": self.llm, "atlas": self.atlas, "ai_rmf": self.ai_rmf,
                 "frontier_policy": self.policy}  # fmt: skip
        return tuple(key for key, found in there.items() if not found and key not in self.waived)


@dataclass(frozen=True, slots=True)
class Analysis:
    """Everything the rules say of one system: a ground of truth for the checks of its file."""

    ground = "the threats of the system"

    threats: tuple[Threat, ...] = ()
    """The most severe first, then by id."""
    questions: tuple[Question, ...] = ()
    crossings: tuple[Crossing, ...] = ()
    ai: tuple[AiReferences, ...] = ()
    known_facts: frozenset[str] = frozenset()
    """Every fact and control that a rule asks about."""
    known_kinds: Mapping[str, str] = field(default_factory=dict)
    """Kind of component -> its class."""
