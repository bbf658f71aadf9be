"""Rules of threats, as data: what must hold of an element, and what is said then."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any

FILES = (
    "elements", "flows", "web", "clients", "identity", "cloud", "hosts", "supply_chain", "data",
    "ai",
)  # fmt: skip
"""In the order in which threats of one severity are told."""
SEVERITIES = ("critical", "high", "medium", "low")
REFERENCES = (
    "llm",
    "asi",
    "atlas",
    "attack",
    "ai_rmf",
    "aisvs",
    "asvs",
    "cwe",
    "owasp",
    "defences",
)


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule."""

    id: str
    on: str
    """`component`, `flow`, `boundary` or `system`."""
    kinds: tuple[str, ...]
    """Kinds of component, classes of kinds (`@process`), or all kinds below one (`web.*`)."""
    when: str
    """A condition, in the language of `surfaces/threatmodel/conditions.py`."""
    threat: str
    """A sentence with `{c}`, `{f}`, `{b}`, `{src}`, `{dst}` ..."""
    question: str
    severity: str
    stride: str
    """Letters of STRIDE."""
    linddun: tuple[str, ...] = ()
    references: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    mitigations: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Rules:
    """All rules, and the kinds of component they know."""

    rules: tuple[Rule, ...]
    kinds: Mapping[str, str]
    """Kind -> its class: `process`, `store`, `external` or `ai`."""
    titles: Mapping[str, str]
    """Kind -> what it is, in words."""

    def of_kind(self, rule: Rule, kind: str) -> bool:
        """Say whether a rule is for components of a kind."""
        return any(
            one == kind
            or (one.startswith("@") and self.kinds.get(kind) == one[1:])
            or (one.endswith(".*") and kind.startswith(one[:-1]))
            for one in rule.kinds
        )


@cache
def load() -> Rules:
    """Read the packaged rules (cached)."""
    rules: list[Rule] = []
    for name in FILES:
        rules += [_rule(one) for one in _toml(name)["rules"]]
    kinds = _toml("kinds")["kinds"]
    return Rules(
        tuple(rules),
        {key: one["class"] for key, one in kinds.items()},
        {key: one["title"] for key, one in kinds.items()},
    )


def _toml(name: str) -> dict[str, Any]:
    text = files("undersign.catalogs.threat_rules").joinpath(f"{name}.toml").read_text("utf-8")
    return tomllib.loads(text)


def _rule(data: Mapping[str, Any]) -> Rule:
    return Rule(
        id=data["id"],
        on=data["on"],
        kinds=tuple(data.get("kinds", ())),
        when=data["when"],
        threat=data["threat"],
        question=data["question"],
        severity=data["severity"],
        stride=data["stride"],
        linddun=tuple(data.get("linddun", ())),
        references={key: tuple(data[key]) for key in REFERENCES if key in data},
        mitigations=tuple(data.get("mitigations", ())),
    )
