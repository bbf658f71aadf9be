"""A seeded help desk and a model's replayed review of it: 3 true, 3 invented, 2 refuted upstream.

Every finding lands where it should, people decide, the signed review verifies, and an empty review
still lists what nobody looked at.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from faces.cli_runner import Ran, Terminal

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "review"
ME = "you@example.org"


def _git(root: Path, *words: str) -> None:
    named = ["git", "-c", f"user.email={ME}", "-c", "user.name=you", *words]
    subprocess.run(named, cwd=root, check=True, capture_output=True)


class Desk(Terminal):
    """Types command lines in the repository of the example."""

    def review(self, *more: str) -> dict[str, Any]:
        document: dict[str, Any] = self("review", "--base", "main", "--json", *more).json
        return document

    def sign(self, path: str) -> Ran:
        key = self.folder.parent / "key"
        return self("sign", path, "--key", key, "--threat-model", "docs/threats.md")


@pytest.fixture
def desk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Desk:
    """The repository of the example: `main`, and a branch with the change."""
    root = tmp_path / "desk"
    shutil.copytree(EXAMPLE / "before", root)
    _git(root, "init", "-q", "-b", "main")
    Desk(root, capsys)("init", root)
    key = tmp_path / "key"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(key)], check=True)
    public = key.with_suffix(".pub").read_text()
    (root / "allowed_signers").write_text(f'{ME} namespaces="undersign/v1" {public}')
    _git(root, "add", "-A")
    _git(root, "commit", "-qm", "before")
    _git(root, "checkout", "-qb", "feature")
    shutil.copytree(EXAMPLE / "after", root, dirs_exist_ok=True)
    _git(root, "add", "-A")
    _git(root, "commit", "-qm", "after")
    monkeypatch.chdir(root)
    monkeypatch.setenv("UNDERSIGN_PERSON", ME)
    return Desk(root, capsys)


def _of_model(document: dict[str, Any]) -> dict[tuple[str, int], dict[str, Any]]:
    return {
        (f["file"], f["line"]): f for f in document["findings"] if f["origin"].startswith("replay:")
    }


def test_every_finding_lands_where_it_should(desk: Desk) -> None:
    document = desk.review("--with", f"replay:{EXAMPLE / 'reply.jsonl'}")
    found = _of_model(document)
    assert len(found) == 8
    for true in (
        ("desk/tickets.py", "sql-injection"),
        ("desk/export.py", "command-injection"),
        ("desk/assistant.py", "sql-injection"),
    ):
        rows = [f for f in document["findings"] if (f["file"], f["category"]) == true]
        assert "supported" in {f["standing"] for f in rows}, true
    invented = (("desk/payments.py", 42), ("desk/account.py", 12), ("desk/export.py", 15))
    for place in invented:
        assert found[place]["standing"] == "refuted", found[place]
    for place in (("desk/admin.py", 16), ("desk/account.py", 18)):
        one = found[place]
        assert one["standing"] == "refuted"
        assert any(
            c["check"] == "guarded-upstream" and c["status"] == "fail" for c in one["checks"]
        )


def test_a_models_reply_is_a_source(desk: Desk) -> None:
    document = desk.review()
    one = next(f for f in document["findings"] if f["file"] == "desk/assistant.py")
    assert one["standing"] == "supported"
    assert {"LLM02:1.1", "LLM05:2025"} <= set(one["owasp"])
    path = next(c for c in one["checks"] if c["check"] == "unsupported-path")
    steps = path["details"][0]["steps"]
    assert steps[0]["file"] == "desk/assistant.py"
    assert steps[-1]["file"] == "desk/store.py"


def test_a_new_package_and_a_look_alike_are_candidates(desk: Desk) -> None:
    path = desk.folder / "requirements.txt"
    path.write_text(path.read_text() + "flassk\n")
    found = [f for f in desk.review()["findings"] if f["category"] == "dependency"]
    said = " ".join(f["message"] for f in found)
    assert {f["file"] for f in found} == {"requirements.txt"}
    assert "anthropic" in said
    assert "flassk" in said


def test_nothing_is_signed_before_people_have_said_everything(desk: Desk) -> None:
    document = desk.review("--with", f"replay:{EXAMPLE / 'reply.jsonl'}")
    path = document["artifact"]
    assert path == "reviews/feature.sarif"
    assert desk.sign(path).code == 1
    for one in document["findings"]:
        verdict = "dismiss" if one["standing"] == "refuted" else "confirm"
        done = desk("triage", one["id"], verdict, "--reason", f"read {one['file']}")
        assert done.code == 0, done.err
    refused = desk.sign(path)
    assert refused.code == 1
    assert "unstated-area" in refused.err
    for area in ("design", "multi-step-authorization", "business-logic", "novel-sinks"):
        done = desk("triage", f"{path}#{area}", "looked", "--reason", f"read it for {area}")
        assert done.code == 0, done.err
    assert desk.sign(path).code == 0
    assert desk("verify", path).code == 0
    run = json.loads(Path(path).read_text())["runs"][0]
    dismissed = [r for r in run["results"] if r.get("suppressions")]
    assert len(dismissed) == sum(f["standing"] == "refuted" for f in document["findings"])
    assert all(ME in r["suppressions"][0]["justification"] for r in dismissed)
    Path(path).write_text(Path(path).read_text().replace('"confirm"', '"dismiss"', 1))
    assert desk("verify", path).code == 1


def test_verdicts_survive_a_rebase_and_not_an_edit(desk: Desk) -> None:
    first = desk.review()
    one = next(f for f in first["findings"] if f["file"] == "desk/tickets.py")
    desk("triage", one["id"], "accept-risk", "--reason", "an internal tool")
    tickets = desk.folder / "desk" / "tickets.py"
    text = tickets.read_text()
    tickets.write_text("# a line above\n\n" + text)
    again = next(f for f in desk.review()["findings"] if f["id"] == one["id"])
    assert again["line"] == one["line"] + 2
    assert again["verdict"]["decision"] == "accept-risk"
    assert again["verdict"]["carried_from"]
    tickets.write_text(text.replace("title LIKE", "body LIKE"))
    changed = [f for f in desk.review()["findings"] if f["file"] == "desk/tickets.py"]
    assert changed
    assert all(f["verdict"] is None for f in changed)


def test_an_empty_review_lists_what_nobody_looked_at(desk: Desk) -> None:
    (desk.folder / "note.py").write_text("x = 1\n")
    _git(desk.folder, "add", "-A")
    _git(desk.folder, "commit", "-qm", "a note")
    done = desk("review", "--base", "HEAD~1", "-o", "reviews/note.sarif")
    assert done.code == 0
    assert "not a finding of safety" in done.out
    for wanted in ("design", "business-logic", "A04:2021", "nobody has looked at"):
        assert wanted in done.out
    assert desk.sign("reviews/note.sarif").code == 1


@pytest.mark.parametrize("name", ["sarif", "markdown", "github", "html", "text"])
def test_every_format_shows_it(desk: Desk, name: str) -> None:
    done = desk("review", "--base", "main", "--output-format", name)
    assert done.code == 1
    assert "desk/tickets.py" in done.out
