"""What libraries bring against requests whose sender may not: data, see `code/guards.toml`."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files


@dataclass(frozen=True, slots=True)
class GuardModels:
    """Names of libraries, as an import gives them."""

    decorators: Mapping[str, str]
    """Name -> `login` or `role`: what it asks for."""
    called: frozenset[str]
    """Those that are made by a call."""
    opens: frozenset[str]
    """Keywords that, unless false, make a guard let everyone in."""
    permissions: Mapping[str, str]
    """Class of the REST framework -> `login`, `role`, `login_to_write`, `role_to_write`, `open`
    or `silent`."""
    mixins: Mapping[str, str]
    """Class -> `login`, `role` or `test`."""
    calls: Mapping[str, str]
    """Function -> `stop`, `verify`, `compare` or `identify`."""
    values: Mapping[str, str]
    """Name -> `person`, `session`, `request`, `context` or `nobody`."""
    dependencies: frozenset[str]
    """Of FastAPI: they raise."""
    schemes: tuple[str, ...]
    """Beginnings of names of FastAPI's schemes: a credential is demanded, and not verified."""


@cache
def load() -> GuardModels:
    """Read the packaged names (cached)."""
    text = (files("undersign.catalogs.code") / "guards.toml").read_text("utf-8")
    read = tomllib.loads(text)
    decorators = {name: one["asks"] for one in read["guard"] for name in one["names"]}
    called = {name for one in read["guard"] for name in one.get("called", ())}
    opens = {word for one in read["guard"] for word in one.get("opens", ())}
    return GuardModels(
        decorators,
        frozenset(called),
        frozenset(opens),
        _turned(read["permissions"]),
        _turned(read["mixins"]),
        _turned(read["calls"]),
        _turned(read["values"]),
        frozenset(read["fastapi"]["dependencies"]),
        tuple(read["fastapi"]["schemes"]),
    )


def _turned(groups: Mapping[str, list[str]]) -> dict[str, str]:
    return {name: group for group, names in groups.items() for name in names}
