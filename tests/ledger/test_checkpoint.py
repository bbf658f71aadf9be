"""Signed checkpoints: a cut, rewritten or forged ledger does not pass."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from undersign.errors import StorageError, UsageError, VerificationFailed
from undersign.ledger import checkpoint, signing
from undersign.ledger.canonical import canonical
from undersign.ledger.checkpoint import Sealer, read_note, seal
from undersign.ledger.event_log import GENESIS, EventLog, entry_digest
from undersign.ledger.keys import new_key
from undersign.ledger.merkle import Tree

NOW = datetime(2026, 11, 2, 10, 0, tzinfo=UTC)
KEY = new_key()
BY = Sealer("alice@example.com", KEY, "undersign/test")
ALLOWED = f"alice@example.com {KEY.public.line()}\n"


def reference_root(leaves: list[bytes]) -> bytes:
    """The recursive definition of RFC 6962, section 2.1, word for word."""
    if not leaves:
        return sha256(b"").digest()
    if len(leaves) == 1:
        return sha256(b"\x00" + leaves[0]).digest()
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    return sha256(b"\x01" + reference_root(leaves[:k]) + reference_root(leaves[k:])).digest()


@given(st.lists(st.binary(max_size=4), max_size=70))
def test_the_tree_is_that_of_the_rfc(leaves: list[bytes]) -> None:
    tree = Tree()
    for leaf in leaves:
        tree.add(leaf)
    assert tree.root() == reference_root(leaves)


def test_the_tree_fits_known_roots() -> None:
    # Leaves and roots: google/certificate-transparency, merkletree tests (Apache-2.0).
    leaves = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657",
              "606162636465666768696a6b6c6d6e6f"]  # fmt: skip
    roots = {
        1: "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        2: "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        8: "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    }
    tree = Tree()
    for leaf in leaves:
        tree.add(bytes.fromhex(leaf))
        assert tree.root().hex() == roots.get(tree.size, tree.root().hex())


@pytest.fixture
def sealed(tmp_path: Path) -> Path:
    """A ledger of 10 entries: checkpoints over 4 and over 8, and one entry after them."""
    with EventLog(tmp_path / "l.db") as log:
        for size in (4, 3):
            for number in range(size):
                log.append("check", {"n": number}, now=NOW)
            seal(log, tmp_path / "checkpoints", BY, now=NOW)
        log.append("check", {"n": 9}, now=NOW)
    return tmp_path


def troubles(folder: Path, allowed: str = ALLOWED, now: datetime = NOW) -> list[str]:
    with EventLog(folder / "l.db") as log:
        found = checkpoint.verify(log, folder / "checkpoints", allowed, now=now)
        return [str(trouble) for trouble in found]


def test_a_sealed_ledger_is_whole(sealed: Path) -> None:
    assert troubles(sealed) == []
    names = sorted(path.name for path in (sealed / "checkpoints").iterdir())
    assert names == ["4.sig", "4.txt", "8.sig", "8.txt"]
    note = (sealed / "checkpoints" / "8.txt").read_text()
    assert note.splitlines()[:2] == ["undersign/test", "8"]
    assert read_note(note).note() == note


def rebuild(folder: Path, keep: int, change: int | None = None, files_too: bool = False) -> None:
    """Rewrite the database from scratch, chain intact, as an attacker with the code would."""
    with EventLog(folder / "l.db") as log:
        old = list(log.entries())
    for path in folder.glob("l.db*"):
        path.unlink()
    EventLog(folder / "l.db").close()
    db, prev = sqlite3.connect(folder / "l.db"), GENESIS
    for entry in old[:keep]:
        body = '{"n":99}' if entry.seq == change else None
        text = body or canonical(entry.body).decode()
        digest = entry_digest(entry.seq, entry.at, entry.kind, text, prev)
        row = (entry.seq, entry.at, entry.kind, text, prev, digest)
        db.execute("INSERT INTO entries VALUES (?, ?, ?, ?, ?, ?)", row)
        prev = digest
    db.commit()
    db.close()
    if files_too:
        remove(folder, "8.txt", "8.sig")


def edit(folder: Path, name: str, old: str, new: str) -> None:
    path = folder / "checkpoints" / name
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))


def remove(folder: Path, *names: str) -> None:
    for name in names:
        (folder / "checkpoints" / name).unlink()


def forge(folder: Path) -> None:
    """Seal anew with a key nobody allowed."""
    with EventLog(folder / "l.db") as log:
        seal(log, folder / "checkpoints", Sealer(BY.principal, new_key(), BY.origin), now=NOW)


def swap(folder: Path) -> None:
    for suffix in ("txt", "sig"):
        data = (folder / "checkpoints" / f"4.{suffix}").read_bytes()
        (folder / "checkpoints" / f"8.{suffix}").write_bytes(data)


TAMPERING: dict[str, tuple[Callable[[Path], None], str]] = {
    "tail cut below a checkpoint": (lambda f: rebuild(f, 6), "covers 8 entries, only 6 are left"),
    "tail cut at a checkpoint": (lambda f: rebuild(f, 8), "the ledger does not know it"),
    "prefix rewritten": (lambda f: rebuild(f, 10, change=2), "root does not recompute"),
    "rewritten, newest files gone": (
        lambda f: rebuild(f, 10, change=6, files_too=True), "root does not recompute",
    ),
    "size edited": (lambda f: edit(f, "8.txt", "\n8\n", "\n7\n"), "does not fit"),
    "time edited": (lambda f: edit(f, "8.txt", "T10:00", "T09:00"), "does not fit"),
    "note garbled": (lambda f: edit(f, "8.txt", "head ", "Head "), "malformed"),
    "line ends changed": (lambda f: edit(f, "8.txt", "\n", "\r\n"), "malformed"),
    "signature edited": (lambda f: edit(f, "8.sig", "U1NIU0lH", "U1NIU0lI"), "no SSH signature"),
    "signature of another": (forge, "no allowed signer has the key"),
    "one in place of another": (swap, "wrong place"),
    "note removed": (lambda f: remove(f, "8.txt"), "8.txt is missing"),
    "signature removed": (lambda f: remove(f, "8.sig"), "8.sig is missing"),
    "both removed": (
        lambda f: remove(f, "8.txt", "8.sig"),
        "its file 8.txt is missing",
    ),
    "stranger": (lambda f: (f / "checkpoints" / "x.txt").touch(), "no checkpoint"),
}  # fmt: skip


@pytest.mark.parametrize("name", TAMPERING)
def test_every_tampering_shows(name: str, sealed: Path) -> None:
    change, expected = TAMPERING[name]
    change(sealed)
    found = troubles(sealed)
    assert any(expected in text for text in found), found


def test_a_signer_must_be_allowed_at_that_time(sealed: Path) -> None:
    late = ALLOWED.replace(" ssh-", ' valid-after="20261103Z" ssh-')
    assert all("not valid when" in text for text in troubles(sealed, late))
    assert len(troubles(sealed, late)) == 4
    assert len(troubles(sealed, "")) == 4
    early = troubles(sealed, now=NOW - timedelta(hours=1))
    assert all("yet to come" in text for text in early)
    assert len(early) == 4


def test_an_interrupted_seal_is_made_again(sealed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with EventLog(sealed / "l.db") as log:
        with monkeypatch.context() as broken:
            broken.setattr(EventLog, "append", _full)
            with pytest.raises(StorageError):
                seal(log, sealed / "checkpoints", BY, now=NOW)
        assert any("interrupted" in text for text in troubles(sealed))
        seal(log, sealed / "checkpoints", BY, now=NOW)
    assert troubles(sealed) == []


def _full(*_: object, **__: object) -> None:
    raise StorageError("the disk is full")


def test_what_cannot_be_sealed_is_refused(tmp_path: Path) -> None:
    with EventLog(tmp_path / "l.db") as log:
        with pytest.raises(UsageError, match="empty"):
            seal(log, tmp_path / "c", BY, now=NOW)
        log.append("check", {}, now=NOW)
        with pytest.raises(UsageError, match="cannot stand"):
            seal(log, tmp_path / "c", Sealer("alice\nsize 9", KEY, "x"), now=NOW)
        (tmp_path / "c").write_text("a file where the folder should be")
        with pytest.raises(StorageError, match="cannot keep"):
            seal(log, tmp_path / "c", BY, now=NOW)


@given(st.text(max_size=80))
def test_any_text_is_no_note(text: str) -> None:
    with pytest.raises(VerificationFailed):
        read_note(text)


def test_a_checkpoint_is_an_ordinary_signed_text(sealed: Path) -> None:
    note = (sealed / "checkpoints" / "8.txt").read_bytes()
    armored = (sealed / "checkpoints" / "8.sig").read_text()
    assert signing.verify(note, armored, ALLOWED, at=NOW).principal == "alice@example.com"
