"""Suppliers' frontier-safety policies: what there is to state of a model that others supply."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files


@dataclass(frozen=True, slots=True)
class FrontierPolicy:
    """One supplier's policy, as pages of others told it: never verified here."""

    supplier: str
    policy: str
    versions: tuple[str, ...]
    levels: str


@dataclass(frozen=True, slots=True)
class FrontierPolicies:
    """The ground `FrontierPolicies`."""

    seen: str
    """ISO date on which these were told."""
    policies: Mapping[str, FrontierPolicy]
    """Lower-case supplier -> policy."""

    def named_in(self, words: str) -> FrontierPolicy | None:
        """Return the policy whose supplier stands in a text; None when none does."""
        text = words.casefold()
        return next((one for key, one in self.policies.items() if key in text), None)


@cache
def load() -> FrontierPolicies:
    """Read the packaged records (cached)."""
    text = files("undersign.catalogs").joinpath("data/frontier.toml").read_text("utf-8")
    data = tomllib.loads(text)
    rows = [FrontierPolicy(r["supplier"], r["policy"], tuple(r["versions"]), r["levels"])
            for r in data["policies"]]  # fmt: skip
    return FrontierPolicies(data["seen"], {one.supplier.casefold(): one for one in rows})
