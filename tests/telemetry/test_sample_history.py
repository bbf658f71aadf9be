"""The sample history: one seed one week, told truthfully, with what was planted to be found."""

from __future__ import annotations

import base64
import json
from collections import Counter
from datetime import UTC, datetime
from hashlib import sha256
from ipaddress import ip_address, ip_network
from time import process_time

import pytest

from undersign.telemetry.sample_history import (
    BEATS,
    BROKEN_LINES,
    CONTROLLERS,
    SYSTEM_FILE,
    SampleHistory,
    sample_history,
    simulate,
)

START = datetime(2026, 10, 5, tzinfo=UTC)


@pytest.fixture(scope="module")
def week() -> SampleHistory:
    return simulate(7, start=START)


def _digest(history: SampleHistory) -> str:
    whole = sha256()
    for name, lines in history.lines():
        whole.update(name.encode())
        for line in lines:
            whole.update(line)
    return whole.hexdigest()


def test_one_seed_gives_the_same_bytes_and_another_seed_gives_others() -> None:
    first, again, other = (simulate(seed, start=START, days=1) for seed in (1, 1, 2))
    assert _digest(first) == _digest(again) != _digest(other)


def test_the_week_has_the_promised_size_and_is_made_in_time() -> None:
    began = process_time()
    count = sum(1 for _, lines in simulate(3, start=START).lines() for _ in lines)
    assert 40_000 <= count <= 60_000
    assert process_time() - began < 6  # budget 3 s on a free core; the machine is shared


def test_every_file_is_sorted_by_time_and_numbered_without_gaps_in_each_log(
    week: SampleHistory,
) -> None:
    seen: dict[tuple[str, str], list[int]] = {}
    for name, events in week.files():
        times = []
        for event in events:
            if name == BEATS:
                times.append(event["@timestamp"])
                log = (event["winlog"]["computer_name"], event["winlog"]["channel"])
                record = event["winlog"]["record_id"]
            else:
                times.append(event["SystemTime"])
                log = (event["Computer"], event["Channel"])
                record = event["EventRecordID"]
            seen.setdefault(log, []).append(record)
        assert times == sorted(times)
    for log, records in seen.items():
        assert records == list(range(records[0], records[0] + len(records))), log


def test_weekends_are_quiet_and_offices_work_by_day(week: SampleHistory) -> None:
    per_day = Counter(
        event["SystemTime"][:10]
        for name, events in week.files()
        if name != BEATS
        for event in events
    )
    assert len(per_day) == 7
    assert max(per_day["2026-10-10"], per_day["2026-10-11"]) < 0.7 * per_day["2026-10-06"]
    hours = Counter(
        event["SystemTime"][11:13]
        for name, events in week.files()
        if name == "sysmon.jsonl"
        for event in events
    )
    assert hours["10"] > 3 * hours["02"]


def test_only_invented_names_and_reserved_addresses_occur(week: SampleHistory) -> None:
    allowed = [ip_network(n) for n in ("10.20.0.0/16", "198.51.100.0/24", "203.0.113.0/24")]
    for name, events in week.files():
        for event in events:
            flat = event["winlog"]["event_data"] if name == BEATS else event
            for key in ("IpAddress", "SourceIp", "DestinationIp"):
                text = str(flat.get(key, "-")).removeprefix("::ffff:")
                if text not in ("-", "127.0.0.1"):
                    assert any(ip_address(text) in network for network in allowed)
            assert str(flat.get("Computer", "x.corp.example")).endswith(".corp.example")


def test_kerberoasting_stands_out_of_the_noise_and_is_where_planted_says(
    week: SampleHistory,
) -> None:
    plant = next(p for p in week.planted if p.name == "kerberoasting")
    records = {(computer, record) for _, computer, event, record in plant.records if event == 4769}
    events = dict(week.files())[CONTROLLERS]
    found = [e for e in events if (e["Computer"], e["EventRecordID"]) in records]
    assert len({e["ServiceName"] for e in found}) == len(found) >= 25
    assert {e["TicketEncryptionType"] for e in found} == {"0x17"}
    assert {e["TargetUserName"].partition("@")[0] for e in found} == {plant.account}
    span = datetime.fromisoformat(plant.last) - datetime.fromisoformat(plant.first)
    assert span.total_seconds() < 12 * 60
    quiet = Counter(
        (e["IpAddress"], e["SystemTime"][:14] + ("0" if e["SystemTime"][14] < "3" else "3"))
        for e in dict(week.files())[CONTROLLERS]
        if e["EventID"] == 4769
        and not e["ServiceName"].endswith("$")
        and (e["Computer"], e["EventRecordID"]) not in records
    )
    assert 4 <= max(quiet.values()) <= 15, "the noise must be there and must stay below the attack"


def test_the_cradle_decodes_and_ordinary_encoded_commands_exist_too(week: SampleHistory) -> None:
    lines = [
        event["CommandLine"]
        for event in dict(week.files())["sysmon.jsonl"]
        if "powershell" in str(event.get("CommandLine")) and "-enc" in event["CommandLine"].lower()
    ]
    scripts = [base64.b64decode(line.split()[-1]).decode("utf-16-le") for line in lines]
    assert sum("DownloadString" in script for script in scripts) == 1
    assert len(scripts) > 100


def test_every_planted_record_exists_in_its_file(week: SampleHistory) -> None:
    known = set()
    for name, events in week.files():
        for event in events:
            if name == BEATS:
                log = event["winlog"]
                known.add((name, log["computer_name"], int(log["event_id"]), log["record_id"]))
            else:
                known.add((name, event["Computer"], event["EventID"], event["EventRecordID"]))
    for plant in week.planted:
        assert plant.records
        assert set(plant.records) <= known


def test_broken_lines_are_in_the_system_log_and_nowhere_else(week: SampleHistory) -> None:
    for name, lines in week.lines():
        broken = [line for line in lines if line.rstrip(b"\n") in BROKEN_LINES]
        assert len(broken) == (len(BROKEN_LINES) if name == SYSTEM_FILE else 0)
    with pytest.raises(json.JSONDecodeError):
        json.loads(BROKEN_LINES[0])
    with pytest.raises(UnicodeDecodeError):
        BROKEN_LINES[-1].decode()


def test_a_short_history_still_has_everything_planted() -> None:
    assert len(simulate(5, start=START, days=1).planted) == 4
    assert [name for name, _ in sample_history(5, start=START, days=1)]


def test_a_start_without_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        simulate(1, start=datetime(2026, 10, 5))
