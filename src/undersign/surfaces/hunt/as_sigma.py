"""The filters of a query as a Sigma detection, when Sigma can say exactly the same.

Exactly: the rule matches the very events that the query keeps, its time window and row limit aside,
which a rule has not. Whatever is not sure to be the same is refused with its reason.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from undersign.catalogs.log_sources import LogSource, Route
from undersign.catalogs.views import View
from undersign.errors import QueryRefused
from undersign.records.artifact import Span
from undersign.records.query import And, Comparison, Condition, Literal, Not, Or, Query, Stage
from undersign.records.visible import VisibleTable

_SAME_EVENTS = ("project", "rename", "extend", "sort", "distinct")
"""Kinds of stage after which the same events are told of, in other columns or another order."""
_MODIFIERS = {
    "==": (), "!=": (), "in": (), "like": (), "contains": ("contains",),
    "startswith": ("startswith",), "endswith": ("endswith",), "regex": ("re",), "cidr": ("cidr",),
    "<": ("lt",), "<=": ("lte",), ">": ("gt",), ">=": ("gte",),
}  # fmt: skip
_PLAIN_FUNCTIONS = {"tostring", "tolower", "lower", "toupper", "upper"}
_BEFORE_WILDCARD = re.compile(r"\\(?=[*?\\])")


@dataclass(frozen=True, slots=True)
class Detection:
    """What a Sigma rule says of which events it is about."""

    logsource: Mapping[str, str]
    detection: Mapping[str, Any]
    left_out: tuple[str, ...] = ()
    """What the query says and a rule does not: its window, its limit."""


@dataclass(frozen=True, slots=True)
class Ground:
    """The one table a query reads, and the log source it shows."""

    table: VisibleTable
    source: LogSource
    view: View | None
    """None: the table shows every event of the source."""


def as_sigma(query: Query, ground: Ground) -> Detection:
    """Say a bound query's filters in Sigma. Raises QueryRefused when it cannot be said exactly."""
    left_out: list[str] = []
    parts: list[Condition] = []
    limited = False
    for stage in query.main.stages:
        if limited and stage.kind == "filter":
            raise _refused("a filter after a limit keeps other events without it", stage.span)
        limited = limited or stage.kind == "limit"
        parts += _kept(stage, ground, left_out)
    if query.named or len(query.main.sources) != 1:
        raise _refused("it reads more than one table", query.main.span)
    if not parts:
        raise _refused("it has no filter beside its time window", query.main.span)
    if ground.view and ground.view.unless:
        # `unless` keeps events without the column, which a Sigma filter does not.
        raise QueryRefused(f"{ground.table.name} leaves out events in a way Sigma cannot say")
    where = ground.view.where if ground.view else {}
    route = _route(ground, where, parts)
    words = _Words(query.language, ground, route)
    conditions = [words.scope(where)] if _rest(where, route) else []
    conditions += [words.say(part) for part in parts]
    condition = " and ".join(c for c in conditions if c)
    logsource = {
        name: value
        for name in ("product", "category", "service")
        if (value := getattr(route, name))
    }
    return Detection(logsource, {**words.selections, "condition": condition}, tuple(left_out))


def _kept(stage: Stage, ground: Ground, left_out: list[str]) -> Iterator[Condition]:
    """Yield what one stage asks of events; note what a rule has no word for."""
    if stage.kind == "filter" and stage.condition is not None:
        whole = stage.condition
        for part in whole.children if isinstance(whole, And) else (whole,):
            if _is_window(part, ground):
                left_out.append(f"the window: {_text(part)}")
            else:
                yield part
    elif stage.kind == "limit":
        left_out.append(f"the limit: {stage.text.strip()}")
    elif stage.kind not in _SAME_EVENTS:
        raise _refused(f"Sigma has no `{stage.keyword}`", stage.span, stage.keyword)


def _is_window(part: Condition, ground: Ground) -> bool:
    """Say whether a condition bounds the event's time; its hour of day, say, is none."""
    return (
        isinstance(part, Comparison)
        and bool(part.table_column)
        and part.table_column == ground.table.time
        and not part.functions
        and all(value.kind in ("timestamp", "ago") for value in part.values)
    )


def _text(part: Condition) -> str:
    return " ".join(part.text.split()) if isinstance(part, Comparison) else ""


def _route(ground: Ground, where: Where, parts: list[Condition]) -> Route:
    """Return the most telling Sigma logsource that holds every event the query can keep."""
    facts = {column: {v.lower() for v in values} for column, values in where.items()}
    for part in parts:
        if isinstance(part, Comparison) and part.op in ("==", "in") and not part.negated:
            shown = ground.table.find(part.table_column or "", exact=True)
            values = {str(v.value).lower() for v in part.values}
            facts.setdefault((shown and shown.column) or "", values)
    fitting = [
        route
        for route in ground.source.routes
        if all(
            facts.get(column, {"*"}) <= {v.lower() for v in values}
            for column, values in route.where.items()
        )
    ]
    if not fitting:
        raise QueryRefused(f"no Sigma logsource holds every event of {ground.source.name}")
    return max(fitting, key=lambda r: (len(r.where), bool(r.category), bool(r.service)))


Where = Mapping[str, tuple[str, ...]]


def _rest(where: Where, route: Route) -> dict[str, tuple[str, ...]]:
    """Return what a view asks of events and the logsource does not say already."""
    same = {c: sorted(v.lower() for v in values) for c, values in route.where.items()}
    return {
        c: values for c, values in where.items() if same.get(c) != sorted(v.lower() for v in values)
    }


@dataclass(slots=True)
class _Words:
    """Turns conditions into named selections and the words that put them together."""

    language: str
    ground: Ground
    route: Route
    selections: dict[str, Any] = field(default_factory=dict)

    def scope(self, where: Where) -> str:
        """Say which of the log source's events the table shows."""
        rest = _rest(where, self.route)
        if any("*" in values for values in rest.values()):
            raise QueryRefused("the table shows only events with a value that Sigma cannot ask for")
        return self._select("scope", {self._field(c): _one(list(v)) for c, v in rest.items()})

    def say(self, condition: Condition, *, inside: bool = False, negated: bool = False) -> str:
        """Say a condition; `negated` when it stands below a `not`, at whatever depth."""
        if isinstance(condition, Comparison):
            return self._comparison(condition, negated)
        if isinstance(condition, Not):
            return f"not {self.say(condition.child, inside=True, negated=True)}"
        if isinstance(condition, And | Or):
            word = " and " if isinstance(condition, And) else " or "
            parts = (self.say(c, inside=True, negated=negated) for c in condition.children)
            text = word.join(parts)
            return f"({text})" if inside or isinstance(condition, Or) else text
        raise _refused("Sigma has no word for this condition", condition.span)

    def _comparison(self, c: Comparison, negated: bool) -> str:
        negative = c.negated or c.op == "!="
        if negative or negated:
            self._always_there(c)
        key, values = self._item(c)
        name = self._select("filter" if negative else "selection", {key: _one(values)})
        return f"not {name}" if negative else name

    def _always_there(self, c: Comparison) -> None:
        """Refuse a negation where a missing value means one thing here and another in Sigma."""
        column = self._column(c)
        string_in_kql = self.language == "kql" and c.type in ("string", "unknown")
        if not string_in_kql and column.fill != 1.0:
            raise _refused(f"events without {c.column} would be kept by Sigma", c.span, c.op)

    def _column(self, c: Comparison) -> Any:
        found = self.ground.table.find(c.table_column or "", exact=True)
        if found is None or found.column is None:
            raise _refused(f"{c.column or 'the raw text'} is no field of the log itself", c.span)
        if found.type in ("list", "dynamic"):
            raise _refused(f"{c.column} holds several values, any of which Sigma compares", c.span)
        return found

    def _field(self, column: str) -> str:
        names = {lake: sigma for sigma, lake in self.route.rename.items()}
        return names.get(column, column)

    def _item(self, c: Comparison) -> tuple[str, list[Any]]:
        if c.op not in _MODIFIERS:
            raise _refused(f"Sigma has no `{c.op}`", c.span, c.op)
        unknown = [f for f in c.functions if f not in _PLAIN_FUNCTIONS]
        if unknown:
            raise _refused(f"Sigma has no `{unknown[0]}()`", c.span, unknown[0])
        if any(v.kind not in ("string", "long", "double", "boolean") for v in c.values):
            raise _refused("Sigma compares with plain values only", c.span, c.op)
        name = self._field(self._column(c).column)
        values = [_value(c, v) for v in c.values]
        texts = any(isinstance(v, str) for v in values)
        modifiers = list(_MODIFIERS[c.op])
        if c.op == "regex" and not c.case_sensitive:
            modifiers.append("i")
        elif texts and c.op not in ("regex", "cidr") and _cased(c):
            modifiers.append("cased")
        return "|".join([name, *modifiers]), values

    def _select(self, stem: str, item: Mapping[str, Any]) -> str:
        taken = sum(1 for name in self.selections if name.startswith(stem))
        name = f"{stem}_{taken + 1}" if taken else stem
        self.selections[name] = dict(item)
        return name


def _cased(c: Comparison) -> bool:
    """Say whether case counts: not when the column was folded to the case of the literals."""
    lower = {"tolower", "lower"}.intersection(c.functions)
    upper = {"toupper", "upper"}.intersection(c.functions)
    if not lower and not upper:
        return c.case_sensitive
    folded = all(str(v.value) == (str(v.value).lower() if lower else str(v.value).upper())
                 for v in c.values)  # fmt: skip
    if not folded:
        raise _refused("the literal is not in the case the column is turned into", c.span)
    return False


def _value(c: Comparison, literal: Literal) -> Any:
    value = literal.value
    if not isinstance(value, str) or c.op in ("regex", "cidr"):
        return value
    if c.op == "like":
        if "\\" in value:
            raise _refused("a pattern with a backslash reads differently in Sigma", c.span)
        return value
    return re.sub(r"[*?]", r"\\\g<0>", _BEFORE_WILDCARD.sub(r"\\\\", value))


def _one(values: list[Any]) -> Any:
    return values[0] if len(values) == 1 else values


def _refused(why: str, span: Span, operator: str = "") -> QueryRefused:
    return QueryRefused(why, operator=operator, line=span.line, column=span.column)
