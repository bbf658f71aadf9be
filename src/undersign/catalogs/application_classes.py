"""Classes of applications, and the chapters of ASVS and AISVS to verify for each."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

STANDARDS = {"asvs": "v5.0.0-{}", "aisvs": "v1.0-C{}"}
"""Key of a standard -> how its chapters are written before their requirements."""


@dataclass(frozen=True, slots=True)
class ApplicationClass:
    """One class of application."""

    name: str
    title: str
    chapters: Mapping[str, str]
    """Chapter, such as `v5.0.0-6` or `v1.0-C9` -> when it applies; empty: always."""


@cache
def load() -> Mapping[str, ApplicationClass]:
    """Read the packaged classes (cached), by name."""
    text = files("undersign.catalogs.data").joinpath("application_classes.toml").read_text("utf-8")
    return {
        name: ApplicationClass(name, data["title"], dict(_chapters(data)))
        for name, data in tomllib.loads(text).items()
    }


def _chapters(data: Mapping[str, Mapping[str, Mapping[str, str]]]) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for key, written in STANDARDS.items():
        sometimes = {int(n): when for n, when in data["if"].get(key, {}).items()}
        every = sorted({*data.get(key, ()), *sometimes})
        found += [(written.format(n), sometimes.get(n, "")) for n in every]
    return found
