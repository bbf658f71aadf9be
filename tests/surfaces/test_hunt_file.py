"""A hunt's file: what was written is read back exactly, and what a person broke is located."""

from __future__ import annotations

import pytest
import yaml
from hypothesis import given, settings

from surfaces.hunts import HOSTILE, full_hunt, hunts
from undersign.errors import BadInput
from undersign.records.hunt import Hunt
from undersign.surfaces.hunt.hunt_file import document, parse, read, write


@settings(max_examples=400, deadline=None)
@given(hunts)
def test_what_is_written_is_read_back(hunt: Hunt) -> None:
    text = write(hunt)
    assert read(text) == hunt
    assert write(read(text)) == text
    text.encode()


@settings(max_examples=150, deadline=None)
@given(hunts)
def test_any_yaml_reader_sees_the_same_values(hunt: Hunt) -> None:
    class AsText(yaml.SafeLoader):
        """Leaves times as they are written."""

    AsText.add_constructor("tag:yaml.org,2002:timestamp", AsText.construct_scalar)
    loaded = yaml.load(write(hunt), Loader=AsText)
    assert loaded["title"] == hunt.title
    assert len(loaded.get("entries", [])) == len(hunt.entries)
    for entry, seen in zip(hunt.entries, loaded.get("entries", []), strict=True):
        assert seen["query"] == entry.query


def test_the_file_reads_from_top_to_bottom() -> None:
    text = write(full_hunt())
    assert "\n    query: |-\n      SecurityEvent\n      | where EventID == 4625\n" in text
    assert "\n        - [alice, 12]\n" in text
    places = [text.index(f"\n{key}:") for key in ("title", "hypothesis", "conclusion", "entries")]
    assert places == sorted(places)
    entry = [text.index(f"    {key}:") for key in ("question", "query", "critique", "shown")]
    assert entry == sorted(entry)
    summary = text.index("    summary:")
    assert summary > text.index("      sample:")


def test_hostile_values_stay_on_their_line() -> None:
    hunt = full_hunt()
    text = write(hunt)
    assert "\x1b" not in text and "\u202e" not in text and "\r" not in text
    row = next(line for line in text.split("\n") if "alert(1)" in line)
    assert row.startswith("        - [") and row.endswith(", 3]")
    assert hunt.entries[0].shown is not None
    assert document(read(text))["entries"][0]["shown"]["sample"][1][0] == HOSTILE


@pytest.mark.parametrize(
    ("old", "new", "place", "words"),
    [
        ("hypothesis:", "hypotesis:", (5, 1), "did you mean 'hypothesis'"),
        ("format: undersign/hunt/v1", "format: undersign/hunt/v9", (2, 1), "no hunt"),
        ("  verdict: confirmed", "  verdict: perhaps", None, "one of confirmed, refuted"),
        ("        - [alice, 12]", "        - [alice]", None, "1 values for 2 columns"),
        ("  - nth: 1", "  - nth: one", None, "whole number"),
        ("title: ", "title: &a ", None, ""),
        ("title: ", "title: *a # ", None, ""),
        ("title: ", "title: !!python/object:os.system ", None, "tags"),
        ("title: ", "title: x\ntitle: ", None, "twice"),
        ("title: ", "title: [", None, ""),
        ("      rows: 2", "      rows: many", None, "whole number"),
    ],
)
def test_what_a_person_broke_is_located(
    old: str, new: str, place: tuple[int, int] | None, words: str
) -> None:
    text = write(full_hunt())
    assert old in text
    broken = text.replace(old, new, 1)
    if new == "title: &a ":
        broken = broken.replace("hunter: ", "hunter: *a # ", 1)
    with pytest.raises(BadInput) as caught:
        read(broken, "hunts/x.hunt.yml")
    assert caught.value.line and caught.value.path == "hunts/x.hunt.yml"
    assert words in str(caught.value)
    if place:
        assert (caught.value.line, caught.value.column) == place
    assert parse(broken).problem is not None


def test_a_yaml_bomb_is_refused_at_once() -> None:
    levels = "\n".join(f"l{n}: &l{n} [{', '.join([f'*l{n - 1}'] * 9)}]" for n in range(1, 30))
    with pytest.raises(BadInput, match="aliases"):
        read("l0: &l0 [x]\n" + levels)
    with pytest.raises(BadInput, match="nested deeper"):
        read("title: " + "[" * 5000)
