"""Clients and resources of boto3: their names are in the data files of botocore and boto3.

The files are JSON, read from the environment under review; nothing of botocore is imported.
"""

from __future__ import annotations

import ast
import gzip
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from undersign.workspace.reviewing.api_guard import Level
from undersign.workspace.reviewing.api_values import Fn, Look, Opaque, Service

if TYPE_CHECKING:
    from undersign.workspace.reviewing.api_members import Members
    from undersign.workspace.reviewing.api_places import Places
    from undersign.workspace.reviewing.api_values import Value

_LARGEST = 60_000_000
"""Bytes of a data file after it was unpacked."""
_MAKERS = {
    "boto3": {"client": "client", "resource": "resource"},
    "boto3.session": {"Session.client": "client", "Session.resource": "resource"},
    "botocore.session": {"Session.create_client": "client"},
}
_FIRST = re.compile(r"(.)([A-Z][a-z]+)")
_NUMBER = re.compile(r"([a-z0-9])([A-Z])")
_SPECIAL = re.compile(r"[A-Z]{2,}s$")
_COLLECTION = frozenset({"all", "filter", "limit", "page_size", "pages"})
_RESOURCE = frozenset({"meta", "get_available_subresources", "load", "reload"})


def made_by(function: Fn, call: ast.Call) -> Service | None:
    """Return the client or resource that a call to boto3 makes, when it names the service."""
    shape = _MAKERS.get(function.module, {}).get(function.name)
    if shape is None:
        return None
    named = [k.value for k in call.keywords if k.arg == "service_name"]
    first = (call.args + named)[:1]
    match first:
        case [ast.Constant(value=str() as service)] if re.fullmatch(r"[a-z0-9-]{1,60}", service):
            return Service(shape, service)
    return None


def method_name(operation: str) -> str:
    """Write the name of an operation as botocore names its method: `PutObject`, `put_object`."""
    if special := _SPECIAL.search(operation):
        operation = operation[: special.start()] + "_" + special.group().lower()
    return _NUMBER.sub(r"\1_\2", _FIRST.sub(r"\1_\2", operation)).lower()


@dataclass(slots=True)
class Services:
    """Reads the data files of an environment."""

    places: Places
    members: Members
    _read: dict[tuple[str, str, str], Any] = field(default_factory=dict)

    def look(self, value: Service, name: str) -> Look:
        """Look for a method or attribute."""
        what = f"boto3.{value.shape}({value.service!r})"
        look = Look(parent=f"{what}.{value.resource}" if value.resource else what)
        names = self._names(value)
        if names is None:
            look.unknown = f"botocore has no data of a service {value.service} that could be read"
            return look
        look.names = frozenset(names)
        look.place = f"{self._label()}, service model of {value.service}"
        if name in names:
            look.values.append(names[name])
            return look
        if value.shape == "client":
            client = self.members.evaluate("BaseClient", _context("botocore.client"))
            for one in client:
                if not isinstance(one, Opaque) and getattr(one, "texts", None):
                    inside = self.members.of_class(one, name, declared=True)  # type: ignore[arg-type]
                    look.bound += inside.bound
                    look.place = inside.place if inside.found else look.place
        if not look.found:
            look.unknown = self._hidden(name)
        return look

    def call(self, value: Service) -> Value:
        """Return what calling such a method gives: a resource type gives a resource."""
        if value.shape == "type":
            return Service("resource", value.service, value.resource)
        return Opaque("what it answers is not in the service model")

    def _hidden(self, name: str) -> str:
        roots: list[Path] = []
        for top in ("boto3", "botocore"):
            if (found := self.places.module(top)) is not None:
                roots += self.places.roots(found, stubs=False)
        file = self.members.words.has(tuple(roots), name, Level.DEFINED)
        return f"the word {name} is in {file}, where it may be added to a client" if file else ""

    def _label(self) -> str:
        found = self.places.module("botocore")
        return self.places.label(found) if found else "botocore"

    def _names(self, value: Service) -> Mapping[str, Value] | None:
        if value.shape == "client":
            model = self._data("botocore", value.service, "service-2.json")
            if model is None:
                return None
            return {method_name(one): _METHOD for one in model.get("operations", {})}
        if value.shape == "collection":
            return dict.fromkeys(_COLLECTION, _METHOD)
        if value.shape in ("type", "method"):
            return None
        model = self._data("boto3", value.service, "resources-1.json")
        shape = self._data("botocore", value.service, "service-2.json")
        if model is None or shape is None:
            return None
        body = (
            model.get("resources", {}).get(value.resource)
            if value.resource
            else model.get("service")
        )
        if body is None:
            return None
        names = _resource_names(value.service, body, shape)
        if not value.resource:
            # A service has every type of resource, listed by it or not.
            for kind in model.get("resources", {}):
                names[kind] = Service("type", value.service, kind)
        return names

    def _data(self, package: str, service: str, name: str) -> Any:
        key = (package, service, name)
        if key not in self._read:
            self._read[key] = self._load(*key)
        return self._read[key]

    def _load(self, package: str, service: str, name: str) -> Any:
        for site in self.places.sites:
            folder = site / package / "data" / service
            versions = sorted((f for f in folder.glob("*") if f.is_dir()), reverse=True)
            for version in versions[:1]:
                for path in (version / name, version / f"{name}.gz"):
                    if (body := _json(path)) is not None:
                        return body
        return None


_METHOD = Service("method", "")


def _context(module: str) -> Any:
    from undersign.workspace.reviewing.api_values import Context

    return Context(module)


def _resource_names(
    service: str, body: Mapping[str, Any], model: Mapping[str, Any]
) -> dict[str, Value]:
    names: dict[str, Value] = dict.fromkeys(_RESOURCE, _METHOD)
    for part in ("actions", "waiters", "load", "batchActions"):
        listed = body.get(part, {})
        prefix = "wait_until_" if part == "waiters" else ""
        names.update({prefix + method_name(one): _METHOD for one in listed})
    for one in body.get("identifiers", ()):
        names[method_name(one["name"])] = _METHOD
    for one, what in body.get("has", {}).items():
        kind = Service("type", service, what.get("resource", {}).get("type", ""))
        names[one] = names[method_name(one)] = kind
    for one in body.get("hasMany", {}):
        names[method_name(one)] = Service("collection", service)
    shape = model.get("shapes", {}).get(body.get("shape", ""), {})
    names.update({method_name(one): _METHOD for one in shape.get("members", {})})
    return names


def _json(path: Path) -> Any:
    try:
        if not path.is_file():
            return None
        if path.suffix == ".gz":
            with gzip.open(path) as file:
                content = file.read(_LARGEST + 1)
        else:
            content = path.read_bytes() if path.stat().st_size <= _LARGEST else b""
        read = json.loads(content) if len(content) <= _LARGEST else None
    except (OSError, ValueError, EOFError, RecursionError):
        return None
    return read if isinstance(read, dict) else None
