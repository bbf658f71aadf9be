"""Official files of catalogs -> the packed form: STIX, ATLAS YAML, CWE XML, ASVS.

Ids, names, status and relations are taken; descriptions are not. A file that is not what it says is
refused whole.
"""

from __future__ import annotations

import csv
import io
import json
import re
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, NamedTuple
from xml.etree import ElementTree as ET

from undersign.catalogs.references import ACTIVE, DEPRECATED, REVOKED

Packed = dict[str, Any]
MOST_BYTES = 128 * 2**20
"""Of an official file, unpacked: the largest, ATT&CK for enterprises, has about 50 MB."""
_STIX_DATA = "https://raw.githubusercontent.com/mitre-attack/attack-stix-data/master"
_ASVS_DATA = "https://raw.githubusercontent.com/OWASP/ASVS/master/5.0/docs_en"
SOURCES: Mapping[str, tuple[str, ...]] = {
    "attack": tuple(
        f"{_STIX_DATA}/{matrix}-attack/{matrix}-attack.json"
        for matrix in ("enterprise", "mobile", "ics")
    ),
    "atlas": ("https://raw.githubusercontent.com/mitre-atlas/atlas-data/main/dist/ATLAS.yaml",),
    "cwe": ("https://cwe.mitre.org/data/xml/cwec_latest.xml.zip",),
    "asvs": (f"{_ASVS_DATA}/OWASP_Application_Security_Verification_Standard_5.0.0_en.json",),
}
"""Catalog -> where its publisher keeps the newest files."""
_ENTITY = re.compile(r"<!\s*(?:DOCTYPE|ENTITY)", re.IGNORECASE)
_EDITION = re.compile(r"(?<![\d.])(\d+\.\d+\.\d+)(?![\d.])")
_ID = {
    "attack": re.compile(r"(?:TA|[TM])\d{4}(?:\.\d{3})?"),
    "atlas": re.compile(r"AML\.(?:TA|T|M|CS)\d{4}(?:\.\d{3})?"),
    "cwe": re.compile(r"CWE-\d+"),
}


class NotOfficial(ValueError):
    """A text that is no official file known here; says why."""


def text_of(raw: bytes) -> str:
    """Return the text of an official file: as it is, or the one file in a zip.

    Raises NotOfficial when it is no text, a zip of several files, or too large.
    """
    if raw.startswith(b"PK"):
        raw = _unzipped(raw)
    if len(raw) > MOST_BYTES:
        raise NotOfficial(f"larger than {MOST_BYTES // 2**20} MiB")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise NotOfficial(f"no text: {error}") from error


def _unzipped(raw: bytes) -> bytes:
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            (inside,) = archive.infolist()
            with archive.open(inside) as file:
                # What the zip says of sizes is not believed.
                return file.read(MOST_BYTES + 1)
    # A damaged zip is told by any of these, an offset before its beginning by ValueError.
    except (zipfile.BadZipFile, zlib.error, ValueError, RuntimeError, EOFError, OSError) as error:
        raise NotOfficial(f"a zip that cannot be read, or not of one file: {error}") from error


def read(text: str, yaml_of: Callable[[str], Any], name: str = "") -> tuple[Packed, ...]:
    """Return the catalogs of a file in their packed form. `yaml_of` reads YAML as plain values.

    `name` is the file's: a CSV says nowhere else which edition it is. Raises NotOfficial when the
    text is none of the official files, or is cut or empty.
    """
    try:
        return _read(text, yaml_of, name)
    except (AttributeError, TypeError) as error:
        # A list where an entry belongs, a number where a name does.
        raise NotOfficial(f"not built as its publisher builds it: {error}") from error


def _read(text: str, yaml_of: Callable[[str], Any], name: str) -> tuple[Packed, ...]:
    head = text.lstrip()[:2000]
    if head.startswith("<"):
        return (_cwe(text),)
    if head.startswith("{"):
        return _json(text, name)
    if "req_id" in head.partition("\n")[0]:
        return (_asvs(list(csv.DictReader(io.StringIO(text))), _edition_in(name)),)
    data = yaml_of(text)
    if isinstance(data, Mapping):
        return (_atlas(data),)
    raise NotOfficial("neither STIX, ATLAS YAML, CWE XML nor an OWASP CSV or JSON")


class _Head(NamedTuple):
    """What an official file says of itself."""

    key: str
    title: str
    edition: str
    date: str
    source: str


def _packed(head: _Head, rows: list[list[Any]]) -> Packed:
    if not head.edition:
        raise NotOfficial(f"{head.title}: the file does not say which edition it is")
    if not rows:
        raise NotOfficial(f"{head.title}: there is no entry in the file")
    return {
        **head._asdict(),
        "date": head.date[:10],
        "licence": "as the source",
        "notice": f"Brought from an official file of {head.title}.",
        "entries": sorted(rows, key=lambda row: str(row[0])),
    }


def _json(text: str, name: str) -> tuple[Packed, ...]:
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise NotOfficial(f"no JSON: {error}") from error
    if data.get("type") == "bundle":
        return _stix(data)
    if data.get("ShortName") == "ASVS":
        return (_asvs(list(_flat(data)), str(data.get("Version") or "")),)
    if isinstance(data.get("requirements"), list):
        return (_asvs(data["requirements"], _edition_in(name)),)
    raise NotOfficial("JSON, and neither a STIX bundle nor an ASVS")


def _stix(data: Mapping[str, Any]) -> tuple[Packed, ...]:
    objects = [one for one in data.get("objects", ()) if isinstance(one, dict)]
    collections = (o for o in objects if o.get("type") == "x-mitre-collection")
    collection: Mapping[str, Any] = next(collections, {})
    by_stix = {str(o.get("id")): _attack_id(o) for o in objects}
    replaced = {
        str(o.get("source_ref")): by_stix.get(str(o.get("target_ref")), "")
        for o in objects
        if o.get("type") == "relationship" and o.get("relationship_type") == "revoked-by"
    }
    rows = [row for o in objects if (row := _attack_row(o, replaced)) is not None]
    edition, date = (str(collection.get(k, "")) for k in ("x_mitre_version", "modified"))
    head = _Head("attack", "MITRE ATT&CK", edition, date, "https://attack.mitre.org")
    mitigations = [row for row in rows if row[2] == "mitigation"]
    found = [_packed(head, [row for row in rows if row[2] != "mitigation"])]
    if mitigations:
        title = "MITRE ATT&CK mitigations"
        found.append(_packed(head._replace(key="attack-mitigations", title=title), mitigations))
    return tuple(found)


def _attack_id(one: Mapping[str, Any]) -> str:
    for reference in one.get("external_references", ()):
        if reference.get("source_name") in (
            "mitre-attack",
            "mitre-mobile-attack",
            "mitre-ics-attack",
        ):
            return str(reference.get("external_id", ""))
    return ""


_KINDS = {
    "attack-pattern": "technique",
    "x-mitre-tactic": "tactic",
    "course-of-action": "mitigation",
}


def _attack_row(one: Mapping[str, Any], replaced: Mapping[str, str]) -> list[Any] | None:
    kind, found = _KINDS.get(str(one.get("type"))), _attack_id(one)
    # Old courses of action have the id of the technique that they are against.
    mismatched = (kind == "mitigation") != found.startswith("M")
    if kind is None or mismatched or not _ID["attack"].fullmatch(found):
        return None
    status = (
        REVOKED if one.get("revoked") else DEPRECATED if one.get("x_mitre_deprecated") else ACTIVE
    )
    relations = {"matrix": [str(d).removesuffix("-attack") for d in one.get("x_mitre_domains", ())]}
    if kind == "technique":
        relations["tactics"] = [str(p.get("phase_name")) for p in one.get("kill_chain_phases", ())]
    if replaced.get(str(one.get("id"))):
        relations["replaced_by"] = [replaced[str(one.get("id"))]]
    return [found, str(one.get("name", "")), kind, status, "", relations]


def _atlas(data: Mapping[str, Any]) -> Packed:
    """Read ATLAS: in one matrix below `matrices`, or its lists at the top, by item or by id."""
    matrices = data.get("matrices")
    places = matrices if isinstance(matrices, list) else [data]
    rows = []
    for section, kind in (
        ("tactics", "tactic"),
        ("techniques", "technique"),
        ("mitigations", "mitigation"),
    ):
        for place in (*places, data):
            rows += [_atlas_row(one, kind) for one in _items(place.get(section))]
    unique = {row[0]: row for row in rows if _ID["atlas"].fullmatch(str(row[0]))}
    edition = str(data.get("version") or "")
    date = str(data.get("date") or data.get("modified_date") or _newest(places))
    head = _Head("atlas", "MITRE ATLAS", edition, date, "https://atlas.mitre.org")
    return _packed(head, list(unique.values()))


def _newest(places: Iterable[Mapping[str, Any]]) -> str:
    """Return the day of the youngest change, for a file that has no date of its own."""
    every = (one for place in places for one in _items(place.get("techniques")))
    return max((str(one.get("modified_date") or "") for one in every), default="")


def _items(section: Any) -> Iterator[Mapping[str, Any]]:
    if isinstance(section, Mapping):
        yield from (
            {"id": key, **value} for key, value in section.items() if isinstance(value, Mapping)
        )
    elif isinstance(section, list):
        yield from (one for one in section if isinstance(one, Mapping))


def _atlas_row(one: Mapping[str, Any], kind: str) -> list[Any]:
    tactics = [str(t.get("id") if isinstance(t, Mapping) else t) for t in one.get("tactics") or ()]
    relations: dict[str, list[str]] = {"tactics": tactics} if tactics else {}
    if one.get("subtechnique-of"):
        relations["parent"] = [str(one["subtechnique-of"])]
    return [str(one.get("id")), str(one.get("name", "")), kind, ACTIVE, "", relations]


def _cwe(text: str) -> Packed:
    if _ENTITY.search(text):
        raise NotOfficial("XML that declares entities is not read")
    try:
        root = ET.fromstring(text)  # noqa: S314 - declarations of entities were refused above
    except ET.ParseError as error:
        raise NotOfficial(f"no XML: {error}") from error
    if not root.tag.endswith("Weakness_Catalog"):
        raise NotOfficial(f"XML, and no catalog of CWE: {root.tag[:80]}")
    rows = []
    for one in root.iter():
        kind = one.tag.rpartition("}")[2]
        if kind in ("Weakness", "Category", "View") and one.get("ID"):
            status = DEPRECATED if one.get("Status") in ("Deprecated", "Obsolete") else ACTIVE
            abstraction = (one.get("Abstraction") or kind).lower()
            found = f"CWE-{one.get('ID')}"
            rows.append([found, one.get("Name", ""), abstraction, status, "", _parents(one)])
    head = _Head(
        "cwe", "CWE", root.get("Version", ""), root.get("Date", ""), "https://cwe.mitre.org"
    )
    return _packed(head, rows)


def _parents(one: ET.Element) -> dict[str, list[str]]:
    found = [f"CWE-{r.get('CWE_ID')}" for r in one.iter()
             if r.tag.endswith("Related_Weakness") and r.get("Nature") == "ChildOf"]  # fmt: skip
    return {"parent": list(dict.fromkeys(found))} if found else {}


def _flat(data: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Return the rows of an ASVS whose chapters hold sections that hold requirements."""
    for chapter in _items(data.get("Requirements")):
        for section in _items(chapter.get("Items")):
            for one in _items(section.get("Items")):
                yield {"chapter_name": chapter.get("Name"), "section_name": section.get("Name"),
                       "req_id": one.get("Shortcode"), "L": one.get("L")}  # fmt: skip


def _asvs(given: Iterable[Mapping[str, Any]], edition: str) -> Packed:
    rows = []
    for one in given:
        number = str(one.get("req_id") or "").removeprefix("V")
        name = " / ".join(p for p in (one.get("chapter_name"), one.get("section_name")) if p)
        if re.fullmatch(r"\d+\.\d+\.\d+", number):
            level = str(one.get("L") or "")
            rows.append([f"v{edition}-{number}", name, "requirement", ACTIVE, level, {}])
    return _packed(_Head("asvs", "OWASP ASVS", edition, "", "https://owasp.org"), rows)


def _edition_in(name: str) -> str:
    found = _EDITION.search(name)
    if found is None:
        raise NotOfficial("an ASVS says its edition in the name of the file alone: keep that name")
    return found[1]
