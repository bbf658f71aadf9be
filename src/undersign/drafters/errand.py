"""How long a provider may take, and whom it tells what it is doing."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

DEFAULT_SECONDS = 300.0
"""Generous: a long answer of a large model takes minutes, and a person can press Ctrl-C."""


def silent(_: str) -> None:
    """Tell nobody."""
    return


@dataclass(frozen=True, slots=True)
class Errand:
    """One sending: everything a provider does for it, retries included, ends by the deadline."""

    timeout: float = DEFAULT_SECONDS
    """Seconds in total."""
    progress: Callable[[str], None] = silent
    """Told a few words whenever there is something new: `412 tokens so far`."""
    _begun: float = field(default_factory=time.monotonic, repr=False)

    @property
    def left(self) -> float:
        """Seconds until the deadline; 0 when it has passed."""
        return max(0.0, self._begun + self.timeout - time.monotonic())

    @property
    def taken(self) -> float:
        """Seconds since it began."""
        return time.monotonic() - self._begun
