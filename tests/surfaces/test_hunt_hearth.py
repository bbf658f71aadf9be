"""HEARTH in and out: on all of the community's hunts, and on what a hostile one may hold."""

from __future__ import annotations

import re
import tarfile
from dataclasses import replace
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings

from surfaces.hunts import HOSTILE, WHEN, full_hunt, hunts
from undersign.catalogs import attack
from undersign.errors import BadInput
from undersign.records.hunt import Hunt, Note
from undersign.surfaces.hunt import hearth, hunt_file

PERSON = "hunter@example.org"
ATTACK = attack.load()
MINIMAL = """\
---
id: H001
category: Flames
hypothesis: Somebody guesses passwords.
tactics: [Credential Access]
tags: [vpn]
submitter: {name: A Hunter, link: ""}
extra: kept too
detection_queries:
  - platform: KQL
    query: externaldata(x:string)['https://example.org/x']
---

# H001

## Why
- Because.
"""


@pytest.fixture(scope="session")
def documents(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    folder = tmp_path_factory.mktemp("hearth")
    with tarfile.open(shared_data / "hunts" / "hearth.tar.gz") as archive:
        archive.extractall(folder, filter="data")
    found = sorted(p for p in folder.rglob("*.md") if re.fullmatch(r"[HBM]\d+", p.stem))
    assert len(found) > 300
    return found


def taken(text: str) -> Hunt:
    return hearth.to_hunt(hearth.read(text, "x.md"), text, PERSON, WHEN)


def test_every_community_hunt_is_read_and_comes_back_word_for_word(documents: list[Path]) -> None:
    for path in documents:
        text = path.read_bytes().decode()
        hunt = taken(text)
        again = hunt_file.read(hunt_file.write(hunt))
        assert again == hunt, path.name
        assert hearth.write(again, ATTACK) == text, path.name
        assert hunt.id == path.stem and hunt.hypothesis, path.name


def test_nothing_of_a_community_hunt_is_lost_when_it_was_worked_on(documents: list[Path]) -> None:
    for path in documents:
        text = path.read_bytes().decode()
        hunt = taken(text)
        note = Note(WHEN, PERSON, "looked at it")
        worked = replace(hunt, notes=(note,), entries=full_hunt().entries)
        written = hearth.write(worked, ATTACK)
        before, after = hearth.read(text), hearth.read(written)
        for key, value in before.meta.items():
            assert after.meta[key] == value, (path.name, key)
        assert before.body.rstrip() in after.body, path.name
        assert "looked at it" in after.body
        assert after.meta["detection_queries"][-1]["query"] == full_hunt().entries[0].query


def test_front_matter_reads_as_any_yaml_reader_reads_it(documents: list[Path]) -> None:
    plain = [p for p in documents if p.read_text(encoding="utf-8").startswith("---")]
    assert len(plain) > 300
    for path in plain[::7]:
        text = path.read_text(encoding="utf-8")
        loaded = yaml.safe_load(text.split("---\n")[1])
        assert dict(hearth.read(text).meta) == loaded, path.name


def test_a_new_hunt_meets_the_schema(documents: list[Path]) -> None:
    hunt = replace(full_hunt(), origin=None)
    text = hearth.write(hunt, ATTACK)
    document = hearth.read(text)
    assert hearth.missing(document) == ()
    assert document.text("id") == "H001" and document.text("category") == "Flames"
    assert document.texts("tactics") == ("Credential Access",)
    assert all(re.fullmatch("[a-z0-9_]+", tag) for tag in document.texts("tags"))
    assert document.meta["detection_queries"][0]["platform"] == "KQL"
    bare = hearth.write(replace(hunt, techniques=(), hypothesis="short"), ATTACK)
    assert len(hearth.missing(hearth.read(bare))) == 3


def test_every_key_is_kept_and_queries_stay_text() -> None:
    hunt = taken(MINIMAL)
    assert hunt.entries == ()
    assert hearth.write(hunt, ATTACK) == MINIMAL
    changed = hearth.read(hearth.write(replace(hunt, techniques=("T1110",)), ATTACK))
    assert changed.meta["extra"] == "kept too"
    assert "externaldata" in changed.meta["detection_queries"][0]["query"]


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("# A page\n\nwords\n", None, "neither front matter nor a table"),
        ("---\nid: H1\nhypothesis: x\n---\n", 2, "no HEARTH id"),
        ("---\nhypothesis: x\n---\n", 2, "no `id`"),
        ("---\nid: H001\nhypothesis: [\n---\n", None, "expected"),
        ("---\nid: &a H001\nhypothesis: *a\n---\n", 3, "aliases"),
        ("---\nid: H001\nhypothesis: !!python/name:os.system x\n---\n", 3, "tags"),
        ("---\n- a\n---\n", 2, "front matter"),
        ("---\nid: H001\n", None, "neither"),
    ],
)
def test_what_is_no_hunt_is_told_with_its_place(text: str, line: int | None, words: str) -> None:
    with pytest.raises(BadInput, match=re.escape(words)) as caught:
        hearth.read(text, "x.md")
    assert caught.value.path == "x.md"
    if line:
        assert caught.value.line == line


@settings(max_examples=80, deadline=None)
@given(hunts)
def test_any_hunt_can_be_written_and_its_query_read_back(hunt: Hunt) -> None:
    fresh = replace(hunt, origin=None, id="0042", hypothesis=hunt.hypothesis or "x")
    if not fresh.hypothesis.strip():
        return
    document = hearth.read(hearth.write(fresh, ATTACK))
    queries = [q["query"] for q in document.meta.get("detection_queries", [])]
    assert queries == [entry.query for entry in hunt.entries]


def test_hostile_words_become_no_front_matter_and_no_html() -> None:
    note = Note(WHEN, PERSON, HOSTILE)
    hunt = replace(full_hunt(), origin=None, title=HOSTILE, hypothesis=HOSTILE, notes=(note,))
    text = hearth.write(hunt, ATTACK)
    document = hearth.read(text)
    assert document.text("hypothesis") == HOSTILE
    assert "<script" not in document.body and "<img" not in document.body
    assert "\x1b" not in text and "\u202e" not in text
