"""Regulatory deadlines for a person at a terminal: what is due next stands first."""

from __future__ import annotations

from datetime import UTC, datetime

from undersign.records.clock import Clocks, Deadline
from undersign.render.terminal import Paint, pad, safe
from undersign.render.timeline_words import length

_NEVER = datetime.max.replace(tzinfo=UTC)


def render(clocks: Clocks, *, now: datetime, colour: bool = False) -> str:
    """Write the deadlines: dates first, then those that have none with the reason."""
    paint = Paint(colour)
    lines = [paint.bold(f"Deadlines of {safe(clocks.incident)}"), ""]
    for one in sorted(clocks.deadlines, key=lambda d: (d.due or _NEVER, d.regime, d.duty)):
        if one.enabled:
            lines += _deadline(one, now, paint)
    off = sorted({one.regime for one in clocks.deadlines if not one.enabled})
    if off:
        lines.append(paint.dim(f"not counted: {', '.join(off)} (no rule in force)"))
    lines.append("")
    lines.append("Counted by stored rules, not by a lawyer: read the instrument before you rely.")
    return "\n".join(lines) + "\n"


def _deadline(one: Deadline, now: datetime, paint: Paint) -> list[str]:
    name = pad(f"{one.regime} {one.duty}", 26)
    if one.due is None:
        return [f"  {paint.yellow(name)} no date: {safe(one.reason)}"]
    left = (one.due - now).total_seconds()
    word = f"in {length(left)}" if left >= 0 else f"{length(-left)} ago"
    shown = f"{one.due:%Y-%m-%d %H:%M} UTC, {word}"
    rule = f"{one.instrument}; read {one.verified or 'by nobody'}; from {one.claim}: {one.reason}"
    return [
        f"  {paint.bold(name)} {paint.red(shown) if left < 0 else shown}  {safe(one.title)}",
        f"    {paint.dim(safe(rule))}",
    ]
