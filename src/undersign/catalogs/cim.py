"""Splunk's Common Information Model: which datasets there are, their fields and types.

A search over `datamodel=Endpoint.Processes` reads the visible table of that name; log sources say
which of these fields they fill. A dataset that no log source here fills is an empty table with
these columns.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any, get_args

from undersign.records.query import Type

BUILT_IN: Mapping[str, Type] = {
    "_time": "timestamp",
    "host": "string",
    "source": "string",
    "sourcetype": "string",
}
"""Fields that every dataset has."""

ENRICHED = ("bunit", "category", "priority")
"""What asset and identity lookups add to a field: `dest` also gives `dest_category`."""


@dataclass(frozen=True, slots=True)
class Dataset:
    """One dataset of a data model."""

    name: str
    """`Endpoint.Processes`: model, dot, dataset."""
    fields: Mapping[str, Type]
    """Its own and inherited fields, without a prefix."""
    parent: str | None = None
    where: Mapping[str, str] = field(default_factory=dict)
    """Field -> value that tells this dataset's events from its parent's."""


@cache
def datasets() -> Mapping[str, Dataset]:
    """Return every dataset by its full name, in the order of the data file."""
    text = (files("undersign.catalogs") / "data" / "cim.toml").read_text(encoding="utf-8")
    found: dict[str, Dataset] = {}
    for name, row in tomllib.loads(text).items():
        parent = found.get(row.get("parent", ""))
        found[name] = Dataset(
            name,
            dict(parent.fields if parent else BUILT_IN) | _fields(row),
            parent.name if parent else None,
            row.get("where", {}),
        )
    return found


def find(name: str) -> Dataset | None:
    """Return the dataset meant by `Model.Dataset`, by `Model`, or by a path `Model.Root.Child`.

    A bare model is its first dataset, except Endpoint, whose datasets have no common root.
    """
    parts = name.split(".")
    if len(parts) == 1:
        return None if name.lower() == "endpoint" else _first_of(name)
    wanted = f"{parts[0]}.{parts[-1]}".lower()
    return next((d for n, d in datasets().items() if n.lower() == wanted), None)


def _first_of(model: str) -> Dataset | None:
    start = model.lower() + "."
    return next((d for n, d in datasets().items() if n.lower().startswith(start)), None)


def _fields(row: Mapping[str, Any]) -> dict[str, Type]:
    known = {n: t for t in get_args(Type) for n in row.get(t, "").split()}
    for name in row.get("enriched", "").split():
        known |= {f"{name}_{added}": "string" for added in ENRICHED}
    return known
