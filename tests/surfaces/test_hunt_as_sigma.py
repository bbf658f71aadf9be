"""Which queries Sigma can say exactly, how, and why the others are refused."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from surfaces.hunts import full_hunt
from undersign.catalogs.log_sources import Field, LogSource, Route
from undersign.catalogs.views import FirstOf, View, ViewColumn
from undersign.errors import QueryRefused
from undersign.languages.kql import bind
from undersign.languages.sigma import parse
from undersign.records.visible import Visible, VisibleColumn, VisibleTable
from undersign.surfaces.hunt.as_sigma import Detection, Ground, as_sigma
from undersign.surfaces.hunt.handoff import Wanted, sigma_rule

COLUMNS = (
    VisibleColumn("TimeGenerated", "timestamp", "_time", 1.0),
    VisibleColumn("EventID", "long", "EventID", 1.0),
    VisibleColumn("Account", "string", "TargetUserName", 0.4),
    VisibleColumn("Process", "string", "NewProcessName", 0.2),
    VisibleColumn("Port", "long", "IpPort", 0.3),
    VisibleColumn("Address", "string", "IpAddress", 0.3),
    VisibleColumn("Short", "string", None, 0.4),
)
TABLE = VisibleTable(
    "SecurityEvent", {c.name: c for c in COLUMNS}, "TimeGenerated", 100, sources=("security",)
)
OTHER = VisibleTable(
    "SigninLogs", {"UserId": VisibleColumn("UserId", "string", "user")}, None, 5, sources=("x",)
)
SEEN = Visible("kql", {"SecurityEvent": TABLE, "SigninLogs": OTHER})
SOURCE = LogSource(
    "security", "Security", "windows", (), ("_time",), "UTC", (), (), (),
    {name: Field(name) for name in ("EventID", "TargetUserName")},
    (
        Route("windows", None, "security"),
        Route("windows", "process_creation", None, {"EventID": ("4688",)},
              {"Image": "NewProcessName"}),
    ),
)  # fmt: skip


def view(where: dict[str, tuple[str, ...]] | None = None) -> View:
    time = ViewColumn("TimeGenerated", FirstOf(("_time",)))
    return View("kql", "SecurityEvent", where or {}, {}, {"TimeGenerated": time})


def said(query: str, where: dict[str, tuple[str, ...]] | None = None) -> Detection:
    bound = bind(query, SEEN)
    assert not bound.problems, bound.problems
    return as_sigma(bound, Ground(TABLE, SOURCE, view(where)))


def test_a_view_that_leaves_out_events_stays_a_query() -> None:
    bound = bind("SecurityEvent | where EventID == 4625", SEEN)
    part = replace(view(), unless={"LogonType": ("3",)})
    with pytest.raises(QueryRefused, match="leaves out events"):
        as_sigma(bound, Ground(TABLE, SOURCE, part))


SECURITY = {"product": "windows", "service": "security"}


@pytest.mark.parametrize(
    ("condition", "detection"),
    [
        ("EventID == 4625",
         {"selection": {"EventID": 4625}, "condition": "selection"}),
        ("EventID in (4625, 4624)",
         {"selection": {"EventID": [4625, 4624]}, "condition": "selection"}),
        ("EventID == 4625 and Account == 'alice'",
         {"selection": {"EventID": 4625}, "selection_2": {"TargetUserName|cased": "alice"},
          "condition": "selection and selection_2"}),
        ("Account =~ 'alice'",
         {"selection": {"TargetUserName": "alice"}, "condition": "selection"}),
        ("tolower(Account) == 'alice'",
         {"selection": {"TargetUserName": "alice"}, "condition": "selection"}),
        ("Account contains 'adm'",
         {"selection": {"TargetUserName|contains": "adm"}, "condition": "selection"}),
        ("Account startswith_cs 'adm'",
         {"selection": {"TargetUserName|startswith|cased": "adm"}, "condition": "selection"}),
        ("Account !endswith '$'",
         {"filter": {"TargetUserName|endswith": "$"}, "condition": "not filter"}),
        ("Account != 'alice'",
         {"filter": {"TargetUserName|cased": "alice"}, "condition": "not filter"}),
        ("EventID != 4625",
         {"filter": {"EventID": 4625}, "condition": "not filter"}),
        ("Port > 1024",
         {"selection": {"IpPort|gt": 1024}, "condition": "selection"}),
        ("Account matches regex '^adm[0-9]+$'",
         {"selection": {"TargetUserName|re": "^adm[0-9]+$"}, "condition": "selection"}),
        ("EventID == 4625 and (Account =~ 'a' or Port < 10)",
         {"selection": {"EventID": 4625}, "selection_2": {"TargetUserName": "a"},
          "selection_3": {"IpPort|lt": 10},
          "condition": "selection and (selection_2 or selection_3)"}),
        (r"Account =~ @'CORP\a*b?'",
         {"selection": {"TargetUserName": "CORP\\a\\*b\\?"}, "condition": "selection"}),
        (r"Account =~ @'a\*b'",
         {"selection": {"TargetUserName": "a\\\\\\*b"}, "condition": "selection"}),
    ],
)  # fmt: skip
def test_what_sigma_can_say(condition: str, detection: dict[str, Any]) -> None:
    found = said(f"SecurityEvent | where {condition} | project Account")
    assert found.logsource == SECURITY
    assert found.detection == detection


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("SecurityEvent | summarize count() by Account", "Sigma has no `summarize`"),
        ("SecurityEvent | where EventID == 1 | join kind=inner SigninLogs on "
         "$left.Account == $right.UserId", "Sigma has no `join`"),
        ("SecurityEvent | where Account has 'adm'", "Sigma has no `has`"),
        ("SecurityEvent | where Port != 5", "events without Port"),
        ("SecurityEvent | where not(Port > 5)", "events without Port"),
        ("SecurityEvent | where not(EventID == 1 and Port > 5)", "events without Port"),
        ("SecurityEvent | where Short == 'x'", "no field of the log itself"),
        ("SecurityEvent | where strlen(Account) > 3", "Sigma has no"),
        ("SecurityEvent | where Account == Process", "Sigma"),
        ("SecurityEvent | where tolower(Account) == 'Alice'", "not in the case"),
        ("SecurityEvent | where TimeGenerated > ago(1h)", "no filter beside its time window"),
        ("SecurityEvent", "no filter"),
        ("SecurityEvent | where hourofday(TimeGenerated) > 20", "Sigma has no"),
        ("SecurityEvent | take 5 | where EventID == 1", "after a limit"),
        ("SecurityEvent | where EventID == 4625 or TimeGenerated > ago(1h)", "plain values"),
        ("let x = SecurityEvent | where EventID == 1; x | where Port > 1", "more than one"),
    ],
)  # fmt: skip
def test_what_it_cannot_is_refused_with_the_reason(query: str, words: str) -> None:
    with pytest.raises(QueryRefused, match=words):
        said(query)


def test_the_window_and_the_limit_are_left_out_and_told() -> None:
    found = said("SecurityEvent | where TimeGenerated > ago(24h) | where EventID == 1 | take 10")
    assert found.detection["condition"] == "selection"
    assert found.left_out == ("the window: TimeGenerated > ago(24h)", "the limit: take 10")


def test_the_most_telling_logsource_is_taken_and_its_own_names() -> None:
    found = said("SecurityEvent | where EventID == 4688 and Process endswith 'cmd.exe'")
    assert found.logsource == {"product": "windows", "category": "process_creation"}
    assert found.detection["selection_2"] == {"Image|endswith": "cmd.exe"}


def test_what_a_view_asks_of_events_is_asked_by_the_rule_too() -> None:
    same = said("SecurityEvent | where Process =~ 'x'", {"EventID": ("4688",)})
    assert same.logsource["category"] == "process_creation"
    assert same.detection == {"selection": {"Image": "x"}, "condition": "selection"}
    more = said("SecurityEvent | where Process =~ 'x'", {"Channel": ("Security", "Other")})
    assert more.logsource == SECURITY
    assert more.detection["scope"] == {"Channel": ["Security", "Other"]}
    assert more.detection["condition"] == "scope and selection"


def test_the_rule_is_read_without_a_problem_and_is_the_same_each_time() -> None:
    hunt = full_hunt()
    found = said("SecurityEvent | where EventID == 4625 and Account !endswith '$'")
    text = sigma_rule(hunt, hunt.entries[0], found, Wanted(level="low"))
    assert text == sigma_rule(hunt, hunt.entries[0], found, Wanted(level="low"))
    file = parse(text)
    assert not file.problems
    assert file.documents[0].title == hunt.title
    assert "tags: [attack.t1110.001]" in text
