"""Bad input gets one clear line and exit 2, or a counted reject; nothing is lost."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from faces.cli_runner import Terminal

BOMB = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{c}: &{c} [{','.join(f'*{p}' for _ in range(9))}]\n"
    for p, c in zip("abcdefghi", "bcdefghij", strict=True)
)
RULE = """\
title: {}
logsource: {{product: windows, category: process_creation}}
detection:
  s: {{Image: x}}
  condition: s
"""


def one_line(err: str) -> bool:
    return len(err.strip().splitlines()) == 1 and len(err) < 600


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"title: \xff\n", "UTF-8"),
        (b"title: [unclosed\n", "unparsable"),
        (BOMB.encode() + b"detection: *j\n", "unparsable"),
        (b"detection: " + b"[" * 5_000, "unparsable"),
        (b"detection: {}\n" + b"#" * (5 * 1024 * 1024), "larger than"),
        (b"", "unparsable"),
    ],
    ids=["utf8", "syntax", "bomb", "deep", "large", "empty"],
)
def test_a_broken_rule_is_a_located_finding(terminal: Terminal, content: bytes, said: str) -> None:
    Path("rule.yml").write_bytes(content)
    done = terminal("check", "rule.yml")
    assert done.code == 1
    assert said in done.out and "rule.yml:" in done.out


def test_one_broken_rule_hides_no_other(terminal: Terminal) -> None:
    Path("rules").mkdir()
    Path("rules/a.yml").write_bytes(b"detection: \xff\n")
    Path("rules/b.yml").write_text(RULE.format("b"))
    paths = [a["path"] for a in terminal("check", "rules", "--json").json["artifacts"]]
    assert [Path(p).name for p in paths] == ["a.yml", "b.yml"]


@pytest.mark.parametrize(
    "hostile",
    [b"[" * 60_000, BOMB.encode(), b"&d {s: *d}", b"title: \xff", b"9" * 5_000, b"2020-99-99"],
    ids=["deep", "bomb", "recursive", "utf8", "number", "date"],
)
@pytest.mark.parametrize("name", ["z.yml", "good.tests.yml"])
def test_a_bad_neighbour_stops_no_check(terminal: Terminal, hostile: bytes, name: str) -> None:
    """The rules of the workspace are compared with, so each is read even when not checked."""
    terminal("init")
    Path("rules/good.yml").write_text(RULE.format("good"))
    Path("rules/other.yml").write_text(RULE.format("other"))
    Path("rules", name).write_bytes(b"detection: {condition: s}\na: " + hostile)
    done = terminal("check", "rules/good.yml", "rules/other.yml", "--json")
    assert done.code in (0, 1), done.err
    assert len(done.json["artifacts"]) == 2
    if name == "good.tests.yml":
        assert "FAILED   rules/good.yml" in terminal("test", "rules").out


def test_a_pipe_is_refused_and_not_waited_for(terminal: Terminal) -> None:
    terminal("init")
    os.mkfifo("rules/pipe.yml")
    done = terminal("check", "rules")
    assert "is not a regular file" in done.out
    assert done.out.endswith("1 error; 1 artifact could not be read\n")
    assert terminal("ingest", "rules/pipe.yml").err.endswith("is not a regular file\n")


def test_a_dangling_link_hides_no_other(terminal: Terminal) -> None:
    Path("rules").mkdir()
    Path("rules/a.yml").symlink_to("nowhere")
    Path("rules/b.yml").write_text(RULE.format("b"))
    Path("rules/again").symlink_to(".")
    done = terminal("check", "rules")
    assert done.code == 1
    assert "a.yml:1:1 error ART001 unreadable cannot be read: No such file" in done.out
    assert "b.yml:1:8 warning" in done.out


def test_a_file_of_three_documents(terminal: Terminal) -> None:
    Path("rule.yml").write_text("---\n".join(RULE.format(n) for n in "abc"))
    found = terminal("check", "rule.yml", "--json").json["artifacts"][0]["outcomes"]
    assert next(o for o in found if o["check"] == "unparsable")["status"] == "clean"


@pytest.mark.parametrize(
    "words",
    [
        ("check", "nowhere.yml"),
        ("ingest", "nowhere.jsonl"),
        ("sign", "nowhere.yml"),
        ("verify", "nowhere.yml"),
        ("baseline", "nowhere.yml"),
        ("why", "nowhere.yml", "x"),
        ("draft", "sigma", "--brief", " "),
        ("draft", "poem", "--brief", "x"),
        ("triage", "abc", "dismiss", "--reason", "x"),
        ("explain", "no-such-check"),
        ("check", "--workspace", "nowhere", "x.yml"),
    ],
    ids=" ".join,
)
def test_one_line_and_exit_2(terminal: Terminal, words: tuple[str, ...]) -> None:
    terminal("init")
    done = terminal(*words)
    assert done.code == 2
    assert one_line(done.err), done.err


def test_ingest_needs_a_workspace_and_says_how(terminal: Terminal) -> None:
    Path("a.jsonl").write_text("{}\n")
    done = terminal("ingest", "a.jsonl")
    assert done.code == 2 and "undersign init" in done.err


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("a.jsonl", b'{"Channel": "Security", "EventID": 1}\n{"broken\n', "JSON"),
        ("b.jsonl", b'{"Channel": "Security", "EventID": 1, "x": "\xff"}\n', "UTF-8"),
        ("c.jsonl", b'{"Channel": "Security", "EventID": "abc"}\n', "EventID"),
    ],
)
def test_a_bad_line_is_counted_and_located(
    terminal: Terminal, name: str, content: bytes, reason: str
) -> None:
    terminal("init")
    Path(name).write_bytes(content)
    report = terminal("ingest", name, "--json").json
    lines = len(content.splitlines())
    assert sum(t["rows"] for t in report["tables"]) + report["rejected_total"] == lines
    (reject,) = report["rejected"]
    assert reason in reject["reason"] and reject["line"] == lines


def test_a_truncated_evtx_keeps_what_is_readable(terminal: Terminal, shared_data: Path) -> None:
    whole = (shared_data / "timeline" / "evtx" / "System.evtx").read_bytes()
    Path("cut.evtx").write_bytes(whole[: len(whole) * 2 // 3])
    terminal("init")
    report = terminal("ingest", "cut.evtx", "--json").json
    assert sum(t["rows"] for t in report["tables"]) > 0
    assert any("truncated" in r["reason"] or "damaged" in r["reason"] for r in report["rejected"])


def test_a_folder_without_permission(terminal: Terminal) -> None:
    if os.geteuid() == 0:
        pytest.skip("root may read everything")
    terminal("init")
    Path("locked").mkdir(mode=0)
    done = terminal("ingest", "locked")
    assert done.code == 2 and one_line(done.err)


def test_interrupt_says_so(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("undersign.faces.cli.check.review", interrupt)
    Path("rule.yml").write_text(RULE.format("a"))
    assert terminal("check", "rule.yml").code == 130


def test_an_internal_error_is_one_line(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("surprise")

    monkeypatch.setattr("undersign.faces.cli.check.review", fail)
    Path("rule.yml").write_text(RULE.format("a"))
    done = terminal("check", "rule.yml")
    assert done.code == 2 and one_line(done.err) and "surprise" in done.err
