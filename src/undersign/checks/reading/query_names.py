"""Names that a query's language does not know: which kind, what is near, whether case is all."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from undersign.checks.reading.sources import leaves
from undersign.checks.spec import CannotRun
from undersign.records.query import Problem, Query
from undersign.records.visible import Visible

_FUNCTIONS = {
    "kql": """abs ago arg_max arg_min array_concat array_index_of array_length array_sort_asc avg
        avgif bag_keys bag_merge base64_decode_tostring bin case ceiling coalesce count countif
        countof datetime_add datetime_diff datetime_part dayofmonth dayofweek dcount dcountif
        endofday endofmonth exp extract extract_all floor format_datetime format_ipv4
        geo_distance_2points geo_info_from_ip_address getmonth getyear has_any_index has_ipv4
        hash_md5 hash_sha256 hourofday iff iif indexof ingestion_time ipv4_compare
        ipv4_is_in_any_range ipv4_is_in_range ipv4_is_match ipv4_is_private ipv6_compare
        ipv6_is_match isascii isempty isnotempty isnotnull isnull log make_datetime make_list
        make_list_if make_set make_set_if make_timespan max maxif min minif monthofyear next now
        pack pack_all pack_array parse_command_line parse_csv parse_ipv4 parse_json parse_path
        parse_url parse_urlquery parse_user_agent parse_version percentile percentiles prev
        replace_regex replace_string reverse round row_cumsum row_number series_decompose
        series_decompose_anomalies series_fit_line series_stats set_difference set_has_element
        set_intersect set_union split startofday startofmonth startofweek stdev strcat strcat_array
        strcat_delim strcmp string_size strlen substring sum sumif take_any tobool todatetime
        todecimal todouble todynamic toguid toint tolong tolower toscalar tostring totimespan
        toupper translate trim trim_end trim_start url_decode url_encode variance week_of_year
        zip""",
    "spl": """abs avg case cidrmatch coalesce count dc distinct_count earliest estdc exact first
        if in isnotnull isnull isnum json_extract last latest len like list lower ltrim match max
        md5 median min mode mvappend mvcount mvdedup mvfilter mvfind mvindex mvjoin mvsort now
        nullif perc95 range relative_time replace round rtrim searchmatch sha256 split spath stdev
        strftime strptime substr sum time tonumber tostring trim typeof upper urldecode validate
        values var""",
    "sql": """abs avg cast coalesce concat contains count date_diff date_part date_trunc
        ends_with epoch extract greatest ilike lag lead least length list lower ltrim max median
        min now nullif quantile regexp_extract regexp_matches regexp_replace replace round rtrim
        split_part starts_with stddev strftime strptime string_agg substring sum time_bucket trim
        try_cast upper""",
}


def functions_of(language: str) -> tuple[str, ...]:
    """Return the functions people use most in a language, for suggestions only."""
    return tuple(_FUNCTIONS[language].split())


def bound_to_something(query: Query, visible: Visible) -> None:
    """Raise CannotRun when there are no tables to compare a query's names with."""
    if not visible.tables:
        raise CannotRun("Schema", "no table is known here: import a schema or ingest logs")
    if not query.bound:
        raise CannotRun("Schema", "the query's names were not looked up in any table")


def trusted(query: Query, *kinds: str) -> Iterator[Problem]:
    """Yield the problems of these kinds that stand before anything that could not be read.

    After a syntax error names are looked up in the wrong place, so what is said of them is noise.
    """
    broken = [(p.span.line, p.span.column) for p in query.problems if p.kind == "syntax"]
    for problem in query.problems:
        if problem.kind in kinds and (problem.span.line, problem.span.column) < min(
            broken, default=(problem.span.line + 1, 0)
        ):
            yield problem


def tables_read(query: Query, visible: Visible) -> tuple[str, ...]:
    """Return the known tables that a query reads, in order of text, each once."""
    found = (leaf.table.name for leaf in leaves(query, visible) if leaf.table)
    return tuple(dict.fromkeys(found))


def columns_made(query: Query) -> tuple[str, ...]:
    """Return the names that a query's own stages give to columns."""
    named: list[str] = []
    for pipeline in query.pipelines():
        for stage in pipeline.stages:
            named += (a.name for a in stage.assigned if a.name not in a.columns)
            named += (a.name for a in stage.aggregates)
            named += (g.name for g in stage.groups if g.name != g.column)
    return tuple(dict.fromkeys(n for n in named if n))


def other_case(name: str, known: Iterable[str]) -> str | None:
    """Return the known name that differs in nothing but case."""
    lowered = name.lower()
    return next((k for k in known if k.lower() == lowered and k != name), None)


def homes_of(name: str, visible: Visible, limit: int = 3) -> list[str]:
    """Return the tables that do have a column of this name."""
    return [t.name for t in visible.tables.values() if name in t.columns][:limit]
