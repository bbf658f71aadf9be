"""Deadlines: duties counted from signed claims; nothing is due before somebody answers for when.

Hours are absolute and run over nights, weekends and changes of the clock. Months end on the same
day of a later month, or on its last. Business days leave out weekends and the public holidays of
the duty's country; the day of the anchor is not counted.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

from undersign.catalogs.clocks import Duty, Regime, anchors, regimes
from undersign.records.clock import Deadline

ANCHORS = frozenset(anchors())
"""Keys `REGIME.ANCHOR` that a person may tie to a claim."""


class Anchor(NamedTuple):
    """A claim that starts a clock."""

    claim: str
    at: datetime
    """UTC."""


def deadlines(
    tied: Mapping[str, Anchor], *, wanted: Sequence[str] = (), zone: str = "UTC", country: str = ""
) -> tuple[Deadline, ...]:
    """Return every duty with its date, or with the reason why it has none.

    `tied` maps `REGIME.ANCHOR` to what a person chose; `wanted` names the only regimes to count;
    `zone` and `country` (ISO 3166, perhaps with a subdivision as `DE-BY`) tell when days end and
    which are holidays. Raises KeyError for a regime that is not known, and what `zoneinfo` and
    `holidays` raise for a zone or a country that nobody knows.
    """
    known = {regime.key: regime for regime in regimes()}
    chosen = [known[key] for key in wanted] if wanted else list(known.values())
    place = _Place(zone, country)
    return tuple(
        _deadline(regime, duty, tied, place) for regime in chosen for duty in regime.duties
    )


class _Place(NamedTuple):
    """Where days end and which of them are worked."""

    zone: str
    country: str

    def of(self, duty: Duty) -> _Place:
        return _Place(duty.zone or self.zone, duty.country or self.country)

    def works(self, day: date) -> bool:
        return day.weekday() < 5 and day not in _holidays(self.country, day.year)


def _deadline(regime: Regime, duty: Duty, tied: Mapping[str, Anchor], place: _Place) -> Deadline:
    plain = Deadline(
        regime=regime.key,
        duty=duty.key,
        title=duty.title,
        anchor=duty.anchor,
        instrument=duty.instrument,
        version=regime.version,
        verified=regime.verified,
        enabled=regime.enabled,
    )
    anchor = tied.get(f"{regime.key}.{duty.anchor}")
    if not regime.enabled:
        return replace(plain, reason=regime.version)
    if anchor is None:
        return replace(plain, reason=f"no signed claim says when: {duty.anchor}")
    if regime.applies_from and anchor.at.date() < date.fromisoformat(regime.applies_from):
        return replace(plain, reason=f"the rule applies from {regime.applies_from} on")
    due, reason = _due(duty, anchor.at, place.of(duty))
    cap = tied.get(f"{regime.key}.{duty.cap_anchor}") if duty.cap_anchor else None
    if cap is not None and cap.at + timedelta(hours=duty.cap_hours) < due:
        due = cap.at + timedelta(hours=duty.cap_hours)
        reason = f"{duty.cap_hours} hours after {duty.cap_anchor} ({cap.claim}), which come first"
    elif duty.cap_anchor and cap is None:
        reason += f"; {duty.cap_anchor} is not tied to a claim, and would cap it"
    due, moved = _off_the_weekend(duty, due, place.of(duty))
    return replace(plain, claim=anchor.claim, anchored_at=anchor.at, due=due, reason=reason + moved)


def _due(duty: Duty, at: datetime, place: _Place) -> tuple[datetime, str]:
    if duty.hours:
        return at + timedelta(hours=duty.hours), f"{duty.hours} hours after {duty.anchor}"
    zone = ZoneInfo(place.zone)
    local = at.astimezone(zone)
    if duty.business_days:
        day = _business_day(local.date(), duty.business_days, place)
        end = time.fromisoformat(duty.end_of_day or "23:59")
        return (
            datetime.combine(day, end, tzinfo=zone).astimezone(UTC),
            f"{duty.business_days} business days after {duty.anchor}, {end:%H:%M} in {place.zone}",
        )
    day = _months_on(local.date(), duty.months) if duty.months else local.date()
    day += timedelta(days=duty.days)
    length = f"{duty.months} month" if duty.months else f"{duty.days} days"
    # A period of days or months ends with the last hour of its last day (Regulation 1182/71, 3).
    return (
        datetime.combine(day, time(23, 59, 59), tzinfo=zone).astimezone(UTC),
        f"{length} after {duty.anchor}, to the end of that day in {place.zone}",
    )


def _months_on(day: date, months: int) -> date:
    """Return the same day some months on, or the last of that month."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    last = monthrange(year, month + 1)[1]
    return date(year, month + 1, min(day.day, last))


def _business_day(day: date, count: int, place: _Place) -> date:
    """Return the last of so many business days; the day itself is not counted."""
    while count:
        day += timedelta(days=1)
        count -= place.works(day)
    return day


def _off_the_weekend(duty: Duty, due: datetime, place: _Place) -> tuple[datetime, str]:
    if duty.weekend != "noon-next-working-day":
        return due, ""
    zone = ZoneInfo(place.zone)
    day = due.astimezone(zone).date()
    if place.works(day):
        return due, ""
    while not place.works(day):
        day += timedelta(days=1)
    noon = datetime.combine(day, time(12), tzinfo=zone).astimezone(UTC)
    return noon, f"; it falls on a day off and moves to noon of {day} in {place.zone}"


@lru_cache(maxsize=64)
def _holidays(country: str, year: int) -> frozenset[date]:
    """Return the public holidays of a country in one year; none for no country."""
    if not country:
        return frozenset()
    import holidays

    code, _, subdivision = country.partition("-")
    found = holidays.country_holidays(code, subdiv=subdivision or None, years=year)
    return frozenset(found.keys())
