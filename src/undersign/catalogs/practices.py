"""Practices of NIST AI RMF and OWASP SAMM, with the probes that may show something of them."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files


@dataclass(frozen=True, slots=True)
class Practice:
    """One category of AI RMF, or one practice of SAMM."""

    id: str
    about: str
    """In our own words."""
    probes: tuple[str, ...] = ()
    """Names of functions in `workflow.maturity`."""
    unseen: str = ""
    """Why nothing of it can be seen from a workspace; empty where there are probes."""


@dataclass(frozen=True, slots=True)
class Framework:
    """A framework with its edition and terms."""

    id: str
    """`ai-rmf` or `samm`."""
    name: str
    edition: str
    date: str
    licence: str
    practices: tuple[Practice, ...]


@cache
def load() -> tuple[Framework, ...]:
    """Read the packaged data."""
    text = files("undersign.catalogs").joinpath("data/practices.toml").read_text("utf-8")
    return tuple(_framework(one) for one in tomllib.loads(text)["framework"])


def _framework(data: dict[str, object]) -> Framework:
    practices = data.pop("practice")
    assert isinstance(practices, list)
    told = tuple(Practice(**{**p, "probes": tuple(p.get("probes", ()))}) for p in practices)
    return Framework(**{key: str(value) for key, value in data.items()}, practices=told)
