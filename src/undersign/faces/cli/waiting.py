"""A word on stderr for whoever waits longer than a second for one answer."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Thread

_PATIENCE = 1.0
_CLEAR = "\r\x1b[K"


@contextmanager
def waiting(what: str) -> Iterator[None]:
    """Tell after one second, and then every second, that something runs; only on a terminal."""
    if not sys.stderr.isatty():
        yield
        return
    done = Event()
    teller = Thread(target=_tell, args=(what, done), daemon=True)
    teller.start()
    try:
        yield
    finally:
        done.set()
        teller.join()


def _tell(what: str, done: Event) -> None:
    seconds = 0
    while not done.wait(_PATIENCE):
        seconds += 1
        print(f"{_CLEAR}{what}: {seconds} s (Ctrl-C stops it)", end="", file=sys.stderr, flush=True)
    if seconds:
        print(_CLEAR, end="", file=sys.stderr, flush=True)
