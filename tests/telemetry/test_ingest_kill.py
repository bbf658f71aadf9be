"""A killed ingest leaves all or nothing, and running it again completes it."""

from __future__ import annotations

import json
import random
from pathlib import Path

from killed_ingest import NOW, in_child
from undersign.catalogs.log_sources import load
from undersign.telemetry.ingest import ingest
from undersign.telemetry.lake import Lake


def _write(path: Path, days: range) -> Path:
    lines = [
        json.dumps({"@timestamp": f"2024-01-{day:02}T00:00:{n:02}Z", "n": n, f"only_{day}": "x"})
        for day in days
        for n in range(40)
    ]
    cloud = [
        json.dumps(
            {
                "eventVersion": "1.08",
                "eventTime": f"2024-01-{day:02}T01:00:00Z",
                "eventSource": "iam.amazonaws.com",
                "eventName": "CreateUser",
                "awsRegion": "us-east-1",
                "eventID": str(day),
            }
        )
        for day in days
    ]
    path.write_text("\n".join(lines + cloud) + "\n", encoding="utf-8")
    return path


def _ids(lake: Lake) -> dict[str, list[str]]:
    return {
        name: sorted(i for rows in lake.rows(name, ["_id"]) for i in rows["_id"].to_pylist())
        for name in lake.tables()
    }


def _around_commits(steps: list[str]) -> list[int]:
    """Return the moments, from 1, at which some of the tables are committed and some are not."""
    moments = [at for at, name in enumerate(steps, start=1) if name.endswith("commit_table")]
    assert len(moments) == 4, "two tables, each before and after"
    return moments[1:]


def test_a_kill_at_any_moment_leaves_all_or_nothing(tmp_path: Path) -> None:
    first = _write(tmp_path / "first.jsonl", range(1, 4))
    second = _write(tmp_path / "second.jsonl", range(3, 9))
    seed = Path(__file__).name
    (tmp_path / "calm").mkdir()
    calm = Lake(tmp_path / "calm" / "lake")
    ingest([first], calm, load(), now=NOW)
    before = _ids(calm)
    steps = in_child([second], calm.root)
    assert steps is not None and len(steps) > 20
    after = _ids(calm)
    assert after != before

    outcomes = set()
    random_ones = random.Random(seed).sample(range(1, len(steps) + 1), 5)
    for moment in {*random_ones, *_around_commits(steps), len(steps)}:
        root = tmp_path / str(moment) / "lake"
        root.parent.mkdir(exist_ok=True)
        ingest([first], Lake(root), load(), now=NOW)
        assert in_child([second], root, moment) is None
        seen = _ids(Lake(root))
        assert seen in (before, after), f"half an ingest is visible after a kill at {moment}"
        outcomes.add(seen == after)
        ingest([second], Lake(root), load(), now=NOW)
        assert _ids(Lake(root)) == after
        held = {f.path for t in Lake(root).tables().values() for f in t.files}
        assert {str(p) for p in root.glob("*/*/data/*")} == held, "orphans are left"
        assert not list(root.glob(".*.tmp")) and not (root / "pending.json").exists()
    assert outcomes == {True, False}, "the moments do not cover both sides of the commit"


def test_a_kill_during_the_first_ingest_of_all(tmp_path: Path) -> None:
    log = _write(tmp_path / "log.jsonl", range(1, 4))
    (tmp_path / "calm").mkdir()
    steps = in_child([log], tmp_path / "calm" / "lake")
    assert steps is not None and "before create_table" in steps
    whole = _ids(Lake(tmp_path / "calm" / "lake"))
    random_ones = random.Random(7).sample(range(1, len(steps)), 2)
    for moment in {*random_ones, *_around_commits(steps)}:
        root = tmp_path / str(moment) / "lake"
        root.parent.mkdir()
        assert in_child([log], root, moment) is None
        assert _ids(Lake(root)) in ({}, whole)
        ingest([log], Lake(root), load(), now=NOW)
        assert _ids(Lake(root)) == whole
