"""Times and lengths of time as people write them."""

from __future__ import annotations

import datetime as dt
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from undersign.languages.when import lengths, times, zones
from undersign.records.evidence import Precision


def _told(text: str) -> list[tuple[str, str, str]]:
    return [(str(w.date or "-"), str(w.time or "-")[:5], w.zone) for w in times(text)]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("2023-11-01 10:41", [("2023-11-01", "10:41", "")]),
        ("2020/09/21", [("2020-09-21", "-", "")]),
        ("21 September 2020", [("2020-09-21", "-", "")]),
        ("September 21st, 2020 at 6:27 PM PDT", [("2020-09-21", "18:27", "PDT")]),
        ("the 3rd of May 2021 10:00", [("2021-05-03", "10:00", "")]),
        ("12 Mar 2023, 14:05", [("2023-03-12", "14:05", "")]),
        ("17:22 UTC on 18 August 2023", [("2023-08-18", "17:22", "UTC")]),
        ("2023-11-01T10:41:07.123Z", [("2023-11-01", "10:41", "Z")]),
        ("2023-11-01T10:41:07-07:00", [("2023-11-01", "10:41", "-07:00")]),
        ("13/02/2023 10:00", [("2023-02-13", "10:00", "")]),
        ("2/13/2023", [("2023-02-13", "-", "")]),
        ("~18:00", [("-", "18:00", "")]),
        ("at 10.41 we saw it", [("-", "10:41", "")]),
        ("10.41 UTC", [("-", "10:41", "UTC")]),
        ("0830 UTC", [("-", "08:30", "UTC")]),
        ("08:30h", [("-", "08:30", "")]),
        ("5 p.m. UTC", [("-", "17:00", "UTC")]),
        ("12:05 AM", [("-", "00:05", "")]),
        ("18:00 Europe/Berlin", [("-", "18:00", "Europe/Berlin")]),
        ("6pm Pacific time", [("-", "18:00", "America/Los_Angeles")]),
        ("10:15–10:41", [("-", "10:15", ""), ("-", "10:41", "")]),
        ("10:15-10:41 UTC", [("-", "10:15", ""), ("-", "10:41", "UTC")]),
        ("2023-11-01 10:41-12:00", [("2023-11-01", "10:41", ""), ("-", "12:00", "")]),
        ("9:30am-5pm", [("-", "09:30", ""), ("-", "17:00", "")]),
        ("2023-12-31 24:00", [("2024-01-01", "00:00", "")]),
        ("|10:41|**10:42**|", [("-", "10:41", ""), ("-", "10:42", "")]),
    ],
)
def test_times_as_people_write_them(text: str, told: list[tuple[str, str, str]]) -> None:
    assert _told(text) == told


@pytest.mark.parametrize(
    "text",
    [
        "v1.24.0 and 3.10.41", "port 8:80", "fe80::1:20", "2001:db8::10:41", "auth.log:12",
        "file.py:10:41", "line 10:41", "a score of 16:9", "the score 2:30", "10:1", "1.2.3.4:8080",
        "we may 5 of them", "march 10 miles", "at 10.41% of", "at 10.41 MB", "100:30", "24:7",
        "sha256:10:41:22:aa", "May 2020 was dry", "ISO 27001 3.1",
    ],
)  # fmt: skip
def test_what_only_looks_like_a_time(text: str) -> None:
    assert times(text) == ()


def test_a_date_that_can_be_read_two_ways_is_not_read() -> None:
    (one,) = times("3/4/2023 10:00")
    assert one.ambiguous
    assert one.date is None
    assert one.local is None
    (same,) = times("4/4/2023")
    assert same.date == dt.date(2023, 4, 4)
    assert not same.ambiguous


@pytest.mark.parametrize(
    "text",
    ["HH:mm", "??:??", "2023-11-01 HH:mm", "YYYY-MM-DD HH:MM", "2024-03-13 14:??", "2022-05-??"],
)
def test_places_that_nobody_filled_in(text: str) -> None:
    (one,) = times(text)
    assert one.placeholder
    assert (one.start, one.end) == (0, len(text))


@pytest.mark.parametrize("text", ["25:61", "2023-02-30", "30 February 2023", "13:00 pm", "10:75"])
def test_what_no_calendar_has(text: str) -> None:
    (one,) = times(text)
    assert one.impossible


def test_a_year_that_is_not_written_is_not_known() -> None:
    (one,) = times("Mon 04 May")
    assert (one.year_known, one.weekday, one.date) == (False, 0, dt.date(2000, 5, 4))


def test_precision_is_that_of_the_writing() -> None:
    said = [w.precision for w in times("2023-11-01; 10:41; 10:41:07; 10:41:07.5")]
    assert said == [Precision.DAY, Precision.MINUTE, Precision.SECOND, Precision.FINE]


def test_zones_with_seasons_need_a_date() -> None:
    (winter,) = times("2023-11-10 10:00 PT")
    (summer,) = times("2023-07-10 10:00 PT")
    (alone,) = times("10:00 PT")
    assert (winter.offset, summer.offset, alone.offset) == (-480, -420, None)
    assert winter.utc() == dt.datetime(2023, 11, 10, 18, tzinfo=dt.UTC)
    assert [z.name for z in zones("All times in UTC.")] == ["UTC"]


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("4h 27m", 16_020), ("4h27m", 16_020), ("2 hours and 5 minutes", 7_500), ("90 min", 5_400),
        ("1d 3h", 97_200), ("35h 36m", 128_160), ("half an hour", 1_800), ("0h 38m", 2_280),
        ("an hour and a half", 5_400), ("two and a half hours", 9_000), ("1.5 hours", 5_400),
        ("a 3-hour outage", 10_800), ("2 days, 3 hours", 183_600), ("30s", 30),
        ("1 hour 23 minutes 4 seconds", 4_984), ("three quarters of an hour", 2_700),
    ],
)  # fmt: skip
def test_lengths_as_people_write_them(text: str, seconds: int) -> None:
    (one,) = lengths(text)
    assert one.seconds == seconds
    assert not one.approximate


@pytest.mark.parametrize("text", ["about 2 hours", "~20 mins", "over 3 days", "10 to 15 minutes"])
def test_lengths_that_are_not_meant_exactly(text: str) -> None:
    (one,) = lengths(text)
    assert one.approximate


@pytest.mark.parametrize("text", ["v1.2h", "100ms", "5 m 3 h", "HH:MM", "1:30 hours", "20-30 mins"])
def test_what_is_no_length(text: str) -> None:
    assert lengths(text) == ()


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet="0123456789:.-/ TZhmapPMayUTC+?\n", max_size=60))
def test_any_text_has_times_with_places_in_it(text: str) -> None:
    last = 0
    for one in times(text):
        assert last <= one.start < one.end <= len(text)
        last = one.end
        one.utc(0)
    for length in lengths(text):
        assert 0 <= length.start < length.end <= len(text)


@pytest.mark.parametrize(
    "piece", ["10:41 ", "2020-01-01 10:10 UTC ", "1h 2m ", "1:", "may 5 ", "1 "]
)
def test_time_grows_with_the_text(piece: str) -> None:
    text = piece * (400_000 // len(piece))
    started = time.process_time()
    times(text)
    lengths(text)
    assert time.process_time() - started < 3
