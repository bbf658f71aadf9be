"""Read how one column of a view gets its value; `view_files` says how it is written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, get_args

from undersign.catalogs.toml_place import Place
from undersign.catalogs.views import (
    ByRow,
    Constant,
    Cut,
    FirstOf,
    FromRaw,
    Joined,
    Origin,
    Packed,
    ViewColumn,
)
from undersign.records.query import Type

_TYPES: tuple[str, ...] = get_args(Type)
_CUTS = ("after", "after_last", "before", "before_last")
_ORIGINS = ("of", "join", "pack", "json", "value")
_WAYS = {*_ORIGINS, *_CUTS, "with", "type", "values", "otherwise", "starts"}


def read_column(place: Place, name: str, way: object, shared: tuple[str, ...]) -> ViewColumn:
    """Read one column; `shared` are the fields that `pack = "*"` leaves out.

    Raises:
        BadInput: The way is not one of the closed set.
    """
    if isinstance(way, list) and any(isinstance(case, dict) for case in way):
        return ViewColumn(name, ByRow(tuple(_cases(place, name, way, shared))))
    if isinstance(way, str | list):
        return ViewColumn(name, FirstOf(place.texts(way)))
    parts = place.table(way)
    for unknown in sorted(parts.keys() - _WAYS):
        raise place.bad(f"unknown key {unknown}")
    kind = parts.get("type")
    if kind is not None and kind not in _TYPES:
        raise place.inside("type").bad(f"{kind!r} is none of {', '.join(_TYPES)}")
    cuts = {key: place.inside(key).text(parts[key]) for key in _CUTS if key in parts}
    values = place.inside("values").pairs(parts.get("values", {}))
    otherwise = parts.get("otherwise")
    return ViewColumn(
        name=name,
        origin=_origin(place, parts, shared),
        type=kind,
        cut=Cut(**cuts) if cuts else None,
        values={key.lower(): value for key, value in values.items()},
        otherwise=None if otherwise is None else place.inside("otherwise").text(otherwise),
        starts=place.inside("starts").pairs(parts.get("starts", {})),
    )


def _cases(
    place: Place, name: str, ways: list[Any], shared: tuple[str, ...]
) -> Iterator[tuple[dict[str, tuple[str, ...]], ViewColumn]]:
    for number, way in enumerate(ways, start=1):
        parts = dict(place.table(way))
        when = place.inside("when").values(parts.pop("when", {}))
        if bool(when) != (number < len(ways)):
            raise place.bad("needs `when` in every way but the last")
        yield when, read_column(place, name, parts, shared)


def _origin(place: Place, parts: Mapping[str, Any], shared: tuple[str, ...]) -> Origin:
    named = [key for key in _ORIGINS if key in parts]
    if len(named) != 1 or ("with" in parts) != (named == ["join"]):
        raise place.bad(f"needs exactly one of {', '.join(_ORIGINS)}, and `with` beside join")
    value = parts[named[0]]
    if named == ["of"]:
        return FirstOf(place.texts(value))
    if named == ["join"]:
        return Joined(place.texts(value), place.inside("with").text(parts["with"]))
    if named == ["json"]:
        return FromRaw(place.texts(value))
    if named == ["pack"]:
        return _packed(place, value, shared)
    if not isinstance(value, str | int | float):
        raise place.inside("value").bad("must be a text, number or boolean")
    return Constant(value)


def _packed(place: Place, value: object, shared: tuple[str, ...]) -> Packed:
    if value == "*":
        return Packed(leaving=shared)
    return Packed(prefix=value) if isinstance(value, str) else Packed(columns=place.texts(value))
