"""Words of a question tied to tables, columns and values that are really there."""

from __future__ import annotations

import time

import pytest

from undersign.languages.question import link, read
from undersign.records.question import Links
from undersign.records.visible import Visible, VisibleColumn, VisibleTable


def table(name: str, *columns: str, words: tuple[str, ...] = ()) -> VisibleTable:
    made = {c: VisibleColumn(c) for c in columns}
    return VisibleTable(name, made, words=words, rows=10)


CALLS = VisibleTable(
    "ApiCalls",
    {
        "EventName": VisibleColumn("EventName", examples=("GetObject", "AssumeRole")),
        "EventSource": VisibleColumn("EventSource", examples=("s3.amazonaws.com",)),
        "SourceIpAddress": VisibleColumn("SourceIpAddress"),
    },
    rows=10,
    roles={"source_address": ("SourceIpAddress",)},
    words=("cloudtrail",),
)
HERE = Visible(
    "kql",
    {
        t.name: t
        for t in (
            CALLS,
            table("SigninLogs", "UserPrincipalName", "IPAddress", "Location"),
            table("DeviceRegistryEvents", "RegistryKey", "DeviceName", "AccountName"),
            table("EmailEvents", "SenderFromAddress", "RecipientEmailAddress", "Subject"),
        )
    },
)


def linked(text: str) -> Links:
    return link(read(text), HERE)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("sign-ins of yesterday", "SigninLogs"),
        ("who logged in", "SigninLogs"),
        ("sign ins per country", "SigninLogs"),
        ("registry changes", "DeviceRegistryEvents"),
        ("registery changes", "DeviceRegistryEvents"),
        ("give me deviceregistryevents", "DeviceRegistryEvents"),
        ("e-mails with a subject", "EmailEvents"),
        ("cloudtrail calls", "ApiCalls"),
        ("GetObject from new addresses", "ApiCalls"),
        ("rows of ApiCalls", "ApiCalls"),
    ],
)
def test_the_best_table(text: str, name: str) -> None:
    assert linked(text).tables[0].table == name


@pytest.mark.parametrize(
    ("text", "column"),
    [
        ("sign-ins by user principal name", "UserPrincipalName"),
        ("sign-ins by location", "Location"),
        ("sign-ins by country", "Location"),
        ("sign-ins by IP address", "IPAddress"),
        ("sign-ins by userprincipalname", "UserPrincipalName"),
        ("emails by recipient email address", "RecipientEmailAddress"),
        ("emails by subject", "Subject"),
    ],
)
def test_columns(text: str, column: str) -> None:
    assert column in {one.column for one in linked(text).columns}


def test_values_really_seen() -> None:
    found = {(v.column, v.value): v.score for v in linked("S3 GetObject calls").values}
    assert found["EventName", "GetObject"] == 1.0
    assert ("EventSource", "s3.amazonaws.com") in found
    by_parts = {v.value for v in linked("cloudtrail: assume role calls").values}
    assert "AssumeRole" in by_parts


def test_roles_name_columns() -> None:
    roles = {o.column for o in linked("cloudtrail calls per ip").columns}
    assert "SourceIpAddress" in roles


def test_pieces_are_words_of_the_question() -> None:
    question = read("S3 GetObject calls per source ip address in the last day")
    found = link(question, HERE)
    for one in (*found.tables, *found.columns, *found.values):
        assert question.text[one.piece.start : one.piece.end] == one.piece.text


def test_a_wide_workspace_is_linked_soon() -> None:
    letters = "abcdefghijklmnop"
    names = [f"{a}{b}x".capitalize() for a in letters for b in letters]
    tables = {
        f"{one}Logs": table(f"{one}Logs", *(f"{one}{two}" for two in names[:60])) for one in names
    }
    wide = Visible("kql", tables)
    question = read("show all of the bcx logs in the last day")
    link(question, wide)
    began = time.process_time()
    found = link(question, wide)
    assert time.process_time() - began < 0.5
    assert found.tables[0].table == "BcxLogs"
