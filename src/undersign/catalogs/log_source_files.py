"""Read log-source TOML files, with errors that name the file and the key.

name = "zeek_dns"                    # the table's name in the lake
title = "Zeek dns.log"
family = "zeek"                      # windows, cloudtrail, zeek, auditd, entra or flat
include = ["_zeek"]                  # optional: fields shared by several sources
priority = 10                        # optional: higher is asked first
time = ["ts"]                        # best first
time_zone = "UTC"                    # for times written without a zone
utc = ["UtcTime"]                    # optional: time fields that are UTC by definition
time_formats = ["%m/%d/%Y %H:%M:%S"] # optional: strptime patterns
host = ["id.orig_h"]
user = []
address = ["id.orig_h"]

[[detect]]                           # one alternative; all its fields must hold
_path = ["dns"]                      # accepted values, or "*" for just present

[fields]
query = "string"                     # or long, double, boolean, timestamp, list
AA = { type = "boolean", aliases = ["aa"], description = "Authoritative answer." }

[[sigma]]                           # a Sigma logsource this table answers
product = "zeek"
service = "dns"
where = { qtype_name = ["A"] }       # optional
rename = { record_type = "qtype_name" }   # optional: Sigma field -> column

`words`, `[roles]` and the views `[[kql]]`, `[[spl]]`, `[[cim]]`, `[[ocsf]]`: see `view_files`.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from undersign.catalogs.log_sources import Field, LogSource, LogSources, Route, Triple, ordered
from undersign.catalogs.toml_place import Place
from undersign.catalogs.view_files import VIEW_KINDS, Known, read_roles, read_views
from undersign.catalogs.views import View
from undersign.errors import BadInput
from undersign.records.event import RESERVED_COLUMNS

TYPES = ("string", "long", "double", "boolean", "timestamp", "list")
FAMILIES = ("windows", "cloudtrail", "zeek", "auditd", "entra", "flat")
TAXONOMY = "_taxonomy.toml"
_KEYS = {
    *("name", "title", "family", "include", "priority", "time", "time_zone", "time_formats", "utc"),
    *("host", "user", "address", "detect", "fields", "sigma", "text_fields"),
    *("words", "roles", *VIEW_KINDS),
}
_NAME = re.compile(r"[a-z][a-z0-9_]*\Z")


def packaged() -> LogSources:
    """Read the files that come with the package.

    Raises:
        BadInput: A file is not a complete log source.
    """
    folder = Path(__file__).with_name("sources")
    texts = {f.name: f.read_text("utf-8") for f in folder.iterdir() if f.name.endswith(".toml")}
    return read_texts(texts)


def read_texts(texts: Mapping[str, str]) -> LogSources:
    """Read log sources from file name -> TOML text.

    Raises:
        BadInput: A text is not a complete log source; `path` is the file name.
    """
    tables = {name: _parse(name, text) for name, text in texts.items()}
    shared = {n.removesuffix(".toml"): t for n, t in tables.items() if n.startswith("_")}
    sources = [_source(n, t, shared) for n, t in tables.items() if not n.startswith("_")]
    taxonomy = tables.get(TAXONOMY, {})
    return LogSources(ordered(sources), tuple(_triples(taxonomy)))


def _parse(path: str, text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise BadInput(f"not TOML: {error}", path=path) from error


def _source(path: str, table: Mapping[str, Any], shared: Mapping[str, Any]) -> LogSource:
    unknown = sorted(set(table) - _KEYS)
    if unknown:
        raise BadInput(f"unknown key {unknown[0]}", path=path)
    name = _text(path, table, "name")
    if not _NAME.match(name) or f"{name}.toml" != path:
        raise BadInput(f"name {name!r} is not the file's name in lower case", path=path)
    family = _text(path, table, "family")
    if family not in FAMILIES:
        raise BadInput(f"family {family!r} is none of {', '.join(FAMILIES)}", path=path)
    fields = _all_fields(path, table, shared)
    source = LogSource(
        name=name,
        title=_text(path, table, "title"),
        family=family,
        detect=tuple(_values(path, "detect", d) for d in _tables(path, table, "detect")),
        time=_texts(path, table, "time"),
        time_zone=_zone(path, table),
        host=_texts(path, table, "host"),
        user=_texts(path, table, "user"),
        address=_texts(path, table, "address"),
        fields=fields,
        routes=tuple(_route(path, r) for r in _tables(path, table, "sigma")),
        priority=int(table.get("priority", 0)),
        time_formats=_texts(path, table, "time_formats", ()),
        utc=_texts(path, table, "utc", ()),
        words=_texts(path, table, "words", ()),
        roles=read_roles(Place(path, "roles"), table.get("roles", {}), fields),
        views=_views(path, table, shared, fields),
    )
    _check_columns(path, source)
    return source


def _views(
    path: str, table: Mapping[str, Any], shared: Mapping[str, Any], fields: Mapping[str, Field]
) -> tuple[View, ...]:
    """Read the source's own views, then those of the parts it includes."""
    parts = [shared[part] for part in _texts(path, table, "include", ())]
    entries = {
        kind: [*_tables(path, table, kind), *(v for p in parts for v in _tables(path, p, kind))]
        for kind in VIEW_KINDS
    }
    inherited = tuple(name for part in parts for name in _fields(path, part))
    return read_views(path, entries, Known({*fields, *RESERVED_COLUMNS}, inherited))


def _check_columns(path: str, source: LogSource) -> None:
    """Refuse a role, route or detection that speaks of a field nobody declared."""
    named = [*source.time, *source.utc, *source.host, *source.user, *source.address]
    for route in source.routes:
        named += [*route.where, *route.rename.values()]
    for alternative in source.detect:
        named += alternative
    for name in named:
        if name not in source.fields:
            raise BadInput(f"{name} is used but not declared under [fields]", path=path)


def _text(path: str, table: Mapping[str, Any], key: str) -> str:
    value = table.get(key)
    if not isinstance(value, str) or not value:
        raise BadInput(f"{key} must be a text", path=path)
    return value


def _texts(
    path: str, table: Mapping[str, Any], key: str, default: tuple[str, ...] | None = None
) -> tuple[str, ...]:
    value = table.get(key, default)
    if not isinstance(value, list | tuple) or not all(isinstance(v, str) for v in value):
        raise BadInput(f"{key} must be a list of texts", path=path)
    return tuple(value)


def _zone(path: str, table: Mapping[str, Any]) -> str:
    name = _text(path, table, "time_zone")
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise BadInput(f"time_zone {name!r} is no IANA zone", path=path) from error
    return name


def _tables(path: str, table: Mapping[str, Any], key: str) -> list[dict[str, Any]]:
    value = table.get(key, [])
    if not isinstance(value, list) or not all(isinstance(v, dict) for v in value):
        raise BadInput(f"{key} must be written as [[{key}]]", path=path)
    return value


def _values(path: str, key: str, table: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    found = {}
    for column, value in table.items():
        values = value if isinstance(value, list) else [value]
        if not values or not all(isinstance(v, str | int) for v in values):
            raise BadInput(f"{key}.{column} must be texts or numbers", path=path)
        found[column] = tuple(str(v) for v in values)
    return found


def _all_fields(path: str, table: Mapping[str, Any], shared: Mapping[str, Any]) -> dict[str, Field]:
    fields: dict[str, Field] = {}
    for part in _texts(path, table, "include", ()):
        if part not in shared:
            raise BadInput(f"include {part!r} has no file {part}.toml", path=path)
        fields |= _fields(f"{part}.toml", shared[part])
    fields |= _fields(path, table)
    names: dict[str, str] = {}
    for declared in fields.values():
        for name in (declared.name, *declared.aliases):
            other = names.setdefault(name.lower(), declared.name)
            if other != declared.name:
                raise BadInput(f"{name} stands for both {other} and {declared.name}", path=path)
    return fields


def _fields(path: str, table: Mapping[str, Any]) -> dict[str, Field]:
    fields = {name: Field(name) for name in _texts(path, table, "text_fields", ())}
    for name, value in table.get("fields", {}).items():
        parts = {"type": value} if isinstance(value, str) else dict(value)
        kind = parts.pop("type", "string")
        aliases = _texts(path, parts, "aliases", ())
        description = parts.pop("description", "")
        parts.pop("aliases", None)
        if kind not in TYPES or parts:
            wrong = kind if kind not in TYPES else next(iter(parts))
            raise BadInput(f"fields.{name}: {wrong!r} is not understood", path=path)
        fields[name] = Field(name, kind, aliases, description)
    return fields


def _route(path: str, table: Mapping[str, Any]) -> Route:
    rest = dict(table)
    product, category, service = (rest.pop(k, None) for k in ("product", "category", "service"))
    where = _values(path, "where", rest.pop("where", {}))
    rename = rest.pop("rename", {})
    if rest or not (product or category or service):
        raise BadInput(f"route {table} names no logsource or an unknown key", path=path)
    return Route(product, category, service, where, rename)


def _triples(taxonomy: Mapping[str, Any]) -> list[Triple]:
    return [
        (entry.get("product"), entry.get("category"), entry.get("service"))
        for entry in taxonomy.get("logsource", [])
    ]
