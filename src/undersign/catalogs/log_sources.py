"""Log sources: what a log looks like, under which canonical names it is kept, and who asks for it.

One TOML file each in `log_sources/`, found by folder. See `docs/add/log-source.md`.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any


@dataclass(frozen=True, slots=True)
class Field:
    """A field that a log source is known to have."""

    name: str
    type: str = "string"
    """`string`, `long`, `double`, `boolean`, `timestamp` or `list` (of strings)."""
    aliases: tuple[str, ...] = ()
    """Other names under which the value arrives; compared without case."""
    description: str = ""


@dataclass(frozen=True, slots=True)
class Route:
    """One Sigma logsource answered by (part of) this table."""

    product: str | None
    category: str | None
    service: str | None
    where: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Column -> values (compared as text without case), all columns must hold."""
    rename: Mapping[str, str] = field(default_factory=dict)
    """Sigma field name -> column, where they differ."""


@dataclass(frozen=True, slots=True)
class LogSource:
    """One kind of log: how to recognise it, its canonical fields, who asks for it."""

    name: str
    """Also the table's name in the lake."""
    title: str
    family: str
    """Which shaper flattens its records: `windows`, `cloudtrail`, `zeek`, `auditd`, `entra`, `flat`."""
    detect: tuple[Mapping[str, tuple[str, ...]], ...]
    """Alternatives; each maps a canonical field to accepted values (`*` = just present)."""
    time: tuple[str, ...]
    """Fields that hold the event's time, best first."""
    time_zone: str
    """IANA name assumed for times written without a zone."""
    host: tuple[str, ...]
    """Fields that name the host, best first."""
    user: tuple[str, ...]
    address: tuple[str, ...]
    fields: Mapping[str, Field]
    routes: tuple[Route, ...]
    priority: int = 0
    """Higher is asked first when several sources recognise a record."""

    def column(self, name: str) -> Field | None:
        """Return the declared field of this name, compared without case."""
        lowered = name.lower()
        return next((f for f in self.fields.values() if f.name.lower() == lowered), None)


@dataclass(frozen=True, slots=True)
class Answer:
    """A log source that answers a Sigma logsource, and how."""

    source: LogSource
    route: Route


@dataclass(frozen=True, slots=True)
class LogSources:
    """All known log sources, best match first."""

    sources: tuple[LogSource, ...]

    def by_name(self, name: str) -> LogSource | None:
        """Return the source of this name."""
        return next((s for s in self.sources if s.name == name), None)

    def answers(
        self, product: str | None, category: str | None, service: str | None
    ) -> tuple[Answer, ...]:
        """Return every (source, route) that can answer a Sigma logsource.

        A part the rule leaves out is not asked for; a part it names must be equal, without case.
        """
        raise NotImplementedError

    def nearest(
        self, product: str | None, category: str | None, service: str | None
    ) -> tuple[str, ...]:
        """Return the known logsources that look most like this one, as text, best first."""
        raise NotImplementedError


@cache
def load() -> LogSources:
    """Read every TOML file of `log_sources/`."""
    raise NotImplementedError
