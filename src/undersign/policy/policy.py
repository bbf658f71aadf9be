"""The policy as a record: groups of drafters, data classes, purposes, rules, exceptions.

`policy_file` reads it from `policy.yml`, `decide` judges with it, `cells` says whether it is whole.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime

from undersign.records.ruling import Cell, Ruling

AT_HOME = ("anthropic", "openai", "google")
"""Providers whose drafters are on the provider's own servers unless an address follows: `@URL`."""
_ELSEWHERE = re.compile(rf"({'|'.join(AT_HOME)}):.*@https?://", re.DOTALL | re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: what is ruled of every cell it names. Of several the strictest holds."""

    id: str
    drafters: tuple[str, ...] | None
    """Names of groups; None: all of them."""
    classes: tuple[str, ...] | None
    """Names of data classes; None: all that the policy knows."""
    purposes: tuple[str, ...] | None
    """None: all that the policy declares."""
    ruling: Ruling
    why: str
    line: int = 0
    """Line of the policy file, from 1; 0 when it has none."""

    def names(self, cell: Cell) -> bool:
        """Say whether the rule speaks of a cell; the cell's drafter is the name of a group."""
        return (
            (self.drafters is None or cell.drafter in self.drafters)
            and (self.classes is None or cell.data_class in self.classes)
            and (self.purposes is None or cell.purpose in self.purposes)
        )


@dataclass(frozen=True, slots=True)
class PolicyException:
    """What a named person answers for, until a day, instead of what the rules say."""

    id: str
    drafters: tuple[str, ...]
    """Names of groups, or exact drafters: `anthropic:claude-sonnet-4-5`. Never a pattern."""
    classes: tuple[str, ...]
    purposes: tuple[str, ...]
    ruling: Ruling
    owner: str
    reason: str
    expires: date
    """The last day it holds, in UTC."""
    line: int = 0

    def names(self, cell: Cell) -> bool:
        """Say whether the exception speaks of a cell, expired or not."""
        return (
            cell.drafter in self.drafters
            and cell.data_class in self.classes
            and cell.purpose in self.purposes
        )

    def holds(self, now: datetime) -> bool:
        """Say whether it has not expired; an aware `now`."""
        return now.astimezone(UTC).date() <= self.expires


@dataclass(frozen=True, slots=True)
class Client:
    """A program that uses the gateway: what it is judged as."""

    name: str
    """First segment of the paths it calls; `default` stands for calls without one."""
    purpose: str
    data_class: str = "internal"
    """The class of everything it sends; what is spotted inside is judged besides."""
    drafter: str = ""
    """What its calls are judged as, `{model}` being the model a request names; empty: the wire's
    own provider, `anthropic:{model}` or `openai:{model}`."""
    wires: tuple[str, ...] = ()
    """Which of `anthropic`, `openai-chat`, `openai-responses` it may speak; empty: all."""


@dataclass(frozen=True, slots=True)
class SecretRule:
    """A shape of secret that the workspace adds to the built-in ones."""

    id: str
    regex: str
    """In RE2's syntax."""
    data_class: str = "secrets"
    label: str = "TOKEN"
    """2 to 8 capital letters: what its token is called."""


@dataclass(frozen=True, slots=True)
class Policy:
    """Everything `policy.yml` says. Whatever it does not name is refused."""

    drafters: Mapping[str, tuple[str, ...]]
    """Group -> patterns over drafters, see `matches`."""
    classes: Mapping[str, str]
    """Data class -> one sentence; the built-in ones are always among them."""
    purposes: Mapping[str, str]
    """Purpose -> one sentence."""
    rules: tuple[Rule, ...]
    exceptions: tuple[PolicyException, ...] = ()
    clients: Mapping[str, Client] = field(default_factory=dict)
    words: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Data class -> words and names that belong to it; files that the policy names are in it."""
    word_files: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Data class -> files beside the policy with more of them, one a line."""
    hosts: tuple[str, ...] = ()
    """Suffixes of internal host names."""
    ranges: tuple[str, ...] = ()
    """Internal address ranges in CIDR notation."""
    secret_rules: tuple[SecretRule, ...] = ()
    gitleaks: str = ""
    """A file beside the policy in the format of gitleaks, with more secret rules."""
    presidio: bool = False
    """Whether Microsoft Presidio, if it is installed, looks for personal data as well."""
    path: str = ""
    """The file it was read from; empty for the packaged default."""
    digest: str = ""
    """Hex SHA-256 of the text it was read from."""

    def groups_of(self, drafter: str) -> tuple[str, ...]:
        """Return the groups a drafter belongs to; none: it is refused."""
        return tuple(
            name
            for name, patterns in self.drafters.items()
            if any(matches(pattern, drafter) for pattern in patterns)
        )


def matches(pattern: str, drafter: str) -> bool:
    """Say whether a pattern of a group means a drafter.

    `*` stands for any characters; nothing else is special, and case counts. In a pattern with an
    `@`, the sign before an address, it does not stand for another `@`: else
    `openai-compatible:*@http://127.0.0.1:*` would also mean `...@http://127.0.0.1:x@elsewhere`.
    A pattern without `@` means no drafter that is `elsewhere`: `anthropic:*` is Anthropic itself.
    """
    if "@" not in pattern and elsewhere(drafter):
        return False
    star = "[^@]*" if "@" in pattern else ".*"
    expression = star.join(re.escape(part) for part in pattern.split("*"))
    return re.fullmatch(expression, drafter, re.DOTALL) is not None


def elsewhere(drafter: str) -> bool:
    """Say whether a hosted drafter is not at its provider: `anthropic:MODEL@https://...`."""
    return _ELSEWHERE.match(drafter) is not None
