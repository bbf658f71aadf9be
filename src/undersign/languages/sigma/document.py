"""A Sigma file as the other rooms see it: documents with spans, trees and located problems."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from undersign.languages.sigma.tree import Node
from undersign.records.artifact import Span

Path: TypeAlias = tuple[str | int, ...]
"""Where in a YAML document: ("detection", "selection", "Image|endswith", 0)."""


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that makes a document not a valid Sigma document, with its place."""

    message: str
    span: Span | None = None


@dataclass(frozen=True, slots=True)
class LogSource:
    """The `logsource` of a rule; all parts lower-cased, absent parts None."""

    product: str | None = None
    category: str | None = None
    service: str | None = None

    def __str__(self) -> str:
        parts = (("product", self.product), ("category", self.category), ("service", self.service))
        return ", ".join(f"{name}: {value}" for name, value in parts if value) or "(empty)"


@dataclass(frozen=True, slots=True)
class Document:
    """One YAML document of a Sigma file, whatever it is."""

    title: str
    name: str | None
    id: str | None
    level: str | None
    status: str | None
    tags: tuple[str, ...]
    data: Mapping[str, Any]
    """The document as plain values, for facts that have no field of their own."""
    spans: Mapping[Path, Span]
    """Span of every value by its path; of a key by the path with "~" appended."""
    problems: tuple[Problem, ...]

    def span(self, *path: str | int) -> Span | None:
        """Return where a value stands, or the nearest enclosing value that exists."""
        for end in range(len(path), -1, -1):
            if path[:end] in self.spans:
                return self.spans[path[:end]]
        return None


@dataclass(frozen=True, slots=True)
class Rule(Document):
    """A detection rule. `conditions` are alternatives: the rule matches when any one does."""

    logsource: LogSource = field(default_factory=LogSource)
    selections: Mapping[str, Node] = field(default_factory=dict)
    """Every named detection, used or not, in file order."""
    conditions: tuple[Node, ...] = ()
    condition_texts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Correlation(Document):
    """A correlation over other rules: event_count, value_count, temporal, temporal_ordered."""

    type: str = "event_count"
    rules: tuple[str, ...] = ()
    """Names or ids of the rules it correlates, as written."""
    group_by: tuple[str, ...] = ()
    timespan_seconds: int = 0
    operator: str = ">="
    """One of `<`, `<=`, `>`, `>=`, `==`, `!=`."""
    threshold: int = 0
    aliases: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """alias -> {rule name: field}."""
    generate: bool = False
    unsupported: str | None = None
    """Why a valid correlation cannot be evaluated here; then it is reported, never skipped."""
    field: str | None = None
    """The counted field of value_count."""


@dataclass(frozen=True, slots=True)
class Filter(Document):
    """A Sigma filter: conditions to be and-ed to the rules it names (`any` = all of its source)."""

    logsource: LogSource = field(default_factory=LogSource)
    rules: tuple[str, ...] = ()
    selections: Mapping[str, Node] = field(default_factory=dict)
    condition: Node | None = None


@dataclass(frozen=True, slots=True)
class SigmaFile:
    """All documents of one Sigma YAML file, in order, and the file's own problems."""

    text: str
    documents: tuple[Document, ...]
    problems: tuple[Problem, ...] = ()
    """Problems of the file as a whole (YAML syntax, too large); documents have their own."""

    @property
    def unreadable(self) -> bool:
        """Whether part of the file could not be read, so that a check cannot call it clean."""
        return bool(self.problems) or not all(map(_readable, self.documents))

    @property
    def rules(self) -> tuple[Rule, ...]:
        """The detection rules of the file."""
        return tuple(d for d in self.documents if isinstance(d, Rule))

    @property
    def correlations(self) -> tuple[Correlation, ...]:
        """The correlation rules of the file."""
        return tuple(d for d in self.documents if isinstance(d, Correlation))

    @property
    def filters(self) -> tuple[Filter, ...]:
        """The filters of the file."""
        return tuple(d for d in self.documents if isinstance(d, Filter))


def _readable(document: Document) -> bool:
    if isinstance(document, Rule):
        return bool(document.selections) and bool(document.conditions)
    if isinstance(document, Filter):
        return document.condition is not None
    return isinstance(document, Correlation) and bool(document.rules)
