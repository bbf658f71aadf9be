"""The policy's key stays with its owner; scopes are kept sealed, for a while, and not too many."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from undersign.errors import StorageError
from undersign.policy import vault
from undersign.policy.scope import Scope
from undersign.policy.vault import Vault

VALUE = "a-hidden-value-é\ud800"
NOW = 1_800_000_000.0


def test_the_key_is_made_once_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    token = Vault(tmp_path).tokens.token("NAME", "x")
    assert Vault(tmp_path).tokens.token("NAME", "x") == token
    file = tmp_path / vault.KEY_FILE
    assert file.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in tmp_path.iterdir()] == [vault.KEY_FILE]
    assert file.read_bytes().hex() not in repr(Vault(tmp_path))
    file.unlink()
    assert Vault(tmp_path).tokens.token("NAME", "x") != token


def test_a_key_others_can_read_or_that_is_damaged_is_refused(tmp_path: Path) -> None:
    Vault(tmp_path)
    file = tmp_path / vault.KEY_FILE
    file.chmod(0o640)
    with pytest.raises(StorageError, match="read by others"):
        Vault(tmp_path)
    file.chmod(0o600)
    file.write_bytes(b"short")
    with pytest.raises(StorageError, match="damaged"):
        Vault(tmp_path)
    with pytest.raises(StorageError, match="cannot be made"):
        Vault(tmp_path / "nowhere")


def kept(folder: Path, response_id: str = "resp_1") -> str:
    box = Vault(folder)
    scope = Scope(box.tokens)
    token = scope.hide("NAME", VALUE)
    scope.note(VALUE, ["host:db.example.org"])
    assert box.keep(response_id, scope, NOW)
    return token


def test_a_kept_scope_comes_back_with_its_places(tmp_path: Path) -> None:
    token = kept(tmp_path)
    box = Vault(tmp_path)
    scope = Scope(box.tokens)
    assert box.take_in("resp_1", scope, NOW + 60)
    assert scope.value(token) == VALUE and scope.known(VALUE) == {"host:db.example.org"}


def test_nothing_readable_lies_in_the_folder(tmp_path: Path) -> None:
    kept(tmp_path)
    for path in (tmp_path / vault.KEPT_FOLDER).iterdir():
        assert b"hidden-value" not in path.read_bytes() and "resp" not in path.name
        assert path.stat().st_mode & 0o777 == 0o600


def test_another_id_another_time_and_a_changed_file_give_nothing(tmp_path: Path) -> None:
    kept(tmp_path)
    box = Vault(tmp_path)
    scope = Scope(box.tokens)
    assert not box.take_in("resp_2", scope, NOW)
    assert not box.take_in("resp_1", scope, NOW + vault.KEPT_SECONDS + 1)
    assert not box.take_in("resp_1", scope, NOW - 1), "from a clock that went back"
    [file] = (tmp_path / vault.KEPT_FOLDER).iterdir()
    sealed = file.read_bytes()
    for damaged in (sealed[:-1] + bytes([sealed[-1] ^ 1]), sealed[:5], b""):
        file.write_bytes(damaged)
        assert not box.take_in("resp_1", scope, NOW)
    file.write_bytes(sealed)
    file.rename(file.with_name(box._name("resp_2")))
    assert not box.take_in("resp_2", scope, NOW), "one response's scope is not another's"
    assert len(scope) == 0


def test_too_many_and_too_old_ones_are_removed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(vault, "KEPT_SCOPES", 3)
    box = Vault(tmp_path)
    for n in range(6):
        assert box.keep(f"resp_{n}", Scope(box.tokens), NOW)
    folder = tmp_path / vault.KEPT_FOLDER
    assert len(list(folder.iterdir())) == 3
    for path in folder.iterdir():
        os.utime(path, (0, 0))
    assert box.keep("resp_new", Scope(box.tokens), NOW)
    assert len(list(folder.iterdir())) == 1


def test_a_scope_that_is_too_big_is_not_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(vault, "LARGEST_KEPT", 10)
    box = Vault(tmp_path)
    assert not box.keep("resp_1", Scope(box.tokens), NOW)
    assert not (tmp_path / vault.KEPT_FOLDER).exists()
