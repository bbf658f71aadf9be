"""Times without zone or year, hours a clock shows twice or never, leap seconds, skew."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from telemetry.logbook.test_formats import read

AS_OF = datetime(2026, 11, 25, tzinfo=UTC)


def _log(tmp_path: Path, *times: str) -> Path:
    path = tmp_path / "x.log"
    path.write_text("".join(f"{t} web1 app: said\n" for t in times))
    return path


def _clocks(path: Path, **told: object) -> tuple[list[str], list[str]]:
    found, source = read(path, **told)
    return [f"{e.time:%Y-%m-%d %H:%M:%S}" if e.time else "none" for e in found], list(
        source.warnings
    )


def test_a_zone_nobody_states_is_assumed_and_said(tmp_path: Path) -> None:
    path = _log(tmp_path, "Mar  4 10:41:07")
    times, warnings = _clocks(path)
    assert times == ["2026-03-04 10:41:07"]
    assert any("no zone" in w for w in warnings) and any("no year" in w for w in warnings)
    assert read(path)[1].zone_known == "assumed"
    times, warnings = _clocks(path, zone="America/New_York", year=2024)
    assert times == ["2024-03-04 15:41:07"]
    assert not warnings


def test_the_year_turns_with_the_lines(tmp_path: Path) -> None:
    path = _log(
        tmp_path, "Dec 30 23:00:00", "Dec 31 23:59:59", "Jan  1 00:00:01", "Jan  2 00:00:00"
    )
    times, _ = _clocks(path, as_of=datetime(2026, 2, 1, tzinfo=UTC))
    assert times[0] == "2025-12-30 23:00:00"
    assert times[-1] == "2026-01-02 00:00:00"


def test_29_february_needs_a_leap_year(tmp_path: Path) -> None:
    path = _log(tmp_path, "Feb 29 10:00:00", "Mar  1 10:00:00")
    assert _clocks(path)[0] == ["2024-02-29 10:00:00", "2024-03-01 10:00:00"]
    times, warnings = _clocks(path, year=2025)
    assert times == ["none", "2025-03-01 10:00:00"]
    assert any("no calendar" in w for w in warnings)


def test_an_hour_that_the_clock_skips(tmp_path: Path) -> None:
    path = _log(tmp_path, "Mar 29 01:59:59", "Mar 29 02:30:00", "Mar 29 03:00:01")
    times, warnings = _clocks(path, zone="Europe/Berlin", year=2026)
    assert times[0] == "2026-03-29 00:59:59"
    assert times[2] == "2026-03-29 01:00:01"
    assert any("skipped" in w for w in warnings)


def test_an_hour_that_the_clock_shows_twice_keeps_the_order(tmp_path: Path) -> None:
    path = _log(
        tmp_path, "Oct 25 02:10:00", "Oct 25 02:50:00", "Oct 25 02:10:00", "Oct 25 02:50:00",
        "Oct 25 03:00:00",
    )  # fmt: skip
    times, warnings = _clocks(path, zone="Europe/Berlin", year=2026)
    assert times == [
        "2026-10-25 00:10:00", "2026-10-25 00:50:00", "2026-10-25 01:10:00", "2026-10-25 01:50:00",
        "2026-10-25 02:00:00",
    ]  # fmt: skip
    assert any("4 lines" in w and "twice" in w for w in warnings)


def test_a_leap_second_is_the_second_after(tmp_path: Path) -> None:
    path = _log(tmp_path, "2016-12-31T23:59:60Z", "2017-01-01T00:00:00Z")
    times, warnings = _clocks(path)
    assert times == ["2017-01-01 00:00:00", "2017-01-01 00:00:00"]
    assert any("leap second" in w for w in warnings)


def test_a_clock_that_runs_ahead_is_set_back(tmp_path: Path) -> None:
    path = _log(tmp_path, "2026-03-04T10:41:07Z")
    assert _clocks(path, skew=7.0)[0] == ["2026-03-04 10:41:00"]


def test_lines_out_of_order_are_counted(tmp_path: Path) -> None:
    path = _log(tmp_path, *(f"2026-03-04T10:41:{s}Z" for s in ("07", "09", "03", "10")))
    assert read(path)[1].disordered == 1
