"""Whether two comparisons of one thing can hold at once, and whether one follows from another."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from undersign.checks.reading.query_filters import Filter, filters_of, left_side
from undersign.records.query import Comparison, Pipeline, Stage

_OPAQUE_STAGES = frozenset({"aggregate", "join", "lookup", "union", "expand", "parse", "other"})
"""After these a column of the same name may hold something else."""
_ORDER = frozenset({"<", "<=", ">", ">="})
_FITS: dict[str, Callable[[str, str], bool]] = {
    "==": str.__eq__,
    "!=": str.__eq__,
    "in": str.__eq__,
    "contains": str.__contains__,
    "has": str.__contains__,
    "startswith": str.startswith,
    "endswith": str.endswith,
}
"""Operator -> does a value, in lower case, fit a literal, in lower case."""


@dataclass(frozen=True, slots=True)
class Facts:
    """Comparisons that every row must pass and that speak of one unchanged thing."""

    thing: str
    filters: tuple[Filter, ...]


def facts(pipeline: Pipeline) -> Iterator[Facts]:
    """Yield the groups of sure comparisons about one thing, a new group when it is changed."""
    open_groups: dict[str, list[Filter]] = {}
    by_stage: dict[int, list[Filter]] = {}
    for one in filters_of(pipeline):
        by_stage.setdefault(id(one.stage), []).append(one)
    for stage in pipeline.stages:
        for thing in _changed(stage, open_groups):
            yield Facts(thing, tuple(open_groups.pop(thing)))
        for one in by_stage.get(id(stage), ()):
            if one.sure and one.comparison.column and _one_valued(one.comparison):
                open_groups.setdefault(left_side(one.comparison), []).append(one)
    for thing, found in open_groups.items():
        yield Facts(thing, tuple(found))


def clash(one: Filter, other: Filter) -> bool:
    """Say whether the two can never hold for the same value."""
    return _clashes(one, other) or _clashes(other, one)


def _clashes(one: Filter, other: Filter) -> bool:
    values, others = one.texts, other.texts
    if one.comparison.op in ("==", "in") and not one.excludes and _plain(one):
        if other.comparison.op in _ORDER | {"between"}:
            return bool(numbers := _numbers(one)) and not any(_within(n, other) for n in numbers)
        return bool(values) and bool(others) and not any(_holds(v, other) for v in values)
    if one.comparison.op == "exists" and other.comparison.op == "exists":
        return one.excludes != other.excludes
    if one.comparison.op in _ORDER and other.comparison.op in _ORDER:
        return _empty_range(one.comparison, other.comparison)
    if one.comparison.op in ("contains", "has", "startswith", "endswith") and not one.excludes:
        same = one.comparison.op == other.comparison.op and len(values) == 1
        return same and other.excludes and values[0].lower() in {o.lower() for o in others}
    return False


def _plain(one: Filter) -> bool:
    return len(one.texts) == len(one.comparison.values)


def _holds(value: str, other: Filter) -> bool:
    """Say whether a value passes the other comparison; True when nobody can tell."""
    folded = value.lower()
    texts = [t.lower() for t in other.texts]
    if len(texts) != len(other.comparison.values):
        return True
    if other.comparison.op not in _FITS:
        return True
    fits = any(_FITS[other.comparison.op](folded, t) for t in texts)
    if other.excludes:
        # Case may be what tells them apart: only what is equal to the letter is surely excluded.
        exact = value in other.texts and other.comparison.op in ("!=", "==", "in")
        return not (exact or (fits and other.comparison.op not in ("!=", "==", "in", "has")))
    return fits


def _numbers(one: Filter) -> list[float]:
    found = [v.value for v in one.comparison.values]
    return [float(n) for n in found if isinstance(n, int | float) and not isinstance(n, bool)]


def _within(number: float, other: Filter) -> bool:
    bounds = _numbers(other)
    if len(bounds) != len(other.comparison.values) or not bounds or other.excludes:
        return True
    if other.comparison.op == "between":
        return bounds[0] <= number <= bounds[-1]
    return _passes(number, other.comparison.op, bounds[0])


def _passes(number: float, op: str, bound: float) -> bool:
    if op == "<":
        return number < bound
    if op == "<=":
        return number <= bound
    return number > bound if op == ">" else number >= bound


def _empty_range(one: Comparison, other: Comparison) -> bool:
    """Say whether `> a` and `< b` leave nothing between them; the order of `ago` is turned."""
    if one.op[0] != ">" or other.op[0] != "<" or one.functions != other.functions:
        return False
    low, high = one.values[0], other.values[0]
    if low.kind != high.kind:
        return False
    if low.kind in ("string", "name"):
        return False
    if low.kind == "ago":
        low, high = high, low
    strict = one.op == ">" or other.op == "<"
    a, b = low.value, high.value
    if a is None or b is None:
        return False
    if isinstance(a, str) and isinstance(b, str):
        return a > b or (strict and a == b)
    if isinstance(a, str) or isinstance(b, str):
        return False
    return a > b or (strict and a == b)


def _one_valued(comparison: Comparison) -> bool:
    return comparison.type not in ("dynamic", "list")


def _changed(stage: Stage, open_groups: dict[str, list[Filter]]) -> list[str]:
    if stage.kind in _OPAQUE_STAGES:
        return list(open_groups)
    made = {a.name.lower() for a in stage.assigned}
    return [
        thing
        for thing, found in open_groups.items()
        if any(one.comparison.column.lower() in made for one in found)
    ]
