"""How much one query may cost, and what comes back from it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True, slots=True)
class Limits:
    """What one query may take; beyond time and memory it is refused, beyond rows it is cut."""

    seconds: float = 30.0
    """Wall clock."""
    memory_mb: int = 2048
    """Of the engine; nothing is ever spilled to disk."""
    rows: int = 1000


@dataclass(frozen=True, slots=True)
class Rows:
    """What a query gave."""

    table: pa.Table
    truncated: bool
    """Whether there were more rows than the limit let through."""
    seconds: float
    types: tuple[str, ...] = ()
    """The engine's type of each column."""
