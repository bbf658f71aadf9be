"""The description of a system for a threat model: elements, flows, boundaries, facts, decisions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date

from undersign.records.artifact import Span
from undersign.records.person import PERSON_PREFIX

Value = str | bool | int | float | None | tuple[str, ...]
"""A fact's value; None is `unknown`."""


@dataclass(frozen=True, slots=True)
class Element:
    """A component, a flow, a boundary, an asset or a supplier of a system, or the system itself."""

    id: str
    """Unique in the system; a flow's is `FROM->TO` unless it is given one."""
    name: str
    sort: str
    """`component`, `flow`, `boundary`, `asset`, `supplier` or `system`."""
    kind: str = ""
    """Of a component, such as `ai.agent` or `store.sql`."""
    boundary: str = ""
    """Of a component: the boundary it lies in; empty when that is not said."""
    source: str = ""
    """Of a flow: the id of the component it comes from."""
    target: str = ""
    """Of a flow: the id of the component it goes to."""
    facts: Mapping[str, Value] = field(default_factory=dict)
    """What is said of it: facts and controls, by name."""
    span: Span | None = None
    fact_spans: Mapping[str, Span] = field(default_factory=dict)
    """Where each fact stands."""


@dataclass(frozen=True, slots=True)
class Treatment:
    """What people decided about one threat."""

    threat: str
    """The threat's id."""
    status: str
    """`mitigated`, `accepted`, `transferred`, `open` or `rejected`: judged to be no threat here."""
    owner: str = ""
    reason: str = ""
    evidence: str = ""
    """What shows that it is mitigated: a test, a ticket, a page."""
    expires: date | None = None
    span: Span | None = None


@dataclass(frozen=True, slots=True)
class Waiver:
    """A reference or a check that people decided to do without, for one element."""

    element: str
    what: str
    """`llm_top10`, `atlas`, `ai_rmf`, `frontier_policy`, or a crossing's flow: `crossing`."""
    owner: str = ""
    reason: str = ""
    expires: date | None = None
    span: Span | None = None


@dataclass(frozen=True, slots=True)
class ExtraThreat:
    """A threat that a person or a drafter wrote down beside those of the rules."""

    id: str
    element: str
    fact: str
    """The name of the fact of that element which it rests on."""
    title: str
    stride: str = ""
    references: tuple[str, ...] = ()
    by: str = ""
    """A person, or the name of a drafter."""
    judged_by: str = ""
    """The person who judged it, when a drafter wrote it; empty while nobody did."""
    span: Span | None = None

    @property
    def is_unjudged(self) -> bool:
        """Whether a drafter wrote it, and nobody has judged it."""
        return bool(self.by) and not self.by.startswith(PERSON_PREFIX) and not self.judged_by


@dataclass(frozen=True, slots=True)
class Proposal:
    """An element, or a fact of one, that a drafter read out of a document.

    It counts once a person has judged it: a drafted control must not hide a threat before.
    """

    id: str
    sort: str
    """`boundary`, `component`, `flow` or `fact`."""
    element: str
    """The id of the element it adds, or that its fact is of."""
    name: str = ""
    kind: str = ""
    boundary: str = ""
    source: str = ""
    target: str = ""
    fact: str = ""
    value: Value = None
    by: str = ""
    """The name of the drafter."""
    document: str = ""
    """The name of the file it was read out of."""
    quote: str = ""
    """The words of that file it rests on."""
    judged_by: str = ""
    """The person who judged it; empty while nobody did."""
    span: Span | None = None


@dataclass(frozen=True, slots=True)
class System:
    """One system as its description says."""

    name: str
    elements: tuple[Element, ...] = ()
    """Components, flows, boundaries, assets, in the order of the file; the system itself last."""
    treatments: tuple[Treatment, ...] = ()
    waivers: tuple[Waiver, ...] = ()
    threats: tuple[ExtraThreat, ...] = ()
    proposals: tuple[Proposal, ...] = ()
    """Judged or not; the elements and facts of the judged ones stand in `elements`."""
    answers_due: Mapping[str, date] = field(default_factory=dict)
    """Fact `ELEMENT.FACT` that is unknown -> the day by which it is to be known."""
    drift_base: Mapping[str, str] = field(default_factory=dict)
    """Element id -> the hash its counterpart in the deployment had when this was last agreed."""
    drift_source: str = ""
    """The deployment's file that `drift_base` is of, relative to the description."""
    problems: tuple[tuple[str, Span | None], ...] = ()
    """What could not be read, and where."""

    @property
    def unreadable(self) -> bool:
        """Whether part of the description could not be read."""
        return bool(self.problems)

    def of(self, sort: str) -> Iterator[Element]:
        """Yield the elements of a sort, in the order of the file."""
        return (one for one in self.elements if one.sort == sort)

    def get(self, element_id: str) -> Element | None:
        """Return an element by its id."""
        return next((one for one in self.elements if one.id == element_id), None)
