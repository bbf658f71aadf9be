"""Finding, making and configuring a workspace."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from undersign.errors import BadInput, NoWorkspace, StorageError, UsageError
from undersign.records.estate import Estate
from undersign.workspace import ledgerbook
from undersign.workspace.config import read
from undersign.workspace.workspace import find, init, person


def test_init_keeps_what_is_there(tmp_path: Path) -> None:
    (tmp_path / ".gitignore").write_text("dist/\n")
    _, made = init(tmp_path)
    assert "undersign.toml" in made
    ignored = (tmp_path / ".gitignore").read_text()
    assert ignored.startswith("dist/\n") and ".undersign/*" in ignored
    assert init(tmp_path)[1] == ()


def test_the_nearest_workspace_above_is_found(tmp_path: Path) -> None:
    init(tmp_path)
    deep = tmp_path / "rules" / "windows"
    deep.mkdir()
    assert find(deep).root == tmp_path
    assert find(deep).declared


def test_no_workspace_is_said_when_one_is_needed(tmp_path: Path) -> None:
    workspace = find(tmp_path)
    assert not workspace.declared
    with pytest.raises(NoWorkspace, match="undersign init"):
        workspace.require_declared()
    with pytest.raises(NoWorkspace):
        find(tmp_path, str(tmp_path / "elsewhere"))


@pytest.mark.parametrize(
    "text",
    [
        "[paths",
        "[paths]\nrules = 3\n",
        "paths = 1\n",
        '[corpora]\nsigma = "x"\n',
        '[hunt]\nas_of = "yesterday"\n',
        '[estate]\ncorporate = ["192.0.2.0/33"]\n',
        '[estate]\ntime_zone = "Mars/Olympus"\n',
        "[estate]\nretention_days = true\n",
    ],
)
def test_a_broken_config_names_its_file(tmp_path: Path, text: str) -> None:
    (tmp_path / "undersign.toml").write_text(text)
    with pytest.raises(BadInput, match=r"undersign\.toml"):
        read(tmp_path)


def test_what_is_ours_comes_from_the_config(tmp_path: Path) -> None:
    workspace, _ = init(tmp_path)
    assert workspace.config.estate is None
    (tmp_path / "undersign.toml").write_text(
        '[estate]\ncorporate = ["192.0.2.0/24"]\nretention_days = 30\n[hunt]\nas_of = "latest"\n'
    )
    config = read(tmp_path)
    assert config.estate == Estate(("192.0.2.0/24",), None, 30)
    assert config.as_of == "latest"


def test_who_are_you(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", "/dev/null")
    monkeypatch.setenv("GIT_CONFIG_SYSTEM", "/dev/null")
    assert person(tmp_path, "a@example.org", {}) == "a@example.org"
    assert person(tmp_path, None, {"UNDERSIGN_PERSON": "b@example.org"}) == "b@example.org"
    with pytest.raises(UsageError, match="who are you"):
        person(tmp_path, None, {"UNDERSIGN_PERSON": " "})


def test_what_only_looks_at_the_ledger_cannot_write_it(tmp_path: Path) -> None:
    workspace, _ = init(tmp_path)
    now = datetime(2026, 1, 5, tzinfo=UTC)
    ledgerbook.note(workspace, "check", {"subject": "x"}, now=now)
    workspace.ledger.close()
    reader = find(tmp_path)
    assert [entry.subject for entry in ledgerbook.show(reader, None, 5)] == ["x"]
    assert ledgerbook.verify(reader, None, now=now).valid
    assert "ledger" not in vars(reader), "it was opened to write, which a read-only disk refuses"
    with pytest.raises(StorageError, match="read-only"):
        reader.ledger_to_read.append("check", {}, now=now)
