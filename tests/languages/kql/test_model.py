"""One line of KQL, one thing that the model must say of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from undersign.languages import kql
from undersign.records.query import And, Comparison, Not, Opaque, Or, Query, Stage, comparisons
from undersign.records.visible import Visible, VisibleColumn, VisibleTable

DAY = 86400


def table(name: str, **columns: str) -> VisibleTable:
    made = {n: VisibleColumn(n, kind) for n, kind in columns.items()}  # type: ignore[arg-type]
    return VisibleTable(name, made)


LOGS = Visible(
    "kql",
    {
        "Logon": table(
            "Logon",
            TimeGenerated="timestamp",
            User="string",
            Address="string",
            Result="long",
            Detail="dynamic",
            Known="boolean",
            Tags="list",
        ),
        "Process": table("Process", TimeGenerated="timestamp", User="string", Command="string"),
    },
)


def bound(text: str) -> Query:
    query = kql.bind(text, LOGS)
    assert not query.problems, query.problems
    return query


def stage(text: str, number: int = -1) -> Stage:
    return bound(text).main.stages[number]


def only(condition: str) -> Comparison:
    made = stage(f"Logon | where {condition}").condition
    assert isinstance(made, Comparison), made
    return made


# condition -> operator, negated, minds case, values
COMPARED: dict[str, tuple[str, bool, bool, list[Any]]] = {
    "User == 'a'": ("==", False, True, ["a"]),
    "User != 'a'": ("!=", False, True, ["a"]),
    "User =~ 'a'": ("==", False, False, ["a"]),
    "User !~ 'a'": ("!=", False, False, ["a"]),
    "User has 'a'": ("has", False, False, ["a"]),
    "User !has 'a'": ("has", True, False, ["a"]),
    "User has_cs 'a'": ("has", False, True, ["a"]),
    "User contains 'a'": ("contains", False, False, ["a"]),
    "User !contains_cs 'a'": ("contains", True, True, ["a"]),
    "User startswith 'a'": ("startswith", False, False, ["a"]),
    "User !endswith 'a'": ("endswith", True, False, ["a"]),
    "User matches regex @'a\\d'": ("regex", False, True, ["a\\d"]),
    "User in ('a', 'b')": ("in", False, True, ["a", "b"]),
    "User in~ ('a')": ("in", False, False, ["a"]),
    "User !in ('a')": ("in", True, True, ["a"]),
    "User in (dynamic(['a', 'b']))": ("in", False, True, ["a", "b"]),
    "User has_any ('a', 'b')": ("has", False, False, ["a", "b"]),
    "User == ''": ("==", False, True, [""]),
    "Result > 5": (">", False, True, [5]),
    "5 < Result": (">", False, True, [5]),
    "Result == -1": ("==", False, True, [-1]),
    "Result between (1 .. 3)": ("between", False, True, [1, 3]),
    "Result !between (1 .. 3)": ("between", True, True, [1, 3]),
    "isnotempty(User)": ("exists", False, True, []),
    "isempty(User)": ("exists", True, True, []),
    "isnull(Result)": ("exists", True, True, []),
    "Known": ("true", False, True, []),
    "Known == true": ("==", False, True, [True]),
    "ipv4_is_private(Address)": ("true", False, True, []),
    "ipv4_is_in_range(Address, '192.0.2.0/24')": ("cidr", False, True, ["192.0.2.0/24"]),
    "ipv4_is_in_any_range(Address, '192.0.2.0/24', '198.51.100.0/24')": (
        "cidr",
        False,
        True,
        ["192.0.2.0/24", "198.51.100.0/24"],
    ),
    "User == tolower('A')": ("==", False, True, ["a"]),
    "User == Address": ("==", False, True, ["Address"]),
}


@pytest.mark.parametrize(("condition", "wanted"), COMPARED.items(), ids=COMPARED)
def test_comparison(condition: str, wanted: tuple[str, bool, bool, list[Any]]) -> None:
    made = only(condition)
    values = [literal.value for literal in made.values]
    assert (made.op, made.negated, made.case_sensitive, values) == wanted
    assert made.text == condition
    assert made.table == "Logon"


# time condition -> kind and value of each constant
TIMES = {
    "TimeGenerated > ago(1d)": [("ago", DAY)],
    "TimeGenerated > ago(90m)": [("ago", 5400)],
    "TimeGenerated >= now() - 2h": [("ago", 7200)],
    "TimeGenerated > now(-1d)": [("ago", DAY)],
    "TimeGenerated > datetime_add('day', -7, now())": [("ago", 7 * DAY)],
    "TimeGenerated between (ago(2d) .. ago(1d))": [("ago", 2 * DAY), ("ago", DAY)],
    "TimeGenerated < datetime(2024-05-06)": [("timestamp", "2024-05-06T00:00:00Z")],
    "TimeGenerated < datetime(2024-05-06T07:08:09+02:00)": [("timestamp", "2024-05-06T05:08:09Z")],
    "TimeGenerated < todatetime('2024-05-06 07:08')": [("timestamp", "2024-05-06T07:08:00Z")],
    "TimeGenerated > ago(timespan(1.02:00:00))": [("ago", DAY + 7200)],
    "TimeGenerated > ago(2 * 1d)": [("ago", 2 * DAY)],
}


@pytest.mark.parametrize(("condition", "wanted"), TIMES.items(), ids=TIMES)
def test_time(condition: str, wanted: list[tuple[str, Any]]) -> None:
    assert [(v.kind, v.value) for v in only(condition).values] == wanted


def test_a_rounded_time_says_so() -> None:
    (value,) = only("TimeGenerated >= startofday(ago(7d))").values
    assert (value.kind, value.value, value.rounded) == ("ago", 7 * DAY, "startofday")


WRAPPED = {
    "tolower(tostring(Detail.user.name)) == 'a'": ("Detail", ("tolower", "tostring")),
    "Detail['user'] == 'a'": ("Detail", ()),
    "strlen(User) > 5": ("User", ("strlen",)),
    "Result / 2 > 5": ("Result", ("/",)),
    "split(User, '@')[1] == 'example.org'": ("User", ("split",)),
}


@pytest.mark.parametrize(("condition", "wanted"), WRAPPED.items(), ids=WRAPPED)
def test_functions_around_a_column(condition: str, wanted: tuple[str, tuple[str, ...]]) -> None:
    assert (only(condition).column, only(condition).functions) == wanted


@pytest.mark.parametrize(
    "condition",
    ["strcat(User, Address) == 'a'", "datetime_diff('hour', TimeGenerated, now()) > Result + 1"],
)
def test_what_the_model_has_no_word_for_is_opaque(condition: str) -> None:
    made = stage(f"Logon | where {condition}").condition
    assert isinstance(made, Opaque) and made.text == condition and len(made.columns) == 2


def test_precedence() -> None:
    bare = stage("Logon | where Known and Result == 1 or User == 'a'").condition
    assert isinstance(bare, Or) and bare.bare and isinstance(bare.children[0], And)
    meant = stage("Logon | where Known and (Result == 1 or User == 'a')").condition
    assert isinstance(meant, And) and isinstance(meant.children[1], Or)
    assert not meant.children[1].bare
    flat = stage("Logon | where Known and (Result == 1 and User == 'a')").condition
    assert isinstance(flat, And) and len(flat.children) == 3


def test_not_and_has_all() -> None:
    negated = stage("Logon | where not(User has 'a')").condition
    assert isinstance(negated, Not) and isinstance(negated.child, Comparison)
    everything = stage("Logon | where User has_all ('a', 'b')").condition
    assert isinstance(everything, And)
    assert [c.values[0].value for c in comparisons(everything)] == ["a", "b"]


def test_lets_give_their_constants() -> None:
    text = (
        "let few = 5; let start = ago(7d); let names = dynamic(['a', 'b']);"
        "Logon | where TimeGenerated > start and Result > few and User in (names)"
    )
    found = list(comparisons(stage(text).condition))
    assert [[v.value for v in c.values] for c in found] == [[7 * DAY], [5], ["a", "b"]]
    assert [c.values[0].text for c in found] == ["start", "few", "names"]


def test_columns_are_traced_through_renames() -> None:
    text = (
        "Logon | project-rename Who = User | extend Name = Who | project N = Name | where N == 'a'"
    )
    (found,) = comparisons(stage(text).condition)
    assert (found.column, found.table, found.table_column) == ("N", "Logon", "User")
    (computed,) = comparisons(stage("Logon | extend N = tolower(User) | where N == 'a'").condition)
    assert computed.table is None


def test_columns_are_traced_through_joins() -> None:
    text = "Logon | join kind=inner (Process) on User | where Command has 'a' and User1 == 'b'"
    assert [c.table for c in comparisons(stage(text).condition)] == ["Process", "Process"]


JOINS = {
    "join (Process) on User": ("innerunique", False, (("User", "User"),), False),
    "join kind=leftouter Process on User": ("left", True, (("User", "User"),), False),
    "join kind=anti (Process) on User": ("leftanti", True, (("User", "User"),), False),
    "join kind=inner (Process) on $left.Address == $right.User": (
        "inner",
        True,
        (("Address", "User"),),
        False,
    ),
    "join kind=inner (Process) on User, TimeGenerated": (
        "inner",
        True,
        (("User", "User"), ("TimeGenerated", "TimeGenerated")),
        True,
    ),
    "join kind=inner (Process) on User | where TimeGenerated1 > TimeGenerated": (
        "inner",
        True,
        (("User", "User"),),
        True,
    ),
    "join kind=inner (Process) on User | where TimeGenerated1 - TimeGenerated < 5min": (
        "inner",
        True,
        (("User", "User"),),
        True,
    ),
    "join kind=inner Process on User | extend G = TimeGenerated1 - TimeGenerated | where G < 1h": (
        "inner",
        True,
        (("User", "User"),),
        True,
    ),
    "lookup Process on User": ("left", False, (("User", "User"),), False),
}


@pytest.mark.parametrize(("text", "wanted"), JOINS.items(), ids=JOINS)
def test_join(text: str, wanted: tuple[Any, ...]) -> None:
    join = stage(f"Logon | {text}", 0).join
    assert join is not None
    assert (join.kind, join.kind_written, join.keys, join.time_bound) == wanted
    assert [source.table for source in join.right.sources] == ["Process"]


# stage -> [(function, column, name)]
AGGREGATES = {
    "count()": [("count", "", "count_")],
    "n = countif(Known)": [("count", "", "n")],
    "dcount(User)": [("dcount", "User", "dcount_User")],
    "makeset(User)": [("make_set", "User", "set_User")],
    "make_list_if(User, Known)": [("make_list", "User", "list_User")],
    "percentile(Result, 95)": [("percentile", "Result", "percentile_Result_95")],
    "arg_max(TimeGenerated, *)": [("arg_max", "TimeGenerated", "TimeGenerated")],
    "r = round(avg(Result), 2)": [("avg", "Result", "r")],
    "s = countif(Known) * 1.0 / count()": [("count", "", "s"), ("count", "", "s")],
}


@pytest.mark.parametrize(("text", "wanted"), AGGREGATES.items(), ids=AGGREGATES)
def test_aggregate(text: str, wanted: list[tuple[str, str, str]]) -> None:
    made = stage(f"Logon | summarize {text} by Address")
    assert [(a.function, a.column, a.name) for a in made.aggregates] == wanted
    assert [group.column for group in made.groups] == ["Address"]


BINS = {
    "bin(TimeGenerated, 1h)": 3600,
    "bin(TimeGenerated, 30m)": 1800,
    "startofday(TimeGenerated)": DAY,
    "Day = bin(TimeGenerated, 1d)": DAY,
    "User": None,
}


@pytest.mark.parametrize(("text", "wanted"), BINS.items(), ids=BINS)
def test_bin(text: str, wanted: float | None) -> None:
    (group,) = stage(f"Logon | summarize count() by {text}").groups
    assert group.bin_seconds == wanted


def test_a_condition_inside_an_aggregate() -> None:
    (aggregate,) = stage("Logon | summarize dcountif(User, Result > 0)").aggregates
    (inner,) = comparisons(aggregate.condition)
    assert (inner.column, inner.op) == ("Result", ">")


STAGES: dict[str, tuple[str, str, Callable[[Stage], Any], Any]] = {
    "take 5": ("limit", "take", lambda s: s.limit, 5),
    "limit 5": ("limit", "limit", lambda s: s.limit, 5),
    "sample 5": ("limit", "sample", lambda s: s.limit, 5),
    "top 3 by Result": ("limit", "top", lambda s: (s.limit, s.order[0].descending), (3, True)),
    "top 3 by Result asc": ("limit", "top", lambda s: s.order[0].descending, False),
    "sort by User asc, Result": (
        "sort",
        "sort",
        lambda s: [(o.column, o.descending) for o in s.order],
        [("User", False), ("Result", True)],
    ),
    "order by Result": ("sort", "order", lambda s: s.order[0].column, "Result"),
    "distinct User": ("distinct", "distinct", lambda s: s.groups[0].column, "User"),
    "count": ("aggregate", "count", lambda s: s.aggregates[0].name, "Count"),
    "project-away Detail": ("project", "project-away", lambda s: s.assigned, ()),
    "project-rename Who = User": (
        "rename",
        "project-rename",
        lambda s: s.assigned[0].renamed,
        True,
    ),
    "project User, N = Result": ("project", "project", lambda s: s.assigned[0].name, "N"),
    "extend a = strcat(User, Address)": (
        "extend",
        "extend",
        lambda s: (s.assigned[0].columns, s.assigned[0].functions, s.assigned[0].text),
        (("User", "Address"), ("strcat",), "strcat(User, Address)"),
    ),
    "mv-expand Tags": ("expand", "mv-expand", lambda s: s.limit, None),
    "parse User with * '@' Domain": ("parse", "parse", lambda s: s.columns[-1].name, "Domain"),
    "serialize n = row_number()": ("window", "serialize", lambda s: s.assigned[0].name, "n"),
    "evaluate bag_unpack(Detail)": ("other", "evaluate", lambda s: s.columns, None),
    "union Process": ("union", "union", lambda s: s.branches[0].sources[0].table, "Process"),
    "render timechart": ("other", "render", lambda s: s.condition, None),
    "make-series n = count() on TimeGenerated step 1h by User": (
        "aggregate",
        "make-series",
        lambda s: [(g.column, g.bin_seconds) for g in s.groups],
        [("User", None), ("TimeGenerated", 3600)],
    ),
    "where User in ((Process | project User))": (
        "filter",
        "where",
        lambda s: [x.table for p in s.subqueries for x in p.sources],
        ["Process"],
    ),
    "where Result > toscalar(Process | count)": (
        "filter",
        "where",
        lambda s: s.subqueries[0].stages[0].keyword,
        "count",
    ),
}


@pytest.mark.parametrize(("text", "wanted"), STAGES.items(), ids=STAGES)
def test_stage(text: str, wanted: tuple[str, str, Callable[[Stage], Any], Any]) -> None:
    kind, keyword, check, value = wanted
    made = stage(f"Logon | {text}")
    assert (made.kind, made.keyword, made.text) == (kind, keyword, text)
    assert check(made) == value


SOURCES = {
    "Logon | take 1": [("Logon", "table", "Logon")],
    "table('Logon') | take 1": [("Logon", "table", "Logon")],
    "union Logon, Process | take 1": [
        ("Logon", "table", "Logon"),
        ("Process", "table", "Process"),
    ],
    "union * | take 1": [("*", "wildcard", None)],
    "let a = Logon | take 1; a | take 1": [("a", "named", None)],
    "let f = (n: long) { Logon | take 5 }; f(1) | take 1": [("f", "named", None)],
    "let a = materialize(Logon | take 1); a": [("a", "named", None)],
    "datatable(a: long) [1] | take 1": [("datatable", "inline", None)],
    "print a = 1": [("print", "inline", None)],
    "externaldata(a: string) ['https://example.org/a'] | take 1": [
        ("externaldata", "external", None)
    ],
    "(Logon | take 9) | take 1": [("Logon", "table", "Logon")],
    "search in (Logon) 'a'": [("Logon", "table", "Logon")],
    "search 'a'": [("*", "wildcard", None)],
    "workspace('other').Logon | take 1": [("Logon", "external", None)],
    "_GetWatchlist('vip') | take 1": [("_GetWatchlist", "table", None)],
    "_Im_Dns(starttime=ago(1d)) | where SrcIpAddr == '192.0.2.1'": [("_Im_Dns", "table", None)],
}


@pytest.mark.parametrize(("text", "wanted"), SOURCES.items(), ids=SOURCES)
def test_source(text: str, wanted: list[tuple[str, str, str | None]]) -> None:
    assert [(s.name, s.kind, s.table) for s in bound(text).main.sources] == wanted


def test_named_pipelines_keep_their_order_and_bodies() -> None:
    query = bound(
        "let a = Logon | where Known; let f = (u: string) { Process | where User == u };"
        "let n = toscalar(Logon | count); a | join kind=inner (f('x')) on User"
    )
    assert list(query.named) == ["a", "f", "n"]
    assert query.named["f"].sources[0].table == "Process"
    assert [p.name for p in query.pipelines()][:3] == ["a", "f", "n"]


PROBLEMS = {
    "Logon | where Usr == 'a'": ("unknown-column", "Usr", "User"),
    "Logon | where user == 'a'": ("unknown-column", "user", "here it is User"),
    "Logn | take 1": ("unknown-table", "Logn", "Logon"),
    "logon | take 1": ("unknown-table", "logon", "here it is Logon"),
    "Logon | where Command == 'a'": ("unknown-column", "Command", "Command"),
    "Logon | extend a = lower_of(User)": ("unknown-function", "lower_of", "saved function"),
    "Logon | summarize total(User)": ("unknown-function", "total", "saved function"),
    "Logon | where User > ago(1d)": ("type", "", "operand"),
    "Logon | where User == 'a": ("syntax", "", "Missing"),
    "Logon | where": ("syntax", "", "Missing"),
    "Logon | join (Process) on Command": ("unknown-column", "Command", "both sides"),
    ".drop table Logon": ("forbidden", "", "command"),
    "Logon | where Process == 'a'": ("unknown-column", "Process", "Scalar"),
    "Logon | where Usr has_any ('a')": ("unknown-column", "Usr", "User"),
    "Logon\n| take 1\n\n// next\nProcess\n| take 2": ("unsupported", "", "Another query"),
    "let n = 1;": ("other", "", "let"),
    "let a = Logon;": ("other", "", "let"),
    "// nothing": ("syntax", "", "no query"),
}


@pytest.mark.parametrize(("text", "wanted"), PROBLEMS.items(), ids=PROBLEMS)
def test_problem(text: str, wanted: tuple[str, str, str]) -> None:
    problem = kql.bind(text, LOGS).problems[0]
    assert (problem.kind, problem.name) == wanted[:2]
    assert wanted[2] in problem.message


NOT_UNKNOWN = [
    "Logon | invoke FileProfile(SHA1, 1000) | where GlobalPrevalence < 5",
    "Logon | evaluate bag_unpack(Detail) | where anything == 1",
    "union isfuzzy=true Logon, Elsewhere | take 1",
    "imDns | where DnsQuery has 'a'",
    "_ASim_Authentication(eventresult='Failure') | summarize count() by TargetUsername",
    "arg('').Resources | where type =~ 'a'",
    "adx('https://example.org/db').Events | where a == 1",
    "Logon | where ingestion_time() > ago(1h)",
    "Logon | extend x = Detail.a.b[0].c",
]


@pytest.mark.parametrize("text", NOT_UNKNOWN)
def test_what_cannot_be_known_is_no_problem(text: str) -> None:
    assert kql.bind(text, LOGS).problems == ()


def test_only_the_first_of_several_queries_is_read() -> None:
    query = bound_with(1, "Logon\n| take 1\n\n// next 🙂\nProcess\n| take 2")
    assert [s.keyword for s in query.main.stages] == ["take"]
    assert (query.problems[0].span.line, query.problems[0].span.column) == (5, 1)


def bound_with(problems: int, text: str) -> Query:
    query = kql.bind(text, LOGS)
    assert len(query.problems) == problems
    return query


def test_unbound_knows_no_table_and_misses_none() -> None:
    query = kql.parse("Anything | where Any == 1 | join (Other) on Any | project More")
    assert query.problems == () and not query.bound
    assert query.main.sources[0].table is None
    assert not query.unreadable


def test_completions() -> None:
    text = "Logon | where "
    names = {c.name: c.kind for c in kql.complete(text, len(text), LOGS)}
    assert names["User"] == "column"
    assert names["tolower"] == "function"
    assert "Command" not in names
