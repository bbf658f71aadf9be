"""What a caller brings to the door: the policy's guard, the ledger, consent, patience."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from undersign.drafters.errand import DEFAULT_SECONDS, silent
from undersign.records.exchange import Asking, CallEntry, Passage, Reply

if TYPE_CHECKING:
    from undersign.policy.guard import Guard


def nobody(_: Asking) -> None:
    """Give no consent: where the policy says ask, the call is refused."""
    return


@dataclass(frozen=True, slots=True)
class Door:
    """One of these for a whole command: the answers of a recording are counted through it."""

    guard: Guard
    record: Callable[[CallEntry], None]
    """Writes to the ledger; what it raises stops the call before anything is sent."""
    now: dt.datetime
    """Aware; exceptions of the policy expire by it."""
    consent: Callable[[Asking], str | None] = nobody
    """Asked where the policy says ask; returns who said yes, or None."""
    timeout: float = DEFAULT_SECONDS
    """Seconds for one sending in total, retries included."""
    progress: Callable[[str], None] = silent
    """Told a few words while a provider works: `412 characters so far`, `busy: again in 2 s`."""
    record_to: Path | None = None
    """A recording to which every answered exchange is added, see `drafters.recording`."""
    turns: Iterator[int] = field(default_factory=itertools.count, repr=False)


@dataclass(frozen=True, slots=True)
class Repair:
    """A reply that its drafter shall write anew, once."""

    reply: Reply
    found: Passage
    """What the checks found in what became of the reply."""
