"""Which whole files were taken in before, so that the same export twice costs one read of it."""

from __future__ import annotations

import json
from hashlib import blake2b
from pathlib import Path

from undersign.telemetry.plan import replace_file

TAKEN_FILE = "taken_in.json"
MAX_REMEMBERED = 10_000


class TakenIn:
    """Digests of files whose every record is in the lake, with how many those were.

    They only hold for the state of the lake they were noted at: whatever else wrote to it since may
    have deleted rows.
    """

    def __init__(self, root: Path, state: str) -> None:
        self._root = root
        self._files = _read(root, state)
        self._fresh: dict[str, int] = {}

    def records(self, digest: str) -> int | None:
        """Return how many records a file had that was taken in before; None when it was not."""
        return self._files.get(digest)

    def note(self, digest: str, records: int) -> None:
        """Remember a file of which no record was rejected."""
        self._fresh[digest] = records

    def save(self, state: str) -> None:
        """Keep what was noted, for the lake's new state. Raises OSError."""
        newest = list((self._files | self._fresh).items())[-MAX_REMEMBERED:]
        replace_file(self._root / TAKEN_FILE, {"snapshot": state, "files": dict(newest)})


def content_digest(path: Path, assumed: str | None) -> str | None:
    """Return 32 hex digits over a file's bytes and the log source told; None if unreadable.

    What is no regular file, such as a pipe, could be read only once, or without end.
    """
    if not path.is_file():
        return None
    digest = blake2b((assumed or "").encode(), digest_size=16)
    digest.update(b"\0")
    try:
        with path.open("rb") as stream:
            while piece := stream.read(1 << 20):
                digest.update(piece)
    except OSError:
        return None
    return digest.hexdigest()


def _read(root: Path, state: str) -> dict[str, int]:
    """Read the digests; none when they are of another state or not ours (they only save time)."""
    try:
        document = json.loads((root / TAKEN_FILE).read_bytes())
        return dict(document["files"]) if document["snapshot"] == state else {}
    except (OSError, ValueError, KeyError, TypeError):
        return {}
