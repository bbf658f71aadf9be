"""The ledger: an append-only hash chain in one SQLite file.

    1. Entry n holds the digest of entry n-1; entry 1 holds 64 zeros.
    2. A digest covers number, time, kind, stored body text and the previous digest.
    3. SQLite triggers refuse UPDATE, DELETE and an INSERT that does not follow the last entry.
    4. `verify` recomputes everything from the stored bytes and trusts no trigger.
    5. A chain alone cannot show that its end was cut by someone who rewrote the file: that is what
       signed checkpoints are for (`checkpoint.py`).

By habit a body names what it is about under `subject`: the artifact's path.
"""

from __future__ import annotations

import json
import sqlite3
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any, Final, NamedTuple, Self

from undersign.errors import BadInput, StorageError
from undersign.ledger.canonical import canonical, read_canonical, read_rfc3339, rfc3339

KINDS: Final = (
    "ingest", "draft", "check", "baseline", "triage", "sign", "void", "checkpoint", "hunt",
    "call", "gateway", "review",
)  # fmt: skip
GENESIS: Final = "0" * 64

_BUSY_SECONDS = 30.0
_PAGE = 1000
_APPLICATION_ID = 1431192659  # "UNDS"; tells a ledger from any other database
_SCHEMA = """
CREATE TABLE entries (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    at TEXT NOT NULL, kind TEXT NOT NULL, body TEXT NOT NULL,
    prev TEXT NOT NULL, digest TEXT NOT NULL
);
CREATE TRIGGER entries_no_update BEFORE UPDATE ON entries
BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
CREATE TRIGGER entries_no_delete BEFORE DELETE ON entries
BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
CREATE TRIGGER entries_follow BEFORE INSERT ON entries
WHEN NEW.seq IS NOT (SELECT coalesce(max(seq), 0) + 1 FROM entries)
  OR NEW.prev IS NOT coalesce(
      (SELECT digest FROM entries ORDER BY seq DESC LIMIT 1),
      '0000000000000000000000000000000000000000000000000000000000000000')
BEGIN SELECT RAISE(ABORT, 'an entry must follow the last one'); END;
PRAGMA application_id = 1431192659;
PRAGMA user_version = 1;
"""
_NO_SIDE_FILES = (sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_IOERR)
_TRIGGERS = frozenset({"entries_no_update", "entries_no_delete", "entries_follow"})


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of the ledger."""

    seq: int
    """From 1, without gaps."""
    at: str
    """RFC 3339, UTC."""
    kind: str
    body: Mapping[str, Any]
    prev: str
    """Hex digest of the entry before."""
    digest: str
    """Hex SHA-256, see `entry_digest`."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """One thing that is wrong with the ledger or its checkpoints."""

    where: str
    """`entry 12`, `checkpoint 40` or `ledger`."""
    message: str

    def __str__(self) -> str:
        return f"{self.where}: {self.message}"


class _Row(NamedTuple):
    seq: int
    at: str
    kind: str
    body: str
    prev: str
    digest: str

    def entry(self) -> Entry:
        return Entry(self.seq, self.at, self.kind, json.loads(self.body), self.prev, self.digest)


def entry_digest(seq: int, at: str, kind: str, body: str, prev: str) -> str:
    """Return the hex SHA-256 of an entry: of the canonical JSON array of all its parts.

    The body goes in as the stored text, so that a change of any byte of it shows.
    """
    return sha256(canonical(["undersign/ledger/v1", prev, seq, at, kind, body])).hexdigest()


class EventLog:
    """The ledger in one file; safe for several threads and several processes at once.

    Every method raises StorageError, one human line, when the file is locked, full, read-only or
    damaged. `read_only` never creates or changes a ledger, and works on a read-only disk.
    """

    def __init__(self, path: Path, *, read_only: bool = False) -> None:
        self.path = path
        self._read_only = read_only
        self._lock = threading.Lock()
        with self._translated():
            self._db = self._open_to_read() if read_only else self._open_to_write()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    def append(self, kind: str, body: Mapping[str, Any], *, now: datetime) -> Entry:
        """Append one entry and return it once it is on the disk.

        Raises BadInput for a body that cannot be written as canonical JSON.
        """
        if kind not in KINDS:
            raise ValueError(f"{kind!r} is no kind of entry")
        text, at = canonical(body).decode(), rfc3339(now)
        with self._lock, self._translated(), self._transaction():
            last = self._last()
            seq, prev = (last.seq + 1, last.digest) if last else (1, GENESIS)
            row = _Row(seq, at, kind, text, prev, entry_digest(seq, at, kind, text, prev))
            self._db.execute("INSERT INTO entries VALUES (?, ?, ?, ?, ?, ?)", row)
        return row.entry()

    def entries(self, kind: str | None = None, subject: str | None = None) -> Iterator[Entry]:
        """Yield entries in order, of one kind and about one subject if given.

        Reads what is stored and verifies nothing; raises StorageError at a body that is no JSON.
        """
        # The text is looked at before it is parsed: most of a long ledger is about something else.
        needle = None if subject is None else canonical({"subject": subject}).decode()[1:-1]
        for row in self._rows():
            if (kind and row.kind != kind) or (needle and needle not in str(row.body)):
                continue
            entry = self._parsed(row)
            if subject is None or entry.body.get("subject") == subject:
                yield entry

    def head(self) -> Entry | None:
        """Return the last entry, or None when there is none."""
        with self._lock, self._translated():
            row = self._last()
        return self._parsed(row) if row else None

    def entry(self, seq: int) -> Entry | None:
        """Return one entry by its number."""
        row = next(self._rows(after=seq - 1), None)
        return self._parsed(row) if row and row.seq == seq else None

    def digests(self) -> Iterator[bytes]:
        """Yield every entry's digest as stored, in order: the leaves of the Merkle tree.

        Raises StorageError at a digest that is no hex text.
        """
        for row in self._rows():
            try:
                yield bytes.fromhex(row.digest)
            except (TypeError, ValueError) as odd:
                raise StorageError(
                    f"entry {row.seq} of {self.path} has no readable digest"
                ) from odd

    def verify(self) -> Iterator[Trouble]:
        """Yield everything that is wrong with the chain: changed, removed, added, reordered."""
        yield from self._missing_triggers()
        # Asked before the rows are read: what others append meanwhile can only add to them.
        handed_out = self._numbers_handed_out()
        expected, prev = 1, GENESIS
        for row in self._rows():
            if row.seq != expected:
                yield Trouble(f"entry {row.seq}", f"entry {expected} should stand here")
            if row.prev != prev:
                first = "it is not the first of a chain" if prev == GENESIS else "the chain breaks"
                yield Trouble(f"entry {row.seq}", f"{first}: it does not follow the one before")
            yield from _row_troubles(row)
            expected, prev = row.seq + 1, row.digest
        if expected <= handed_out:
            lost = f"{handed_out} entries were written, only {expected - 1} are left"
            yield Trouble("ledger", f"its end was cut: {lost}")

    def _missing_triggers(self) -> Iterator[Trouble]:
        with self._lock, self._translated():
            rows = self._db.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
            missing = _TRIGGERS - {name for (name,) in rows}
        if missing:
            names = ", ".join(sorted(missing))
            yield Trouble("ledger", f"someone removed what keeps it append-only: {names}")

    def _numbers_handed_out(self) -> int:
        query = "SELECT seq FROM sqlite_sequence WHERE name = 'entries'"
        with self._lock, self._translated():
            row = self._db.execute(query).fetchone()
        return int(row[0]) if row else 0

    def _rows(self, after: int | None = None) -> Iterator[_Row]:
        # Page by page, so that neither memory nor the lock is held by a slow reader.
        query = "SELECT seq, at, kind, body, prev, digest FROM entries"
        where = "" if after is None else " WHERE seq > ?"
        while True:
            with self._lock, self._translated():
                page = self._db.execute(
                    f"{query}{where} ORDER BY seq LIMIT {_PAGE}",
                    () if after is None else (after,),
                ).fetchall()
            yield from map(_Row._make, page)
            if len(page) < _PAGE:
                return
            after, where = page[-1][0], " WHERE seq > ?"

    def _last(self) -> _Row | None:
        found = self._db.execute(
            "SELECT seq, at, kind, body, prev, digest FROM entries ORDER BY seq DESC LIMIT 1"
        ).fetchone()
        return _Row._make(found) if found else None

    def _parsed(self, row: _Row) -> Entry:
        try:
            entry = row.entry()
        except (TypeError, ValueError, RecursionError) as odd:
            raise StorageError(f"entry {row.seq} of {self.path} is damaged: {odd}") from odd
        if not isinstance(entry.body, dict):
            raise StorageError(f"entry {row.seq} of {self.path} is damaged: its body is no object")
        return entry

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        # IMMEDIATE takes the write lock before the tip is read, so no other process can slip in.
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
            self._db.execute("COMMIT")
        finally:
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")

    def _connect(self, target: str) -> sqlite3.Connection:
        db = sqlite3.connect(
            target, uri=True, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False
        )
        # A damaged text must reach `verify` as a trouble, not stop it half way.
        db.text_factory = lambda raw: raw.decode(errors="surrogateescape")
        return db

    def _open_to_write(self) -> sqlite3.Connection:
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StorageError(
                f"cannot make the folder of {self.path}: {error.strerror}"
            ) from error
        self._db = self._connect(f"{self.path.absolute().as_uri()}?mode=rwc")
        try:
            self._to_wal()
            self._db.execute("PRAGMA synchronous = FULL")
            with self._transaction():
                if self._is_new():
                    self._create()
        except BaseException:
            self._db.close()
            raise
        return self._db

    def _to_wal(self) -> None:
        # SQLite does not wait its `timeout` here when two openers of a new file both want to
        # change the mode: it tells one of them at once, so that they cannot block each other.
        until = time.monotonic() + _BUSY_SECONDS
        while True:
            try:
                self._db.execute("PRAGMA journal_mode = WAL")
                return
            except sqlite3.OperationalError as error:
                if _code(error) != sqlite3.SQLITE_BUSY or time.monotonic() > until:
                    raise
            time.sleep(0.01)

    def _open_to_read(self) -> sqlite3.Connection:
        if not self.path.is_file():
            raise StorageError(f"there is no ledger at {self.path}")
        uri = self.path.absolute().as_uri()
        self._db = self._connect(f"{uri}?mode=ro")
        try:
            new = self._is_new()
        except sqlite3.OperationalError as refused:
            self._db.close()
            if _code(refused) not in _NO_SIDE_FILES:
                raise
            # A WAL database needs its side files even to read; on a read-only or full disk they
            # cannot be made. Without leftovers of a writer the file alone is whole.
            leftovers = self.path.with_name(self.path.name + "-wal")
            if leftovers.is_file() and leftovers.stat().st_size:
                raise
            self._db = self._connect(f"{uri}?mode=ro&immutable=1")
            new = self._is_new()
        if new:
            self._db.close()
            raise StorageError(f"{self.path} is an empty file, not a ledger")
        return self._db

    def _is_new(self) -> bool:
        (application,) = self._db.execute("PRAGMA application_id").fetchone()
        (tables,) = self._db.execute("SELECT count(*) FROM sqlite_master").fetchone()
        if application not in (0, _APPLICATION_ID) or (tables and not application):
            raise StorageError(f"{self.path} is some other database, not a ledger")
        return not tables

    def _create(self) -> None:
        # One by one: executescript would commit the transaction that keeps two creators apart.
        statement = ""
        for line in _SCHEMA.strip().splitlines():
            statement += line + "\n"
            if sqlite3.complete_statement(statement):
                self._db.execute(statement)
                statement = ""

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise _human(error, self.path) from error


def _row_troubles(row: _Row) -> Iterator[Trouble]:
    where = f"entry {row.seq}"
    if not all(isinstance(part, str) for part in row[1:]):
        yield Trouble(where, "it holds something that is not text")
        return
    try:
        whole = entry_digest(row.seq, row.at, row.kind, row.body, row.prev) == row.digest
        body = read_canonical(row.body.encode())
        read_rfc3339(row.at)
    except (BadInput, ValueError) as odd:
        yield Trouble(where, f"it was not written by Undersign: {odd}")
        return
    if not whole:
        yield Trouble(where, "it was changed: its digest does not fit what it says")
    elif not isinstance(body, dict) or row.kind not in KINDS:
        yield Trouble(where, "it was not written by Undersign: no known kind of entry")


def _code(error: sqlite3.Error) -> int:
    # The low byte is the primary result code: https://www.sqlite.org/rescode.html
    return int(getattr(error, "sqlite_errorcode", 0)) & 0xFF


def _human(error: sqlite3.Error, path: Path) -> StorageError:
    said = {
        sqlite3.SQLITE_BUSY: ("is in use by another process", "try again when it is done"),
        sqlite3.SQLITE_LOCKED: ("is in use by another process", "try again when it is done"),
        sqlite3.SQLITE_READONLY: ("is read-only: nothing was written", None),
        sqlite3.SQLITE_FULL: ("cannot grow, the disk is full: nothing was written", None),
        sqlite3.SQLITE_CANTOPEN: ("cannot be opened", "may you read and write it and its folder?"),
        sqlite3.SQLITE_CORRUPT: ("is damaged", "restore it from a copy"),
        sqlite3.SQLITE_NOTADB: ("is damaged or no ledger at all", "restore it from a copy"),
        sqlite3.SQLITE_IOERR: ("cannot be read or written", "is the disk full or damaged?"),
    }
    message, hint = said.get(_code(error), (f"failed: {error}", None))
    return StorageError(f"the ledger {path} {message}", hint=hint)
