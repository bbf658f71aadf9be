"""Shaping: one event, however it arrived, has one set of names, types and one time."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from undersign.catalogs.log_source_files import read_texts
from undersign.catalogs.log_sources import load
from undersign.errors import BadInput
from undersign.records.event import Event, Record, Reject
from undersign.telemetry.readers import read
from undersign.telemetry.shape import Shaper, Unshapeable, shape, shape_dict
from undersign.telemetry.shape.times import read_time

SAMPLES = Path(__file__).parents[1] / "log_sources"
AT = datetime(2026, 3, 2, 8, 15, 30, tzinfo=UTC)


def _samples(name: str) -> list[Event]:
    lines = (SAMPLES / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()
    return [shape_dict(json.loads(line), load()) for line in lines]


def _sysmon(**fields: Any) -> dict[str, Any]:
    named = {"Channel": "Microsoft-Windows-Sysmon/Operational", "EventID": 1, "Computer": "ws"}
    return named | fields


def test_six_ways_of_writing_4769_are_one_event() -> None:
    events = _samples("windows_security")[:6]
    wanted = {"EventID": 4769, "Channel": "Security", "Computer": "ws-14.example.org"}
    wanted |= {"TargetUserName": "mara@EXAMPLE.ORG", "TicketEncryptionType": "0x17"}
    wanted |= {"ServiceName": "svc-print", "Status": "0x0"}
    for event in events:
        assert wanted.items() <= event.values.items()
    assert {e.values.get("Provider_Name") for e in events[:3]} == {
        "Microsoft-Windows-Security-Auditing"
    }


def test_the_xml_export_is_the_same_event_as_the_evtx(tmp_path: Path) -> None:
    (tmp_path / "x.xml").write_text(
        "<Events><Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'><System>"
        "<Provider Name='Service Control Manager' Guid='00000000-1111-2222-3333-444444444444'/>"
        "<EventID Qualifiers='16384'>7045</EventID><Version>0</Version><Level>4</Level>"
        "<TimeCreated SystemTime='2026-03-02T08:15:30.125000Z'/><Channel>System</Channel>"
        "<Computer>ws-14.example.org</Computer><Security UserID='S-1-5-18'/></System><EventData>"
        "<Data Name='ServiceName'>sync</Data><Data Name='ImagePath'>C:\\sync\\sync.exe</Data>"
        "</EventData></Event></Events>"
    )
    (record,) = read(tmp_path / "x.xml")
    assert isinstance(record, Record)
    event = shape(record, load())
    assert isinstance(event, Event)
    evtx = _samples("windows_system")[0]
    assert (event.source, event.time) == (evtx.source, evtx.time)
    same = ("EventID", "Qualifiers", "ServiceName", "ImagePath", "UserID", "ProviderGuid", "Level")
    for name in same:
        assert str(event.values[name]) == str(evtx.values[name]), name


def test_values_without_names_and_user_data() -> None:
    classic = _samples("windows_powershell")[2]
    assert classic.values["Data"] == [
        "Available",
        "None",
        "\tNewEngineState=Available\n\tHostApplication=powershell.exe -NoProfile\n",
    ]
    cleared = _samples("windows_system")[2]
    assert cleared.values["Channel"] == "System"
    assert cleared.values["Channel_2"] == "Application"
    assert cleared.values["BackupPath"] == ""


def test_names_with_spaces_and_without_are_one_column() -> None:
    evtx, _, flat = _samples("windows_defender")
    assert evtx.values["Threat Name"] == flat.values["Threat Name"] == "EICAR-Test-File"


def test_booleans_and_ports_are_typed_once() -> None:
    for event in _samples("windows_sysmon")[1:3]:
        assert event.values["Initiated"] is True
        assert event.values["DestinationPort"] == 443


def test_nxlog_keeps_its_own_process_id_apart() -> None:
    event = _samples("windows_sysmon")[3]
    assert event.values["ProcessId"] == "4242"
    assert event.values["Execution_ProcessID"] == 640


def test_cloudtrail_is_flat_and_whole() -> None:
    first, looked_up, sentinel = _samples("cloudtrail")
    assert first.values["userIdentity.arn"] == sentinel.values["userIdentity.arn"]
    assert first.values["requestParameters.userName"] == "build"
    assert first.values["requestParameters"] == '{"userName":"build"}'
    assert "responseElements" not in first.values
    assert first.values["readOnly"] is False
    assert first.values["resources"] == [
        '{"type":"AWS::IAM::User","ARN":"arn:aws:iam::123456789012:user/build"}'
    ]
    assert first.values == looked_up.values


def test_entra_in_three_spellings() -> None:
    for event in _samples("entra_signin"):
        assert event.values["UserPrincipalName"] == "mara@example.org"
        assert event.values["IPAddress"] == "198.51.100.7"
        assert event.values["DeviceDetail.operatingSystem"] == "Windows"


def test_audit_names_stand_beside_numbers() -> None:
    values = _samples("linux_auditd")[0].values
    assert (values["syscall"], values["syscall_name"], values["auid_name"]) == (
        ("59", "execve", "mara")
    )


def test_anything_else_is_generic_with_its_own_meaning() -> None:
    event = shape_dict(
        {"a": {"b": {"c": 1}}, "t": True, "n": None, "e": "", "l": [1, True, None, 2.5, "x"]}
        | {"o": [{"k": [1]}, {"k": 2}], "f": 0.1, "timestamp": "2026-03-02T08:15:30Z"},
        load(),
    )
    assert (event.source, event.time) == ("generic", AT)
    assert event.values == {
        "a.b.c": 1,
        "t": True,
        "e": "",
        "l": ["1", "true", "2.5", "x"],
        "o": ['{"k":[1]}', '{"k":2}'],
        "f": 0.1,
        "timestamp": "2026-03-02T08:15:30Z",
    }


def test_spellings_clashes_and_reserved_names() -> None:
    event = shape_dict(
        _sysmon(
            commandline="a", CommandLine="b", COMMANDLINE="c", _raw="x", _Time="y", Own=1, own=2
        ),
        load(),
    )
    values = event.values
    assert (values["CommandLine"], values["CommandLine_2"], values["CommandLine_3"]) == (
        ("a", "b", "c")
    )
    assert (values["_raw_"], values["_Time_"]) == ("x", "y")
    assert (values["Own"], values["own_2"]) == (1, 2)


def test_an_alias_stands_aside_for_the_name_itself() -> None:
    event = shape_dict(_sysmon(EventTime="2020-01-01 00:00:00", SystemTime=AT.isoformat()), load())
    assert event.time == AT
    assert event.values["EventTime"] == "2020-01-01 00:00:00"


def test_a_zoned_or_utc_time_goes_before_one_without_a_zone() -> None:
    data = _sysmon(SystemTime="2026-03-02 03:15:30", UtcTime="2026-03-02 08:15:30.000")
    assert shape_dict(data, load()).time == AT
    record = Record(1, "", _sysmon(SystemTime="2026-03-02 09:15:30"))
    event = shape(record, load(), time_zone="Europe/Berlin")
    assert isinstance(event, Event) and event.time == AT


def test_no_time_is_none_and_an_unreadable_one_is_a_reject() -> None:
    assert shape_dict(_sysmon(), load()).time is None
    assert shape_dict(_sysmon(SystemTime="-", UtcTime=""), load()).time is None
    event = shape_dict(_sysmon(SystemTime="soon", UtcTime="2026-03-02 08:15:30"), load())
    assert event.time == AT
    with pytest.raises(BadInput, match="SystemTime: 'soon' is no time"):
        shape_dict(_sysmon(SystemTime="soon"), load())


def test_only_a_declared_format_reads_american_dates() -> None:
    text = (
        'name = "shop"\ntitle = "S"\nfamily = "flat"\ntime = ["at"]\n'
        'time_zone = "America/New_York"\n'
        'host = []\nuser = []\naddress = []\ntext_fields = ["at"]\n[[detect]]\nat = "*"\n'
        '[[sigma]]\nproduct = "shop"\n'
    )
    with pytest.raises(BadInput, match="no time"):
        shape_dict({"at": "03/02/2026 03:15:30"}, read_texts({"shop.toml": text}))
    declared = text.replace("host", 'time_formats = ["%m/%d/%Y %H:%M:%S"]\nhost', 1)
    event = shape_dict({"at": "03/02/2026 03:15:30"}, read_texts({"shop.toml": declared}))
    assert event.time == AT


@pytest.mark.parametrize(
    "written",
    [
        "2026-03-02T08:15:30Z",
        "2026-03-02 08:15:30+00:00",
        "2026-03-02T03:15:30-0500",
        "2026-03-02T08:15:30.0000009Z",
        "2026-03-02T08:15:30,0+00:00",
        "2026-03-02 08:15:30 UTC",
        1772439330,
        "1772439330",
        1772439330.0,
        1772439330000,
        1772439330000000,
        "1772439330000000000",
        "/Date(1772439330000)/",
        "/Date(1772439330000+0100)/",
    ],
)
def test_ways_to_write_a_time(written: object) -> None:
    moment = read_time(written)
    assert moment is not None and moment.zoned and moment.when == AT


def test_a_leap_second_is_the_second_after() -> None:
    moment = read_time("2016-12-31T23:59:60Z")
    assert moment is not None and moment.when == datetime(2017, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    "written",
    ["", "soon", "2026", "2026-13-01T00:00:00Z", True, 1e300, "9" * 20, None, [1], "٣" * 10],
)
def test_what_is_no_time(written: object) -> None:
    assert read_time(written) is None


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"EventID": "0x1"}, "EventID: '0x1' is no whole number"),
        ({"EventID": 1.5}, "EventID: 1.5 is no whole number"),
        ({"EventID": True}, "EventID: True a boolean is no whole number"),
        ({"EventID": [1]}, "is no whole number"),
        ({"SourcePort": str(2**63)}, "does not fit 64 bits"),
        ({"Initiated": "maybe"}, "Initiated: 'maybe' is neither true nor false"),
        ({"x" * 257: 1}, "longer than 256 characters"),
        ({"a\nb": 1}, "control characters"),
        ({"": 1}, "no name"),
        ({f"f{i}": 1 for i in range(4096)}, "more than 4096 fields"),
    ],
)
def test_what_cannot_be_kept_is_said(fields: dict[str, Any], reason: str) -> None:
    outcome = shape(Record(7, "", _sysmon(**fields)), load(), "windows_sysmon", path="a.log")
    assert isinstance(outcome, Reject)
    assert (outcome.path, outcome.line) == ("a.log", 7)
    assert reason in outcome.reason and "\n" not in outcome.reason and len(outcome.reason) < 200


def test_declared_values_that_stand_for_none_are_absent() -> None:
    values = shape_dict(
        _sysmon(SourcePort="-", Initiated="", DestinationPort=" 443 "), load()
    ).values
    assert "SourcePort" not in values and "Initiated" not in values
    assert values["DestinationPort"] == 443


def test_an_unknown_assumed_source_is_refused() -> None:
    with pytest.raises(BadInput, match="no log source is named nope"):
        shape_dict({}, load(), "nope")
    assert shape_dict({"EventID": 1, "Channel": "Security"}, load(), "generic").source == "generic"


def test_what_was_learned_of_one_record_never_changes_another() -> None:
    """The shaper remembers layouts by keys; a fresh one must agree with a used one."""
    used = Shaper(load())
    lines = [
        json.loads(line)
        for path in sorted(SAMPLES.glob("*.jsonl"))
        for line in path.read_text(encoding="utf-8").splitlines()
    ]
    for data in [*lines, *reversed(lines)]:
        assert used.shape(data) == Shaper(load()).shape(data)


SHORT = st.text(max_size=4)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(SHORT, inner, max_size=3),
    max_leaves=8,
)
NAMES = st.sampled_from(
    [
        *("EventID", "Channel", "Computer", "Event", "System", "EventData", "UserData", "Data"),
        *("winlog", "winlog.event_id", "event", "ts", "_path", "id", "eventSource", "eventName"),
        *("CloudTrailEvent", "properties", "category", "result", "type", "timestamp", "serial"),
    ]
)


SHAPER = Shaper(load())


@settings(max_examples=300, deadline=None)
@given(st.dictionaries(NAMES | SHORT, JSON, max_size=6))
def test_no_record_raises_anything_but_a_reason(data: dict[str, Any]) -> None:
    try:
        event = SHAPER.shape(data)
    except Unshapeable as reason:
        assert "\n" not in str(reason)
        return
    for name, value in event.values.items():
        assert name and name.lower() not in ("_id", "_time", "_raw", "_origin", "_line")
        assert isinstance(value, str | int | float | bool | list)
    assert len({n.lower() for n in event.values}) == len(event.values)


def test_an_event_from_yaml_may_have_dates_and_huge_numbers() -> None:
    event = shape_dict({"timestamp": AT, 7: 2**70, "l": [{"n": 2**70}], "f": float("nan")}, load())
    assert event.time == AT
    assert event.values["7"] == 2**70
    assert event.values["l"] == [f'{{"n":{2**70}}}']


def test_an_event_nested_too_deep_is_refused() -> None:
    deep: dict[str, Any] = {}
    for _ in range(100_000):
        deep = {"a": deep}
    with pytest.raises(BadInput, match="nested"):
        shape_dict(deep, load())
    with pytest.raises(BadInput, match="nested deeper than 64"):
        shape_dict(json.loads('{"a":' * 80 + "1" + "}" * 80), load())
