"""What frameworks and libraries are to data flow: sources, sinks, sanitizers. Data, not code.

Names are facts of the libraries' own documentation. A pattern is a dotted name as an import gives
it (`os.system`), or begins with a dot and is the end of any name (`.execute`). `()` stands for a
call: `anthropic.Anthropic().messages.create`.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Generic, TypeVar


@dataclass(frozen=True, slots=True)
class SinkRule:
    """A call that an untrusted value must not reach."""

    category: str
    calls: tuple[str, ...]
    arguments: tuple[int | str, ...]
    """Positions and keywords that matter; `*` is every one, `self` the receiver."""
    when: str = ""
    """A condition by name, see `surfaces/review/dataflow/conditions.py`."""
    needs: tuple[str, ...] = ()
    """Packages of which the module must import one for a pattern that begins with a dot."""


@dataclass(frozen=True, slots=True)
class SourceRule:
    """A name, or the result of a call, that somebody else chose."""

    kind: str
    """`request`, `model-reply`, `local`, `stored`."""
    names: tuple[str, ...]
    needs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SanitizerRule:
    """A call whose result is harmless for some categories; `*` is all."""

    calls: tuple[str, ...]
    categories: frozenset[str]
    needs: tuple[str, ...] = ()


Rule = TypeVar("Rule", SinkRule, SourceRule, SanitizerRule)


class Patterns(Generic[Rule]):
    """Rules by the end of their names, since an analysis asks for every call it meets."""

    def __init__(self, rules: Iterable[tuple[Rule, Iterable[str]]]) -> None:
        self._by_end: dict[str, list[tuple[str, Rule]]] = {}
        for rule, patterns in rules:
            for pattern in patterns:
                self._by_end.setdefault(pattern.rpartition(".")[2], []).append((pattern, rule))

    def of(self, name: str) -> Iterator[tuple[str, Rule]]:
        """Yield the rules that mean a dotted name, each with the pattern that does."""
        for pattern, rule in self._by_end.get(name.rpartition(".")[2], ()):
            if matches(pattern, name):
                yield pattern, rule


@dataclass(frozen=True, slots=True)
class CodeModels:
    """Everything the analysis knows of code that it does not see."""

    sinks: Patterns[SinkRule]
    sources: Patterns[SourceRule]
    sanitizers: Patterns[SanitizerRule]


@cache
def load() -> CodeModels:
    """Read the packaged models (cached)."""
    sinks = [
        SinkRule(
            one["category"],
            tuple(one["calls"]),
            tuple(one.get("arguments", [0])),
            one.get("when", ""),
            tuple(one.get("needs", ())),
        )
        for one in _read("sinks")["sink"]
    ]
    sources = [
        SourceRule(one["kind"], tuple(one["names"]), tuple(one.get("needs", ())))
        for one in _read("sources")["source"]
    ]
    cleaners = [
        SanitizerRule(
            tuple(one["calls"]), frozenset(one["categories"]), tuple(one.get("needs", ()))
        )
        for one in _read("sanitizers")["sanitizer"]
    ]
    return CodeModels(
        Patterns((rule, rule.calls) for rule in sinks),
        Patterns((rule, rule.names) for rule in sources),
        Patterns((rule, rule.calls) for rule in cleaners),
    )


def _read(name: str) -> dict[str, Any]:
    text = files("undersign.catalogs.code").joinpath(f"{name}.toml").read_text("utf-8")
    return tomllib.loads(text)


def matches(pattern: str, name: str) -> bool:
    """Say whether a dotted name is meant by a pattern."""
    if pattern.startswith("."):
        return name.endswith(pattern)
    return name == pattern
