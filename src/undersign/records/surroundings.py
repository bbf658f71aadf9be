"""What lies around a document: files that its links name, secrets in it, names to keep inside."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Nearby:
    """Which of the files that a document names are there: a ground of truth."""

    ground = "the files around it"

    exists: Mapping[str, bool] = field(default_factory=dict)
    """Relative link, as written and without its anchor -> whether a file or folder is there."""


@dataclass(frozen=True, slots=True)
class Exposed:
    """Secrets that the policy's detector found in a document: a ground of truth."""

    ground = "the detector of secrets"

    spots: tuple[tuple[int, int, str], ...] = ()
    """(start, end, kind); offsets in the document's text. What stands there is never repeated."""


@dataclass(frozen=True, slots=True)
class Internal:
    """Names that belong to the organisation alone: a ground of truth."""

    ground = "the names of [respond] internal"

    names: tuple[str, ...] = ()
    """Words or suffixes such as `.corp.example.org`, from undersign.toml."""
