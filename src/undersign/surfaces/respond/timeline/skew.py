"""Clocks that disagree: the same thing told by two sources at a constant distance."""

from __future__ import annotations

import re
from collections.abc import Iterator
from statistics import median

from undersign.telemetry.logbook import NAT, Batch

_KEY = re.compile(r"\b(?:[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}|[0-9a-fA-F]{32})\b")
_ENOUGH = 5
_LEAST, _SPREAD = 2_000_000, 5_000_000
_MOST = 50_000


class Skews:
    """Collects ids that lines carry, and compares the clocks of sources that share them."""

    def __init__(self) -> None:
        self._seen: dict[str, dict[str, int]] = {}

    def look(self, source: str, batch: Batch, most: int) -> int:
        """Note the ids of the first lines of a batch; return how many were looked at."""
        count = max(0, min(len(batch), most))
        for row in range(count):
            time = int(batch.times[row])
            if time != NAT:
                self.add(source, time, str(batch.raws[row].as_py()))
        return count

    def add(self, source: str, time: int, raw: str) -> None:
        """Note the ids of one line; an id that one source tells twice says nothing."""
        if len(self._seen) >= _MOST:
            return
        for key in _KEY.findall(raw[:4000])[:4]:
            times = self._seen.setdefault(key.lower(), {})
            times[source] = -1 if source in times else time

    def warnings(self) -> Iterator[str]:
        """Yield a sentence for each pair of sources whose clocks differ; nothing is corrected."""
        offsets: dict[tuple[str, str], list[int]] = {}
        for times in self._seen.values():
            known = sorted((name, at) for name, at in times.items() if at != -1)
            for n, (one, first) in enumerate(known):
                for other, second in known[n + 1 :]:
                    offsets.setdefault((one, other), []).append(second - first)
        for (one, other), found in sorted(offsets.items()):
            middle, spread = median(found), max(found) - min(found)
            if len(found) >= _ENOUGH and abs(middle) > _LEAST and spread <= _SPREAD:
                yield (
                    f"the clock of {other} runs {abs(middle) / 1e6:.1f} s "
                    f"{'ahead of' if middle > 0 else 'behind'} that of {one} "
                    f"({len(found)} shared ids, spread {spread / 1e6:.1f} s): nothing was corrected"
                )
