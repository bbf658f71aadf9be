"""The hash chain: any change shows, several writers are safe, a killed writer leaves it whole."""

from __future__ import annotations

import os
import re
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from undersign.errors import BadInput, StorageError
from undersign.ledger.canonical import canonical, read_canonical
from undersign.ledger.event_log import GENESIS, EventLog, entry_digest

NOW = datetime(2026, 11, 2, 10, 0, tzinfo=UTC)
TRIGGERS = ("entries_no_update", "entries_no_delete", "entries_follow")


def fill(path: Path, count: int = 6) -> None:
    with EventLog(path) as log:
        for number in range(count):
            log.append("check", {"subject": f"rules/{number % 2}.yml", "n": number}, now=NOW)


def troubles(path: Path) -> list[str]:
    with EventLog(path) as log:
        return [str(trouble) for trouble in log.verify()]


def attack(path: Path, *statements: str) -> None:
    """Change the file as someone would who knows SQLite and puts the triggers back."""
    db = sqlite3.connect(path)
    kept = [row[0] for row in db.execute("SELECT sql FROM sqlite_master WHERE type = 'trigger'")]
    for name in TRIGGERS:
        db.execute(f"DROP TRIGGER {name}")
    for statement in (*statements, *kept):
        db.execute(statement)
    db.commit()
    db.close()


def test_entries_come_back_as_written(tmp_path: Path) -> None:
    fill(tmp_path / "l.db")
    with EventLog(tmp_path / "l.db") as log:
        first, *rest = log.entries()
        assert (first.seq, first.prev, first.at) == (1, GENESIS, "2026-11-02T10:00:00Z")
        assert [e.seq for e in rest] == [2, 3, 4, 5, 6]
        assert [e.body["n"] for e in log.entries("check", "rules/1.yml")] == [1, 3, 5]
        assert list(log.entries("sign")) == []
        assert log.head() == rest[-1] == log.entry(6)
        assert log.entry(7) is None
    assert troubles(tmp_path / "l.db") == []


@pytest.mark.parametrize(
    "statement",
    ["UPDATE entries SET body = '{}'", "DELETE FROM entries WHERE seq = 6", "DELETE FROM entries",
     "INSERT OR REPLACE INTO entries SELECT * FROM entries WHERE seq = 6",
     "INSERT INTO entries VALUES (9, '', '', '', '', '')",
     "INSERT INTO entries VALUES (7, '', '', '', '', '')"],
)  # fmt: skip
def test_triggers_refuse_what_is_not_an_append(statement: str, tmp_path: Path) -> None:
    fill(tmp_path / "l.db")
    db = sqlite3.connect(tmp_path / "l.db")
    with pytest.raises(sqlite3.IntegrityError, match=r"append-only|must follow"):
        db.execute(statement)
    db.close()


def rehash(path: Path, seq: int) -> None:
    db = sqlite3.connect(path)
    at, kind, body, prev = db.execute(
        "SELECT at, kind, body, prev FROM entries WHERE seq = ?", (seq,)
    ).fetchone()
    db.close()
    digest = entry_digest(seq, at, kind, body, prev)
    attack(path, f"UPDATE entries SET digest = '{digest}' WHERE seq = {seq}")


def change_and_rehash(path: Path, seq: int, change: str) -> None:
    attack(path, f"UPDATE entries SET {change} WHERE seq = {seq}")
    rehash(path, seq)


SWAP = (
    "UPDATE entries SET seq = -1 WHERE seq = 2",
    "UPDATE entries SET seq = 2 WHERE seq = 3",
    "UPDATE entries SET seq = 3 WHERE seq = -1",
)
TAMPERING: dict[str, tuple[Callable[[Path], None], str]] = {
    "body": (lambda p: attack(p, "UPDATE entries SET body = '{}' WHERE seq = 3"), "entry 3"),
    "time": (
        lambda p: attack(p, "UPDATE entries SET at = '2025-11-02T10:00:00Z' WHERE seq = 3"),
        "entry 3",
    ),
    "kind": (lambda p: attack(p, "UPDATE entries SET kind = 'sign' WHERE seq = 3"), "entry 3"),
    "digest": (
        lambda p: attack(p, "UPDATE entries SET digest = prev WHERE seq = 3"), "entry 3",
    ),
    "body and digest": (
        lambda p: change_and_rehash(p, 3, "body = '{}'"), "entry 4: the chain breaks",
    ),
    "removed": (lambda p: attack(p, "DELETE FROM entries WHERE seq = 3"), "entry 3 should stand"),
    "first removed": (lambda p: attack(p, "DELETE FROM entries WHERE seq = 1"), "entry 1 should"),
    "reordered": (lambda p: attack(p, *SWAP), "entry 2"),
    "tail cut": (lambda p: attack(p, "DELETE FROM entries WHERE seq > 4"), "only 4 are left"),
    "all cut": (lambda p: attack(p, "DELETE FROM entries"), "only 0 are left"),
    "genesis": (
        lambda p: change_and_rehash(p, 1, f"prev = '{'1' * 64}'"), "not the first of a chain",
    ),
    "not text": (lambda p: attack(p, "UPDATE entries SET body = x'7b7d' WHERE seq = 3"), "entry 3"),
    "not UTF-8": (
        lambda p: attack(p, "UPDATE entries SET body = CAST(x'ff' AS TEXT) WHERE seq = 3"),
        "entry 3",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", TAMPERING)
def test_every_change_shows(name: str, tmp_path: Path) -> None:
    path = tmp_path / "l.db"
    fill(path)
    change, expected = TAMPERING[name]
    change(path)
    found = troubles(path)
    assert any(re.search(expected, text) for text in found), found


def test_missing_triggers_show(tmp_path: Path) -> None:
    fill(tmp_path / "l.db")
    db = sqlite3.connect(tmp_path / "l.db")
    db.execute("DROP TRIGGER entries_no_delete")
    db.close()
    assert any("entries_no_delete" in text for text in troubles(tmp_path / "l.db"))


@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_any_changed_character_of_a_body_shows(
    data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("ledger") / "l.db"
    fill(path, 2)
    db = sqlite3.connect(path)
    (body,) = db.execute("SELECT body FROM entries WHERE seq = 1").fetchone()
    db.close()
    where = data.draw(st.integers(0, len(body) - 1))
    letter = data.draw(st.characters(min_codepoint=32, max_codepoint=126))
    changed = body[:where] + letter + body[where + 1 :]
    quoted = changed.replace("'", "''")
    attack(path, f"UPDATE entries SET body = '{quoted}' WHERE seq = 1")
    assert bool(troubles(path)) is (changed != body)


WRITER = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from undersign.ledger.event_log import EventLog

with EventLog(Path(sys.argv[1])) as log:
    print("ready", flush=True)
    for number in range(int(sys.argv[2])):
        log.append("check", {"writer": sys.argv[3], "n": number}, now=datetime.now(UTC))
"""


def writer(path: Path, count: int, name: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-c", WRITER, str(path), str(count), name]
    return subprocess.Popen(command, stdout=subprocess.PIPE)


def test_two_processes_append_at_once(tmp_path: Path) -> None:
    path = tmp_path / "l.db"
    running = [writer(path, 200, name) for name in "ab"]
    assert [process.wait(60) for process in running] == [0, 0]
    with EventLog(path) as log:
        assert list(log.verify()) == []
        entries = list(log.entries())
    assert len(entries) == 400
    for name in "ab":
        assert [e.body["n"] for e in entries if e.body["writer"] == name] == list(range(200))


OPENER = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from undersign.ledger.event_log import EventLog

print("ready", flush=True)
for path in sys.stdin:
    with EventLog(Path(path.strip())) as log:
        log.append("check", {}, now=datetime.now(UTC))
    print("done", flush=True)
"""


def test_processes_that_create_a_ledger_at_the_same_moment_wait_for_each_other(
    tmp_path: Path,
) -> None:
    command = [sys.executable, "-c", OPENER]
    pipe = subprocess.PIPE
    running = [subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True) for _ in range(6)]
    talks = [(p.stdin, p.stdout) for p in running if p.stdin and p.stdout]
    assert [out.readline() for _, out in talks] == ["ready\n"] * 6
    for round_ in range(40):
        for into, _ in talks:
            into.write(f"{tmp_path / f'{round_}.db'}\n")
            into.flush()
        assert [out.readline() for _, out in talks] == ["done\n"] * 6
    for into, _ in talks:
        into.close()
    assert [process.wait(60) for process in running] == [0] * 6


def test_threads_share_one_ledger(tmp_path: Path) -> None:
    with EventLog(tmp_path / "l.db") as log:

        def work() -> None:
            for _ in range(25):
                log.append("check", {}, now=NOW)

        threads = [threading.Thread(target=work) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert list(log.verify()) == []
        head = log.head()
        assert head is not None
        assert head.seq == 100


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="needs SIGKILL")
def test_a_killed_writer_leaves_a_whole_ledger(tmp_path: Path) -> None:
    path = tmp_path / "l.db"
    for round_number in range(3):
        process = writer(path, 1_000_000, str(round_number))
        assert process.stdout is not None
        process.stdout.readline()
        time.sleep(0.05 + 0.03 * round_number)
        os.kill(process.pid, signal.SIGKILL)
        process.wait(10)
        process.stdout.close()
        with EventLog(path) as log:
            assert list(log.verify()) == []
            before = log.head()
            assert before is not None, "the writer was killed before it wrote anything"
            assert log.append("check", {}, now=NOW).seq == before.seq + 1


def test_a_locked_ledger_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("undersign.ledger.event_log._BUSY_SECONDS", 0.05)
    fill(tmp_path / "l.db")
    with EventLog(tmp_path / "l.db") as log:
        other = sqlite3.connect(tmp_path / "l.db", isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StorageError, match="in use by another process"):
            log.append("check", {}, now=NOW)
        other.execute("ROLLBACK")
        other.close()
        assert log.append("check", {}, now=NOW).seq == 7


def test_a_full_disk_says_so_and_keeps_the_chain(tmp_path: Path) -> None:
    fill(tmp_path / "l.db")
    with EventLog(tmp_path / "l.db") as log:
        log._db.execute("PRAGMA max_page_count = 1")
        with pytest.raises(StorageError, match="disk is full"):
            log.append("check", {"text": "x" * 100_000}, now=NOW)
        log._db.execute("PRAGMA max_page_count = 100000")
        assert log.append("check", {}, now=NOW).seq == 7
        assert list(log.verify()) == []


def test_a_read_only_ledger_reads_and_does_not_write(tmp_path: Path) -> None:
    fill(tmp_path / "l.db")
    with EventLog(tmp_path / "l.db", read_only=True) as log:
        assert list(log.verify()) == []
        with pytest.raises(StorageError, match="read-only"):
            log.append("check", {}, now=NOW)
    with pytest.raises(StorageError, match="there is no ledger"):
        EventLog(tmp_path / "absent.db", read_only=True)
    assert not (tmp_path / "absent.db").exists()


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root writes everywhere")
def test_a_read_only_folder_still_reads(tmp_path: Path) -> None:
    fill(tmp_path / "l.db")
    tmp_path.chmod(0o500)
    try:
        with EventLog(tmp_path / "l.db", read_only=True) as log:
            assert list(log.verify()) == []
    finally:
        tmp_path.chmod(0o700)


def test_what_is_no_ledger_is_refused(tmp_path: Path) -> None:
    (tmp_path / "garbage").write_bytes(b"no database at all, but long enough to be one" * 50)
    other = sqlite3.connect(tmp_path / "other.db")
    other.execute("CREATE TABLE t (a)")
    other.close()
    (tmp_path / "empty").touch()
    with pytest.raises(StorageError, match="no ledger"):
        EventLog(tmp_path / "garbage")
    with pytest.raises(StorageError, match="some other database"):
        EventLog(tmp_path / "other.db")
    with pytest.raises(StorageError, match="not a ledger"):
        EventLog(tmp_path / "empty", read_only=True)
    with pytest.raises(StorageError, match="cannot make the folder"):
        EventLog(tmp_path / "garbage" / "l.db")
    with pytest.raises(StorageError, match="cannot be opened"):
        EventLog(tmp_path)


def test_a_damaged_file_is_one_human_line(tmp_path: Path) -> None:
    path = tmp_path / "l.db"
    fill(path, 400)
    data = bytearray(path.read_bytes())
    for page in range(2, len(data) // 4096):
        data[page * 4096 : page * 4096 + 200] = b"\xaa" * 200
    path.write_bytes(data)
    with pytest.raises(StorageError, match="damaged") as caught, EventLog(path) as log:
        list(log.verify())
    assert "\n" not in str(caught.value)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(codec="utf-8")),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(st.text(st.characters(codec="utf-8")), inner, max_size=3),
)  # fmt: skip


@given(VALUES)
def test_canonical_json_has_one_reading(value: object) -> None:
    written = canonical(value)
    assert read_canonical(written) == value
    assert canonical(read_canonical(written)) == written


def test_what_has_no_canonical_form_is_refused(tmp_path: Path) -> None:
    for odd in (float("nan"), float("inf"), "\ud800", {"\ud800": 1}):
        with pytest.raises(BadInput):
            canonical({"a": odd})
    for data in (b'{"b":1,"a":1}', b'{"a": 1}', b'{"a":1,"a":1}', b"[1.00]", b"[" * 100_000):
        with pytest.raises(ValueError):
            read_canonical(data)
    with EventLog(tmp_path / "l.db") as log:
        with pytest.raises(ValueError, match="zone"):
            log.append("check", {}, now=NOW.replace(tzinfo=None))
        assert log.head() is None
