"""Choose milestones among timed lines; where the words do not decide, abstain and say why.

The rules, in sentences:

1. Detected is the earliest line in which a person or a monitor tells of a sign, and which is no
   change made on purpose. Weak words alone name nothing; and where a line before it may tell that
   somebody knew already, nothing is named.
2. Resolved is the last line that says so, unless a line after it reopens the incident or tells of
   a new alert; then nothing is named.
3. Mitigated is the last line that says so, not after resolved, and not before the last reopening;
   unless a sign of trouble comes between it and the end.
4. Declared and acknowledged are the first lines that say so; nobody acknowledges before detection,
   nor after somebody worked on it.
5. A line that plans, asks, denies, orders or quotes is no fact. No milestone is the first or the
   last line only because it is that.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from undersign.records.timeline import Mark
from undersign.surfaces.respond.milestones.cues import (
    AWARE,
    CHANGE,
    FINE,
    REOPENED,
    RESPONDED,
    Found,
    facts_in,
)

_PROMPT = timedelta(hours=12)
"""Who takes an incident in hand later than this does not acknowledge its first sign."""


@dataclass(frozen=True, slots=True)
class Said:
    """One timed line of a channel, of notes or of a document."""

    time: datetime
    text: str
    key: str = ""
    """What names the line: a claim's id."""
    is_alert: bool = False
    """Whether a monitor wrote it."""


@dataclass(frozen=True, slots=True)
class Named:
    """A milestone, or why none is named."""

    mark: Mark
    said: Said | None
    reason: str


@dataclass(frozen=True, slots=True)
class _Line:
    said: Said
    facts: tuple[Found, ...]

    def has(self, mark: Mark, *, strong: bool = True) -> bool:
        return any(f.mark is mark and (f.strong or not strong) for f in self.facts)

    def words(self, mark: Mark) -> str:
        told = [f for f in self.facts if f.mark is mark]
        return next((f.words for f in told if f.strong), told[0].words if told else "")


def milestones_of(lines: Sequence[Said]) -> tuple[Named, ...]:
    """Return every mark, in order, with the line that shows it or the reason why none does."""
    ordered = sorted(lines, key=lambda one: one.time)
    read = [_Line(one, tuple(facts_in(one.text))) for one in ordered]
    reopened = _last_reopening(read)
    detected = _detected(read)
    resolved = _resolved(read, reopened)
    until = resolved.said.time if resolved.said else None
    mitigated = _mitigated(read, reopened, detected.said, until)
    found = {
        Mark.BEGAN: _first(read, Mark.BEGAN, lambda line: not line.has(Mark.RESOLVED)),
        Mark.DETECTED: detected,
        Mark.ACKNOWLEDGED: _acknowledged(read, detected.said),
        Mark.DECLARED: _first(read, Mark.DECLARED, lambda line: not _ends(line)),
        Mark.MITIGATED: mitigated,
        Mark.RESOLVED: resolved,
    }
    return tuple(found[mark] for mark in Mark)


def _ends(line: _Line) -> bool:
    return line.has(Mark.RESOLVED) or line.has(Mark.MITIGATED)


def _first(read: Sequence[_Line], mark: Mark, fits: Callable[[_Line], bool]) -> Named:
    for line in read:
        if line.has(mark) and fits(line):
            return Named(mark, line.said, f"says {line.words(mark)!r}")
    weak = any(line.has(mark, strong=False) for line in read)
    return Named(mark, None, "its words are too weak" if weak else "no line says so")


def _detected(read: Sequence[_Line]) -> Named:
    known = None
    for line in read:
        sign = line.said.is_alert or line.has(Mark.DETECTED)
        if sign and not _is_change(line) and not FINE.search(line.said.text):
            if known is not None:
                return Named(Mark.DETECTED, None, f"{known!r} in a line before may tell of it, too")
            words = line.words(Mark.DETECTED) or "an alert of a monitor"
            return Named(Mark.DETECTED, line.said, f"says {words!r}")
        if line.has(Mark.DECLARED) or line.has(Mark.ACKNOWLEDGED) or _ends(line):
            return Named(Mark.DETECTED, None, "people act before any line tells of a sign")
        hint = AWARE.search(line.said.text)
        known = known or (hint[0] if hint else None)
    return Named(Mark.DETECTED, None, "no line tells of a sign")


_TOLD = ("alert", "report", "paged", "pingdom", "detection", "discovery", "first ")


def _is_change(line: _Line) -> bool:
    words = line.words(Mark.DETECTED).lower()
    is_told = line.said.is_alert or any(w in words for w in _TOLD)
    return CHANGE.search(line.said.text) is not None and not is_told


def _last_reopening(read: Sequence[_Line]) -> datetime | None:
    """Return when the incident was last reopened after somebody said that it had ended."""
    ended, found = False, None
    for line in read:
        if ended and REOPENED.search(line.said.text):
            found = line.said.time
        ended = ended or _ends(line)
    return found


def _resolved(read: Sequence[_Line], reopened: datetime | None) -> Named:
    for n in range(len(read) - 1, -1, -1):
        line = read[n]
        if not line.has(Mark.RESOLVED):
            continue
        if reopened is not None and line.said.time < reopened:
            return Named(
                Mark.RESOLVED, None, "it was reopened, and nobody said that it ended since"
            )
        if any(_is_trouble(later) for later in read[n + 1 :]):
            return Named(
                Mark.RESOLVED, None, "signs of trouble come after the last line that says so"
            )
        if n + 1 < len(read) and line.has(Mark.DETECTED, strong=False):
            return Named(Mark.RESOLVED, None, "the line that says so tells of the sign itself")
        return Named(Mark.RESOLVED, line.said, f"says {line.words(Mark.RESOLVED)!r}")
    weak = any(line.has(Mark.RESOLVED, strong=False) for line in read)
    return Named(Mark.RESOLVED, None, "its words are too weak" if weak else "no line says so")


def _is_trouble(line: _Line) -> bool:
    if line.said.is_alert or line.has(Mark.ACKNOWLEDGED):
        return True
    return line.has(Mark.DETECTED, strong=False) and not FINE.search(line.said.text)


def _mitigated(
    read: Sequence[_Line], reopened: datetime | None, detected: Said | None, until: datetime | None
) -> Named:
    fitting = [
        line
        for line in read
        if line.has(Mark.MITIGATED)
        and (reopened is None or line.said.time > reopened)
        and (until is None or line.said.time <= until)
        and (detected is None or line.said.time > detected.time)
    ]
    if not fitting:
        return Named(Mark.MITIGATED, None, "no line says that the impact ended")
    line = fitting[-1]
    after = (one for one in read if one.said.time > line.said.time)
    if any(_is_trouble(one) for one in after if until is None or one.said.time <= until):
        return Named(Mark.MITIGATED, None, "signs of trouble come after the last line that says so")
    return Named(Mark.MITIGATED, line.said, f"says {line.words(Mark.MITIGATED)!r}")


def _acknowledged(read: Sequence[_Line], detected: Said | None) -> Named:
    if detected is None:
        return Named(
            Mark.ACKNOWLEDGED, None, "no detection is named that anybody could acknowledge"
        )
    for line in read:
        if line.said.time - detected.time > _PROMPT:
            break
        if line.said.time > detected.time and (_ends(line) or line.has(Mark.DECLARED)):
            break  # somebody had it in hand by then, and nobody said since when
        if line.said.time >= detected.time and line.has(Mark.ACKNOWLEDGED):
            words = line.words(Mark.ACKNOWLEDGED)
            return Named(Mark.ACKNOWLEDGED, line.said, f"says {words!r}")
        if line.said.time > detected.time and RESPONDED.search(line.said.text):
            break
    return Named(Mark.ACKNOWLEDGED, None, "no line says so")
