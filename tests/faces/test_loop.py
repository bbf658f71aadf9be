"""The main job as typed at a terminal: from a sentence to a signature and back."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from faces.cli_runner import Terminal

BRIEF = (
    "detect Kerberoasting where a non-admin account requests TGS tickets for SPNs at high volume "
    "from a single workstation in a 30-minute window"
)
RULE = """\
title: Someone starts a shell
id: 3a5e6c0e-0d37-4c1a-9d86-0a4fd7f5b6a1
status: test
description: A rule of the tests.
references: [https://attack.mitre.org/techniques/T1059/003/]
author: you
date: 2026-01-05
tags: [attack.execution, attack.t1059.003]
logsource: {product: windows, category: process_creation}
detection:
  selection:
    Image|endswith: '\\cmd.exe'
  condition: selection
falsepositives: [people who type]
level: low
"""


def keygen(folder: Path, kind: str = "ed25519") -> Path:
    key = folder / f"key_{kind}"
    subprocess.run(
        ["ssh-keygen", "-q", "-t", kind, "-N", "", "-f", key, "-C", "you@example.org"], check=True
    )
    public = key.with_suffix(".pub").read_text()
    (folder / "allowed_signers").write_text(f"you@example.org {public}")
    return key


def test_from_a_sentence_to_a_signature(workspace: Terminal) -> None:
    drafted = workspace("draft", "sigma", "--brief", BRIEF, "-o", "rules/k.yml", "--json")
    assert drafted.code == 0
    assert drafted.json["path"] == "rules/k.yml"
    assert drafted.json["open_questions"]
    text = Path("rules/k.yml").read_text()
    assert "from: history" in text and "timespan: 30m" in text

    checked = workspace("check", "rules", "--json").json
    assert checked["summary"]["errors"] == 0
    (artifact,) = checked["artifacts"]
    not_run = [o["check"] for o in artifact["outcomes"] if o["status"] == "not_run"]
    assert not_run == ["missing-threat-model"]

    key = keygen(workspace.folder)
    refused = workspace("sign", "rules/k.yml", "--key", key)
    assert refused.code == 1 and "threat model" in refused.err
    given = workspace(
        "triage", "rules/k.yml#missing-threat-model", "accept-risk", "--reason", "a test", "--json"
    )
    assert given.code == 0 and given.json["open"] == []
    assert workspace("sign", "rules/k.yml", "--key", key, "--json").json["valid"] is True
    assert workspace("verify", "rules", "--json").json["signer"] == "you@example.org"

    statement = json.loads(Path("rules/k.yml.statement.json").read_text())
    said = statement["predicate"]
    assert said["author_of_record"]["principal"] == "you@example.org"
    assert said["drafted_by"]["drafter"] == "offline"
    assert said["threat_model"]["waiver"]["reason"] == "a test"
    assert said["tests"]["cases"] and said["baseline"] and said["verdicts"]
    command = "ssh-keygen -Y verify -f allowed_signers -I you@example.org -n undersign/v1"
    done = subprocess.run(
        f"{command} -s rules/k.yml.sig < rules/k.yml.statement.json", shell=True, check=False
    )
    assert done.returncode == 0


def signed(terminal: Terminal) -> Path:
    """Leave a signed hand-written rule."""
    rule = Path("rules/shell.yml")
    rule.write_text(RULE)
    key = keygen(terminal.folder)
    for target in open_targets(terminal, rule):
        assert terminal("triage", target, "accept-risk", "--reason", "a test").code == 0
    assert terminal("sign", rule, "--key", key).code == 0
    assert terminal("verify", rule).code == 0
    return rule


def open_targets(terminal: Terminal, rule: Path) -> list[str]:
    artifact = terminal("check", rule, "--json").json["artifacts"][0]
    blocked = [o for o in artifact["outcomes"] if o["status"] == "not_run"]
    errors = [
        f["id"] for o in artifact["outcomes"] for f in o["findings"] if f["severity"] == "error"
    ]
    return [*(f"{rule}#{o['check']}" for o in blocked), *errors]


@pytest.mark.parametrize("part", ["artifact", "statement", "signature"])
def test_tampering_with_a_file_is_detected(terminal: Terminal, part: str) -> None:
    terminal("init")
    rule = signed(terminal)
    path = {
        "artifact": rule,
        "statement": Path(f"{rule}.statement.json"),
        "signature": Path(f"{rule}.sig"),
    }[part]
    old = path.read_text()
    edits = {
        "artifact": old.replace("level: low", "level: high"),
        "statement": old.replace('"a test"', '"a fest"'),
        "signature": old.replace("A", "B", 1),
    }
    assert edits[part] != old
    path.write_text(edits[part])
    found = terminal("verify", rule, "--json")
    assert found.code == 1
    assert found.json["valid"] is False and found.json["signer"] is None


def test_an_edited_artifact_reads_as_unsigned_in_its_report(terminal: Terminal) -> None:
    terminal("init")
    rule = signed(terminal)
    assert terminal("report", rule, "-o", "before.html").code == 0
    assert "Signed by you@example.org" in Path("before.html").read_text()
    rule.write_text(rule.read_text() + "# one more line\n")
    assert terminal("report", rule, "-o", "after.html").code == 0
    page = Path("after.html").read_text()
    assert "Signed by" not in page
    assert "There is a signature, but it does not hold" in page


def test_verdicts_changed_after_signing_are_told(terminal: Terminal) -> None:
    terminal("init")
    rule = signed(terminal)
    record = Path(f"{rule}.record.json")
    record.write_text(record.read_text().replace("a test", "seen and approved by all"))
    (remark,) = terminal("verify", rule, "--json").json["remarks"]
    assert remark == "the verdicts in shell.yml.record.json are not those it signed"
    terminal("report", rule, "-o", "report.html")
    assert remark in Path("report.html").read_text()


def test_tampering_with_the_ledger_is_detected(terminal: Terminal) -> None:
    import sqlite3

    terminal("init")
    signed(terminal)
    key = terminal.folder / "key_ed25519"
    assert terminal("log", "checkpoint", "--key", key, "--json").json["size"] > 0
    assert terminal("log", "verify").code == 0
    with sqlite3.connect(".undersign/ledger.db") as ledger:
        ledger.execute("DROP TRIGGER entries_no_update")
        ledger.execute("UPDATE entries SET body = replace(body, 'a test', 'a fest')")
    broken = terminal("log", "verify", "--json")
    assert broken.code == 1 and broken.json["troubles"]


def test_tampering_with_a_checkpoint_is_detected(terminal: Terminal) -> None:
    terminal("init")
    signed(terminal)
    key = terminal.folder / "key_ed25519"
    path = Path(terminal("log", "checkpoint", "--key", key, "--json").json["path"])
    path.write_text(path.read_text().replace("undersign/", "undersigm/"))
    assert terminal("log", "verify").code == 1


def test_verdicts_do_not_outlive_the_text(terminal: Terminal) -> None:
    terminal("init")
    rule = signed(terminal)
    rule.write_text(RULE.replace("level: low", "level: medium"))
    assert open_targets(terminal, rule)
    refused = terminal("sign", rule, "--key", terminal.folder / "key_ed25519")
    assert refused.code == 1 and "could not run" in refused.err


def test_a_drafter_can_neither_triage_nor_sign(workspace: Terminal) -> None:
    workspace("draft", "sigma", "--brief", BRIEF, "-o", "rules/k.yml")
    target = "rules/k.yml#missing-threat-model"
    for name in ("offline", "anthropic:some-model"):
        refused = workspace("triage", target, "dismiss", "--reason", "x", "--person", name)
        assert refused.code == 2 and "drafter" in refused.err


def test_why_shows_the_value_beside_the_atom(terminal: Terminal) -> None:
    Path("rule.yml").write_text(RULE)
    event = {"Channel": "Microsoft-Windows-Sysmon/Operational", "EventID": 1, "Image": "C:\\x.exe"}
    Path("event.json").write_text(json.dumps(event))
    answer = terminal("why", "rule.yml", "event.json", "--json").json
    assert answer["matches"] is False
    assert "C:\\x.exe" in json.dumps(answer["tree"], ensure_ascii=False).replace("\\\\", "\\")


def test_baseline_on_files_keeps_nothing(workspace: Terminal, day_of_logs: Path) -> None:
    Path("rules/shell.yml").write_text(RULE)
    before = workspace("schema", "--json").json
    measured = workspace(
        "baseline", "rules/shell.yml", "--on", day_of_logs / "sysmon.jsonl", "--json"
    )
    assert measured.json["rules"][0]["status"] == "measured"
    assert workspace("schema", "--json").json == before


def test_baseline_says_what_it_could_not_read(terminal: Terminal) -> None:
    terminal("init")
    Path("rules/shell.yml").write_text(RULE)
    Path("rules/bad.yml").write_bytes(b"detection: \xff")
    Path("logs.jsonl").write_text('{"EventID": 1, "Channel": "Security"}\n{"broken\n{"again\n')
    done = terminal("baseline", "rules", "--on", "logs.jsonl")
    assert done.code == 0
    rule, line = done.err.splitlines()
    assert rule.startswith("could not be read: ") and "bad.yml:1:12: not valid UTF-8" in rule
    assert line.startswith("could not be read: logs.jsonl:2: not JSON")
    assert line.endswith("(2 records rejected)")


def test_an_absent_field_is_unmeasured_and_not_zero(workspace: Terminal) -> None:
    Path("rules/odd.yml").write_text(RULE.replace("Image|endswith", "NoSuchField|endswith"))
    (rule,) = workspace("baseline", "rules/odd.yml", "--json").json["rules"]
    assert rule["status"] == "unmeasured"
    assert any("NoSuchField" in sentence for sentence in rule["missing"])
    outcomes = workspace("check", "rules/odd.yml", "--json").json["artifacts"][0]["outcomes"]
    by_name = {o["check"]: o for o in outcomes}
    assert by_name["unknown-field"]["status"] == "found"
    assert by_name["never-fires"]["status"] == "not_run"


def test_the_same_logs_twice_add_nothing(workspace: Terminal, day_of_logs: Path) -> None:
    again = workspace("ingest", day_of_logs, "--json").json
    assert again["duplicates"] > 5_000
    assert sum(table["rows"] for table in again["tables"]) == 0


def test_demo(terminal: Terminal) -> None:
    done = terminal("demo", "--workspace", "d", "--json")
    assert done.code == 0, done.out
    assert all(step["ok"] for step in done.json["steps"])
    assert sum(step["seconds"] for step in done.json["steps"]) < 60
    page = Path(done.json["report"]).read_text()
    assert "Signed by" in page and "<script" not in page
    assert terminal("demo", "--workspace", "d", "--json").code == 0, "a demo may be run again"
