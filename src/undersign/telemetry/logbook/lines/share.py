"""How much of a sample a pattern reads."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from undersign.telemetry.logbook.batch import NAT, Columns


def share(pattern: re.Pattern[str], sample: Sequence[str]) -> float:
    """Return the share of the lines that a pattern matches; indented ones belong to others."""
    own = [line for line in sample if line[:1] not in (" ", "\t")] or list(sample)
    return sum(pattern.match(line) is not None for line in own) / max(len(own), 1)


def columns(lines: Sequence[str], pattern: re.Pattern[str], read: Callable[[str], int]) -> Columns:
    """Return times and messages of lines by a pattern whose groups are these two."""
    times: list[int] = []
    messages: list[str] = []
    match = pattern.match
    for line in lines:
        found = match(line)
        if found is None:
            times.append(NAT)
            messages.append(line)
        else:
            when, message = found.groups()
            times.append(read(when))
            messages.append(message)
    return Columns(times, messages)
