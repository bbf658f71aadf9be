"""An ingest in a child process that is killed (SIGKILL) at its n-th step on the disk."""

from __future__ import annotations

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
    """Ingest in this process; die at step `kill_at`, or write the number of steps down."""
    from undersign.catalogs.log_sources import load
    from undersign.telemetry.ingest import ingest
    from undersign.telemetry.lake import Lake

    sources = load()
    inside = str(root)
    steps = 0

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        nonlocal steps
        if event in _STEPS and inside in str(arguments[0]):
            steps += 1
            if steps == kill_at:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(hook)
    ingest(paths, Lake(root), sources, now=NOW)
    steps_file.write_text(str(steps))


def in_child(paths: list[Path], root: Path, kill_at: int = 0) -> int | None:
    """Run it in a child; returns the number of steps, None when the child was killed."""
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
    return int(steps_file.read_text())
