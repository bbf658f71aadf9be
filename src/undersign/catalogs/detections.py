"""Detection knowledge written for this project: behaviours as data, one TOML file each.

`behaviours/_families.toml` holds what all behaviours of one Sigma logsource share. The format of a
behaviour file is read by `detection_files.py`, which also refuses what it does not understand.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import TypeAlias

Value: TypeAlias = str | int | tuple[str | int, ...]
Fields: TypeAlias = Mapping[str, Value]
"""Sigma keys such as `Image|endswith` and the values they take; all keys must hold."""


@dataclass(frozen=True, slots=True)
class Property:
    """Something a brief may ask for or exclude, such as machine accounts."""

    name: str
    words: tuple[str, ...]
    fields: Fields = field(default_factory=dict)
    """How events show it; empty when they do not."""
    ask: str = ""
    """The question for a person when events do not show it; {user} and {source} name fields."""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Family:
    """What all behaviours of one Sigma logsource share."""

    logsource: Mapping[str, str]
    words: tuple[str, ...]
    """English that names this log source."""
    time: str
    """Field with the time of an event, used in proposed test events."""
    reference: str
    roles: Mapping[str, tuple[str, ...]]
    """user, source, host, target, ... -> fields that play the role, best first."""
    literals: Mapping[str, str]
    """Kind of a literal in a brief (process, path, address, ...) -> Sigma key it is compared by."""
    sample: Fields
    """Fields of an invented event, completed by a behaviour's own."""
    properties: tuple[Property, ...] = ()
    mixed: bool = False
    """Its events differ in fields, so only those of a behaviour's samples may be compared."""


@dataclass(frozen=True, slots=True)
class Counting:
    """The correlation a behaviour calls for."""

    type: str
    """`event_count` or `value_count`."""
    group: str
    """Role whose field the events are grouped by."""
    timespan: str
    threshold: int
    """A cautious start when there is neither a number in the brief nor any history."""
    field: str = ""
    """The counted field of a `value_count`."""
    always: bool = False
    """True when a single event means nothing."""


@dataclass(frozen=True, slots=True)
class Sample:
    """An invented event and what the rule must say of it."""

    name: str
    expect_match: bool
    fields: Fields


@dataclass(frozen=True, slots=True)
class Behaviour:
    """One thing an adversary does, in the words people use for it and as logs show it."""

    slug: str
    title: str
    technique: str
    tactics: tuple[str, ...]
    level: str
    family: Family
    phrases: tuple[str, ...]
    """English that points here; a phrase counts when all its words stand close together."""
    description: str
    references: tuple[str, ...]
    false_positives: tuple[str, ...]
    selections: Mapping[str, tuple[Fields, ...]]
    """Name -> alternatives; names that begin with `filter` are excluded, the others all needed."""
    samples: tuple[Sample, ...]
    properties: tuple[Property, ...] = ()
    roles: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Overrides of the family's roles."""
    counting: Counting | None = None
    event_title: str = ""
    """Title of the rule when a correlation carries `title`."""

    def role(self, name: str) -> tuple[str, ...]:
        """Return the fields that play a role in this behaviour's events, best first."""
        return self.roles.get(name) or self.family.roles.get(name, ())

    def carries(self, name: str) -> bool:
        """Tell whether the behaviour's events carry a field, as far as its samples show."""
        if not self.family.mixed or not self.samples:
            return True
        shown = [*self.family.sample, self.family.time]
        shown += [
            field for sample in self.samples if sample.expect_match for field in sample.fields
        ]
        return name.lower() in {field.lower() for field in shown}

    def all_properties(self) -> tuple[Property, ...]:
        """Return own properties before those of the family; of one name the first counts."""
        own = {p.name for p in self.properties}
        return (*self.properties, *(p for p in self.family.properties if p.name not in own))


@dataclass(frozen=True, slots=True)
class Detections:
    """All behaviours, by slug."""

    behaviours: Mapping[str, Behaviour]
    families: tuple[Family, ...]
    platforms: Mapping[str, tuple[str, ...]]
    """Sigma product -> English that names it."""


@cache
def load() -> Detections:
    """Read every packaged behaviour.

    Raises:
        BadInput: A file is not a complete behaviour; the message says which and what is wrong.
    """
    from undersign.catalogs.detection_files import packaged

    return packaged()
