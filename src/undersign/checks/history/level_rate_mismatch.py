"""The check `level-rate-mismatch`."""

from __future__ import annotations

from collections.abc import Iterator

from undersign.checks.reading.measured import Measured, alerts, feeds_only, measured, settled
from undersign.checks.reading.wording import plural, quoted
from undersign.languages.sigma.document import SigmaFile
from undersign.records.finding import Fault, Severity
from undersign.records.history import Histories

MIN_HOSTS = 5
MIN_DAYS = 3
SPREAD_DAYS = 0.8
"""Share of days with a match from which a severe rule looks like daily business."""
RARE_DAYS = 14
RARE_PER_DAY = 1 / 7
URGENT = frozenset({"high", "critical"})
MINOR = frozenset({"low", "informational"})


def level_rate_mismatch(file: SigmaFile, histories: Histories) -> Iterator[Fault]:
    """Report a severe rule that behaves like daily business, and a minor one that is rare."""
    found, blocked = measured(file, histories)
    quiet = feeds_only(file)
    faults: list[Fault] = []
    for item in found:
        if alerts(item, quiet):
            faults += _ordinary(item)
            faults += _rare(item)
    yield from settled(faults, "History", blocked)


def _ordinary(item: Measured) -> Iterator[Fault]:
    """A severe rule that fires on many hosts nearly every day describes what is normal there."""
    history, level = item.history, item.document.level
    days = [day for day, count in history.per_day.items() if count and day != "undated"]
    hosts = len(history.per_host)
    if level not in URGENT or hosts < MIN_HOSTS or history.days < MIN_DAYS:
        return
    if len(days) >= SPREAD_DAYS * history.days:
        yield Fault(
            f"{quoted(item.document.title)} is {level}, yet it fired on {hosts} hosts and on"
            f" {len(days)} of {plural(round(history.days), 'day')}",
            item.document.span("level"),
            {"hosts": hosts, "days_with_matches": len(days), "days": history.days},
            "what most hosts do daily is rarely an attack: filter it, or lower the level",
        )


def _rare(item: Measured) -> Iterator[Fault]:
    history, level = item.history, item.document.level
    if level not in MINOR or not history.matches or history.days < RARE_DAYS:
        return
    if item.rate[2] < RARE_PER_DAY:
        yield Fault(
            f"{quoted(item.document.title)} is {level}, yet it fired only"
            f" {plural(history.matches, 'time')} in {plural(round(history.days), 'day')}",
            item.document.span("level"),
            {"matches": history.matches, "days": history.days},
            "so rare a match could afford a higher level",
            Severity.NOTE,
        )
