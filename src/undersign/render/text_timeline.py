"""A timeline for a person at a terminal: milestones and measures first, then what happened."""

from __future__ import annotations

from collections.abc import Mapping

from undersign.records.claim import Entry
from undersign.records.timeline import Timeline
from undersign.render import timeline_words as words
from undersign.render.terminal import Paint, clip, counted, pad, safe

_COLUMNS = 150
_MOST_ENTRIES = 60
_MOST_WARNINGS = 12


def render(
    timeline: Timeline, said: Mapping[str, str], *, path: str = "", colour: bool = False
) -> str:
    """Write a timeline; `said` is claim id -> its sentence, `path` where it is kept."""
    paint = Paint(colour)
    lines = [paint.bold(f"{safe(timeline.title)} ({safe(timeline.incident)})"), ""]
    lines += [f"  {pad(m.mark, 13)}{safe(words.milestone(m))}" for m in timeline.milestones]
    lines += [f"  {pad(name, 21)}{paint.bold(size)}" for name, size, _ in words.measures(timeline)]
    lines += ["", *_entries(timeline, said, paint), ""]
    lines += [
        f"  {paint.yellow(claim.id)} {clip(safe(said.get(claim.id, claim.text)), _COLUMNS)}"
        for claim in words.inferences(timeline)
    ]
    lines += _sources(timeline, paint)
    lines += _warnings(timeline, paint)
    if path:
        lines += ["", f"Kept in {safe(path)}"]
    return "\n".join(lines) + "\n"


def _entries(timeline: Timeline, said: Mapping[str, str], paint: Paint) -> list[str]:
    shown = _notable(timeline)
    lines = []
    for entry in shown:
        # The sentence repeats the time of the line it stands on, in the reader's words.
        text = clip(safe(said.get(entry.claim.id, entry.template)), _COLUMNS)
        lines.append(f"{paint.dim(words.clock(entry.start))} {paint.cyan(entry.claim.id)} {text}")
    left = len(timeline.entries) - len(shown)
    if left:
        lines.append(
            paint.dim(f"and {counted(left, 'entry', 'entries')} more: --json, --html FILE")
        )
    return lines or ["nothing in the sources stands at a time"]


def _notable(timeline: Timeline) -> list[Entry]:
    """Return as many entries as fit: milestones and messages before the rarest log lines."""
    if len(timeline.entries) <= _MOST_ENTRIES:
        return list(timeline.entries)
    marks = {m.claim for m in timeline.milestones}
    ranked = sorted(
        timeline.entries,
        key=lambda e: (e.claim.id not in marks, "author" not in e.claim.slots, e.count, e.start),
    )
    kept = {entry.claim.id for entry in ranked[:_MOST_ENTRIES]}
    return [entry for entry in timeline.entries if entry.claim.id in kept]


def _sources(timeline: Timeline, paint: Paint) -> list[str]:
    lines = ["", paint.bold("Read")]
    lines += [f"  {safe(s.name)}: {safe(words.source(s))}" for s in timeline.sources.values()]
    return lines + [f"  {safe(words.gap(one))}" for one in timeline.gaps[:_MOST_WARNINGS]]


def _warnings(timeline: Timeline, paint: Paint) -> list[str]:
    told = list(words.warnings(timeline))
    lines = [f"  {paint.yellow('!')} {safe(one)}" for one in told[:_MOST_WARNINGS]]
    left = len(told) - len(lines)
    return lines + ([f"  and {left} more warnings"] if left else [])
