"""The check `fires-too-often`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from undersign.checks.reading.measured import Measured, alerts, feeds_only, measured, settled
from undersign.checks.reading.wording import plural, quoted
from undersign.languages.sigma.document import SigmaFile
from undersign.records.finding import Fault
from undersign.records.history import Histories

BUDGET_PER_DAY: Mapping[str, float] = {"critical": 1, "high": 5, "medium": 20, "low": 100}
"""Alerts a day that one rule of a level may raise; a habit of this tool, not a standard.

A person handles some tens of alerts a shift; one rule may take a share of that which shrinks as
its level rises. `informational` has no budget: nobody is called for it.
"""


def fires_too_often(file: SigmaFile, histories: Histories) -> Iterator[Fault]:
    """Report a rule whose rate is above its level's budget, whole 95% interval included."""
    found, blocked = measured(file, histories)
    quiet = feeds_only(file)
    faults = [_fault(i) for i in found if alerts(i, quiet) and _over_budget(i)]
    yield from settled(faults, "History", blocked)


def _over_budget(item: Measured) -> bool:
    budget = BUDGET_PER_DAY.get(item.document.level or "")
    return budget is not None and item.rate[1] > budget


def _fault(item: Measured) -> Fault:
    level = item.document.level or ""
    mean, low, high = item.rate
    history = item.history
    top = [{"field": t.field, "value": t.value, "count": t.count} for t in history.top[:3]]
    cure = history.exclusions[0] if history.exclusions else None
    hint = (
        f"excluding {quoted(f'{cure.field}: {cure.value}')} removes {plural(cure.removes, 'match')}"
        if cure and not cure.loses
        else "filter what is ordinary here, or lower the level"
    )
    return Fault(
        f"{quoted(item.document.title)} fires {mean:,.1f} times a day"
        f" [{low:,.1f} to {high:,.1f}]; its level {level} allows {BUDGET_PER_DAY[level]:g}",
        item.document.span("level"),
        {
            "matches": history.matches,
            "days": history.days,
            "per_day": mean,
            "low": low,
            "high": high,
            "budget": BUDGET_PER_DAY[level],
            "top": top,
        },
        hint.replace("matchs", "matches"),
    )
