"""Aggregates the library leaves out, as SQL of their arguments.

Each says what Kusto answers for no rows: an empty list for sets, zero for counts, null for any.
"""

from __future__ import annotations

from duckdb_kql.translate.functions import AGGREGATE_FUNCTIONS, AggregateSpec

_ELEMENTS = (
    "CASE WHEN json_type(TRY_CAST({0} AS JSON)) = 'ARRAY' "
    "THEN CAST(to_json({0}) AS JSON[]) ELSE [to_json({0})] END"
)


def templates() -> dict[str, AggregateSpec]:
    """Return aggregates by name."""
    known = AGGREGATE_FUNCTIONS
    made = [
        _like(known["make_set"], "makeset"),
        _like(known["make_list"], "makelist"),
        _like(known["make_list"], "make_list", (1,)),
        _like(known["make_set"], "make_set", (1,)),
        AggregateSpec(
            "make_list_if",
            "coalesce(list({0}) FILTER (WHERE ({1}) AND {0} IS NOT NULL), [])",
            (2,),
            name_prefix="list",
        ),
        AggregateSpec(
            "make_set_if",
            f"to_json(coalesce(list_distinct(flatten(list({_ELEMENTS}) "
            "FILTER (WHERE ({1}) AND {0} IS NOT NULL))), []))",
            (2,),
            name_prefix="set",
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


def _like(
    spec: AggregateSpec, name: str, arities: tuple[int, ...] | None = None
) -> AggregateSpec:
    return AggregateSpec(
        name,
        spec.template,
        arities if arities is not None else spec.arities,
        name_prefix=spec.name_prefix,
        rules=spec.rules,
    )
