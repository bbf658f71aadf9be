"""Newer catalogs from official files: read, validated, kept for review, reverted."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from undersign.catalogs.official import NotOfficial, read
from undersign.catalogs.references import load
from undersign.errors import BadInput, UsageError
from undersign.languages.yaml.tree import read as read_yaml
from undersign.workspace.threatmodelling import catalogs
from undersign.workspace.workspace import Workspace, init

ATLAS_OLD = """\
id: ATLAS
name: ATLAS
version: 6.0.0
matrices:
  - tactics:
      - {id: AML.TA0002, name: Reconnaissance, object-type: tactic}
    techniques:
      - {id: AML.T0051, name: LLM Prompt Injection, tactics: [AML.TA0005]}
      - {id: AML.T0051.000, name: Direct, subtechnique-of: AML.T0051}
    mitigations:
      - {id: AML.M0020, name: Generative AI Guardrails}
"""
ATLAS_NEW = """\
version: 2026.09
modified_date: 2026-09-15
tactics: {AML.TA0002: {name: Reconnaissance}}
techniques:
  AML.T0051: {name: LLM Prompt Injection, tactics: [{id: AML.TA0005}]}
"""
STIX = json.dumps({"type": "bundle", "objects": [
    {"type": "x-mitre-collection", "x_mitre_version": "20.0", "modified": "2026-10-20T00:00:00Z"},
    {"type": "attack-pattern", "id": "attack-pattern--1", "name": "PowerShell",
     "external_references": [{"source_name": "mitre-attack", "external_id": "T1059.001"}],
     "kill_chain_phases": [{"phase_name": "execution"}]},
    {"type": "attack-pattern", "id": "attack-pattern--2", "name": "Old", "revoked": True,
     "external_references": [{"source_name": "mitre-attack", "external_id": "T1086"}]},
    {"type": "relationship", "relationship_type": "revoked-by", "source_ref": "attack-pattern--2",
     "target_ref": "attack-pattern--1"},
]})  # fmt: skip
CWE = """\
<?xml version="1.0"?>
<Weakness_Catalog xmlns="http://cwe.mitre.org/cwe-7" Version="4.20" Date="2026-09-01"><Weaknesses>
<Weakness ID="79" Name="XSS" Abstraction="Base" Status="Stable"><Related_Weaknesses>
<Related_Weakness Nature="ChildOf" CWE_ID="74"/></Related_Weaknesses></Weakness>
<Weakness ID="1" Name="Gone" Abstraction="Base" Status="Deprecated"/>
</Weaknesses></Weakness_Catalog>
"""
ASVS = (
    "chapter_id,chapter_name,section_id,section_name,req_id,req_description,L\n"
    "V1,Encoding,V1.1,Architecture,V1.1.1,Verify,2\n"
)


def official(text: str) -> dict[str, list[object]]:
    packed = read(text, lambda t: read_yaml(t).plain())
    return {row[0]: row for row in packed["entries"]} | {"edition": [packed["edition"]]}


def test_official_files_are_read() -> None:
    old, new = official(ATLAS_OLD), official(ATLAS_NEW)
    assert old["edition"] == ["6.0.0"]
    assert old["AML.T0051.000"][5] == {"parent": ["AML.T0051"]}
    assert new["AML.T0051"][1] == "LLM Prompt Injection"
    attack = official(STIX)
    assert attack["T1086"][3] == "revoked"
    assert attack["T1086"][5] == {"tactics": [], "replaced_by": ["T1059.001"]}
    cwe = official(CWE)
    assert cwe["CWE-79"][5] == {"parent": ["CWE-74"]}
    assert cwe["CWE-1"][3] == "deprecated"
    assert official(ASVS)["v5.0.0-1.1.1"][1] == "Encoding / Architecture"


NOTHING = ("", "{}", "[]", "<a/>", "<!DOCTYPE x [<!ENTITY a 'b'>]><x/>", "a: 1", "<broken",
           '{"type": "bundle", "objects": []}', "version: 1")  # fmt: skip


@pytest.mark.parametrize("text", NOTHING)
def test_what_is_no_official_file_is_refused(text: str) -> None:
    with pytest.raises((NotOfficial, BadInput)):
        official(text)


@pytest.fixture
def here(tmp_path: Path) -> Workspace:
    return init(tmp_path / "room")[0]


def whole_atlas(edition: str, extra: str = "") -> str:
    kept = [e for e in load().catalogs["atlas"].entries.values() if e.kind == "technique"]
    rows = "".join(f"      - {{id: {e.id}, name: {json.dumps(e.name)}}}\n" for e in kept)
    return f"id: ATLAS\nversion: {edition}\nmatrices:\n  - techniques:\n{rows}{extra}"


def test_an_update_is_used_told_and_reverted(here: Workspace, tmp_path: Path) -> None:
    source = tmp_path / "ATLAS.yaml"
    source.write_text(whole_atlas("9.0.0", "      - {id: AML.T0999, name: New one}\n"))
    made = catalogs.update(here, source)
    assert made.added == ("AML.T0999",)
    assert "AML.M0020" in made.gone
    found = catalogs.references(here)
    assert found.catalogs["atlas"].edition == "9.0.0"
    assert found.get("AML.T0999") is not None
    source.write_text(whole_atlas("10.0.0"))
    catalogs.update(here, source)
    assert catalogs.revert(here, "atlas") == "9.0.0"
    assert catalogs.revert(here, "atlas") == "5.6.0"
    with pytest.raises(UsageError):
        catalogs.revert(here, "atlas")


def test_a_cut_file_changes_nothing(here: Workspace, tmp_path: Path) -> None:
    source = tmp_path / "ATLAS.yaml"
    source.write_text(ATLAS_OLD)
    with pytest.raises(BadInput, match="it is cut"):
        catalogs.update(here, source)
    assert not catalogs.folder(here).exists()


def test_a_broken_catalog_of_the_workspace_is_never_passed_over(here: Workspace) -> None:
    catalogs.folder(here).mkdir()
    (catalogs.folder(here) / "atlas.catalog.json").write_text("{")
    with pytest.raises(BadInput, match="is no catalog"):
        catalogs.references(here)
