"""Stored rules come back as they were, or not at all."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from undersign.errors import BadInput
from undersign.languages.sigma import parse
from undersign.languages.sigma.stored import dump, load

TEXT = """title: Rule
name: one
id: 929a690e-bef0-4204-a928-ef5e620d6fcc
tags: [attack.t1059]
logsource: {product: Windows, service: Security}
detection:
    sel:
        - A|contains|windash: ' -x'
          B|cidr: 10.0.0.0/8
        - C|re|i: a.b
          D: [null, 4, true, 'a?b']
    other: {E|fieldref|cased: F, G|gt: 3, H|hour: 4, I|exists: false}
    words: [x, y]
    condition: [sel and not 1 of other*, words]
---
title: Many
correlation:
    type: value_count
    rules: one
    group-by: [A]
    timespan: 5m
    condition: {gte: 3, field: B}
---
title: Filter
logsource: {product: windows}
filter: {rules: any, f: {A: b}, condition: not f}
---
- not a rule
---
title: Broken
logsource: {product: windows}
detection: {s: {A|nonsense: b}, condition: s and t}
"""


def test_round_trip_is_exact() -> None:
    file = parse(TEXT)
    again = load(dump(file))
    assert again == file
    assert repr(again) == repr(file)
    assert list(again.documents[0].spans) == list(file.documents[0].spans)


def test_loading_needs_no_parser() -> None:
    program = (
        "import sys; from undersign.languages.sigma.stored import load; load(sys.stdin.read());"
        "print([m for m in sys.modules if m.split('.')[0] in ('yaml', 'sigma', 're2')])"
    )
    ran = subprocess.run(
        [sys.executable, "-c", program],
        input=dump(parse(TEXT)),
        capture_output=True,
        text=True,
        check=True,
    )
    assert ran.stdout.strip() == "[]"


@pytest.mark.parametrize("damage", ["", "[]", "null", "{", '{"format":1}', '{"format":99}'])
def test_other_text_is_refused(damage: str) -> None:
    with pytest.raises(BadInput):
        load(damage)


@pytest.mark.parametrize("key", ["spans", "conditions", "selections", "places", "kind", "tags"])
def test_a_missing_part_is_refused(key: str) -> None:
    stored = json.loads(dump(parse(TEXT)))
    gone = "span_of" if key == "spans" else key
    del stored["documents"][0][gone]
    with pytest.raises(BadInput):
        load(json.dumps(stored))


@pytest.mark.parametrize("node", [["text", "A", 0], ["evil", 1], [], ["@", "nobody"], 5, "x"])
def test_a_forged_node_is_refused(node: object) -> None:
    stored = json.loads(dump(parse(TEXT)))
    stored["documents"][0]["conditions"] = [node]
    with pytest.raises(BadInput):
        load(json.dumps(stored))


def test_deep_nesting_is_refused() -> None:
    node: object = ["&"]
    stored = json.loads(dump(parse(TEXT)))
    stored["documents"][0]["conditions"] = ["HERE"]
    for _ in range(10):
        node = ["!", node]
    deep = '["!",' * 5_000 + '["&"]' + "]" * 5_000
    with pytest.raises(BadInput):
        load(json.dumps(stored).replace('"HERE"', deep))
