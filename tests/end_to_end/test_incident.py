"""An incident of several days from logs and a channel to signed papers; an instruction in it fails.

The channel holds red herrings, an edited message, a wrong claim and an injected instruction; so do
the user agent of a log line, and the replayed drafter, which obeys all of it.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from markdown_it import MarkdownIt

from faces.cli_runner import Ran, Terminal
from undersign.surfaces.respond import evidence_file, timeline_file

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "incident"
NAME = "deploy-key"
ME = "lead@example.org"
INJECTED = ("evil.example", "no data was read", "no customer data was read", "<script", "03:00")
BUILT = ("respond", "timeline", "logs", "--chat", "slack", "--name", NAME, "--title",
         "Deploy key misused", "--zone", "auth.log=Europe/Berlin", "--year", "2026")  # fmt: skip


class Room(Terminal):
    """Types command lines in the workspace of an incident."""

    @property
    def incident(self) -> Path:
        return self.folder / "incidents" / NAME

    def timeline(self) -> dict[str, Any]:
        document: dict[str, Any] = self("respond", "show", NAME, "--json").json
        return document

    def sign(self, path: Path) -> Ran:
        return self("sign", path, "--key", self.folder.parent / "key")

    def settle(self, path: Path, only: tuple[str, ...] = ()) -> None:
        """Give a person's verdict on what is left open, after having looked."""
        for outcome in self("check", path, "--json").json["artifacts"][0]["outcomes"]:
            if only and outcome["code"] not in only:
                continue
            for finding in outcome["findings"]:
                if finding["severity"] == "error":
                    done = self("triage", finding["id"], "accept-risk", "--reason", "looked at")
                    assert done.code == 0, done.err


@pytest.fixture
def room(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Room:
    root = tmp_path / "room"
    shutil.copytree(EXAMPLE, root)
    Room(root, capsys)("init", root)
    key = tmp_path / "key"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(key)], check=True)
    public = key.with_suffix(".pub").read_text()
    (root / "allowed_signers").write_text(f'{ME} namespaces="undersign/v1" {public}')
    monkeypatch.chdir(root)
    monkeypatch.setenv("UNDERSIGN_PERSON", ME)
    return Room(root, capsys)


@pytest.fixture
def built(room: Room) -> Room:
    ran = room(*BUILT)
    assert ran.code == 0, ran.err
    return room


def test_every_sentence_opens_the_line_it_cites(built: Room) -> None:
    document = built.timeline()
    assert [s["name"] for s in document["sources"]] == [
        "access.log", "auth.log", "cloudtrail.json", "slack",
    ]  # fmt: skip
    kept, problems = evidence_file.read((built.incident / "evidence.jsonl").read_text())
    assert not problems
    lines = {
        name: (EXAMPLE / "logs" / name).read_text().split("\n")
        for name in ("access.log", "auth.log")
    }
    cited = {address for entry in document["entries"] for address in entry["evidence"]}
    assert cited == set(kept)
    for address in cited:
        source, _, line = address.rpartition(":")
        if source in lines:
            assert kept[address].raw == lines[source][int(line) - 1]
    trail = json.loads((EXAMPLE / "logs" / "cloudtrail.json").read_text())["Records"]
    for address in (a for a in cited if a.startswith("cloudtrail.json:")):
        record = trail[int(address.rpartition(":")[2]) - 1]
        assert json.loads(kept[address].raw) == record
    opened = built("respond", "evidence", NAME, "cloudtrail.json:63", "--json").json
    assert opened["facts"]["action"] == ["CreateUser"]
    assert opened["source_now"] == "the same stands in logs/cloudtrail.json now"


def test_lines_are_counted_once_and_none_is_lost(built: Room) -> None:
    document = built.timeline()
    told = sum(entry["count"] for entry in document["entries"]) + document["duplicates"]
    read = sum(s["lines"] - s["untimed"] for s in document["sources"])
    assert told == read == 626


def test_milestones_rest_on_facts_and_not_on_plans_or_instructions(built: Room) -> None:
    document = built.timeline()
    marks = {m["mark"]: m for m in document["milestones"]}
    assert marks["detected"]["time"].startswith("2026-03-04T08:31:05")
    assert marks["declared"]["time"].startswith("2026-03-04T08:47:03")
    assert marks["resolved"]["time"].startswith("2026-03-05T09:30:00"), "reopened at 21:12"
    assert marks["began"]["claim"] is None
    assert "no line says so" in marks["began"]["reason"]
    measures = {m["name"]: m["seconds"] for m in document["measures"]}
    assert measures == {"tta": 155, "ttr": 89_935}


def test_a_message_is_told_as_written_and_never_as_so(built: Room) -> None:
    document = built.timeline()
    wrong = next(e for e in document["entries"] if "slack:7" in e["evidence"])
    assert wrong["sentence"].startswith("At 2026-03-04 08:52:30 UTC, bob wrote:")
    runs = [e for e in document["entries"] if e["slots"].get("address") == "198.51.100.23"]
    assert runs, "the brute force is told"
    assert {e["slots"]["outcome"] for e in runs} == {"failure"}
    edited = next(e for e in document["entries"] if "slack:13" in e["evidence"])
    assert "edited later" in edited["sentence"]


def test_the_same_logs_give_the_same_bytes(built: Room) -> None:
    before = (built.incident / "timeline.json").read_bytes()
    assert built(*BUILT, "--replace").code == 0
    assert (built.incident / "timeline.json").read_bytes() == before


def test_a_drafter_that_obeys_every_instruction_changes_nothing(room: Room) -> None:
    plain = room(*BUILT, "--json").json
    ran = room(*BUILT, "--replace", "--json", "--with", "replay:timeline.reply.jsonl")
    assert ran.code == 0, ran.err
    document = ran.json
    assert "2 things that replay:timeline.reply.jsonl said were struck" in ran.err
    assert document["entries"] == plain["entries"]
    assert document["milestones"] == plain["milestones"]
    (inferred,) = (c for c in document["claims"] if c["kind"] == "inference")
    assert inferred["by"].startswith("replay:")
    assert inferred["evidence"] == ["slack:7", "auth.log:30"]


def test_a_drafted_postmortem_keeps_what_holds_and_strikes_the_rest(built: Room) -> None:
    ran = built("respond", "postmortem", NAME, "--with", "replay:postmortem.reply.jsonl")
    assert ran.code == 0, ran.err
    text = (built.incident / "postmortem.md").read_text()
    assert "5 things that" in ran.err
    drafted = [line for line in text.split("\n") if "(inference" in line and "by replay" in line]
    assert len(drafted) >= 9
    for words in INJECTED:
        assert not any(words in line.lower() for line in drafted), words
    assert "APT29" not in text
    heard = next(line for line in drafted if "brute forced" in line)
    assert "(inference from what bob wrote, by replay:" in heard
    assert "| TBD | 2026-04-01 |" in text.replace("prevent | TBD", "| TBD"), "no owner is made up"
    kinds = {c.type for t in MarkdownIt().parse(text) for c in t.children or ()}
    assert not kinds & {"link_open", "image", "html_inline"}
    codes = _codes(built, built.incident / "postmortem.md")
    assert not {c for c in codes if c.startswith("RSP00")}, codes


def test_the_whys_are_offered_what_may_show_them_and_the_page_opens_it(built: Room) -> None:
    assert built("respond", "whys", NAME).code == 2, "no postmortem yet"
    assert built("respond", "postmortem", NAME, "--with", "replay:postmortem.reply.jsonl").code == 0
    paper = built.incident / "postmortem.md"
    paper.write_text(paper.read_text().replace(") [slack:25]", ")"))
    whys = built("respond", "whys", NAME, "--dot", "whys.dot", "--json").json["whys"]
    assert [w["about"] for w in whys] == [None, 1, 2]
    assert [bool(w["evidence"]) for w in whys] == [True, False, False]
    assert "slack:25" in {one["evidence"] for w in whys[1:] for one in w["offered"]}
    assert (built.folder / "whys.dot").read_text().startswith("digraph whys {")
    told = built("respond", "page", NAME, "page.html", "--json").json
    assert told["whys"] == 3
    assert told["not_kept"] == []
    assert "Nobody has signed this" in (built.folder / "page.html").read_text()


def test_all_of_it_is_signed_and_verifies(
    built: Room, evidence_of_signing: Callable[[Path], None]
) -> None:
    aware = _claim(
        built, "We became aware of a personal data breach", "--evidence", "slack:14",
        "--at", "2026-03-04T09:41:00Z",
    )  # fmt: skip
    _claim(
        built, "The impact ended when reads were denied for the second key", "--evidence",
        "cloudtrail.json:90", "--evidence", "slack:21", "--at", "2026-03-04T21:45:19Z",
        "--milestone", "mitigated",
    )  # fmt: skip
    unsigned = built("respond", "clocks", NAME, "--anchor", f"gdpr.awareness={aware}", "--json")
    assert all(d["due"] is None for d in unsigned.json["deadlines"]), "nothing runs unsigned"

    timeline = built.incident / "timeline.json"
    assert built("check", timeline).code == 0
    assert built.sign(timeline).code == 0
    anchors = [f"--anchor=gdpr.awareness={aware}", f"--anchor=nis2.awareness={aware}"]
    ran = built("respond", "clocks", NAME, *anchors, "--replace", "--json")
    due = {(d["regime"], d["duty"]): d["due"] for d in ran.json["deadlines"] if d["due"]}
    assert due == {
        ("gdpr", "authority"): "2026-03-07T09:41:00Z",
        ("nis2", "early-warning"): "2026-03-05T09:41:00Z",
        ("nis2", "notification"): "2026-03-07T09:41:00Z",
    }
    assert built.sign(built.incident / "clocks.json").code == 0

    assert built("respond", "postmortem", NAME, "--with", "replay:postmortem.reply.jsonl").code == 0
    told = ("--impact", "Files that some customers exported were read", "--service", "Exports")
    assert built("respond", "comms", NAME, *told).code == 0
    papers = [built.incident / "postmortem.md", *sorted((built.incident / "comms").glob("*.md"))]
    assert len(papers) == 5
    for paper in papers:
        built.settle(paper)
        signed = built.sign(paper)
        assert signed.code == 0, signed.err
    verified = built("verify", "incidents", "--json")
    assert verified.code == 0, verified.out
    for paper in (timeline, built.incident / "clocks.json", *papers):
        evidence_of_signing(paper)
    page = built.folder / "timeline.html"
    assert built("respond", "show", NAME, "--html", page).code == 0
    assert f"Signed by {ME}" in page.read_text()


def test_an_edit_of_the_evidence_is_found(built: Room) -> None:
    path = built.incident / "evidence.jsonl"
    path.write_text(path.read_text().replace("Failed password", "Accepted password", 1))
    assert "RSP063" in _codes(built, built.incident / "timeline.json")


def test_an_edit_of_a_claim_is_found(built: Room) -> None:
    path = built.incident / "timeline.json"
    text = path.read_text()
    assert text.count('"address": "203.0.113.77"') > 3
    path.write_text(text.replace('"address": "203.0.113.77"', '"address": "203.0.113.7"', 1))
    assert "RSP061" in _codes(built, path)


def test_people_are_not_overwritten(built: Room) -> None:
    _claim(built, "Severity one", "--evidence", "slack:6")
    assert built(*BUILT).code == 0, "a person's claim is carried over"
    said = [c for c in built.timeline()["claims"] if c["kind"] == "judgement"]
    assert [c["by"] for c in said] == [f"person:{ME}"]
    assert built.sign(built.incident / "timeline.json").code == 0
    refused = built(*BUILT)
    assert refused.code == 2
    assert "is signed" in refused.err


def test_every_citation_of_a_notice_is_a_claim(built: Room) -> None:
    assert built("respond", "comms", NAME, "--audience", "status-page").code == 0
    text = (built.incident / "comms" / "status-page.notice.md").read_text()
    file = timeline_file.read((built.incident / "timeline.json").read_text())
    for claim in re.findall(r"<!-- (C\d+) -->", text):
        assert file.timeline.claim(claim) is not None
    for name in ("svc-deploy", "203.0.113", "bastion1", "alice", "bob"):
        assert name not in text


@pytest.fixture
def evidence_of_signing(tmp_path: Path) -> Callable[[Path], None]:
    """Verify with plain ssh-keygen, as anyone can."""

    def verify(path: Path) -> None:
        statement = path.with_name(path.name + ".statement.json")
        command = [
            "ssh-keygen", "-Y", "verify", "-f", str(tmp_path / "room" / "allowed_signers"),
            "-I", ME, "-n", "undersign/v1", "-s", str(path.with_name(path.name + ".sig")),
        ]  # fmt: skip
        with statement.open("rb") as said:
            subprocess.run(command, stdin=said, check=True, capture_output=True)

    return verify


def _claim(room: Room, *words: str) -> str:
    ran = room("respond", "claim", NAME, *words, "--json")
    assert ran.code == 0, ran.err
    return str(ran.json["id"])


def _codes(room: Room, path: Path) -> set[str]:
    (artifact,) = room("check", path, "--json").json["artifacts"]
    return {o["code"] for o in artifact["outcomes"] if o["findings"]}
