"""Parsed rules remembered by the digest of their text: the Sigma library costs a third of a second.

One SQLite file; a damaged or unwritable one only costs the shortcut.
"""

from __future__ import annotations

import sqlite3
import zlib
from collections.abc import Iterable
from contextlib import suppress
from hashlib import sha256

from undersign import __version__
from undersign.errors import BadInput
from undersign.languages.sigma.document import SigmaFile
from undersign.languages.sigma.stored import FORMAT, dump, load
from undersign.workspace.workspace import Workspace

_MOST_BYTES = 256 * 1024 * 1024


class ParsedRules:
    """The parsed rules of one declared workspace."""

    def __init__(self, workspace: Workspace) -> None:
        self._path = workspace.state / "cache" / "parsed.db"
        self._db: sqlite3.Connection | None = None
        with suppress(OSError, sqlite3.Error):
            self._db = self._opened()

    def _opened(self) -> sqlite3.Connection:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        if self._path.exists() and self._path.stat().st_size > _MOST_BYTES:
            self._path.unlink()
        db = sqlite3.connect(self._path, timeout=1.0)
        db.execute("PRAGMA synchronous=OFF")
        db.execute("CREATE TABLE IF NOT EXISTS parsed (key TEXT PRIMARY KEY, tree BLOB)")
        return db

    def get(self, text: str) -> SigmaFile | None:
        """Return the tree of exactly this text, when this version has parsed it before."""
        if self._db is None:
            return None
        with suppress(sqlite3.Error, zlib.error, BadInput, UnicodeDecodeError):
            row = self._db.execute(
                "SELECT tree FROM parsed WHERE key = ?", (_key(text),)
            ).fetchone()
            return load(zlib.decompress(row[0]).decode("ascii")) if row else None
        return None

    def put(self, files: Iterable[SigmaFile]) -> None:
        """Remember trees."""
        if self._db is None:
            return
        rows = [(_key(f.text), zlib.compress(dump(f).encode("ascii"), 1)) for f in files]
        with suppress(sqlite3.Error), self._db:
            self._db.executemany("INSERT OR REPLACE INTO parsed VALUES (?, ?)", rows)


def _key(text: str) -> str:
    return sha256(f"{__version__}\0{FORMAT}\0{text}".encode()).hexdigest()
