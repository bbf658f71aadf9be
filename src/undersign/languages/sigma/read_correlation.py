"""The `correlation` section of a document -> the fields of a `Correlation`."""

from __future__ import annotations

import re
from typing import Any

from undersign.languages.sigma.document import Problem
from undersign.languages.sigma.yaml_spans import Items, Pairs, Scalar, YamlNode

_OPERATORS = {"lt": "<", "lte": "<=", "gt": ">", "gte": ">=", "eq": "==", "neq": "!="}
_TEMPORAL = ("temporal", "temporal_ordered")
_COUNTING = ("value_count", "value_sum", "value_avg", "value_percentile", "value_median")
_TYPES = ("event_count", *_TEMPORAL, *_COUNTING)
_TIMESPAN = re.compile(r"([0-9]{1,9})([smhdwMy])")
_SECONDS = {
    "s": 1,
    "m": 60,
    "h": 3_600,
    "d": 86_400,
    "w": 604_800,
    "M": 2_629_746,
    "y": 31_556_952,
}
"""Months and years are means of the Gregorian calendar, as in pySigma."""


def correlation_parts(root: Pairs, problems: list[Problem]) -> dict[str, Any]:
    """Return the fields of `Correlation` and note in `problems` what is wrong."""
    section = root.get("correlation")
    if not isinstance(section, Pairs):
        problems.append(
            Problem("a correlation must be a mapping", section.span if section else None)
        )
        return {}
    return _Reader(section, problems).parts()


class _Reader:
    def __init__(self, section: Pairs, problems: list[Problem]) -> None:
        self._section = section
        self._problems = problems

    def parts(self) -> dict[str, Any]:
        type_ = self._type()
        rules = self._texts("rules")
        parts: dict[str, Any] = {
            "type": type_,
            "rules": rules,
            "group_by": self._texts("group-by"),
            "timespan_seconds": self._timespan(),
            "aliases": self._aliases(),
            "generate": self._generate(),
        }
        if self._section.get("rules") is None and type_ not in _TEMPORAL:
            self._say("a correlation needs the rules it is about", self._section)
        return parts | self._condition(type_, len(rules))

    def _say(self, message: str, node: YamlNode) -> None:
        self._problems.append(Problem(message, node.span))

    def _type(self) -> str:
        node = self._section.get("type")
        written = node.raw.lower() if isinstance(node, Scalar) else ""
        if written not in _TYPES:
            self._say(f"a correlation's type is one of {', '.join(_TYPES)}", node or self._section)
            return "event_count"
        return written

    def _texts(self, key: str) -> tuple[str, ...]:
        node = self._section.get(key)
        if node is None:
            return ()
        found = []
        for item in node.items if isinstance(node, Items) else (node,):
            if isinstance(item, Scalar) and isinstance(item.value, str):
                found.append(item.value)
            else:
                self._say(f"`{key}` takes a text or a list of texts", item)
        return tuple(found)

    def _timespan(self) -> int:
        node = self._section.get("timespan")
        match = _TIMESPAN.fullmatch(node.raw) if isinstance(node, Scalar) else None
        if match is None or int(match[1]) == 0:
            message = (
                "a correlation needs a timespan such as 15m: a number and one of s m h d w M y"
            )
            self._say(message, node or self._section)
            return 0
        return int(match[1]) * _SECONDS[match[2]]

    def _generate(self) -> bool:
        node = self._section.get("generate")
        if node is None:
            return False
        if isinstance(node, Scalar) and isinstance(node.value, bool):
            return node.value
        self._say("`generate` is true or false", node)
        return False

    def _aliases(self) -> dict[str, dict[str, str]]:
        node = self._section.get("aliases")
        if node is None:
            return {}
        found: dict[str, dict[str, str]] = {}
        for alias, mapping in node.entries if isinstance(node, Pairs) else ():
            if isinstance(mapping, Pairs):
                fields = {k.raw: v for k, v in mapping.entries}
                found[alias.raw] = {k: v.raw for k, v in fields.items() if isinstance(v, Scalar)}
            if len(found.get(alias.raw, {})) != len(getattr(mapping, "entries", (None,))):
                self._say("an alias maps rule names to field names", mapping)
        if not isinstance(node, Pairs):
            self._say("aliases must be a mapping", node)
        return found

    def _condition(self, type_: str, rules: int) -> dict[str, Any]:
        node = self._section.get("condition")
        if node is None:
            if type_ not in _TEMPORAL:
                self._say(f"a correlation of type {type_} needs a condition", self._section)
            return {"operator": ">=", "threshold": rules}
        if isinstance(node, Scalar) and type_ in _TEMPORAL:
            reason = "correlations with a condition over rule names are not evaluated here"
            return {"operator": ">=", "threshold": rules, "unsupported": reason}
        if not isinstance(node, Pairs):
            self._say("a correlation's condition must be a mapping such as `gte: 10`", node)
            return {}
        return self._comparison(node, type_)

    def _comparison(self, node: Pairs, type_: str) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key, value in node.entries:
            if key.raw in _OPERATORS:
                if "operator" in found:
                    self._say("a correlation's condition has one comparison", key)
                if not isinstance(value, Scalar) or not _is_count(value.value):
                    self._say("a threshold must be a whole number", value)
                    continue
                found |= {"operator": _OPERATORS[key.raw], "threshold": value.value}
            elif key.raw not in ("field", "percentile"):
                self._say(f"`{key.raw[:60]}` has no meaning in a correlation's condition", key)
        if "operator" not in found:
            self._say("a correlation's condition needs one of lt, lte, gt, gte, eq, neq", node)
        return found | self._counted(node, type_)

    def _counted(self, node: Pairs, type_: str) -> dict[str, Any]:
        counted = node.get("field")
        if counted is None:
            if type_ in _COUNTING:
                self._say(f"a correlation of type {type_} needs `field`", node)
            return {}
        if isinstance(counted, Scalar) and isinstance(counted.value, str):
            reason = None if type_ in ("value_count", "event_count", *_TEMPORAL) else type_
            said = f"correlations of type {reason} are not evaluated here" if reason else None
            return {"field": counted.value, "unsupported": said}
        if isinstance(counted, Items):
            return {"unsupported": "value_count over several fields is not evaluated here"}
        self._say("`field` must be the name of a field", counted)
        return {}


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)
