"""Aggregates the library leaves out, as SQL of their arguments.

Each says what Kusto answers for no rows: an empty list for sets, zero for counts, null for any.
"""

from __future__ import annotations

from dataclasses import dataclass

from duckdb_kql.translate.functions import AggregateSpec

_ONE = (
    "(CASE WHEN typeof({0}) = 'TIMESTAMP' "
    "THEN to_json(strftime(TRY_CAST({0} AS TIMESTAMP), '%Y-%m-%dT%H:%M:%S.%f') || '0Z') "
    "ELSE to_json({0}) END)"
)
"""One value as JSON; a time as Kusto writes it, with seven digits of a second."""

_MANY = (
    "CASE WHEN json_type(TRY_CAST({0} AS JSON)) = 'ARRAY' AND typeof({0}) <> 'VARCHAR' "
    f"THEN CAST(to_json({{0}}) AS JSON[]) ELSE [{_ONE}] END"
)
"""make_set takes an array apart; a text that only looks like one stays a text."""


@dataclass(frozen=True)
class _Collected(AggregateSpec):
    """An aggregate that makes an array; a last constant says how many elements are kept."""

    sized: int = 2
    """Number of arguments when there is such a constant."""

    def render(self, args: list[str]) -> str:
        """Return SQL, cut to the stated size; Kusto does not say which elements stay."""
        if len(args) not in (self.sized - 1, self.sized):
            raise ValueError(f"{self.name}() takes {self.sized - 1} or {self.sized} arguments")
        made = self.template.format(*args)
        if len(args) == self.sized:
            made = f"list_slice({made}, 1, {args[-1]})"
        return f"to_json({made})"


_LIST = f"coalesce(list({_ONE}) FILTER (WHERE {{0}} IS NOT NULL), [])"
_LIST_IF = f"coalesce(list({_ONE}) FILTER (WHERE ({{1}}) AND {{0}} IS NOT NULL), [])"
_SET = f"coalesce(list_distinct(flatten(list({_MANY}) FILTER (WHERE {{0}} IS NOT NULL))), [])"
_SET_IF = (
    f"coalesce(list_distinct(flatten(list({_MANY}) "
    "FILTER (WHERE ({1}) AND {0} IS NOT NULL))), [])"
)

_ENTRIES = (
    "flatten(list(list_transform(json_keys({0}), lambda _k: struct_pack(k := _k, v := "
    "json_extract({0}, '/' || replace(replace(_k, '~', '~0'), '/', '~1')))))"
)
_BAG = (
    "coalesce(list_transform([{entries}], lambda _e: to_json(map("
    "list_distinct(list_transform(_e, lambda _x: _x.k)), "
    "list_transform(list_distinct(list_transform(_e, lambda _x: _x.k)), lambda _n: "
    "_e[list_position(list_transform(_e, lambda _x: _x.k), _n)].v))))[1], "
    "CAST('{{}}' AS JSON))"
)
"""One bag of many: of a key that comes twice one value stays, and Kusto does not say which."""


def templates() -> dict[str, AggregateSpec]:
    """Return aggregates by name."""
    made = [
        _Collected("make_list", _LIST, name_prefix="list"),
        _Collected("makelist", _LIST, name_prefix="list"),
        _Collected("make_set", _SET, name_prefix="set"),
        _Collected("makeset", _SET, name_prefix="set"),
        _Collected("make_list_if", _LIST_IF, name_prefix="list", sized=3),
        _Collected("make_set_if", _SET_IF, name_prefix="set", sized=3),
        AggregateSpec("make_bag", _bag("json_type({0}) = 'OBJECT'"), (1,), name_prefix="bag"),
        AggregateSpec(
            "make_bag_if",
            _bag("({1}) AND json_type({0}) = 'OBJECT'"),
            (2,),
            name_prefix="bag",
        ),
        AggregateSpec("count_distinct", "count(DISTINCT {0})", (1,)),
        AggregateSpec("count_distinctif", "count(DISTINCT {0}) FILTER (WHERE {1})", (2,)),
        AggregateSpec("maxif", "max({0}) FILTER (WHERE {1})", (2,)),
        AggregateSpec("minif", "min({0}) FILTER (WHERE {1})", (2,)),
        AggregateSpec(
            "take_anyif", "any_value({0}) FILTER (WHERE {1})", (2,), name_is_argument=True
        ),
        AggregateSpec("anyif", "any_value({0}) FILTER (WHERE {1})", (2,)),
        AggregateSpec("stdevp", "coalesce(stddev_pop({0}), 0.0)", (1,)),
        AggregateSpec("variancep", "coalesce(var_pop({0}), 0.0)", (1,)),
        AggregateSpec("binary_all_and", "bit_and({0})", (1,)),
        AggregateSpec("binary_all_or", "bit_or({0})", (1,)),
        AggregateSpec("binary_all_xor", "bit_xor({0})", (1,)),
    ]
    return {spec.name: spec for spec in made}


def _bag(condition: str) -> str:
    entries = f"{_ENTRIES} FILTER (WHERE {condition}))"
    return _BAG.replace("{entries}", entries)
