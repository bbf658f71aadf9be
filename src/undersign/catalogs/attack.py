"""MITRE ATT&CK: ids, names, tactics and status, of one edition, with its date.

The packaged data is edition 18.1 of the Enterprise, ICS and Mobile matrices. Where a later edition
is known to have added, moved or withdrawn a technique, the technique says so, because rules written
against either edition are in use at the same time.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Technique:
    """A technique or sub-technique."""

    id: str
    name: str
    tactics: tuple[str, ...]
    """Short names as Sigma tags write them (`credential-access`), of both editions."""
    status: str
    """`active`, `deprecated` or `revoked` in this edition."""
    replaced_by: str | None = None
    """The id that replaced it, when it was revoked or withdrawn and the successor is known."""
    since: str = ""
    """The later edition that added it; empty when this edition has it."""
    withdrawn_in: str = ""
    """The later edition that no longer lists it; empty when still listed."""
    matrix: str = "enterprise"
    """`enterprise`, `ics` or `mobile`."""


@dataclass(frozen=True, slots=True)
class Attack:
    """One edition of ATT&CK, and what is known of the next."""

    edition: str
    techniques: Mapping[str, Technique]
    """Upper-case id (T1558.003) -> technique."""
    tactics: Mapping[str, str]
    """Short name -> display name."""
    groups: Mapping[str, str]
    """Id (G0016, S0002, C0001) -> name, for groups, software and campaigns."""
    tactic_ids: Mapping[str, str] = field(default_factory=dict)
    """Id (TA0006) -> short name."""
    date: str = ""
    """ISO date of the edition."""
    later_edition: str = ""
    later_date: str = ""
    licence: str = ""
    notice: str = ""
    """The copyright line that every copy must carry."""

    @property
    def newest(self) -> str:
        """Name the newest edition this catalog knows of, with its date."""
        if self.later_edition:
            return f"{self.later_edition} ({self.later_date})"
        return f"{self.edition} ({self.date})"


@cache
def load() -> Attack:
    """Read the packaged edition (cached)."""
    packed = Path(__file__).with_name("data").joinpath("attack.json.gz").read_bytes()
    data = json.loads(gzip.decompress(packed))
    techniques = {
        row[0]: Technique(row[0], row[1], tuple(row[2]), *row[3:]) for row in data["techniques"]
    }
    return Attack(
        edition=data["edition"],
        techniques=techniques,
        tactics=data["tactics"],
        groups=data["groups"],
        tactic_ids=data["tactic_ids"],
        date=data["date"],
        later_edition=data["later_edition"],
        later_date=data["later_date"],
        licence=data["licence"],
        notice=data["notice"],
    )
