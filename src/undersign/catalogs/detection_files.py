"""Read behaviour TOML files, with errors that name the file and the key.

title = "Many service tickets for user accounts requested from one address"
event_title = "Service ticket for a user account requested"   # when there is a correlation
technique = "T1558.003"
tactics = ["credential-access"]
level = "high"
logsource = { product = "windows", service = "security" }     # must be one of _families.toml
phrases = ["kerberoasting", "request tgs ticket"]
description = "..."
references = ["https://..."]      # optional: what documents the events; else the family's page
falsepositives = ["..."]

[selections.selection]           # or [[selections.selection]] for alternatives
EventID = 4769
[selections.filter_krbtgt]       # names that begin with `filter` are excluded
ServiceName = "krbtgt"

[roles]                          # optional, overrides the family's
source = ["IpAddress"]

[counting]                       # optional
type = "value_count"
field = "ServiceName"
group = "source"
timespan = "30m"
threshold = 10
always = true

[[properties]]                   # optional: what a brief may ask for or exclude
name = "weak_encryption"
words = ["rc4"]
fields = { TicketEncryptionType = "0x17" }

[[match]]                        # invented events; the family's sample completes them
name = "..."
fields = { ... }
[[no_match]]
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from undersign.catalogs.detections import (
    Behaviour,
    Counting,
    Detections,
    Family,
    Fields,
    Property,
    Sample,
)
from undersign.errors import BadInput

FAMILIES = "_families.toml"
_KEYS = {
    *("title", "event_title", "technique", "tactics", "level", "logsource", "phrases"),
    *("description", "references", "falsepositives", "selections", "roles", "counting"),
    *("properties", "match", "no_match"),
}


def packaged() -> Detections:
    """Read the files that come with the package.

    Raises:
        BadInput: A file is not a complete behaviour.
    """
    folder = Path(__file__).with_name("behaviours")
    texts = {f.name: f.read_text("utf-8") for f in folder.iterdir() if f.name.endswith(".toml")}
    return read(texts)


def read(texts: Mapping[str, str]) -> Detections:
    """Build the catalog from file name -> TOML text.

    Raises:
        BadInput: A file is not a complete behaviour, or the families are missing.
    """
    if FAMILIES not in texts:
        raise BadInput("the families of behaviours are missing", path=FAMILIES)
    shared = _toml(FAMILIES, texts[FAMILIES])
    families = tuple(_family(entry) for entry in shared["family"])
    platforms = {entry["product"]: tuple(entry["words"]) for entry in shared["platform"]}
    behaviours = {}
    for name in sorted(texts):
        if not name.startswith("_"):
            slug = name.removesuffix(".toml")
            behaviours[slug] = _behaviour(slug, _toml(name, texts[name]), families)
    return Detections(behaviours, families, platforms)


def _toml(path: str, text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise BadInput(f"not TOML: {error}", path=path) from error


def _family(entry: Mapping[str, Any]) -> Family:
    keys = ("product", "category", "service")
    return Family(
        logsource={k: entry[k] for k in keys if k in entry},
        words=tuple(entry["words"]),
        time=entry["time"],
        reference=entry["reference"],
        roles={k: tuple(v) for k, v in entry["roles"].items()},
        literals=dict(entry["literals"]),
        sample=_fields(entry["sample"]),
        properties=tuple(_property(p) for p in entry.get("properties", ())),
        mixed=entry.get("mixed", False),
    )


def _behaviour(slug: str, table: Mapping[str, Any], families: tuple[Family, ...]) -> Behaviour:
    path = f"{slug}.toml"
    unknown = sorted(set(table) - _KEYS)
    if unknown:
        raise BadInput(f"{unknown[0]!r} is not understood", path=path)
    family = next((f for f in families if f.logsource == table.get("logsource")), None)
    if family is None:
        raise BadInput(f"logsource {table.get('logsource')} is no family", path=path)
    try:
        return Behaviour(
            slug=slug,
            title=table["title"],
            event_title=table.get("event_title", ""),
            technique=table["technique"],
            tactics=tuple(table["tactics"]),
            level=table["level"],
            family=family,
            phrases=tuple(table["phrases"]),
            description=" ".join(table["description"].split()),
            references=_references(table, family),
            false_positives=tuple(table["falsepositives"]),
            selections={k: _alternatives(v) for k, v in table["selections"].items()},
            roles={k: tuple(v) for k, v in table.get("roles", {}).items()},
            counting=Counting(**table["counting"]) if "counting" in table else None,
            properties=tuple(_property(p) for p in table.get("properties", ())),
            samples=_samples(table),
        )
    except KeyError as error:
        raise BadInput(f"{error.args[0]} is missing", path=path) from error
    except TypeError as error:
        raise BadInput(f"a table has a wrong shape: {error}", path=path) from error


def _references(table: Mapping[str, Any], family: Family) -> tuple[str, ...]:
    """Return the technique's page and what documents the events; the family's page when unsaid."""
    page = table["technique"].replace(".", "/")
    documented = table.get("references", (family.reference,))
    return (f"https://attack.mitre.org/techniques/{page}/", *documented)


def _samples(table: Mapping[str, Any]) -> tuple[Sample, ...]:
    cases = [(case, True) for case in table["match"]] + [(c, False) for c in table["no_match"]]
    return tuple(Sample(case["name"], expect, _fields(case["fields"])) for case, expect in cases)


def _property(table: Mapping[str, Any]) -> Property:
    return Property(
        name=table["name"],
        words=tuple(table["words"]),
        fields=_fields(table.get("fields", {})),
        ask=table.get("ask", ""),
        note=table.get("note", ""),
    )


def _alternatives(value: Any) -> tuple[Fields, ...]:
    tables = value if isinstance(value, list) else [value]
    return tuple(_fields(table) for table in tables)


def _fields(table: Mapping[str, Any]) -> Fields:
    return {k: tuple(v) if isinstance(v, list) else v for k, v in table.items()}
