"""Deadlines worked out by hand: hours, days, months, business days, caps, weekends, holidays."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from undersign.catalogs.clocks import anchors, regimes
from undersign.catalogs.deadlines import ANCHORS, Anchor, deadlines

CASES = (
    # tied (anchor -> time UTC), zone, country, duty, due (UTC)
    ({"gdpr.awareness": "2026-03-04T10:41"}, "UTC", "", "gdpr.authority", "2026-03-07T10:41"),
    # Hours run over weekends, holidays, leap days and the change of the clock.
    ({"gdpr.awareness": "2026-03-27T12:00"}, "Europe/Berlin", "DE", "gdpr.authority",
     "2026-03-30T12:00"),
    ({"gdpr.awareness": "2028-02-28T12:00"}, "UTC", "", "gdpr.authority", "2028-03-02T12:00"),
    ({"gdpr.awareness": "2026-12-30T23:30"}, "UTC", "", "gdpr.authority", "2027-01-02T23:30"),
    ({"nis2.awareness": "2026-10-24T22:30"}, "Europe/Berlin", "DE", "nis2.early-warning",
     "2026-10-25T22:30"),
    ({"nis2.awareness": "2026-10-24T22:30"}, "Europe/Berlin", "DE", "nis2.notification",
     "2026-10-27T22:30"),
    # One month after the notification, to the end of that day where days end.
    ({"nis2.notification": "2026-01-31T10:00"}, "UTC", "", "nis2.final-report",
     "2026-02-28T23:59:59"),
    ({"nis2.notification": "2028-01-31T10:00"}, "UTC", "", "nis2.final-report",
     "2028-02-29T23:59:59"),
    ({"nis2.notification": "2026-12-15T10:00"}, "UTC", "", "nis2.final-report",
     "2027-01-15T23:59:59"),
    ({"nis2.notification": "2026-02-28T10:00"}, "UTC", "", "nis2.final-report",
     "2026-03-28T23:59:59"),
    ({"nis2.notification": "2026-09-28T10:00"}, "Europe/Berlin", "DE", "nis2.final-report",
     "2026-10-28T22:59:59"),
    # DORA: four hours from classification, a day from awareness at the latest.
    ({"dora.classification": "2026-03-04T10:00", "dora.awareness": "2026-03-04T08:00"}, "UTC", "",
     "dora.initial", "2026-03-04T14:00"),
    ({"dora.classification": "2026-03-05T07:00", "dora.awareness": "2026-03-04T08:00"}, "UTC", "",
     "dora.initial", "2026-03-05T08:00"),
    ({"dora.classification": "2026-03-05T04:00", "dora.awareness": "2026-03-04T08:00"}, "UTC", "",
     "dora.initial", "2026-03-05T08:00"),
    # ... and on a weekend or a holiday noon of the next working day.
    ({"dora.classification": "2026-03-07T10:00", "dora.awareness": "2026-03-07T09:00"}, "UTC", "",
     "dora.initial", "2026-03-09T12:00"),
    ({"dora.classification": "2026-04-03T08:00", "dora.awareness": "2026-04-03T08:00"},
     "Europe/Berlin", "DE", "dora.initial", "2026-04-07T10:00"),
    ({"dora.classification": "2026-12-24T21:00", "dora.awareness": "2026-12-24T21:00"},
     "Europe/Berlin", "DE", "dora.initial", "2026-12-28T11:00"),
    ({"dora.initial": "2026-03-04T14:00"}, "UTC", "", "dora.intermediate", "2026-03-09T12:00"),
    ({"dora.initial": "2026-03-02T14:00"}, "UTC", "", "dora.intermediate", "2026-03-05T14:00"),
    ({"dora.intermediate": "2026-03-05T14:00"}, "UTC", "", "dora.final", "2026-04-06T12:00"),
    ({"dora.intermediate": "2026-03-05T14:00"}, "Europe/Berlin", "DE", "dora.final",
     "2026-04-07T10:00"),
    ({"dora.intermediate": "2026-05-20T14:00"}, "UTC", "", "dora.final", "2026-06-22T12:00"),
    # SEC: four business days, day one is the next, federal holidays left out, until 17:30 Eastern.
    ({"sec.materiality": "2026-03-02T15:00"}, "UTC", "", "sec.8-k", "2026-03-06T22:30"),
    ({"sec.materiality": "2026-03-04T15:00"}, "UTC", "", "sec.8-k", "2026-03-10T21:30"),
    ({"sec.materiality": "2026-03-06T15:00"}, "UTC", "", "sec.8-k", "2026-03-12T21:30"),
    ({"sec.materiality": "2026-03-07T15:00"}, "UTC", "", "sec.8-k", "2026-03-12T21:30"),
    ({"sec.materiality": "2026-11-24T15:00"}, "UTC", "", "sec.8-k", "2026-12-01T22:30"),
    ({"sec.materiality": "2026-12-23T15:00"}, "UTC", "", "sec.8-k", "2026-12-30T22:30"),
    ({"sec.materiality": "2026-07-01T15:00"}, "UTC", "", "sec.8-k", "2026-07-08T21:30"),
    ({"sec.materiality": "2026-01-15T15:00"}, "UTC", "", "sec.8-k", "2026-01-22T22:30"),
    # Late in the evening in Washington it is the day before the one in UTC.
    ({"sec.materiality": "2026-03-03T03:00"}, "UTC", "", "sec.8-k", "2026-03-06T22:30"),
    ({"sec.materiality": "2026-03-02T15:00"}, "Asia/Tokyo", "JP", "sec.8-k", "2026-03-06T22:30"),
    # HIPAA: sixty calendar days.
    ({"hipaa.discovery": "2026-03-04T10:41"}, "UTC", "", "hipaa.individuals",
     "2026-05-03T23:59:59"),
    ({"hipaa.discovery": "2026-12-04T10:41"}, "UTC", "", "hipaa.secretary", "2027-02-02T23:59:59"),
    ({"hipaa.discovery": "2028-01-01T00:00"}, "UTC", "", "hipaa.individuals",
     "2028-03-01T23:59:59"),
    ({"hipaa.discovery": "2026-03-05T02:00"}, "America/Chicago", "US", "hipaa.individuals",
     "2026-05-04T04:59:59"),
    # CRA: since 2026-09-11.
    ({"cra.awareness": "2026-09-11T00:00"}, "UTC", "", "cra.early-warning", "2026-09-12T00:00"),
    ({"cra.awareness": "2026-10-01T08:00"}, "UTC", "", "cra.notification", "2026-10-04T08:00"),
    ({"cra.fix": "2026-10-01T08:00"}, "UTC", "", "cra.final-vulnerability", "2026-10-15T23:59:59"),
    ({"cra.notification": "2026-10-31T08:00"}, "UTC", "", "cra.final-incident",
     "2026-11-30T23:59:59"),
)  # fmt: skip


def _at(written: str) -> datetime:
    return datetime.fromisoformat(written).replace(tzinfo=UTC)


@pytest.mark.parametrize("case", CASES, ids=lambda c: f"{c[3]} {next(iter(c[0].values()))} {c[1]}")
def test_worked_cases(case: tuple[dict[str, str], str, str, str, str]) -> None:
    tied, zone, country, duty, due = case
    made = deadlines(
        {key: Anchor("C1", _at(at)) for key, at in tied.items()}, zone=zone, country=country
    )
    (one,) = (d for d in made if f"{d.regime}.{d.duty}" == duty)
    assert one.due == _at(due), one.reason
    assert one.claim == "C1"
    assert one.reason


def test_there_are_enough_cases_and_every_enabled_duty_has_one() -> None:
    assert len(CASES) >= 40
    duties = {f"{r.key}.{d.key}" for r in regimes() if r.enabled for d in r.duties}
    assert duties == {case[3] for case in CASES}


def test_nothing_is_due_without_an_anchor() -> None:
    for one in deadlines({}):
        assert one.due is None
        assert one.reason
        assert one.claim == ""


def test_a_rule_that_does_not_apply_yet_gives_no_date() -> None:
    tied = {"cra.awareness": Anchor("C1", _at("2026-09-10T23:00"))}
    assert {d.due for d in deadlines(tied, wanted=("cra",))} == {None}


def test_circia_is_shipped_disabled() -> None:
    tied = {"circia.belief": Anchor("C1", _at("2026-10-01T00:00"))}
    (one,) = deadlines(tied, wanted=("circia",))
    assert (one.enabled, one.due) == (False, None)


def test_every_rule_says_where_it_is_from_and_when_it_was_read() -> None:
    assert anchors().keys() == ANCHORS
    for one in deadlines({}):
        assert one.instrument and one.version
        date.fromisoformat(one.verified)
