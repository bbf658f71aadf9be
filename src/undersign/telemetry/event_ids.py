"""Stable event ids: the same raw text has the same id in every export, copy and compressed file.

An id is 24 hex digits of BLAKE2b-96 over the raw text, salted with how many times this very text
came before in its file. So identical lines of one file are different events, and the same lines in
another file are the same ones.
"""

from __future__ import annotations

from hashlib import blake2b
from typing import Any

import numpy as np

ID_BYTES = 12

Hashes = np.ndarray[Any, np.dtype[np.uint64]]
Counts = np.ndarray[Any, np.dtype[np.int64]]


def event_id(raw: bytes, occurrence: int = 0) -> str:
    """Return the id of a raw text that came `occurrence` times before in its file."""
    salt = occurrence.to_bytes(blake2b.SALT_SIZE, "big")
    return blake2b(raw, digest_size=ID_BYTES, salt=salt).hexdigest()


class FileIds:
    """Ids of the events of one file, handed out in order; holds about 8 bytes an event."""

    def __init__(self) -> None:
        self._seen = _Seen()

    def ids(self, raws: list[str]) -> list[str]:
        """Return the ids of the next events of the file."""
        digests = [blake2b(encoded(r), digest_size=ID_BYTES).digest() for r in raws]
        ids = [d.hex() for d in digests]
        firsts = b"".join([d[:8] for d in digests])
        occurrences = self._seen.count(np.frombuffer(firsts, dtype=np.uint64))
        for place in np.flatnonzero(occurrences).tolist():
            ids[place] = event_id(encoded(raws[place]), int(occurrences[place]))
        return ids


def encoded(raw: str) -> bytes:
    """Return the bytes of a raw text, what is no valid Unicode in it as escapes."""
    try:
        return raw.encode()
    except UnicodeEncodeError:
        return raw.encode("utf-8", "backslashreplace")


class _Seen:
    """How often each 64-bit hash came before, in sorted runs that are merged as they grow."""

    def __init__(self) -> None:
        self._runs: list[Hashes] = []

    def count(self, hashes: Hashes) -> Counts:
        """Return for each hash how many equal ones came before it, then remember them all."""
        order = np.argsort(hashes, kind="stable")
        ordered = hashes[order]
        counts = np.arange(len(ordered)) - np.searchsorted(ordered, ordered, "left")
        for run in self._runs:
            counts += np.searchsorted(run, ordered, "right") - np.searchsorted(run, ordered, "left")
        self._remember(ordered)
        unsorted: Counts = np.empty_like(counts)
        unsorted[order] = counts
        return unsorted

    def _remember(self, run: Hashes) -> None:
        while self._runs and len(self._runs[-1]) <= 2 * len(run):
            run = np.sort(np.concatenate([self._runs.pop(), run]), kind="stable")
        self._runs.append(run)
