"""Searches as the query model: conditions, stages, sources, names that nobody knows."""

from __future__ import annotations

import pytest

from undersign.languages.spl import bind, parse, read_macros
from undersign.records.query import And, Comparison, Not, Or, comparisons
from undersign.records.visible import Visible, VisibleColumn, VisibleTable

WEB = VisibleTable(
    "test:web",
    {
        "_time": VisibleColumn("_time", "timestamp"),
        "_raw": VisibleColumn("_raw"),
        "status": VisibleColumn("status", "long"),
        "user": VisibleColumn("user"),
    },
    time="_time",
)
PROCESSES = VisibleTable(
    "Endpoint.Processes",
    {n: VisibleColumn(n, t) for n, t in (("_time", "timestamp"), ("process", "string"),
                                         ("dest", "string"), ("process_id", "long"))},
    time="_time",
)  # fmt: skip
VISIBLE = Visible("spl", {t.name: t for t in (WEB, PROCESSES)})


def first(text: str) -> object:
    stages = parse(text).main.stages
    return stages[-1].condition


def test_or_binds_tighter_in_search_and_is_marked() -> None:
    found = first("a=1 b=2 OR c=3")
    assert isinstance(found, And)
    inner = found.children[1]
    assert isinstance(inner, Or)
    assert inner.bare
    assert not first("a=1 (b=2 OR c=3)").children[1].bare  # type: ignore[attr-defined]


def test_and_binds_tighter_in_where() -> None:
    found = first("* | where a=1 OR b=2 AND c=3")
    assert isinstance(found, Or)
    assert found.bare
    assert isinstance(found.children[1], And)
    assert not first("* | where a=1 OR (b=2 AND c=3)").bare  # type: ignore[attr-defined]


COMPARISONS = [
    ("user=Bob", ("user", "==", ("Bob",), False, False)),
    ("user!=Bob", ("user", "!=", ("Bob",), False, False)),
    ("user=B*", ("user", "like", ("B*",), False, False)),
    ("user!=B*", ("user", "like", ("B*",), True, False)),
    ("user=*", ("user", "exists", (), False, False)),
    ("user IN (a, b)", ("user", "in", ("a", "b"), False, False)),
    ("n>=5", ("n", ">=", (5,), False, False)),
    ('"some words"', ("", "has", ("some words",), False, False)),
    ("earliest=-24h", ("_time", ">=", (86400.0,), False, True)),
    ("latest=now", ("_time", "<", (0.0,), False, True)),
    ('* | where user="Bob"', ("user", "==", ("Bob",), False, True)),
    ("* | where 5 < n", ("n", ">", (5,), False, True)),
    ('* | where match(user, "^a")', ("user", "regex", ("^a",), False, True)),
    ('* | where like(user, "a%b_")', ("user", "like", ("a*b?",), False, True)),
    ('* | where cidrmatch("192.0.2.0/24", ip)', ("ip", "cidr", ("192.0.2.0/24",), False, True)),
    ("* | where isnull(user)", ("user", "exists", (), True, True)),
    ("* | where _time > relative_time(now(), \"-1d\")", ("_time", ">", (86400.0,), False, True)),
    ("* | where a=b", ("a", "==", ("b",), False, True)),
]  # fmt: skip


@pytest.mark.parametrize(("text", "wanted"), COMPARISONS, ids=lambda v: str(v)[:40])
def test_a_comparison_says_what_it_compares(text: str, wanted: tuple[object, ...]) -> None:
    found = first(text)
    assert isinstance(found, Comparison)
    values = tuple(v.value for v in found.values)
    assert (found.column, found.op, values, found.negated, found.case_sensitive) == wanted


def test_functions_around_a_field_are_told_outermost_first() -> None:
    found = first('* | where lower(trim(user))="bob"')
    assert isinstance(found, Comparison)
    assert (found.column, found.functions) == ("user", ("lower", "trim"))


def test_not_keeps_its_child() -> None:
    found = first("NOT user=bob")
    assert isinstance(found, Not)
    assert isinstance(found.child, Comparison)


KINDS = [
    ("* | stats count by a", "aggregate"), ("* | eventstats count by a", "window"),
    ("* | streamstats count", "window"), ("* | eval a=1", "extend"), ("* | where a=1", "filter"),
    ("* | rename a as b", "rename"), ("* | table a", "project"), ("* | fields - a", "project"),
    ('* | rex "(?<a>x)"', "parse"), ("* | spath", "parse"), ("* | lookup l a", "lookup"),
    ("* | bin span=1h _time", "extend"), ("* | timechart count", "aggregate"),
    ("* | chart count by a", "aggregate"), ("* | top a", "aggregate"), ("* | sort -a", "sort"),
    ("* | head 5", "limit"), ("* | tail 5", "limit"), ("* | dedup a", "distinct"),
    ("* | join a [search b]", "join"), ("* | append [search b]", "union"),
    ("* | appendpipe [stats count]", "union"), ("* | fillnull a", "extend"),
    ("* | mvexpand a", "expand"), ("* | makemv a", "extend"), ("* | convert ctime(a)", "extend"),
    ('* | regex a="x"', "filter"), ("* | iplocation a", "other"), ("* | reverse", "other"),
    ("* | transaction a", "aggregate"), ("* | bucket span=1d _time", "extend"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "kind"), KINDS, ids=lambda v: v)
def test_a_command_is_a_stage_of_its_kind(text: str, kind: str) -> None:
    assert parse(text).main.stages[-1].kind == kind


def test_aggregates_have_common_names() -> None:
    stage = parse("* | stats dc(a) as x, values(b), perc95(c), count(eval(d=1)) as y by e").main
    found = stage.stages[-1]
    assert [a.function for a in found.aggregates] == ["dcount", "make_set", "percentile", "count"]
    assert [a.column for a in found.aggregates] == ["a", "b", "c", ""]
    assert found.aggregates[3].condition is not None
    assert [g.column for g in found.groups] == ["e"]


def test_a_bin_is_told_where_it_groups() -> None:
    stages = parse("* | bin _time span=5m | stats count by _time").main.stages
    assert stages[-1].groups[0].bin_seconds == 300.0
    stages = parse("| tstats count from datamodel=A.B by _time span=1h").main.stages
    assert stages[-1].groups[0].bin_seconds == 3600.0


def test_tstats_is_a_source_a_filter_and_an_aggregate() -> None:
    query = bind(
        '| tstats count from datamodel=Endpoint.Processes where Processes.process="*x*"'
        " by Processes.dest",
        VISIBLE,
    )
    assert not query.problems
    source = query.main.sources[0]
    assert (source.name, source.kind, source.table) == (
        "Endpoint.Processes", "datamodel", "Endpoint.Processes",
    )  # fmt: skip
    assert [s.kind for s in query.main.stages] == ["filter", "aggregate"]
    found = next(comparisons(query.main.stages[0].condition))
    assert (found.table, found.table_column) == ("Endpoint.Processes", "process")


def test_events_are_bound_to_the_table_of_their_sourcetype() -> None:
    query = bind('sourcetype=test:web status=404 | rename user as who | where who="x"', VISIBLE)
    assert not query.problems
    assert query.main.sources[0].table == "test:web"
    found = next(comparisons(query.main.stages[-1].condition))
    assert (found.column, found.table, found.table_column) == ("who", "test:web", "user")


@pytest.mark.parametrize(
    ("text", "kind", "name", "column"),
    [
        ("sourcetype=test:web usr=x", "unknown-column", "usr", 21),
        ("sourcetype=test:web | stats count by user | where cnt>1", "unknown-column", "cnt", 51),
        ("sourcetype=test:nosuch", "unknown-table", "test:nosuch", 1),
        ("| tstats count from datamodel=Endpoint.Registry", "unknown-table",
         "Endpoint.Registry", 40),
        ("| tstats count from datamodel=Endpoint.Processes by Processes.hash",
         "unknown-column", "Processes.hash", 53),
    ],
)  # fmt: skip
def test_unknown_names_are_told_with_their_place(
    text: str, kind: str, name: str, column: int
) -> None:
    found = bind(text, VISIBLE).problems
    assert [(p.kind, p.name, p.span.column) for p in found] == [(kind, name, column)]


def test_what_a_search_makes_is_known_after_it() -> None:
    text = (
        'sourcetype=test:web | eval a=1 | rex field=user "(?<b>x)" | lookup l user OUTPUT c'
        " | eventstats count as d by a | stats values(d) as e by a, b, c | table a b c e"
    )
    query = bind(text, VISIBLE)
    assert not query.problems
    assert query.main.stages[-1].columns is not None
    assert [c.name for c in query.main.stages[-1].columns] == ["a", "b", "c", "e"]


def test_joins_tell_their_keys_and_whether_the_kind_was_written() -> None:
    join = parse("* | join type=left a, b [search c=1]").main.stages[-1].join
    assert join is not None
    assert (join.kind, join.kind_written, join.keys) == ("left", True, (("a", "a"), ("b", "b")))
    assert next(comparisons(join.right.stages[0].condition)).column == "c"


def test_macros_are_put_in_and_keep_the_place_of_their_call() -> None:
    text = """[web]
definition = sourcetype=test:web user=$x

[only(1)]
args = who
definition = user="$who$"
"""
    macros = read_macros(text, "m.conf")
    query = bind("`web` `only(bob)`\n| stats count", VISIBLE, macros)
    found = list(comparisons(query.main.stages[0].condition))
    assert [c.span.column for c in found] == [1, 1, 7]
    assert query.main.stages[1].span.line == 2


@pytest.mark.parametrize(
    ("text", "kind"),
    [("`nosuch`", "unsupported"), ("* | outputlookup x", "forbidden"),
     ("* | nosuch", "unsupported"), ("`loop`", "syntax")],
)  # fmt: skip
def test_what_is_not_supported_is_named(text: str, kind: str) -> None:
    macros = read_macros('{"loop": "`loop`"}', "m.json")
    found = parse(text, macros).problems
    assert [p.kind for p in found] == [kind]


def test_a_filter_macro_that_nobody_declared_passes_all_and_is_hinted() -> None:
    query = parse("user=a | `my_rule_filter`")
    assert not query.problems
    assert [h.name for h in query.hints] == ["my_rule_filter"]
    assert query.main.stages[-1].condition is None
