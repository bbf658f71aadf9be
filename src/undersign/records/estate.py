"""What an organisation calls its own: the ranges and zones that no log can tell."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class Estate:
    """From `[estate]` in undersign.toml; absent when nothing is said there."""

    ground: ClassVar[str] = "Estate"
    corporate: tuple[str, ...] = ()
    """CIDR ranges that count as the organisation's own addresses."""
    time_zone: str | None = None
    """IANA zone in which people here say `yesterday` and `working hours`."""
    retention_days: int | None = None
    """How long logs are kept, when someone states it."""
