"""Why an event does not match: values, outcomes and the nearest miss."""

from __future__ import annotations

import json
from typing import Any

import pytest

from undersign.languages.sigma import parse
from undersign.languages.sigma.evaluate import CannotTell, explain, holds


def _tree(item: str, condition: str = "sel") -> Any:
    text = f"title: t\nlogsource: {{product: x}}\ndetection:\n  sel:\n    {item}\n"
    (rule,) = parse(f"{text}  condition: {condition}\n").rules
    assert rule.problems == ()
    return rule.conditions[0]


@pytest.mark.parametrize(
    ("item", "event", "said"),
    [
        ("Image: x", {"Imgae": "x"}, "the event has no field Image; it has Imgae"),
        ("Image: x", {"process.image": "x"}, "it has process.image"),
        ("Image: x", {"Unlike": "x"}, "the event has no field Image"),
        ("A|cased: Abc", {"A": "aBC"}, "differs only in upper and lower case"),
        ("A|re: abc", {"A": "xABC"}, "differs only in upper and lower case"),
        ("A: 'a b'", {"A": "a  b"}, "differs only in white space"),
        ("A: 'a b*'", {"A": " ab c"}, "differs only in white space"),
        (r"A: 'c:\x'", {"A": r"c:\\x"}, "differs only in backslashes"),
        ("A: abc", {"A": "x abc y"}, "`contains` would find it"),
        ("A: 16", {"A": "0x10"}, "same number in hex"),
        ("A|gt: 16", {"A": "many"}, "'many' is not a number"),
        ("A|cidr: 10.0.0.0/8", {"A": "host"}, "is not an IP address"),
        ("A|hour: 3", {"A": "noon"}, "is not a time"),
    ],
)
def test_hint(item: str, event: dict[str, Any], said: str) -> None:
    atom = explain(_tree(item), event)["children"][0]
    assert atom["kind"] == "atom"
    assert atom["outcome"] is False
    assert said in atom["hint"]


@pytest.mark.parametrize(
    ("item", "event"),
    [("A: abc", {"A": "xyz"}), ("A: ' '", {"A": "x"}), ("A|re: b", {"A": "x"}), ("A: 1", {"A": 2})],
)
def test_no_hint_where_nothing_is_near(item: str, event: dict[str, Any]) -> None:
    assert "hint" not in explain(_tree(item), event)["children"][0]


def test_the_tree_is_json_with_the_values_seen() -> None:
    node = explain(_tree("A: [x, 4]", "not sel"), {"a": ["y", 4]})
    assert json.loads(json.dumps(node)) == {
        "kind": "not",
        "outcome": False,
        "children": [
            {
                "kind": "selection",
                "outcome": True,
                "name": "sel",
                "children": [
                    {
                        "kind": "or",
                        "outcome": True,
                        "children": [
                            {
                                "kind": "atom",
                                "outcome": False,
                                "written": "A: x",
                                "field": "A",
                                "expected": "x",
                                "values": ["y", 4],
                            },
                            {
                                "kind": "atom",
                                "outcome": True,
                                "written": "A: 4",
                                "field": "A",
                                "expected": 4,
                                "values": ["y", 4],
                            },
                        ],
                    }
                ],
            }
        ],
    }


def test_variants_of_one_value_are_one_line() -> None:
    atom = explain(_tree("A|windash|contains: ' -a -b'"), {"A": "x /a -b"})["children"][0]
    assert (atom["kind"], atom["outcome"], len(atom["expected"])) == ("atom", True, 25)


def test_what_cannot_be_told_stays_untold() -> None:
    tree = _tree("A|expand: '%x%'", "not sel")
    with pytest.raises(CannotTell, match="placeholder"):
        holds(tree, {"A": "b"})
    node = explain(tree, {"A": "b"})
    assert node["outcome"] is None
    assert "placeholder" in node["children"][0]["children"][0]["hint"]


def test_a_regex_that_may_explode_is_not_tried_on_long_values() -> None:
    tree = _tree("A|re: '(a+)+(?!b)$'")
    with pytest.raises(CannotTell, match="backtracking"):
        holds(tree, {"A": "a" * 5_000})
    assert holds(tree, {"A": "a" * 10})
