"""A progress bar on stderr for anything that may take over a second."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import click


@contextmanager
def byte_progress(paths: Sequence[Path], *, quiet: bool) -> Iterator[Callable[[int], None]]:
    """Show how many of the bytes to read were read; gives the function to report bytes to.

    Nothing is drawn when stderr is no terminal, so that logs of a CI run stay readable.
    """
    if quiet or not sys.stderr.isatty():
        yield lambda _: None
        return
    total = sum(size for path in paths for size in _sizes(path))
    with click.progressbar(
        length=max(total, 1), label="Reading", file=sys.stderr, show_eta=True
    ) as bar:
        yield bar.update


@contextmanager
def fetch_progress(*, quiet: bool) -> Iterator[Callable[[int], None]]:
    """Show how much came, of what nobody knows the length of; gives the function to report to."""
    shown = 0

    def came(count: int) -> None:
        nonlocal shown
        shown += count
        click.echo(f"\r{shown / 2**20:,.1f} MiB", nl=False, err=True)

    if quiet or not sys.stderr.isatty():
        yield lambda _: None
        return
    try:
        yield came
    finally:
        click.echo("", err=True)


def _sizes(path: Path) -> Iterator[int]:
    if path.is_file():
        yield path.stat().st_size
        return
    for folder, _, names in os.walk(path):
        for name in names:
            file = Path(folder) / name
            if file.is_file():
                yield file.stat().st_size
