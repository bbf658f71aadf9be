"""MITRE ATT&CK: ids, names, tactics and status, of one edition, with its date."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Technique:
    """A technique or sub-technique."""

    id: str
    name: str
    tactics: tuple[str, ...]
    """Short names as Sigma tags write them: `credential-access`."""
    status: str
    """`active`, `deprecated` or `revoked`."""
    replaced_by: str | None = None
    """For a revoked one, the id that replaced it, when known."""


@dataclass(frozen=True, slots=True)
class Attack:
    """One edition of ATT&CK."""

    edition: str
    techniques: Mapping[str, Technique]
    tactics: Mapping[str, str]
    """Short name -> display name."""
    groups: Mapping[str, str]
    """Id (G0016, S0002) -> name, for groups and software."""


def load() -> Attack:
    """Read the packaged edition (cached)."""
    raise NotImplementedError
