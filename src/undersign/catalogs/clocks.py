"""Reporting duties as data: instrument, what starts each, how long, version, when it was read."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any


@dataclass(frozen=True, slots=True)
class Duty:
    """One duty of a regime. Exactly one of the four lengths is more than zero."""

    key: str
    title: str
    instrument: str
    anchor: str
    """What starts it, in the instrument's words; the key of another duty of the regime when it
    counts from that one's submission."""
    hours: int = 0
    days: int = 0
    """Calendar days."""
    business_days: int = 0
    months: int = 0
    cap_anchor: str = ""
    cap_hours: int = 0
    """No later than so many hours after the other anchor."""
    weekend: str = ""
    """`noon-next-working-day`: one that ends on a weekend or a public holiday moves there."""
    zone: str = ""
    country: str = ""
    end_of_day: str = ""
    """Local time at which a business day ends."""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Regime:
    """One instrument with its duties."""

    key: str
    title: str
    enabled: bool
    version: str
    verified: str
    """ISO date."""
    duties: tuple[Duty, ...]
    applies_from: str = ""
    """ISO date before which nothing is due under it."""


@cache
def regimes() -> tuple[Regime, ...]:
    """Return the packaged rules, in the order of the file."""
    text = files("undersign.catalogs").joinpath("data/clocks.toml").read_text("utf-8")
    return tuple(_regime(one) for one in tomllib.loads(text)["regimes"])


def anchors() -> Mapping[str, str]:
    """Return `REGIME.ANCHOR` -> the regime's title, of everything a clock can start from."""
    return {
        f"{regime.key}.{name}": regime.title
        for regime in regimes()
        for duty in regime.duties
        for name in (duty.anchor, duty.cap_anchor)
        if name
    }


def _regime(body: Mapping[str, Any]) -> Regime:
    duties = tuple(Duty(**duty) for duty in body["duties"])
    return Regime(**{**body, "duties": duties})
