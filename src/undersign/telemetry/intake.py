"""Before and around an ingest: which files, who may write, what a killed run left behind."""

from __future__ import annotations

import fcntl
import json
import os
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from undersign.errors import StorageError
from undersign.telemetry.commit import roll_forward
from undersign.telemetry.lake import PENDING_FILE, Lake
from undersign.telemetry.moved import follow_move
from undersign.telemetry.plan import replace_file
from undersign.telemetry.write import storage

LOCK_FILE = "lock"
WRITING_FILE = "writing.json"
PATIENCE = 30.0
"""Seconds to wait for another writer."""


def log_files(paths: Iterable[Path]) -> Iterator[Path]:
    """Yield the files named, and those below folders by name, hidden ones not."""
    for path in paths:
        if not path.is_dir():
            yield path
            continue
        for folder, inner, names in os.walk(path):
            inner[:] = sorted(name for name in inner if not name.startswith("."))
            for name in sorted(names):
                file = Path(folder, name)
                if not name.startswith(".") and file.is_file():
                    yield file


@contextmanager
def writing(lake: Lake, *, patience: float = PATIENCE) -> Iterator[None]:
    """Be the only writer of a lake, after finishing or clearing what a killed one left behind.

    Raises:
        StorageError: Another process writes for longer than `patience` seconds, or the folder
            cannot be written to.
    """
    with storage("cannot write to", lake.root):
        lake.root.mkdir(parents=True, exist_ok=True)
        lock = (lake.root / LOCK_FILE).open("a+")
    with lock:
        _wait_for(lock, lake.root, patience)
        with storage("cannot write to", lake.root):
            follow_move(lake)
            roll_forward(lake)
            _clear(lake)
        yield


@contextmanager
def unfinished(lake: Lake, batch: str) -> Iterator[None]:
    """Remember, until it ends, that files named after `batch` may be orphans, then clear them."""
    with storage("cannot write to", lake.root):
        replace_file(lake.root / WRITING_FILE, {"id": batch})
    try:
        yield
    finally:
        _clear(lake)


def _wait_for(lock: IO[str], root: Path, patience: float) -> None:
    deadline = time.monotonic() + patience
    while True:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as busy:
            if time.monotonic() >= deadline:
                raise StorageError(
                    f"another process is writing to the lake {root}",
                    hint="wait for it to end and run this again",
                ) from busy
            time.sleep(0.1)
        else:
            return


def _clear(lake: Lake) -> None:
    """Remove the files of a batch that was never committed, and temporary ones.

    While pending.json is there the batch will be committed by the next writer, so all files stay.
    """
    for temporary in lake.root.glob(".*.tmp"):
        temporary.unlink(missing_ok=True)
    marker = lake.root / WRITING_FILE
    if not marker.exists() or (lake.root / PENDING_FILE).exists():
        return
    try:
        batch = str(json.loads(marker.read_bytes())["id"])
    except (ValueError, KeyError, TypeError) as error:
        raise StorageError(f"{marker} is damaged: {error}") from error
    held = {file.path for table in lake.tables().values() for file in table.files}
    for file in lake.root.glob(f"*/*/data/{batch}-*.parquet"):
        if str(file) not in held:
            file.unlink()
    marker.unlink()
