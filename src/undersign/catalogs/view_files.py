"""Read the views and roles of a log-source TOML file.

words = ["cloudtrail", "aws"]        # English that names the source

[roles]                              # role -> fields that play it, best first
user = ["userIdentity.userName", "userIdentity.arn"]

[[kql]]                              # a KQL table these events appear in; several sources may share
table = "SecurityEvent"              # spl: table, cim: dataset, ocsf: class
where = { EventID = [4688] }         # optional: the rows that belong; "*" is any value
unless = { Channel = ["Setup"] }     # optional: rows that do not belong
rest = true                          # optional: all other fields under their own names
same = ["EventID", "Computer"]       # optional: fields shown under their own names
also = ["WinEventLog:Security"]      # optional, spl: other sourcetypes, sources, event types
words = ["process creation"]         # optional: English that names this table
roles = { user = ["Account"] }       # optional: columns of this view, before [roles]

[kql.columns]                        # every column in one of these ways:
TimeGenerated = "_time"              # a field; the first that shows `_time` is the time column
User = ["UserName", "AccountName"]   # the first of these fields that has a value
LogonType = { of = "LogonType", type = "long" }
FileName = { of = "Image", after_last = "\\" }      # after, after_last, before, before_last
SHA1 = { of = "Hashes", after = "SHA1=", before = "," }
Key = { of = "TargetObject", starts = { "HKLM\\" = "HKEY_LOCAL_MACHINE\\" } }
Result = { of = "Status", values = { "0" = "success", "0x*" = "failure" }, otherwise = "unknown" }
Account = { join = ["TargetDomainName", "TargetUserName"], with = "\\" }
Status = { pack = "Status." }        # JSON object of the fields `Status.*`
EventData = { pack = ["CommandLine", "Image"] }     # of these; "*": of all that no include declares
SourceIP = [{ of = "Local", when = { Initiated = "true" } }, { of = "Remote" }]   # by row
Details = { json = ["details", "properties.details"], type = "dynamic" }   # paths in the raw event
Type = { value = "SecurityEvent" }

[kql.empty]                          # documented by the product, and nothing here fills them
string = ["TenantId"]

A table of `kql_tables` and a dataset of `cim` has the types and columns noted there: a column that
is not declared here shows the field of the same name (with `rest`), or is empty.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, get_args

from undersign.catalogs.cim import datasets
from undersign.catalogs.kql_tables import tables
from undersign.catalogs.toml_place import Place
from undersign.catalogs.view_ways import read_column
from undersign.catalogs.views import Empty, FirstOf, View, ViewColumn, ViewKind, read_fields
from undersign.records.query import Type

VIEW_KINDS: Mapping[ViewKind, str] = {
    "kql": "table",
    "spl": "table",
    "cim": "dataset",
    "ocsf": "class",
}
"""Kind -> the key that holds the view's name."""
ROLES = (
    *("user", "target_user", "host", "target_host", "source_address", "target_address"),
    *("source_port", "target_port", "port", "action", "result", "error", "object", "process"),
    *("parent_process", "command_line", "parent_command_line", "process_id", "file", "hash"),
    *("registry", "domain", "url", "protocol", "country", "city", "user_agent", "region"),
    *("account", "application", "session", "privilege", "message", "event_id", "severity"),
    *("bytes_out", "bytes_in", "method", "device", "service"),
)
TYPES: tuple[str, ...] = get_args(Type)
_KEYS = {"where", "unless", "rest", "same", "also", "words", "roles", "columns", "empty"}


@dataclass(frozen=True, slots=True)
class Known:
    """What the views of one source may speak of."""

    fields: Collection[str]
    """Declared and reserved."""
    shared: tuple[str, ...]
    """Fields that an included part declares."""


def read_views(path: str, entries: Mapping[ViewKind, Any], known: Known) -> tuple[View, ...]:
    """Read every view of a source's TOML, given by kind.

    Raises:
        BadInput: Something is not understood; the message names the view and the key.
    """
    views = []
    for kind, tables_of_kind in entries.items():
        if not isinstance(tables_of_kind, list):
            raise Place(path, kind).bad(f"must be written as [[{kind}]]")
        views += [_view(path, kind, entry, known) for entry in tables_of_kind]
    return tuple(views)


def read_roles(place: Place, table: object, known: Collection[str]) -> dict[str, tuple[str, ...]]:
    """Read role -> names; every name must be one of `known`.

    Raises:
        BadInput: A role or a name nobody knows.
    """
    roles = {}
    for role, value in place.table(table).items():
        roles[role] = (inner := place.inside(role)).texts(value)
        if role not in ROLES:
            raise inner.bad(f"is none of {', '.join(ROLES)}")
        for name in roles[role]:
            if name not in known:
                raise inner.bad(f"{name} is not declared")
    return roles


def _view(path: str, kind: ViewKind, entry: object, known: Known) -> View:
    key = VIEW_KINDS[kind]
    found = Place(path, kind).table(entry)
    name = Place(path, f"{kind}.{key}").text(found.get(key))
    place = Place(path, f"{kind} {name}")
    for unknown in sorted(found.keys() - _KEYS - {key}):
        raise place.bad(f"unknown key {unknown}")
    rest = found.get("rest", False)
    if not isinstance(rest, bool):
        raise place.inside("rest").bad("must be true or false")
    documented = _documented(place, kind, name)
    columns = {column.name: column for column in _columns(place, found, known)}
    if documented:
        columns = _completed(place, columns, documented, known.fields if rest else ())
    _check_names(place, columns)
    may_play = columns.keys() | (set(known.fields) if rest else set())
    view = View(
        kind=kind,
        name=name,
        where=place.inside("where").values(found.get("where", {})),
        unless=place.inside("unless").values(found.get("unless", {})),
        columns=columns,
        rest=rest,
        closed=bool(documented),
        also=place.inside("also").texts(found.get("also", [])),
        roles=read_roles(place.inside("roles"), found.get("roles", {}), may_play),
        words=place.inside("words").texts(found.get("words", [])),
    )
    _check_fields(place, view, known.fields)
    return view


def _documented(place: Place, kind: ViewKind, name: str) -> Mapping[str, Type]:
    """Return the columns that the product documents for a table; none when nobody noted them."""
    if kind == "kql":
        return tables().get(name, {})
    if kind != "cim":
        return {}
    if name not in datasets():
        raise place.bad("there is no such dataset in the Common Information Model")
    return datasets()[name].fields


def _completed(
    place: Place,
    columns: Mapping[str, ViewColumn],
    documented: Mapping[str, Type],
    fields: Iterable[str],
) -> dict[str, ViewColumn]:
    """Give columns their documented types, and add the documented ones that are not declared."""
    for unknown in sorted(columns.keys() - documented.keys()):
        raise place.bad(f"{unknown} is no documented column")
    same = {field.lower(): field for field in fields}
    complete = {name: replace(c, type=documented[name]) for name, c in columns.items()}
    for name, kind in documented.items():
        if name not in complete:
            field = same.get(name.lower())
            complete[name] = ViewColumn(name, FirstOf((field,)) if field else Empty(), kind)
    return complete


def _columns(place: Place, table: Mapping[str, Any], known: Known) -> Iterator[ViewColumn]:
    for name, way in place.inside("columns").table(table.get("columns", {})).items():
        yield read_column(place.inside(name), name, way, known.shared)
    for name in place.inside("same").texts(table.get("same", [])):
        yield ViewColumn(name, FirstOf((name,)))
    for kind, names in place.inside("empty").table(table.get("empty", {})).items():
        if kind not in TYPES:
            raise place.inside(f"empty.{kind}").bad(f"is none of {', '.join(TYPES)}")
        for name in place.inside(f"empty.{kind}").texts(names):
            yield ViewColumn(name, Empty(), kind)


def _check_names(place: Place, columns: Iterable[str]) -> None:
    """Refuse names that differ in case only: SQL would not tell them apart."""
    seen: dict[str, str] = {}
    for name in columns:
        other = seen.setdefault(name.lower(), name)
        if other != name:
            raise place.bad(f"{name} and {other} differ in case only")


def _check_fields(place: Place, view: View, fields: Collection[str]) -> None:
    """Refuse a view that reads a field nobody declared."""
    named = [*view.where, *view.unless]
    named += (field for column in view.columns.values() for field in read_fields(column))
    for name in named:
        if name not in fields:
            raise place.bad(f"{name} is used but not declared under [fields]")
