"""Read the views and roles of a log-source TOML file.

words = ["cloudtrail", "aws"]        # English that names the source

[roles]                              # role -> fields that play it, best first
user = ["userIdentity.userName", "userIdentity.arn"]

[[kql]]                              # a KQL table these events appear in; several sources may share
table = "SecurityEvent"              # spl: sourcetype, cim: dataset, ocsf: class
where = { EventID = [4688] }         # optional: the rows that belong; "*" is any value
rest = true                          # optional: all other fields under their own names
same = ["EventID", "Computer"]       # fields shown under their own names
also = ["wineventlog"]               # optional, spl: other sourcetypes of the same events
words = ["process creation"]         # optional
roles = { user = ["Account"] }       # optional: columns of this view, before [roles]

[kql.columns]                        # every column in one of these ways:
TimeGenerated = "_time"              # a field; its first spelling of `_time` is the time column
User = ["UserName", "AccountName"]   # the first of these fields that has a value
LogonType = { of = "LogonType", type = "long" }
FileName = { of = "Image", after_last = "\\" }      # after, after_last, before, before_last
SHA1 = { of = "Hashes", after = "SHA1=", before = "," }
Result = { of = "Status", values = { "0" = "success" }, otherwise = "failure" }
Account = { join = ["TargetDomainName", "TargetUserName"], with = "\\" }
Status = { pack = "Status." }        # JSON object of the fields `Status.*`
EventData = { pack = ["CommandLine", "Image"] }
Details = { json = ["details", "properties.details"], type = "dynamic" }   # paths in the raw event
Type = { value = "SecurityEvent" }

[kql.empty]                          # documented by the product, and nothing here fills them
string = ["TenantId"]

A cim view has the types of its dataset, and the dataset's other fields are empty by themselves.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any, get_args

from undersign.catalogs.cim import datasets
from undersign.catalogs.views import (
    Constant,
    Cut,
    Empty,
    FirstOf,
    FromRaw,
    Joined,
    Origin,
    Packed,
    View,
    ViewColumn,
    ViewKind,
)
from undersign.errors import BadInput
from undersign.records.query import Type

VIEW_KINDS: Mapping[ViewKind, str] = {
    "kql": "table",
    "spl": "sourcetype",
    "cim": "dataset",
    "ocsf": "class",
}
"""Kind -> the key that holds the view's name."""
ROLES = (
    *("user", "target_user", "host", "target_host", "source_address", "target_address"),
    *("source_port", "target_port", "action", "result", "reason", "object", "process"),
    *("parent_process", "command_line", "parent_command_line", "process_id", "file", "hash"),
    *("registry", "domain", "url", "protocol", "service", "country", "city", "error"),
    *("user_agent", "region", "account", "application", "session", "privilege", "message"),
    *("event_id", "severity", "bytes_out", "bytes_in", "method", "status", "device"),
)
TYPES = get_args(Type)
_KEYS = {"where", "rest", "same", "also", "words", "roles", "columns", "empty"}
_CUTS = ("after", "after_last", "before", "before_last")
_ORIGINS = ("of", "join", "pack", "json", "value")
_WAYS = {*_ORIGINS, *_CUTS, "with", "type", "values", "otherwise"}


def read_views(path: str, table: Mapping[str, Any], known: Iterable[str]) -> tuple[View, ...]:
    """Read every view of a source's TOML; `known` are the fields a view may speak of.

    Raises:
        BadInput: Something is not understood; the message names the view and the key.
    """
    fields = set(known)
    views = []
    for kind, key in VIEW_KINDS.items():
        entries = table.get(kind, [])
        if not isinstance(entries, list):
            raise BadInput(f"{kind} must be written as [[{kind}]]", path=path)
        views += [_view(path, kind, key, entry, fields) for entry in entries]
    for view in views:
        _check_fields(path, view, fields)
    return tuple(views)


def read_roles(
    path: str, table: Mapping[str, Any], known: Iterable[str], where: str = "roles"
) -> dict[str, tuple[str, ...]]:
    """Read role -> names; every name must be one of `known`.

    Raises:
        BadInput: A role or a name nobody knows.
    """
    names = set(known)
    roles = {}
    for role, value in _table(path, where, table).items():
        roles[role] = _texts(path, f"{where}.{role}", value)
        if role not in ROLES:
            raise BadInput(f"{where}.{role} is none of {', '.join(ROLES)}", path=path)
        for name in roles[role]:
            if name not in names:
                raise BadInput(f"{where}.{role}: {name} is not declared", path=path)
    return roles


def _view(path: str, kind: ViewKind, key: str, entry: object, fields: set[str]) -> View:
    found = _table(path, kind, entry)
    name = found.get(key)
    if not isinstance(name, str) or not name:
        raise BadInput(f"[[{kind}]] needs {key} = a text", path=path)
    at = f"{kind} {name}"
    for unknown in sorted(found.keys() - _KEYS - {key}):
        raise BadInput(f"{at}: unknown key {unknown}", path=path)
    columns = {column.name: column for column in _columns(path, at, found)}
    if kind == "cim":
        columns = _in_dataset(path, at, name, columns)
    _check_names(path, at, columns)
    rest = found.get("rest", False)
    if not isinstance(rest, bool):
        raise BadInput(f"{at}: rest must be true or false", path=path)
    return View(
        kind=kind,
        name=name,
        where=_where(path, at, found.get("where", {})),
        columns=columns,
        rest=rest,
        also=_texts(path, f"{at}: also", found.get("also", [])),
        roles=read_roles(
            path,
            _table(path, f"{at}: roles", found.get("roles", {})),
            columns.keys() | (fields if rest else set()),
            f"{at}: roles",
        ),
        words=_texts(path, f"{at}: words", found.get("words", [])),
    )


def _columns(path: str, at: str, table: Mapping[str, Any]) -> Iterator[ViewColumn]:
    for name, way in _table(path, f"{at}: columns", table.get("columns", {})).items():
        yield _column(path, f"{at}: {name}", name, way)
    for name in _texts(path, f"{at}: same", table.get("same", [])):
        yield ViewColumn(name, FirstOf((name,)))
    for kind, names in _table(path, f"{at}: empty", table.get("empty", {})).items():
        if kind not in TYPES:
            raise BadInput(f"{at}: empty.{kind} is none of {', '.join(TYPES)}", path=path)
        for name in _texts(path, f"{at}: empty.{kind}", names):
            yield ViewColumn(name, Empty(), kind)


def _column(path: str, at: str, name: str, way: object) -> ViewColumn:
    if isinstance(way, str | list):
        return ViewColumn(name, FirstOf(_texts(path, at, way)))
    parts = _table(path, at, way)
    for unknown in sorted(parts.keys() - _WAYS):
        raise BadInput(f"{at}: unknown key {unknown}", path=path)
    kind = parts.get("type")
    if kind is not None and kind not in TYPES:
        raise BadInput(f"{at}: type {kind!r} is none of {', '.join(TYPES)}", path=path)
    cuts = {key: _text(path, f"{at}: {key}", parts[key]) for key in _CUTS if key in parts}
    values = _table(path, f"{at}: values", parts.get("values", {}))
    otherwise = parts.get("otherwise")
    return ViewColumn(
        name=name,
        origin=_origin(path, at, parts),
        type=kind,
        cut=Cut(**cuts) if cuts else None,
        values={str(k).lower(): _text(path, f"{at}: values.{k}", v) for k, v in values.items()},
        otherwise=None if otherwise is None else _text(path, f"{at}: otherwise", otherwise),
    )


def _origin(path: str, at: str, parts: Mapping[str, Any]) -> Origin:
    named = [key for key in _ORIGINS if key in parts]
    if len(named) != 1 or ("with" in parts) != (named == ["join"]):
        wanted = ", ".join(_ORIGINS)
        raise BadInput(f"{at} needs exactly one of {wanted}, and `with` beside join", path=path)
    value = parts[named[0]]
    if named == ["of"]:
        return FirstOf(_texts(path, at, value))
    if named == ["join"]:
        return Joined(_texts(path, at, value), _text(path, f"{at}: with", parts["with"]))
    if named == ["pack"]:
        return Packed(value) if isinstance(value, str) else Packed("", _texts(path, at, value))
    if named == ["json"]:
        return FromRaw(_texts(path, at, value))
    if not isinstance(value, str | int | float | bool):
        raise BadInput(f"{at}: value must be a text, number or boolean", path=path)
    return Constant(value)


def _in_dataset(
    path: str, at: str, name: str, columns: Mapping[str, ViewColumn]
) -> dict[str, ViewColumn]:
    """Give columns the dataset's types and add its fields that this source does not fill."""
    dataset = datasets().get(name)
    if dataset is None:
        raise BadInput(f"{at}: no such dataset in the Common Information Model", path=path)
    for unknown in columns.keys() - dataset.fields.keys():
        raise BadInput(f"{at}: the dataset has no field {unknown}", path=path)
    empty = {field: ViewColumn(field, Empty(), kind) for field, kind in dataset.fields.items()}
    typed = {n: replace(column, type=dataset.fields[n]) for n, column in columns.items()}
    return {**typed, **{n: column for n, column in empty.items() if n not in typed}}


def _check_names(path: str, at: str, columns: Mapping[str, ViewColumn]) -> None:
    """Refuse names that differ in case only: SQL would not tell them apart."""
    seen: dict[str, str] = {}
    for name in columns:
        other = seen.setdefault(name.lower(), name)
        if other != name:
            raise BadInput(f"{at}: {name} and {other} differ in case only", path=path)


def _check_fields(path: str, view: View, known: set[str]) -> None:
    """Refuse a view that reads a field nobody declared."""
    named = [*view.where]
    for column in view.columns.values():
        if isinstance(column.origin, FirstOf | Joined | Packed):
            named += column.origin.columns
    for name in named:
        if name not in known:
            message = f"{view.kind} {view.name}: {name} is used but not declared under [fields]"
            raise BadInput(message, path=path)


def _where(path: str, at: str, table: object) -> dict[str, tuple[str, ...]]:
    found = {}
    for column, value in _table(path, f"{at}: where", table).items():
        values = value if isinstance(value, list) else [value]
        if not values or not all(isinstance(v, str | int) for v in values):
            raise BadInput(f"{at}: where.{column} must be texts or numbers", path=path)
        found[column] = tuple(str(v) for v in values)
    return found


def _table(path: str, at: str, value: object) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise BadInput(f"{at} must be a table", path=path)
    return value


def _text(path: str, at: str, value: object) -> str:
    if not isinstance(value, str):
        raise BadInput(f"{at} must be a text", path=path)
    return value


def _texts(path: str, at: str, value: object) -> tuple[str, ...]:
    values = [value] if isinstance(value, str) else value
    if not isinstance(values, list) or not all(isinstance(v, str) and v for v in values):
        raise BadInput(f"{at} must be a text or a list of texts", path=path)
    return tuple(values)
