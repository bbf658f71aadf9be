"""Hostile files: named, bounded, never silent."""

from __future__ import annotations

import copy
import gzip
import json
import random
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from undersign.errors import BadInput
from undersign.surfaces.review.imports import read_any
from undersign.surfaces.review.imports.texts import MOST_TEXT

SAMPLES = sorted((Path(__file__).resolve().parents[1] / "samples").iterdir())
ODD: list[Any] = [
    None, True, False, -1, 0, 10**9, 10**30, 1.5, 1e308, "", "\ud800", "\0", "x" * 5_000, "9" * 50,
    [], {}, [[]], [None], {"text": {}}, "../..", "file://[", "file:///C:", "a:b", "%ff%00",
]  # fmt: skip


def _mutated(node: Any, chance: random.Random) -> None:
    while isinstance(node, dict | list) and node:
        key = chance.choice(list(node)) if isinstance(node, dict) else chance.randrange(len(node))
        if chance.random() < 0.15 or not isinstance(node[key], dict | list):
            if chance.random() < 0.2 and isinstance(node, dict):
                del node[key]
            else:
                node[key] = copy.deepcopy(chance.choice(ODD))
            return
        node = node[key]


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda path: path.name)
def test_no_mutation_raises_anything_else_or_loses_a_result(sample: Path) -> None:
    chance = random.Random(sample.name)
    text = sample.read_text("utf-8")
    for _ in range(150):
        document = json.loads(text)
        for _ in range(chance.randint(1, 4)):
            _mutated(document, chance)
        try:
            said = read_any("x", json.dumps(document).encode())
        except BadInput:
            continue
        for one in said.candidates:
            assert len(one.message) <= MOST_TEXT
            assert 0 <= one.line < 10_000_000
            (one.file + one.message + one.quote).encode()
        assert len(said.candidates) >= _owed(document)


def _owed(document: Any) -> int:
    """Count the results that say that something is wrong, in whatever shape they are."""
    runs = document.get("runs") if isinstance(document, dict) else None
    found = (
        (r.get("results") for r in runs if isinstance(r, dict)) if isinstance(runs, list) else ()
    )
    rows = [
        one for rows in found if isinstance(rows, list) for one in rows if isinstance(one, dict)
    ]
    quiet = ("pass", "notApplicable")
    return sum(
        one.get("kind") not in quiet and one.get("baselineState") != "absent" for one in rows
    )


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=200))
def test_no_bytes_raise_anything_else(raw: bytes) -> None:
    for data in (raw, b"\x1f\x8b" + raw, gzip.compress(raw), b'{"runs": [' + raw + b"]}"):
        try:
            read_any("x", data)
        except BadInput:
            continue


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        (b'{"runs": [], "runs": []}', "twice"),
        (b'{"runs": NaN}', "NaN"),
        (b'{"runs": ' + b"9" * 6_000 + b"}", "x.json"),
        (b"[" * 200_000, "deep"),
        (b'{"findings": [' + b"[" * 100 + b"]" * 100 + b"]}", "deeper"),
        (b'{"a":\n\n"\xff"}', "x.json:3"),
        (b'{"runs": [\n{]}', "x.json:2"),
        (gzip.compress(b"[]")[:-12] + b"\0" * 12, "gzip"),
    ],
)
def test_a_fault_of_the_whole_file_is_located(raw: bytes, words: str) -> None:
    with pytest.raises(BadInput) as caught:
        read_any("x.json", raw)
    assert words in str(caught.value)


def test_utf_16_as_powershell_writes_it_is_read() -> None:
    text = SAMPLES[0].read_text("utf-8")
    assert read_any("x", text.encode("utf-16")).candidates


def _result(**more: Any) -> dict[str, Any]:
    region = {"physicalLocation": {"artifactLocation": {"uri": "a.py"}, "region": {"startLine": 1}}}
    return {"ruleId": "r", "message": {"text": "m"}, "locations": [region], **more}


def _read(*results: Any, **more: Any) -> Any:
    run = {"tool": {"driver": {"name": "t"}}, "results": list(results), **more}
    return read_any("x", json.dumps({"version": "2.1.0", "runs": [run]}).encode())


def test_bad_lines_are_remarks_that_name_the_result() -> None:
    bad = {
        "physicalLocation": {"artifactLocation": {"uri": "a.py"}, "region": {"startLine": 10**9}}
    }
    bytes_only = {"physicalLocation": {"artifactLocation": {"uri": "a.py"},
                                       "region": {"byteOffset": 7}}}  # fmt: skip
    said = _read(_result(), _result(locations=[bad]), _result(locations=[bytes_only]))
    assert [one.line for one in said.candidates] == [1, 0, 0]
    told = " ".join(said.remarks)
    assert "runs[0].results[1] names a line that is none" in told
    assert "runs[0].results[2] says its place not in lines" in told


def test_every_place_of_a_result_is_a_candidate() -> None:
    places = [{"physicalLocation": {"artifactLocation": {"uri": f"f{n}.py"},
                                    "region": {"startLine": n}}} for n in range(1, 26)]  # fmt: skip
    said = _read(_result(locations=places))
    assert [one.file for one in said.candidates] == [f"f{n}.py" for n in range(1, 21)]
    assert any("more than 20 places" in remark for remark in said.remarks)


def test_many_bad_results_are_named_then_counted() -> None:
    said = _read(*[None] * 1_000)
    assert len(said.remarks) == 6
    assert "results[0]" in said.remarks[0]
    assert "995 more" in said.remarks[-1]


def test_a_run_without_results_or_with_results_elsewhere_has_failed() -> None:
    run: dict[str, Any] = {"tool": {"driver": {"name": "t"}}}
    said = read_any("x", json.dumps({"version": "2.1.0", "runs": [run]}).encode())
    assert "did not scan" in said.lookers[0].failed
    run |= {"results": [], "externalPropertyFileReferences": {"results": [{"location": {}}]}}
    said = read_any("x", json.dumps({"version": "2.1.0", "runs": [run]}).encode())
    assert "other files" in said.lookers[0].failed


def test_a_rule_is_of_the_component_that_the_result_names() -> None:
    extension = {"name": "pack", "rules": [{"id": "py/xxe"}]}
    driver = {"name": "t", "rules": [{"id": "py/ssrf"}]}
    one = _result(rule={"index": 0, "toolComponent": {"index": 0}})
    del one["ruleId"]
    said = _read(one, tool={"driver": driver, "extensions": [extension]})
    assert (said.candidates[0].rule, said.candidates[0].category) == (
        "py/xxe",
        "xml-external-entity",
    )


def test_an_index_that_names_another_rule_than_the_id_is_told() -> None:
    said = _read(_result(ruleId="a", ruleIndex=0), tool={"driver": {"rules": [{"id": "b"}]}})
    assert said.candidates[0].rule == "a"
    assert any("by its id and another by its index" in remark for remark in said.remarks)


def test_ten_thousand_results_take_seconds_at_most() -> None:
    results = [_result(message={"text": f"number {n} of a value"}) for n in range(10_000)]
    begun = time.process_time()
    assert len(_read(*results).candidates) == 10_000
    assert time.process_time() - begun < 5
