"""An ingest in a child process that is killed (SIGKILL) at its n-th step on the disk."""

from __future__ import annotations

import json
import multiprocessing
import os
import signal
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

NOW = datetime(2026, 1, 1, tzinfo=UTC)
_STEPS = {"open", "os.rename", "os.remove", "sqlite3.connect"}


def run(paths: list[Path], root: Path, kill_at: int, steps_file: Path) -> None:
    """Ingest in this process; die at step `kill_at`, or write the names of the steps down."""
    from pyiceberg.catalog.sql import SqlCatalog

    from undersign.catalogs.log_sources import load
    from undersign.telemetry.ingest import ingest
    from undersign.telemetry.lake import Lake

    sources = load()
    inside = str(root)
    steps: list[str] = []

    def step(name: str) -> None:
        steps.append(name)
        if len(steps) == kill_at:
            os.kill(os.getpid(), signal.SIGKILL)

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        if event in _STEPS and inside in str(arguments[0]):
            step(event)

    def stepping(name: str) -> None:
        whole = getattr(SqlCatalog, name)

        def stepped(*args: Any, **kwargs: Any) -> Any:
            step(f"before {name}")
            result = whole(*args, **kwargs)
            step(f"after {name}")
            return result

        setattr(SqlCatalog, name, stepped)

    # Iceberg's own files are written by C++, which the audit hook does not see.
    stepping("create_table")
    stepping("commit_table")
    sys.addaudithook(hook)
    ingest(paths, Lake(root), sources, now=NOW)
    steps_file.write_text(json.dumps(steps))


def in_child(paths: list[Path], root: Path, kill_at: int = 0) -> list[str] | None:
    """Run it in a child; returns the steps, None when the child was killed."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["undersign.telemetry.ingest", "pyiceberg.catalog.sql"])
    steps_file = root.parent / "steps"
    steps_file.unlink(missing_ok=True)
    child = context.Process(target=run, args=(paths, root, kill_at, steps_file))
    child.start()
    child.join(120)
    assert child.exitcode is not None, "the child hangs"
    if child.exitcode == -signal.SIGKILL:
        return None
    assert child.exitcode == 0
    steps: list[str] = json.loads(steps_file.read_text())
    return steps
