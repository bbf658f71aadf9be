"""Which imports belong to which packages, and which pairs of alike names are both genuine."""

from __future__ import annotations

import sys
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from undersign.records.packages import ImportNames, key_of


@dataclass(frozen=True, slots=True)
class ImportCatalog:
    """The packaged facts."""

    names: ImportNames
    modules: Mapping[str, frozenset[str]]
    """Ecosystem -> modules that the standard library has today: for Python, in this edition."""
    genuine: Mapping[str, frozenset[frozenset[str]]]
    """Ecosystem -> pairs of keys of packages that are alike, and both what they seem; a single key
    is a package that has the name of a module of the standard library, and means to."""


@cache
def load() -> ImportCatalog:
    """Read the packaged catalog (cached)."""
    text = files("undersign.catalogs.code").joinpath("imports.toml").read_text("utf-8")
    table = tomllib.loads(text)
    standard = {name: frozenset(listed) for name, listed in table["standard"].items()}
    standard["pypi"] |= sys.stdlib_module_names
    provided = {
        name: tuple(key_of(one, "pypi") for one in listed)
        for name, listed in table["python"].items()
    }
    genuine = {
        ecosystem: frozenset(frozenset(pair) for pair in pairs)
        for ecosystem, pairs in table["genuine"].items()
    }
    names = ImportNames(standard, provided, frozenset(table["shared"]))
    modules = {"pypi": frozenset(sys.stdlib_module_names), "npm": standard["npm"]}
    return ImportCatalog(names, modules, genuine)
