"""The real logs: every line of 200,000 once, whatever the order, in bounded memory and time."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
from collections import Counter
from datetime import UTC, datetime
from hashlib import blake2b
from pathlib import Path

from undersign.catalogs.log_sources import load
from undersign.telemetry.ingest import ingest
from undersign.telemetry.lake import Lake

NOW = datetime(2026, 1, 1, tzinfo=UTC)
_PROGRAM = """
import json, re, sys, time
from datetime import UTC, datetime
from pathlib import Path
from undersign.catalogs.log_sources import load
from undersign.telemetry.ingest import ingest
from undersign.telemetry.lake import Lake
report = ingest([Path(sys.argv[1])], Lake(Path(sys.argv[2])), load(), now=datetime.now(UTC))
# Not ru_maxrss: a child is born with the peak of the process that started it.
peak = re.search(r"VmHWM:\\s+(\\d+) kB", Path("/proc/self/status").read_text())
memory = int(peak[1]) // 1024
print(json.dumps({**report.document(), "cpu": time.process_time(), "memory": memory}))
"""


def _expected(files: list[Path]) -> Counter[str]:
    """Count, over all files, each event that must be there: the most often a file has it."""
    most: Counter[str] = Counter()
    for file in files:
        with gzip.open(file) as stream:
            lines = (line.rstrip(b"\r\n") for line in stream)
            counts = Counter(blake2b(t, digest_size=12).hexdigest() for t in lines if t.strip())
        most |= counts
    return most


def test_every_line_of_the_real_logs_is_there_once(tmp_path: Path, shared_data: Path) -> None:
    folder = shared_data / "logs"
    files = sorted(folder.glob("*.jsonl.gz"))
    root = tmp_path / "state" / "lake"
    command = [sys.executable, "-c", _PROGRAM, str(folder), str(root)]
    report = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
    assert report["rejected_total"] == 0, report["rejected"]
    expected = _expected(files)
    assert sum(t["rows"] for t in report["tables"]) == expected.total()
    lake = Lake(root)
    raws = Counter(
        blake2b(raw.encode(), digest_size=12).hexdigest()
        for table in lake.tables()
        for rows in lake.rows(table, ["_raw"])
        for raw in rows["_raw"].to_pylist()
    )
    assert raws == expected
    assert report["memory"] < 1_000, "megabytes"
    assert report["cpu"] < 90, "seconds"

    state = lake.snapshot()
    again = ingest(files[::-1], lake, load(), now=NOW)
    assert (again.tables, again.snapshot) == ((), state)
    (lake.root / "taken_in.json").unlink()
    thorough = ingest(files[:1], lake, load(), now=NOW)
    assert thorough.tables == () and thorough.duplicates > 0
