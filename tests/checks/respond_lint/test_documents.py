"""Two bodies of published postmortems: the lint says what the table says, and little is false."""

from __future__ import annotations

import tomllib
from collections import Counter
from pathlib import Path

from checks.respond_lint.linting import lint
from undersign.languages.markdown import parse

HERE = Path(__file__).parent
JUDGED = tomllib.loads((HERE / "judged.toml").read_text(encoding="utf-8"))["judged"]
BODIES = ("dfds", "rust")


def test_the_lint_says_what_was_judged_and_nothing_else(shared_data: Path) -> None:
    expected = {
        (row["document"], row["code"], row["severity"], line)
        for row in JUDGED
        for line in row["lines"]
    }
    said = set()
    for body in BODIES:
        for path in sorted((shared_data / "postmortems" / body).iterdir()):
            if path.name != "LICENSE":
                text = path.read_text(encoding="utf-8")
                said |= {
                    (f"{body}/{path.name}", one.code, one.severity, one.line) for one in lint(text)
                }
    assert said - expected == set(), "read it, judge it, and add it to judged.toml"
    assert expected - said == set(), "judged, and no longer found"


def test_few_alarms_are_false() -> None:
    false_errors = Counter(
        row["document"]
        for row in JUDGED
        if row["verdict"] == "false" and row["severity"] == "error"
    )
    assert max(false_errors.values(), default=0) <= 1
    raised = [row for row in JUDGED if row["severity"] != "note" for _ in row["lines"]]
    false = [row for row in raised if row["verdict"] == "false"]
    assert len(raised) > 80
    assert len(false) / len(raised) <= 0.05
    # Without the many action items, which all say the same.
    others = [row for row in raised if row["code"] != "RSP026"]
    assert len([row for row in others if row["verdict"] == "false"]) / len(others) <= 0.15


def test_every_document_is_read_as_a_whole(shared_data: Path) -> None:
    for body in BODIES:
        for path in (shared_data / "postmortems" / body).iterdir():
            if path.name != "LICENSE":
                document = parse(path.read_text(encoding="utf-8"))
                assert not document.problems
                assert document.sentences
