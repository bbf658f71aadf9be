"""Tabular operators the library leaves out, each as the columns and the SELECT it makes."""

# Every name in this SQL goes through quote_ident, every text through quote_string.
# ruff: noqa: S608

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from duckdb_kql import ir, lower
from duckdb_kql.errors import KqlSchemaError, KqlUnsupportedError
from duckdb_kql.translate import quote_ident

from undersign.telemetry.translate.kql.tree import (
    constant,
    find,
    kind_of,
    named,
    rules,
    source_text,
    words,
)


class OwnOperator(ir.Operator, ABC):
    """An operator of ours: what columns come out, and the SELECT that makes them."""

    @abstractmethod
    def columns(self, cols: list[str]) -> list[str]:
        """Return the output's column names."""

    @abstractmethod
    def sql(self, prev: str, cols: list[str]) -> str:
        """Return a SELECT over the relation `prev`."""

    def substituted(self, inside: Callable[[Any], Any]) -> OwnOperator:
        """Return this operator with `inside` applied to its expressions."""
        return self


def select(cols: list[str], prev: str) -> str:
    """Return a SELECT of these columns."""
    if not cols:
        raise KqlSchemaError("project", hint="no column is left")
    return f"SELECT {', '.join(map(quote_ident, cols))} FROM {prev}"


@dataclass(frozen=True)
class Pick(OwnOperator):
    """`project-keep`, `project-away` and `project-reorder`, wildcards included."""

    keyword: str
    patterns: tuple[tuple[str, str], ...]
    """(name or wildcard, `asc`, `desc` or empty)."""

    def columns(self, cols: list[str]) -> list[str]:
        """Columns kept in the input's order, or reordered."""
        if self.keyword == "project-reorder":
            return self._reordered(cols)
        matched = {c for pattern, _ in self.patterns for c in self._matches(pattern, cols)}
        keep = self.keyword == "project-keep"
        return [c for c in cols if (c in matched) == keep]

    def sql(self, prev: str, cols: list[str]) -> str:
        """Return a SELECT of what is left."""
        return select(self.columns(cols), prev)

    def _reordered(self, cols: list[str]) -> list[str]:
        out: list[str] = []
        for pattern, order in self.patterns:
            found = [c for c in self._matches(pattern, cols) if c not in out]
            out += sorted(found, reverse=order == "desc") if order else found
        return out + [c for c in cols if c not in out]

    def _matches(self, pattern: str, cols: list[str]) -> list[str]:
        if "*" not in pattern:
            if pattern not in cols:
                raise KqlSchemaError(pattern, hint=f"{self.keyword} names no input column")
            return [pattern]
        wanted = re.compile(".*".join(map(re.escape, pattern.split("*"))))
        return [c for c in cols if wanted.fullmatch(c)]


@dataclass(frozen=True)
class Renamed(OwnOperator):
    """Columns made under a stand-in, given the names they were written with."""

    names: tuple[tuple[str, str], ...]
    """(stand-in, name)."""

    def columns(self, cols: list[str]) -> list[str]:
        """Keep places; a name that is there already would be two columns."""
        made = dict(self.names)
        if {name.lower() for name in made.values()} & {c.lower() for c in cols}:
            raise KqlUnsupportedError("parse", hint="it replaces a column with a space in its name")
        return [made.get(c, c) for c in cols]

    def sql(self, prev: str, cols: list[str]) -> str:
        """Return a SELECT with the names."""
        pairs = zip(cols, self.columns(cols), strict=True)
        chosen = ", ".join(f"{quote_ident(old)} AS {quote_ident(new)}" for old, new in pairs)
        return f"SELECT {chosen} FROM {prev}"


@dataclass(frozen=True)
class DistinctAll(OwnOperator):
    """`distinct *`."""

    def columns(self, cols: list[str]) -> list[str]:
        """Keep all columns."""
        return cols

    def sql(self, prev: str, cols: list[str]) -> str:
        """Return the distinct rows."""
        return f"SELECT DISTINCT * FROM {prev}"


def _pick(keyword: str) -> Callable[[Any], Any]:
    def lowered(node: Any) -> Any:
        patterns = []
        for child in rules(node):
            name = child.Expression if kind_of(child) == "ProjectReorderExpression" else child
            order = next((w for w in words(child) if w in ("asc", "desc")), "")
            if any("granny" in w for w in words(child)):
                raise KqlUnsupportedError("granny-asc", span=lower._span(child))
            names = lower._find_names(name)
            text = source_text(name).strip()
            patterns.append((text if "*" in text else (names[0] if names else text), order))
        return Pick(keyword, tuple(patterns))

    return lowered


def _distinct(node: Any) -> Any:
    return DistinctAll() if find(node, "DistinctOperatorStarTarget") else NotImplemented


def _serialize(node: Any) -> Any:
    expressions = tuple(named(k) for k in rules(node) if kind_of(k) == "NamedExpression")
    return ir.Extend(expressions) if expressions else []


def _sample(node: Any) -> Any:
    count = constant(rules(node)[-1])
    return NotImplemented if count is None else ir.Take(count)


def _sample_distinct(node: Any) -> Any:
    parts = [k for k in rules(node) if "Parameter" not in kind_of(k)]
    count = constant(parts[0]) if len(parts) == 2 else None
    if count is None:
        return NotImplemented
    return [ir.Distinct((named(parts[1]),)), ir.Take(count)]


def _as(node: Any) -> Any:
    """Ignore `as Name` unless the name is read again, which would need a second reading."""
    name = lower._find_names(node)[-1]
    stream = node.start.getInputStream()
    whole = stream.getText(0, stream.size - 1)
    if len(re.findall(rf"\b{re.escape(name)}\b", whole)) > 1:
        raise KqlUnsupportedError("as", span=lower._span(node))
    return []


def _evaluate(node: Any) -> Any:
    """Name the plugin: none can be said in SQL without knowing the rows."""
    call = find(node, "NamedFunctionCallExpression")
    name = rules(call[0])[0] if call else node
    raise KqlUnsupportedError(name.getText(), span=lower._span(name))


LOWERED: dict[str, Callable[[Any], Any]] = {
    "ProjectReorderOperator": _pick("project-reorder"),
    "ProjectKeepOperator": _pick("project-keep"),
    "ProjectAwayOperator": _pick("project-away"),
    "DistinctOperator": _distinct,
    "SerializeOperator": _serialize,
    "SampleOperator": _sample,
    "SampleDistinctOperator": _sample_distinct,
    "AsOperator": _as,
    "EvaluateOperator": _evaluate,
}
"""Grammar rule -> what makes operators of it; NotImplemented hands it back to the library."""
