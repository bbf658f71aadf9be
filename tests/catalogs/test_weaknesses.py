"""CWE and our categories: complete, consistent with the OWASP lists, and never guessed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from undersign.catalogs import owasp, weaknesses
from undersign.catalogs.load import catalogs
from undersign.catalogs.weaknesses import SEVERITIES, ids_in, plain

CWE, LISTS = weaknesses.load(), owasp.load()


def test_it_says_the_same_as_the_published_edition(shared_data: Path) -> None:
    if not (path := shared_data / "catalogs" / "cwe-4.15.json").is_file():
        pytest.skip("needs catalogs/cwe-4.15.json")
    published = json.loads(path.read_text(encoding="utf-8"))
    assert (CWE.edition, CWE.date) == (published["version"], published["date"])
    for entry in published["entries"]:
        mine = CWE.entries[entry["id"]]
        assert (mine.name, mine.status, mine.abstraction, mine.mapping, list(mine.parents)) == (
            entry["name"],
            entry["status"],
            entry["abstraction"],
            entry.get("mapping", ""),
            entry.get("parents", []),
        )
    later = set(CWE.entries) - {e["id"] for e in published["entries"]}
    assert later == {one.id for one in CWE.entries.values() if one.since}


def test_parents_are_entries_and_lead_up_to_a_pillar() -> None:
    for one in CWE.entries.values():
        assert set(one.parents) <= set(CWE.entries)
        if one.parents:
            tops = [CWE.entries[i] for i in CWE.above(one.id) if not CWE.entries[i].parents]
            assert any(top.abstraction == "Pillar" for top in tops), one.id


def test_every_category_names_a_weakness_first_and_its_places_in_the_lists() -> None:
    for one in CWE.categories.values():
        head = CWE.entries[one.cwe[0]]
        assert head.abstraction in ("Class", "Base", "Variant", "Compound")
        assert head.status != "Deprecated"
        assert set(one.cwe) <= set(CWE.entries)
        assert set(one.owasp) <= set(LISTS.entries)
        assert set(one.concepts) <= set(LISTS.concepts)
        lowest, highest = map(SEVERITIES.index, one.severities)
        assert lowest <= highest
        assert one.words


def test_where_a_list_names_the_weakness_itself_the_category_is_there() -> None:
    named = 0
    for one in CWE.categories.values():
        for edition in ("2021", "2025"):
            itself = {e.id for e in LISTS.of_weakness(one.cwe[:1], edition)}
            said = {i for i in one.owasp if i.endswith(edition)}
            named += bool(itself)
            assert not itself or said == itself, one.key
    assert named > 45


def test_names_carry_to_their_category_alone() -> None:
    for one in CWE.categories.values():
        assert plain(one.title) in one.words
        for word in one.words:
            assert CWE.category_of((), f"x: {word}!") == one.key, word


@pytest.mark.parametrize(
    ("ids", "words", "key"),
    [
        (["CWE-89"], "", "sql-injection"),
        (["CWE-564"], "", "sql-injection"),
        (["CWE-95"], "", "code-injection"),
        (["CWE-23"], "", "path-traversal"),
        (["CWE-259"], "", "hardcoded-secret"),
        (["CWE-862"], "", "missing-authorization"),
        (["CWE-862"], "excessive agency of the agent", "missing-authorization"),
        (["CWE-1427"], "", "prompt-injection"),
        (["CWE-1004"], "", "insecure-cookie"),
        (["CWE-943"], "", "nosql-injection"),
        (["CWE-327", "CWE-328", "CWE-916"], "a weak hashing algorithm", "weak-hash"),
        (["CWE-327", "CWE-328", "CWE-916"], "sensitive data", ""),
        (["CWE-74"], "SQL injection", "sql-injection"),
        (["CWE-74"], "", ""),
        (["CWE-20"], "SSRF through the avatar", "server-side-request-forgery"),
        (["CWE-787"], "SQL injection", ""),
        (["CWE-99999"], "SQL injection", "sql-injection"),
        ([], "sqlite3 is imported", ""),
        ([], "an XSS and a CSRF", ""),
        ([], "Hard-coded password", "hardcoded-secret"),
        ([], "insecure deserialisation of a cookie", "unsafe-deserialization"),
        ([], "", ""),
    ],
)
def test_a_category_is_told_or_left_open(ids: list[str], words: str, key: str) -> None:
    assert CWE.category_of(ids, words) == key


def test_ids_are_read_as_tools_write_them() -> None:
    said = "external/cwe/cwe-089, CWE 22; CWE_79 CWE:352 xCWE-1 CWE-7x CWE-1234567 CWE-0"
    assert ids_in(said) == ("CWE-89", "CWE-22", "CWE-79", "CWE-352")
    assert ids_in(" 0089 ") == ("CWE-89",)
    assert ids_in("line 89") == ()


def test_words_are_levelled() -> None:
    assert plain("  Cross-Site   scripting (XSS) ") == "cross site scripting xss"
    assert plain("Deserialisation; hard-coded") == "deserialization hardcoded"


def test_the_lists_show_their_terms_in_the_catalog_list() -> None:
    rows = {row.name: row for row in catalogs()}
    assert "MITRE" in rows["cwe"].notice
    assert rows["owasp"].licence == "CC-BY-SA-4.0"
    assert rows["weaknesses"].entries == len(CWE.categories) == 35
