"""Every line of the shared real data becomes an event or a counted reject, of a sensible source."""

from __future__ import annotations

import gzip
import tarfile
from collections import Counter
from pathlib import Path

import pytest

from undersign.catalogs.log_sources import load
from undersign.records.event import Event, Reject
from undersign.telemetry.readers import read
from undersign.telemetry.shape import Shaper, shape_record

EXPECTED = {
    "cloudtrail": {"cloudtrail": 3313},
    "windows_benign": {
        "windows_other": 5710,
        "windows_security": 5291,
        "windows_sysmon": 358,
        "windows_system": 3043,
    },
    "windows_evtx": {
        "windows_defender": 534,
        "windows_other": 13292,
        "windows_powershell": 5831,
        "windows_security": 19954,
        "windows_sysmon": 6442,
        "windows_system": 3928,
    },
    "windows_otrf": {
        "windows_other": 386,
        "windows_powershell": 9692,
        "windows_security": 10742,
        "windows_sysmon": 77166,
        "windows_system": 60,
    },
    "zeek": {"zeek_dns": 13446, "zeek_other": 6341, "zeek_ssl": 12302, "zeek_weird": 5991},
}
"""Counted by channel and log type with a program of its own, not with ours."""


def _shaped(path: Path) -> Counter[str]:
    shaper = Shaper(load())
    count: Counter[str] = Counter()
    for item in read(path):
        event = item if isinstance(item, Reject) else shape_record(shaper, item)
        count[event.source if isinstance(event, Event) else "reject"] += 1
        count["undated"] += isinstance(event, Event) and event.time is None
    return count


@pytest.mark.parametrize("name", EXPECTED)
def test_all_lines_of_the_logs(shared_data: Path, name: str) -> None:
    path = shared_data / "logs" / f"{name}.jsonl.gz"
    count = _shaped(path)
    assert count.items() >= EXPECTED[name].items()
    with gzip.open(path, "rb") as lines:
        assert sum(count.values()) - count["undated"] == sum(1 for line in lines if line.strip())
    assert count["reject"] == 0
    # Zeek's loaded_scripts, and one Windows event each, carry no time at all.
    assert count["undated"] == {"zeek": 137, "windows_benign": 1, "windows_evtx": 1}.get(name, 0)


def test_every_regression_event_log(shared_data: Path, tmp_path: Path) -> None:
    archive = shared_data / "sigma" / "sigmahq_regression.tar.gz"
    with tarfile.open(archive) as tar:
        names = [m for m in tar.getmembers() if m.name.endswith(".evtx")]
        tar.extractall(tmp_path, names, filter="data")
    found = [_shaped(path) for path in sorted(tmp_path.rglob("*.evtx"))]
    assert len(found) == 202
    total = sum(found, Counter())
    assert total == Counter(
        {
            "windows_sysmon": 233,
            "windows_security": 2,
            "windows_other": 2,
            "windows_defender": 1,
        }
    )
    assert all(sum(c.values()) for c in found)


def test_a_cut_event_log_is_read_as_far_as_it_goes(shared_data: Path) -> None:
    count = _shaped(shared_data / "timeline" / "evtx" / "System2.evtx")
    assert count == Counter({"windows_security": 284, "reject": 1, "undated": 0})
