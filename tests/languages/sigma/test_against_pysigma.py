"""What is read here without pySigma's rule classes is what they read."""

from __future__ import annotations

import re
from typing import Any

import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from sigma.exceptions import SigmaError
from sigma.rule import SigmaDetectionItem, SigmaLogSource, SigmaRule

from undersign.languages.sigma import parse
from undersign.languages.sigma.values import ItemFault, _modified

ID = "929a690e-bef0-4204-a928-ef5e620d6fcc"
KEYS = [
    "title",
    "id",
    "name",
    "taxonomy",
    "related",
    "level",
    "status",
    "tags",
    "date",
    "modified",
    "fields",
    "falsepositives",
    "references",
    "scope",
    "author",
    "description",
    "license",
]
VALUES = st.sampled_from(
    [
        "text", "", 5, None, True, [], ["a"], {"a": "b"}, ID, ID.upper(), "not-a-uuid", "x" * 257,
        "high", "HIGH", "severe", "test", "stable", ["attack.t1059"], ["plain"], [5],
        "2024-02-31", "2024-2-3", "2024/2/3", "2024-02-03", "24-02-03", 20240203,
        [{"id": ID, "type": "similar"}], [{"id": ID}], [{"id": "x", "type": "similar"}],
        [{"id": ID, "type": "friend"}], ["x"],
    ]
)  # fmt: skip


def _plain(text: str) -> Any:
    """Read YAML as the parser does: dates stay text."""

    class Loader(yaml.SafeLoader):
        pass

    Loader.add_constructor("tag:yaml.org,2002:timestamp", lambda loader, node: node.value)
    return yaml.load(text, Loader)


@settings(max_examples=400, deadline=None)
@given(st.sampled_from(KEYS), VALUES)
def test_metadata(key: str, value: Any) -> None:
    rule = {
        "title": "t",
        "logsource": {"product": "x"},
        "detection": {"s": {"A": 1}, "condition": "s"},
    } | {key: value}
    text = yaml.safe_dump(rule, sort_keys=False)
    try:
        expected = bool(SigmaRule.from_dict_common_params(_plain(text), collect_errors=True)[1])
    except (TypeError, AttributeError):
        expected = True
    assert bool(parse(text).documents[0].problems) is expected, parse(text).documents[0].problems


@settings(max_examples=150, deadline=None)
@given(
    st.dictionaries(
        st.sampled_from(["category", "product", "service", "definition", "other"]),
        st.sampled_from(["x", None, 5, ["x"]]),
    )
)
def test_log_source(source: dict[str, Any]) -> None:
    rule = {"title": "t", "logsource": source, "detection": {"s": {"A": 1}, "condition": "s"}}
    try:
        SigmaLogSource.from_dict(source)
        expected = False
    except SigmaError:
        expected = True
    assert bool(parse(yaml.safe_dump(rule)).documents[0].problems) is expected


MODIFIERS = [
    "all",
    "neq",
    "cased",
    "cidr",
    "contains",
    "endswith",
    "exists",
    "expand",
    "fieldref",
    "gt",
    "gte",
    "lt",
    "lte",
    "re",
    "i",
    "m",
    "s",
    "startswith",
    "windash",
    "wide",
    "utf16",
    "utf16be",
    "base64",
    "base64offset",
    "minute",
    "hour",
    "day",
    "week",
    "month",
    "year",
    "nonsense",
]


def _shown(values: list[Any]) -> str:
    return re.sub(r" at 0x[0-9a-f]+", "", repr(values))


@settings(max_examples=500, deadline=None)
@given(
    st.sampled_from(["A", ""]),
    st.lists(st.sampled_from(MODIFIERS), max_size=3),
    st.lists(
        st.sampled_from(["x", "-a b", "a*", "10.0.0.0/8", 4, 0.5, True, None, "%p%", "", "a\\*"]),
        min_size=1,
        max_size=2,
    ),
)
def test_modifiers(field: str, modifiers: list[str], values: list[Any]) -> None:
    try:
        item = SigmaDetectionItem.from_mapping("|".join([field, *modifiers]), list(values))
        expected: Any = _shown(item.value)
    except (SigmaError, TypeError, IndexError, AttributeError, ValueError):
        expected = "refused"
    if "re" in modifiers and not all(isinstance(value, str) for value in values):
        expected = "refused"  # pySigma makes a regular expression of 5 that fails when it is used
    try:
        found = _shown(_modified(field or None, modifiers, values))
    except (SigmaError, ItemFault, TypeError, IndexError, AttributeError, ValueError):
        found = "refused"
    assert found == expected
