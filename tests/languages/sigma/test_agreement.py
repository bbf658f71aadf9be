"""The tree and the oracle give one answer on rules and events that nobody thought of."""

from __future__ import annotations

from typing import Any

import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from oracle.evaluate import matches
from undersign.languages.sigma import parse
from undersign.languages.sigma.evaluate import explain, holds
from undersign.languages.sigma.stored import dump, load

FIELDS = ["A", "B", "Long.Field"]
TEXT = st.text(alphabet="aAbB*?\\ -/.10é\u0130_%", max_size=6)
PLACES = ["", "|contains", "|startswith", "|endswith"]


def _values(one: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return one | st.lists(one, min_size=1, max_size=3)


TEXT_ITEMS = st.tuples(
    st.builds(
        "".join,
        st.tuples(
            st.sampled_from(FIELDS),
            st.sampled_from(["", "|windash"]),
            st.sampled_from(PLACES),
            st.sampled_from(["", "|cased"]),
            st.sampled_from(["", "|all"]),
            st.sampled_from(["", "|neq"]),
        ),
    ),
    _values(TEXT),
)
PLAIN_ITEMS = st.tuples(
    st.sampled_from(FIELDS),
    _values(TEXT | st.none() | st.booleans() | st.integers(-2, 12) | st.sampled_from([0.5, 1e3])),
)
ENCODED_ITEMS = st.tuples(
    st.builds(
        "|".join,
        st.tuples(
            st.sampled_from(FIELDS),
            st.sampled_from(["base64", "wide|base64", "utf16be|base64"]),
        ).map(list)
        | st.tuples(
            st.sampled_from(FIELDS), st.sampled_from(["base64offset", "wide|base64offset"])
        ).map(lambda pair: [*pair, "contains"]),
    ),
    st.text(alphabet="abé/", min_size=2, max_size=5),
)
OTHER_ITEMS = st.sampled_from(
    [
        ("A|re", "a+b"),
        ("A|re|i", "^a"),
        ("B|re", ["[ab]{2}", "a(?!b)"]),
        ("B|exists", True),
        ("A|exists", False),
        ("A|gt", 1),
        ("B|lte", 0.5),
        ("A|fieldref", "B"),
        ("A|fieldref|contains", "Long.Field"),
        ("B|cidr", "10.0.0.0/8"),
        ("A|hour", 1),
        ("|all", ["a", "b"]),
        ("|contains", "ab"),
    ]
)
ITEMS = TEXT_ITEMS | PLAIN_ITEMS | OTHER_ITEMS | ENCODED_ITEMS
MAPS = st.lists(ITEMS, min_size=1, max_size=3).map(dict)
SELECTIONS = MAPS | st.lists(MAPS | TEXT, min_size=1, max_size=2) | TEXT
CONDITIONS = st.recursive(
    st.sampled_from(["one", "two", "_hidden", "1 of them", "all of t*", "2 of them", "any of _*"]),
    lambda inner: (
        st.builds("({} and {})".format, inner, inner)
        | st.builds("{} or {}".format, inner, inner)
        | st.builds("not {}".format, inner)
    ),
    max_leaves=5,
)
DETECTIONS = st.fixed_dictionaries(
    {"one": SELECTIONS, "two": SELECTIONS, "_hidden": SELECTIONS, "condition": CONDITIONS}
)
EVENT_VALUES = (
    TEXT
    | st.sampled_from(["10.1.2.3", "2024-01-01T01:02:03Z", "true", "1e3", "YWI=", "YQBiAA", "4"])
    | st.integers(-2, 12)
    | st.booleans()
    | st.none()
    | st.sampled_from([0.5, 1000.0])
    | st.lists(TEXT, max_size=2)
)
EVENTS = st.dictionaries(st.sampled_from([*FIELDS, "Other"]), EVENT_VALUES)


@settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(DETECTIONS, st.lists(EVENTS, min_size=1, max_size=4))
def test_tree_and_oracle_agree(detection: Any, events: list[Any]) -> None:
    rule = {"title": "t", "logsource": {"product": "x"}, "detection": detection}
    file = parse(yaml.safe_dump(rule, sort_keys=False, allow_unicode=True))
    (document,) = file.rules
    assert document.problems == ()
    for event in events:
        expected = matches(rule, event)
        assert any(holds(tree, event) for tree in document.conditions) is expected
        assert explain(document.conditions[0], event)["outcome"] is expected
    assert load(dump(file)) == file
