"""Newer catalogs from official files: read, validated, kept for review, reverted."""

from __future__ import annotations

import io
import json
import random
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from undersign.catalogs.official import SOURCES, NotOfficial, read, text_of
from undersign.catalogs.references import load
from undersign.drafters.official_files import fetch
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
ASVS_FLAT = json.dumps({"requirements": [{"chapter_name": "Encoding", "section_name":
    "Architecture", "req_id": "V1.1.1", "req_description": "Verify", "L": "2"}]})  # fmt: skip
ASVS_NESTED = json.dumps({"ShortName": "ASVS", "Version": "5.1.0", "Requirements": [
    {"Name": "Encoding", "Items": [{"Name": "Architecture", "Items": [
        {"Shortcode": "V1.1.1", "Description": "Verify", "L": "2"}]}]}]})  # fmt: skip


def official(text: str, name: str = "") -> dict[str, list[object]]:
    packed = read(text, lambda t: read_yaml(t).plain(), name)
    rows = {row[0]: row for one in packed for row in one["entries"]}
    return rows | {"edition": [packed[0]["edition"]]}


def test_official_files_are_read() -> None:
    old, new = official(ATLAS_OLD), official(ATLAS_NEW)
    assert old["edition"] == ["6.0.0"]
    assert old["AML.T0051.000"][5] == {"parent": ["AML.T0051"]}
    assert new["AML.T0051"][1] == "LLM Prompt Injection"
    attack = official(STIX)
    assert attack["T1086"][3] == "revoked"
    assert attack["T1086"][5] == {"matrix": [], "tactics": [], "replaced_by": ["T1059.001"]}
    cwe = official(CWE)
    assert cwe["CWE-79"][5] == {"parent": ["CWE-74"]}
    assert cwe["CWE-1"][3] == "deprecated"
    row = ["v5.1.0-1.1.1", "Encoding / Architecture", "requirement", "active", "2", {}]
    for text in (ASVS, ASVS_FLAT, ASVS_NESTED):
        assert official(text, "ASVS_5.1.0_en")["v5.1.0-1.1.1"] == row
    with pytest.raises(NotOfficial, match="keep that name"):
        official(ASVS, "download (1).csv")


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
    (made,) = catalogs.update(here, source)
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


@pytest.mark.parametrize("text", ["", "a: [", "a: 1"])
def test_an_error_names_the_file(here: Workspace, tmp_path: Path, text: str) -> None:
    source = tmp_path / "ATLAS.yaml"
    source.write_text(text)
    with pytest.raises(BadInput) as caught:
        catalogs.update(here, source)
    assert caught.value.path == str(source)


def test_a_broken_catalog_of_the_workspace_is_never_passed_over(here: Workspace) -> None:
    catalogs.folder(here).mkdir()
    (catalogs.folder(here) / "atlas.catalog.json").write_text("{")
    with pytest.raises(BadInput, match="is no catalog"):
        catalogs.references(here)


def ics(edition: str, *, more: str = "Shut it down") -> bytes:
    """Return a STIX file of one matrix, as all its techniques stand in the packaged catalog."""
    kept = [e for e in load().catalogs["attack"].entries.values()
            if e.relations.get("matrix") == ("ics",)]  # fmt: skip
    named = [*((e.id, e.name) for e in kept), ("T0999", more)]
    objects = [
        {"type": "attack-pattern", "id": f"attack-pattern--{id_}", "name": name,
         "x_mitre_domains": ["ics-attack"],
         "external_references": [{"source_name": "mitre-attack", "external_id": id_}]}
        for id_, name in named
    ]  # fmt: skip
    mitigation = {
        "type": "course-of-action",
        "name": "Bolt it",
        "x_mitre_domains": ["ics-attack"],
        "external_references": [{"source_name": "mitre-attack", "external_id": "M0999"}],
    }
    head = {"type": "x-mitre-collection", "x_mitre_version": edition, "modified": "2026-10-20T0"}
    return json.dumps({"type": "bundle", "objects": [head, *objects, mitigation]}).encode()


def test_one_matrix_replaces_itself_alone_and_says_so(here: Workspace) -> None:
    attack, mitigations = catalogs.bring(here, {"ics.json": ics("20.0")}, "ics.json")
    assert attack.added == ("T0999",)
    assert not attack.gone
    assert mitigations.added == ("M0999",)
    found = catalogs.references(here)
    assert attack.catalog.edition == "18.1 enterprise, mobile; 19 enterprise; 20.0 ics"
    assert [found.catalogs["attack"].entries[i].edition for i in ("T1059", "T0999", "T1409")] == [
        "18.1", "20.0", "18.1"]  # fmt: skip
    assert found.get("M1013") is not None
    again, _ = catalogs.bring(here, {"ics.json": ics("21.0")}, "ics.json")
    assert again.catalog.edition.endswith("; 21.0 ics")


def test_an_older_edition_is_refused(here: Workspace) -> None:
    with pytest.raises(BadInput, match="is older than what is here"):
        catalogs.bring(here, {"ics.json": ics("17.1")}, "ics.json")
    assert not catalogs.folder(here).exists()


def zipped(*contents: bytes) -> bytes:
    raw = io.BytesIO()
    with zipfile.ZipFile(raw, "w", zipfile.ZIP_DEFLATED) as archive:
        for n, content in enumerate(contents):
            archive.writestr(f"{n}.xml", content)
    return raw.getvalue()


def test_a_zip_of_one_file_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    assert text_of(zipped(CWE.encode())) == CWE
    for odd in (zipped(b"a", b"b"), zipped(), b"PK\x03\x04nothing", b"\xff\xfe\xfd"):
        with pytest.raises(NotOfficial):
            text_of(odd)
    monkeypatch.setattr("undersign.catalogs.official.MOST_BYTES", 2**20)
    bomb = zipped(b"<" * 2**22)
    assert len(bomb) < 2**16
    with pytest.raises(NotOfficial, match="larger than 1 MiB"):
        text_of(bomb)


ODD = (None, 1, "x", [], {}, [None], True)


def bent(value: object, rng: random.Random) -> object:
    """Return a document with something else in some of its places."""
    if rng.random() < 0.12:
        return rng.choice(ODD)
    if isinstance(value, dict):
        return {key: bent(one, rng) for key, one in value.items()}
    return [bent(one, rng) for one in value] if isinstance(value, list) else value


@pytest.mark.parametrize("text", [STIX, ASVS_FLAT, ASVS_NESTED, ATLAS_OLD, ATLAS_NEW])
def test_a_file_of_another_build_is_refused_in_words(text: str) -> None:
    rng = random.Random(1)
    document = read_yaml(text).plain()
    for _ in range(300):
        written = json.dumps(bent(document, rng), default=str)
        # ATLAS is YAML, for which JSON is taken only when it does not begin like JSON.
        for one in (written, f"---\n{written}"):
            with suppress(NotOfficial, BadInput):
                official(one, "ASVS_5.1.0")


def test_a_damaged_zip_is_refused_in_words() -> None:
    rng = random.Random(1)
    whole = zipped(CWE.encode())
    for _ in range(500):
        damaged = bytearray(whole)
        damaged[rng.randrange(len(damaged))] = rng.randrange(256)
        with suppress(NotOfficial):
            text_of(bytes(damaged))


@contextmanager
def publisher(pages: dict[str, bytes]) -> Iterator[str]:
    """Serve files on this machine; `/moved` leads to an address that is not https."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            moved = self.path == "/moved"
            self.send_response(302 if moved else 200 if self.path in pages else 404)
            if moved:
                self.send_header("Location", "http://elsewhere.example/x")
            self.end_headers()
            self.wfile.write(pages.get(self.path, b""))

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


def test_a_publisher_is_asked_when_somebody_wants_it(here: Workspace) -> None:
    got: list[int] = []

    def fetched(url: str) -> bytes:
        return fetch(url, 2**20, got.append)

    pages = {"/ATLAS.yaml": whole_atlas("9.0.0").encode(), "/ics.json": ics("20.0")}
    with publisher(pages) as at:
        places = {"atlas": (f"{at}/ATLAS.yaml",), "attack": (f"{at}/ics.json",),
                  "cwe": (f"{at}/none.xml",), "asvs": (f"{at}/moved",)}  # fmt: skip
        (atlas,) = catalogs.update_online(here, places["atlas"], fetched)
        assert atlas.catalog.edition == "9.0.0"
        assert sum(got) == len(pages["/ATLAS.yaml"])
        assert len(catalogs.update_online(here, places["attack"], fetched)) == 2
        for key, why in (("cwe", "404"), ("asvs", "not https")):
            with pytest.raises(BadInput, match=why):
                catalogs.update_online(here, places[key], fetched)
        with pytest.raises(BadInput, match="larger than"):
            fetch(places["atlas"][0], 1000, got.append)
    with pytest.raises(BadInput, match="cannot be fetched"):
        fetched(places["atlas"][0])
    with pytest.raises(BadInput, match="not https"):
        fetched("http://elsewhere.example/ATLAS.yaml")


def test_every_publisher_is_asked_by_https_for_a_catalog_that_is_here() -> None:
    assert SOURCES.keys() <= load().catalogs.keys()
    assert all(url.startswith("https://") for urls in SOURCES.values() for url in urls)
