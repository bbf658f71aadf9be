"""What `baseline` measured, for a person at a terminal."""

from __future__ import annotations

from collections.abc import Sequence

from undersign.records.history import History, ThresholdProposal
from undersign.render.days import UNDATED, daily, fewest_digits, sparkline
from undersign.render.table import table
from undersign.render.terminal import Paint, safe

_HEADER = ("rule", "matches", "per day", "95% interval", "each day", "most by")
_CLOSE_LOOKS = 5
"""Up to so many rules, each also gets its own paragraph."""


def render(histories: Sequence[History], *, colour: bool = False) -> str:
    """Write a table of what was measured, details when few, and what could not be measured."""
    paint = Paint(colour)
    measured = [h for h in histories if h.status == "measured"]
    blind = [h for h in histories if h.status != "measured"]
    lines: list[str] = []
    if measured:
        loudest = sorted(measured, key=lambda h: -h.matches)
        rows = [_row(h) for h in loudest]
        lines += [*table(_HEADER, rows, right=("matches", "per day"), paint=paint), ""]
        if len(measured) <= _CLOSE_LOOKS:
            for history in loudest:
                lines += _details(history, paint)
        lines += _remarks(measured, paint)
    lines += _unmeasured(blind, paint)
    lines.append(_summary(histories, measured, blind, paint))
    return "\n".join(lines) + "\n"


def proposal_line(proposal: ThresholdProposal) -> str:
    """Say in one sentence what threshold history proposes and where it comes from."""
    return (
        f"threshold {proposal.value}, from the {proposal.percentile:g}th percentile of "
        f"{proposal.windows:,} windows in {proposal.groups:,} groups; the highest seen is "
        f"{proposal.observed_max:,}; it would have alerted "
        f"{fewest_digits(proposal.alerts_per_day)} times a day"
    )


def _row(history: History) -> tuple[str, ...]:
    rate = history.rate_per_day
    top = history.top[0] if history.top else None
    return (
        history.title or history.path,
        f"{history.matches:,}",
        fewest_digits(rate.mean) if rate else "",
        f"{fewest_digits(rate.low)} – {fewest_digits(rate.high)}" if rate else "",
        sparkline([count for _, count in daily(history)]),
        f"{top.field}={top.value} ({top.count:,})" if top else "",
    )


def _details(history: History, paint: Paint) -> list[str]:
    lines = [f"{paint.bold(safe(history.title))}  {paint.dim(safe(history.path))}"]
    period = (
        f"{history.first[:10]} to {history.last[:10]}" if history.first and history.last else ""
    )
    looked = f"{history.events:,} events over {history.days:.1f} days"
    lines.append(f"  looked at {looked}{', ' + safe(period) if period else ''}")
    undated = history.per_day.get(UNDATED, 0)
    if undated:
        lines.append(f"  {paint.yellow(f'{undated:,} matches have no time')}")
    lines += [f"  {o.count:>8,}  {safe(o.field)}={safe(o.value)}" for o in history.top[:6]]
    if history.previous:
        added, removed = (history.previous.get(key, "?") for key in ("added", "removed"))
        lines.append(f"  since the last signed version: {added} more matches, {removed} fewer")
    if history.threshold:
        lines.append(f"  {paint.green('proposal')}: {proposal_line(history.threshold)}")
    for exclusion in history.exclusions[:5]:
        cost = ", ".join(exclusion.loses)
        loses = paint.red(f"loses {safe(cost)}") if cost else paint.green("loses no true positive")
        name = f"{safe(exclusion.field)}={safe(exclusion.value)}"
        lines.append(f"  exclude {name}: removes {exclusion.removes:,}, {loses}")
    return [*lines, ""]


def _remarks(measured: Sequence[History], paint: Paint) -> list[str]:
    lines = [f"  {safe(h.title)}: {safe(remark)}" for h in measured for remark in h.missing]
    return [paint.yellow("Measured, but"), *lines, ""] if lines else []


def _unmeasured(blind: Sequence[History], paint: Paint) -> list[str]:
    if not blind:
        return []
    lines = [paint.yellow("Unmeasured, which is not zero")]
    for history in blind:
        reasons = "; ".join(history.missing) or "no reason was given"
        lines.append(f"  {safe(history.title or history.path)}: {safe(reasons)}")
    return [*lines, ""]


def _summary(
    histories: Sequence[History],
    measured: Sequence[History],
    blind: Sequence[History],
    paint: Paint,
) -> str:
    if not histories:
        return paint.yellow("no rule to measure")
    seconds = max(h.seconds for h in histories)
    silent = sum(1 for h in measured if h.matches == 0)
    parts = [f"{len(measured):,} measured"]
    if silent:
        parts.append(f"{silent:,} of them without a match")
    if blind:
        parts.append(paint.yellow(f"{len(blind):,} unmeasured"))
    return f"{', '.join(parts)} ({seconds:.1f} s)"
