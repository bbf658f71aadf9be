"""OWASP's lists: as published, and ids read in the spellings that tools use."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from undersign.catalogs import owasp
from undersign.catalogs.owasp import Written, elsewhere, parts, read

LISTS = owasp.load()


def test_it_says_the_same_as_the_published_lists(shared_data: Path) -> None:
    folder = shared_data / "catalogs"
    if not (folder / "owasp-top10.json").is_file():
        pytest.skip("needs catalogs/owasp-top10.json")
    for name in ("owasp-top10", "owasp-llm-top10", "owasp-agentic-asi-2026"):
        for entry in json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))["entries"]:
            mine = LISTS.entries[entry["id"]]
            assert mine.name == entry["name"]
            assert mine.cwe == {f"CWE-{n}" for n in entry.get("cwe", ())}


def test_every_edition_has_ten_entries() -> None:
    top = [e for e in LISTS.entries.values() if e.code[0] == "A" and e.code[1].isdigit()]
    for edition in ("2004", "2007", "2010", "2013", "2017", "2021", "2025"):
        assert len([e for e in top if e.edition == edition]) == 10
    for edition in ("1.1", "2025", "2026"):
        llm = [e for e in LISTS.entries.values() if e.code.startswith("LLM")]
        assert len([e for e in llm if e.edition == edition]) == 10


def test_concepts_name_entries_and_an_id_of_their_own_once_an_edition() -> None:
    own = [one for ids in LISTS.concepts.values() for one in ids if not one.startswith("~")]
    assert len(own) == len(set(own))
    assert set(own) == {e.id for e in LISTS.entries.values() if e.code.startswith("LLM")}
    assert LISTS.of_concept("output_handling", "2025") == ("LLM05:2025",)
    assert LISTS.of_concept("output_handling", "1.1") == ("LLM02:1.1",)
    assert LISTS.of_concept("plugin_design", "2025") == ("LLM06:2025",)


@pytest.mark.parametrize(
    ("text", "code", "edition", "name"),
    [
        ("A03:2021", "A03", "2021", ""),
        ("a3:2021", "A03", "2021", ""),
        ("A03:2021 - Injection", "A03", "2021", "Injection"),
        ("A03:2021-Injection", "A03", "2021", "Injection"),
        ("A03:2021 \u2013 Injection", "A03", "2021", "Injection"),
        ("A1:2017-Injection", "A01", "2017", "Injection"),
        ("OWASP:2021-A03", "A03", "2021", ""),
        ("owasp-a03-2021", "A03", "2021", ""),
        ("OWASP Top 10 2021 A03", "A03", "2021", ""),
        ("OWASP Top Ten 2017 A7 - Cross-Site Scripting (XSS)", "A07", "2017",
         "Cross-Site Scripting (XSS"),
        ("A05", "A05", "", ""),
        ("A10 SSRF", "A10", "", "SSRF"),
        ("LLM02", "LLM02", "", ""),
        ("LLM02 (v1.1)", "LLM02", "1.1", ""),
        ("LLM01:2023", "LLM01", "1.1", ""),
        ("LLM-05:2025 Improper Output Handling", "LLM05", "2025", "Improper Output Handling"),
        ("OWASP Top 10 for LLM Applications 2025: LLM05", "LLM05", "2025", ""),
        ("ASI02:2026", "ASI02", "2026", ""),
    ],
)  # fmt: skip
def test_ids_are_read_as_tools_write_them(text: str, code: str, edition: str, name: str) -> None:
    assert read(text) == Written(code, edition, name)


def test_several_ids_in_one_text_are_taken_apart() -> None:
    assert parts("A03:2021, A05:2025; LLM05:2025") == ("A03:2021", "A05:2025", "LLM05:2025")
    assert parts("A03:2021 Injection / A05:2025") == ("A03:2021 Injection", "A05:2025")
    assert parts("A03:2021, Injection") == ("A03:2021, Injection",)


@pytest.mark.parametrize("text", ["", "Injection", "AA03", "A123:2021", "CWE-89", "ALL", "A"])
def test_what_is_no_id_is_none(text: str) -> None:
    assert read(text) is None
    assert not elsewhere(text)


@pytest.mark.parametrize("text", ["API1:2023", "OWASP API3:2023", "M1:2024", "CICD-SEC-4"])
def test_ids_of_other_lists_are_known_to_be_of_others(text: str) -> None:
    assert read(text) is None
    assert elsewhere(text)
