"""The candidates that stand before one in the queue: the ground that tells a repetition."""

from __future__ import annotations

from dataclasses import dataclass

from undersign.records.candidate import Candidate


@dataclass(frozen=True, slots=True)
class Others:
    """Ids and candidates, in their order."""

    candidates: tuple[tuple[str, Candidate], ...] = ()
