"""Artifacts on disk: located errors, nothing lost."""

from __future__ import annotations

import os
from pathlib import Path
from threading import Thread

import pytest

from undersign.errors import BadInput, StorageError, UsageError
from undersign.workspace import files

RULE = "title: t\nlogsource: {product: windows}\ndetection: {s: {Image: x}, condition: s}\n"


def test_invalid_utf8_is_located(tmp_path: Path) -> None:
    path = tmp_path / "rule.yml"
    path.write_bytes(b"title: ok\nauthor: \xff\n")
    with pytest.raises(BadInput, match="not valid UTF-8") as caught:
        files.read(path, tmp_path)
    assert (caught.value.line, caught.value.column) == (2, 9)


def test_a_folder_gives_its_rules_and_not_their_side_files(tmp_path: Path) -> None:
    (tmp_path / "rules").mkdir()
    for name in ("a.yml", "b.yaml", "a.tests.yml", "notes.txt"):
        (tmp_path / "rules" / name).write_text(RULE)
    (tmp_path / "rules" / "pipeline.yml").write_text("steps: []\n")
    found = [p.name for p in files.find([tmp_path / "rules"])]
    assert found == ["a.yml", "b.yaml"]


def test_a_path_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"nowhere\.yml: no such file"):
        list(files.find([tmp_path / "nowhere.yml"]))


def test_newlines_survive(tmp_path: Path) -> None:
    path = tmp_path / "rule.yml"
    path.write_bytes(RULE.replace("\n", "\r\n").encode())
    assert "\r\n" in files.read(path, tmp_path).text


def test_a_failed_write_leaves_the_old_text(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "rule.yml"
    path.write_text("old")

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(StorageError, match="the disk is full; nothing was changed"):
        files.write(path, "new")
    assert path.read_text() == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["rule.yml"]


def test_a_path_outside_the_workspace_stays_absolute(tmp_path: Path) -> None:
    inside = tmp_path / "ws"
    assert files.relative(inside / "rules" / "a.yml", inside) == "rules/a.yml"
    assert files.relative(tmp_path / "b.yml", inside) == (tmp_path / "b.yml").as_posix()


def test_files_that_belong_together_are_written_all_or_none(tmp_path: Path) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    one.write_text("old")

    def refuse() -> None:
        raise StorageError("the ledger is full")

    with pytest.raises(StorageError, match="ledger"):
        files.write_all({one: "new", two: "new"}, refuse)
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError, match="file/three"):
        files.write_all({one: "new", tmp_path / "file/three": "new"})
    assert one.read_text() == "old"
    assert sorted(p.name for p in tmp_path.iterdir()) == ["file", "one"]
    files.write_all({one: "new", two: "new"})
    assert (one.read_text(), two.read_text()) == ("new", "new")


def test_a_pipe_is_written_to_and_never_replaced(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    got: list[str] = []
    reader = Thread(target=lambda: got.append(pipe.read_text()))
    reader.start()
    files.write_all({pipe: "told", tmp_path / "file": "kept"})
    reader.join(timeout=20)
    assert got == ["told"]
    assert pipe.is_fifo()
    assert (tmp_path / "file").read_text() == "kept"
