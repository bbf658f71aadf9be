"""The journal on disk: two writers, a full disk, imports, and a hunt from question to rule."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

import pytest

from undersign.errors import BadInput, NoWorkspace, StorageError, UsageError
from undersign.records.hunt import Conclusion, Entry, HuntVerdict, Note, Ran, Shown, StageRows
from undersign.surfaces.hunt import hunt_file
from undersign.surfaces.hunt.journal import Opening
from undersign.workspace import files, hunt_shelf, hunting, ledgerbook
from undersign.workspace.hunt_exchange import export, import_hearth
from undersign.workspace.hunt_rerun import run_again
from undersign.workspace.workspace import Workspace, find, init

NOW = datetime(2026, 1, 6, tzinfo=UTC)
WHEN = "2026-01-06T00:00:00Z"
PERSON = "hunter@example.org"
HEARTH = "---\nid: H00{0}\nhypothesis: Somebody guesses passwords.\ntechniques: [{1}]\n---\nBody.\n"


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return init(tmp_path)[0]


def opened(workspace: Workspace, title: str = "Password guessing") -> hunt_shelf.Kept:
    return hunting.new(workspace, Opening(title), person=PERSON, now=NOW)


def asked(rows: int = 3) -> Entry:
    shown = Shown(rows=rows, digest="d", stages=(StageRows("T", 9), StageRows("where x", rows)))
    return Entry(0, WHEN, "who?", "kql", "T | where x", "offline", pins=(("t", "7"),), shown=shown)


def noted(text: str = "a note") -> Note:
    return Note(WHEN, PERSON, text)


def test_a_hunt_from_opening_to_verdict_is_in_the_file_and_in_the_ledger(
    workspace: Workspace,
) -> None:
    kept = opened(workspace)
    assert kept.path == "hunts/0001-password-guessing.hunt.yml"
    recorded = hunting.record_entry(workspace, asked(), now=NOW)
    assert recorded is not None and recorded[1] == 1
    hunting.note(workspace, None, "validation", noted(), now=NOW)
    end = Conclusion(HuntVerdict.CONFIRMED, "it was alice", PERSON, WHEN)
    hunting.close(workspace, "1", end, now=NOW)
    hunt = hunting.show(workspace, "0001").hunt
    assert (hunt.state, len(hunt.entries), hunt.validation) == ("closed", 1, (noted(),))
    told = ledgerbook.show(workspace, kept.path, 50)
    assert [(e.kind, e.body["did"]) for e in told] == [
        ("hunt", "new"), ("hunt", "ask"), ("hunt", "note"), ("hunt", "close"),
    ]  # fmt: skip
    text = files.read_text(workspace.root / kept.path)
    assert told[-1].body["artifact_digest"] == sha256(text.encode()).hexdigest()
    assert ledgerbook.verify(workspace, None, now=NOW).valid


def test_without_an_open_hunt_nothing_is_kept(workspace: Workspace) -> None:
    assert hunting.record_entry(workspace, asked(), now=NOW) is None
    with pytest.raises(UsageError, match=r"no hunt is open here .*hunt new"):
        hunting.show(workspace, None)
    opened(workspace)
    gap = Conclusion(HuntVerdict.DATA_GAP, "no logs", PERSON, WHEN)
    hunting.close(workspace, None, gap, now=NOW)
    assert hunting.record_entry(workspace, asked(), now=NOW) is None
    with pytest.raises(UsageError, match="is closed"):
        hunting.record_entry(workspace, asked(), now=NOW, hunt="1")
    with pytest.raises(UsageError, match="is closed"):
        hunting.switch(workspace, "1")


def test_the_newest_hunt_is_current_until_another_is_named(workspace: Workspace) -> None:
    one, two = opened(workspace), opened(workspace, "Another")
    assert hunting.shelf(workspace).current == two.path
    hunting.switch(workspace, "1")
    recorded = hunting.record_entry(workspace, asked(), now=NOW)
    assert recorded is not None and recorded[0].path == one.path
    with pytest.raises(UsageError, match="no hunt is called '9'"):
        hunting.show(workspace, "9")


def test_a_folder_without_a_workspace_keeps_no_hunts(tmp_path: Path) -> None:
    with pytest.raises(NoWorkspace):
        opened(find(tmp_path))
    assert not (tmp_path / "hunts").exists()


def test_a_hunt_that_a_person_broke_is_told_and_hides_no_other(workspace: Workspace) -> None:
    kept = opened(workspace)
    opened(workspace, "Another")
    path = workspace.root / kept.path
    path.write_text(path.read_text().replace("hypothesis:", "hypotesis:"))
    shelf = hunting.shelf(workspace)
    assert [k.hunt.title for k in shelf.kept] == ["Another"]
    assert [wrong.line for wrong in shelf.unreadable] == [5]
    before = path.read_text()
    with pytest.raises(BadInput, match="did you mean 'hypothesis'"):
        hunting.note(workspace, "1", "notes", noted(), now=NOW)
    assert path.read_text() == before


WRITER = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from undersign.records.hunt import Entry, Note
from undersign.workspace import hunting
from undersign.workspace.workspace import find
workspace, who, now = find(Path(sys.argv[1])), sys.argv[2], datetime(2026, 1, 6, tzinfo=UTC)
for n in range(12):
    entry = Entry(0, "2026-01-06T00:00:00Z", f"{who} {n}", "kql", "T", "offline")
    hunting.record_entry(workspace, entry, now=now)
    note = Note("2026-01-06T00:00:00Z", who, f"{who} {n}")
    hunting.note(workspace, None, "notes", note, now=now)
"""


def test_two_writers_lose_nothing(workspace: Workspace) -> None:
    kept = opened(workspace)
    command = [sys.executable, "-c", WRITER, str(workspace.root)]
    running = [subprocess.Popen([*command, f"{who}@example.org"]) for who in ("a", "b")]
    assert [process.wait(timeout=60) for process in running] == [0, 0]
    hunt = hunt_shelf.read(workspace, workspace.root / kept.path).hunt
    assert [e.nth for e in hunt.entries] == list(range(1, 25))
    wanted = {f"{who}@example.org {n}" for who in "ab" for n in range(12)}
    assert {e.question for e in hunt.entries} == {n.text for n in hunt.notes} == wanted
    assert ledgerbook.verify(workspace, None, now=NOW).valid


def test_a_file_saved_by_an_editor_meanwhile_is_read_again(workspace: Workspace) -> None:
    path = workspace.root / opened(workspace).path
    edits = iter(["edited once", "edited twice"])

    def slowly(was: hunt_file.Hunt) -> hunt_file.Hunt:
        text = next(edits, None)
        if text:
            path.write_text(path.read_text().replace(was.title, text))
        return hunting.journal.add_note(was, "notes", noted())

    kept = hunt_shelf.change(workspace, path, hunt_shelf.Change("note", slowly, NOW, {}))
    assert (kept.hunt.title, len(kept.hunt.notes)) == ("edited twice", 1)
    assert hunt_shelf.read(workspace, path).hunt == kept.hunt


def test_a_full_disk_leaves_the_hunt_as_it_was(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = workspace.root / opened(workspace).path
    before, steps = path.read_bytes(), len(ledgerbook.show(workspace, None, 50))

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(StorageError, match="the disk is full; nothing was changed"):
            hunting.record_entry(workspace, asked(), now=NOW)
    assert path.read_bytes() == before
    assert len(ledgerbook.show(workspace, None, 50)) == steps
    assert sorted(p.name for p in path.parent.iterdir()) == [path.name]


def test_a_hunt_that_outgrew_its_file_is_told_before_it_is_written(workspace: Workspace) -> None:
    path = workspace.root / opened(workspace).path
    hunting.note(workspace, None, "notes", noted("x" * 3_000_000), now=NOW)
    with pytest.raises(BadInput, match=r"grow beyond 4 MiB .close this hunt"):
        hunting.note(workspace, None, "notes", noted("y" * 3_000_000), now=NOW)
    assert len(hunt_shelf.read(workspace, path).hunt.notes) == 1


def test_hearth_hunts_are_taken_once_and_told_when_they_are_none(
    workspace: Workspace, tmp_path: Path
) -> None:
    folder = tmp_path / "community"
    folder.mkdir()
    (folder / "H001.md").write_text(HEARTH.format(1, "T1110"))
    (folder / "H002.md").write_text(HEARTH.format(2, "T1574.002"))
    (folder / "again.md").write_text(HEARTH.format(1, "T1110"))
    (folder / "README.md").write_text("# Words\n")
    (folder / "bytes.md").write_bytes(b"---\n\xff\n---\n")
    done = import_hearth(workspace, [folder], person=PERSON, now=NOW)
    assert [kept.hunt.id for kept in done.added] == ["H001", "H002"]
    assert done.there == ("H001",) and len(done.refused) == 2
    assert len(done.remarks) == 1 and "T1574.001" in done.remarks[0]
    hunt = hunting.show(workspace, "H002").hunt
    assert export(hunt, "hearth")[0] == HEARTH.format(2, "T1574.002")
    again = import_hearth(workspace, [folder], person=PERSON, now=NOW)
    assert again.added == () and len(again.there) == 3
    with pytest.raises(UsageError, match="no such file"):
        import_hearth(workspace, [tmp_path / "nowhere"], person=PERSON, now=NOW)


@pytest.mark.parametrize("form", ["hearth", "notebook", "markdown", "json"])
def test_every_export_names_the_query(workspace: Workspace, form: str) -> None:
    opened(workspace)
    hunting.record_entry(workspace, asked(), now=NOW)
    text, _ = export(hunting.show(workspace, None).hunt, form)
    assert "T | where x" in text
    with pytest.raises(UsageError, match="one of hearth"):
        export(hunting.show(workspace, None).hunt, "docx")


def test_queries_run_again_on_their_pins_and_on_the_newest(workspace: Workspace) -> None:
    opened(workspace)
    hunting.record_entry(workspace, asked(), now=NOW)
    seen: list[Mapping[str, str] | None] = []

    def run(language: str, text: str, as_of: str, pins: Mapping[str, str] | None) -> Ran:
        assert (language, text, as_of) == ("kql", "T | where x", WHEN)
        seen.append(pins)
        if pins is None:
            return Ran(5, "other")
        return Ran(3, "d")

    pinned, newest = run_again(workspace, None, run, now=NOW)
    assert seen == [{"t": "7"}, None]
    assert (pinned.outcome, newest.outcome, newest.difference) == ("same", "changed", 2)
    told = ledgerbook.show(workspace, None, 1)[0].body
    assert (told["did"], told["same"], told["of"]) == ("rerun", 1, 2)


def test_a_snapshot_that_is_gone_is_not_compared(workspace: Workspace) -> None:
    opened(workspace)
    hunting.record_entry(workspace, asked(), now=NOW)

    def run(language: str, text: str, as_of: str, pins: Mapping[str, str] | None) -> Ran:
        raise StorageError("snapshot 7 of t can no longer be read")

    outcomes = run_again(workspace, None, run, now=NOW)
    assert {one.outcome for one in outcomes} == {"not run"}
    assert "snapshot 7" in outcomes[0].reason
