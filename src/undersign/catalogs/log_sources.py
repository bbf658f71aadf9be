"""Log sources: what a log looks like, under which canonical names it is kept, and who asks for it.

One TOML file each in `sources/`, found by folder; files that begin with `_` are shared parts.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from functools import cache, lru_cache

from undersign.catalogs.views import View


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
    """How its records are flattened: windows, cloudtrail, zeek, auditd, entra or flat."""
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
    time_formats: tuple[str, ...] = ()
    """`strptime` patterns of times that are not RFC 3339, epoch or `/Date()/`."""
    utc: tuple[str, ...] = ()
    """Time fields that are UTC by definition, even when written without a zone."""
    words: tuple[str, ...] = ()
    """English that names this source: `cloudtrail`, `sign-in`."""
    roles: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """user, host, source_address, action, result, ... -> fields that play the role, best first."""
    views: tuple[View, ...] = ()
    """How it appears in query languages."""

    def column(self, name: str) -> Field | None:
        """Return the declared field of this name, compared without case."""
        lowered = name.lower()
        return next((f for f in self.fields.values() if f.name.lower() == lowered), None)


@dataclass(frozen=True, slots=True)
class Answer:
    """A log source that answers a Sigma logsource, and how."""

    source: LogSource
    route: Route


Triple = tuple[str | None, str | None, str | None]
"""A Sigma logsource: product, category, service."""


@dataclass(frozen=True, slots=True)
class LogSources:
    """All known log sources, best match first."""

    sources: tuple[LogSource, ...]
    unanswered: tuple[Triple, ...] = ()
    """Logsources that published rules ask for and no table here holds."""

    def by_name(self, name: str) -> LogSource | None:
        """Return the source of this name."""
        return next((s for s in self.sources if s.name == name), None)

    def answers(
        self, product: str | None, category: str | None, service: str | None
    ) -> tuple[Answer, ...]:
        """Return every (source, route) that can answer a Sigma logsource.

        A part the rule leaves out is not asked for; a part it names must be equal, without case.
        Several routes of one source may overlap, so rows are a union. Nothing named: no answer.
        """
        asked = _lowered((product, category, service))
        if not any(asked):
            return ()
        return tuple(Answer(s, r) for s in self.sources for r in _routes(s, asked))

    def known(self, product: str | None, category: str | None, service: str | None) -> bool:
        """Tell whether anybody knows this logsource, even if no table here answers it."""
        asked = _lowered((product, category, service))
        if not any(asked):
            return False
        listed = any(_fits(asked, _lowered(triple)) for triple in self.unanswered)
        return listed or bool(self.answers(product, category, service))

    def nearest(
        self, product: str | None, category: str | None, service: str | None
    ) -> tuple[str, ...]:
        """Return up to three known logsources that look most like this one, as text, best first."""
        asked = (product, category, service)
        triples = {*self.unanswered, *(_triple(r) for s in self.sources for r in s.routes)}
        scored = sorted(((-_likeness(asked, t), _written(t)) for t in triples), key=lambda p: p)
        return tuple(text for score, text in scored[:3] if score <= -0.5)


def _triple(route: Route) -> Triple:
    return (route.product, route.category, route.service)


@lru_cache(maxsize=4096)
def _lowered(triple: Triple) -> Triple:
    product, category, service = (part.lower() if part else None for part in triple)
    return (product, category, service)


def _fits(asked: Triple, offered: Triple) -> bool:
    return all(a is None or a == o for a, o in zip(asked, offered, strict=True))


def _routes(source: LogSource, asked: Triple) -> Iterator[Route]:
    """Yield the routes that fit, the exact ones alone when there are any."""
    fitting = [r for r in source.routes if _fits(asked, _lowered(_triple(r)))]
    exact = [r for r in fitting if _lowered(_triple(r)) == asked]
    if fitting:
        yield from exact or fitting
        return
    product, category, service = asked
    if category and service:
        for one in _routes(source, (product, category, None)):
            for other in _routes(source, (product, None, service)):
                yield from _both(one, other)


def _both(one: Route, other: Route) -> Iterator[Route]:
    """Yield the route for rows that two routes of one source share, if there can be any."""
    where = dict(one.where)
    for column, values in other.where.items():
        kept = tuple(v for v in values if column not in where or v in where[column])
        if not kept:
            return
        where[column] = kept
    yield Route(one.product, one.category, other.service, where, {**other.rename, **one.rename})


def _written(triple: Triple) -> str:
    names = ("product", "category", "service")
    return ", ".join(f"{n}: {p}" for n, p in zip(names, triple, strict=True) if p)


def _likeness(asked: Triple, offered: Triple) -> float:
    """Return 0 to 1: mean likeness of the parts, a part on one side only counting 0."""
    pairs = [(a, o) for a, o in zip(asked, offered, strict=True) if a or o]
    ratios = (SequenceMatcher(None, (a or "").lower(), (o or "").lower()).ratio() for a, o in pairs)
    return sum(ratios) / len(pairs) if pairs else 0.0


def ordered(sources: Iterable[LogSource]) -> tuple[LogSource, ...]:
    """Sort sources as they are asked: higher priority first, then by name."""
    return tuple(sorted(sources, key=lambda s: (-s.priority, s.name)))


@cache
def load() -> LogSources:
    """Read every packaged TOML file of `sources/`.

    Raises:
        BadInput: A file is not a complete log source; the message says which and where.
    """
    from undersign.catalogs.log_source_files import packaged

    return packaged()
