"""Every format is told by its content; real files are read with the right times and fields."""

from __future__ import annotations

import gzip
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from undersign.errors import BadInput
from undersign.records.evidence import Evidence
from undersign.telemetry.logbook import Told, evidence_of, open_log

AS_OF = datetime(2026, 11, 25, tzinfo=UTC)
REAL = {
    # file of the shared data: (format, lines, untimed, first, last), looked at by eye
    "timeline/apache_access.log": ("web access log", 15, 0, "2015-05-17T10:05:14", "2021-04-25"),
    "timeline/iis/iis10.log": ("IIS W3C", 5, 4, "2021-04-01T00:00:21", "2021-04-01"),
    "timeline/iis/iis6.log": ("IIS W3C", 16, 4, "2013-07-30T00:00:00", "2015-10-16T13:01:02"),
    "timeline/iis/iis_without_date.log": ("IIS W3C", 15, 4, "2013-07-30T00:00:00", "2013-07-30"),
    "timeline/iis/iis10_edge_cases.log": ("IIS W3C", 19, 4, "2022-01-01T00:01:24", "2022-01-01"),
    "timeline/jsonl/aws_cloudtrail.jsonl": ("CloudTrail", 6, 0, "2022-02-07T22:19:04", "2022"),
    "timeline/jsonl/azure_activity_log.jsonl": ("Azure activity", 4, 0, "2022-02-09T03", "2022"),
    "timeline/jsonl/gcp_logging.jsonl": ("Google Cloud audit", 11, 0, "2021-10-19T02:04", "2024"),
    "timeline/jsonl/microsoft_audit_log.jsonl": ("Microsoft 365 audit", 4, 0, "2022-05-07T12:55:53",
                                                 "2022-05-08T15:13:41"),
    "timeline/end_to_end/json_line.log": ("plaso", 20, 0, "2012-01-22T07:52:33", "2026-07-02"),
    "timeline/evtx/System.evtx": ("Windows event log", 5009, 0, "2010-11-21T03:55:59", "2015"),
    "timeline/evtx/System2.evtx": ("Windows event log", 284, 0, "2015-08-08T02:06:17", "2015"),
    "timeline/syslog/syslog_chromeos": ("syslog with RFC 3339 times", 8, 0, "2016-10-25T19:37:23",
                                        "2016-10-25T19:37:25"),
    "timeline/syslog/syslog_rsyslog": ("syslog with RFC 3339 times", 5, 0, "2020-05-31T00:00:45",
                                       "2020-05-31T00:00:47"),
    "timeline/syslog/syslog_ssh.log": ("syslog RFC 3164", 9, 0, "2026-03-11T00:00:00", "2026"),
    "timeline/syslog/syslog_cron.log": ("syslog RFC 3164", 9, 0, "2026-01-22T07:53:01", "2026"),
    "timeline/syslog/syslog_rsyslog_SyslogProtocol23Format": (
        "syslog RFC 5424", 10, 1, "2021-03-06T04:07:38", "2021-03-06T04:07:38"),
    "logs/cloudtrail.jsonl.gz": ("CloudTrail", 3313, 103, "2023-07-10T11:42:18", "2024-11-30"),
    "logs/windows_benign.jsonl.gz": ("Windows event log", 14402, 1, "1601", "2021-11-19"),
    "logs/zeek.jsonl.gz": ("Zeek", 39434, 137, "2018-03-24T17:15:20", "2024-04-12"),
}  # fmt: skip


def read(path: Path, **told: Any) -> tuple[list[Evidence], Any]:
    log = open_log(path, Told("x", **{"as_of": AS_OF, **told}))
    found = [
        evidence_of(log, int(batch.lines[n]), batch.raws[n].as_py(), int(batch.times[n]),
                    batch.precision)
        for batch in log.batches() for n in range(len(batch))
    ]  # fmt: skip
    return found, log.source()


@pytest.mark.parametrize("name", REAL)
def test_real_logs(name: str, shared_data: Path) -> None:
    form, lines, untimed, first, last = REAL[name]
    log = open_log(shared_data / name, Told("x", as_of=AS_OF))
    assert sum(len(batch) for batch in log.batches()) == lines
    source = log.source()
    assert (source.format, source.lines, source.untimed) == (form, lines, untimed)
    assert source.first is not None and source.first.isoformat().startswith(first)
    assert source.last is not None and source.last.isoformat().startswith(last)


SAMPLES: dict[str, tuple[str, str, str, dict[str, str], str]] = {
    # format, line, its time, some facts, outcome
    "sshd": ("syslog RFC 3164", "Mar  4 10:41:07 bastion1 sshd[411]: Failed password for invalid "
             "user oracle from 198.51.100.23 port 4022 ssh2", "2026-03-04T10:41:07",
             {"host": "bastion1", "process": "sshd", "actor": "oracle", "action": "login",
              "address": "198.51.100.23"}, "failure"),
    "sudo": ("syslog RFC 3164", "Mar  4 10:41:07 web1 sudo:    alice : TTY=pts/0 ; PWD=/root ; "
             "USER=root ; COMMAND=/bin/cat /etc/shadow", "2026-03-04T10:41:07",
             {"actor": "alice", "target": "root", "file": "/bin/cat"}, ""),
    "5424": ("syslog RFC 5424", "<34>1 2026-03-04T10:41:07.003+02:00 web1 su 77 ID47 - it failed",
             "2026-03-04T08:41:07.003", {"host": "web1", "process": "su"}, ""),
    "auditd": ("Linux audit log", 'type=USER_LOGIN msg=audit(1772620867.243:24287): pid=1 uid=0 '
               'acct="alice" exe="/usr/sbin/sshd" addr=192.0.2.7 res=failed\'',
               "2026-03-04T10:41:07.243",
               {"actor": "alice", "address": "192.0.2.7", "process": "/usr/sbin/sshd"}, "failure"),
    "clf": ("web access log", '192.0.2.7 - alice [04/Mar/2026:10:41:07 +0100] "GET /a?b=1 HTTP/1.1"'
            ' 403 12 "-" "curl"', "2026-03-04T09:41:07",
            {"address": "192.0.2.7", "actor": "alice", "action": "GET", "status": "403"},
            "failure"),
    "nginx error": ("web error log", "2026/03/04 10:41:07 [error] 7#7: *1 open() failed, client: "
                    "192.0.2.7, server: x", "2026-03-04T10:41:07", {"address": "192.0.2.7"}, ""),
    "cef": ("CEF", "Mar  4 10:41:07 fw CEF:0|V|P|1|100|blocked login|5|rt=1772620867000 "
            "suser=alice src=192.0.2.7 outcome=failure", "2026-03-04T10:41:07",
            {"actor": "alice", "address": "192.0.2.7", "event": "100", "action": "blocked login"},
            "failure"),
    "leef": ("LEEF", "LEEF:2.0|V|P|1|4625|^|devTime=Mar 04 2026 10:41:07^usrName=alice^"
             "src=192.0.2.7", "2026-03-04T10:41:07",
             {"actor": "alice", "address": "192.0.2.7", "event": "4625"}, ""),
    "generic": ("lines with a time", "[2026-03-04 10:41:07,123] WARN worker: queue is full",
                "2026-03-04T10:41:07.123", {}, ""),
    "kubernetes": ("Kubernetes audit", json.dumps({
        "auditID": "a", "verb": "delete", "requestURI": "/api/v1/x", "stage": "ResponseComplete",
        "requestReceivedTimestamp": "2026-03-04T10:41:07.123456Z", "user": {"username": "alice"},
        "sourceIPs": ["192.0.2.7"], "objectRef": {"resource": "pods", "name": "web"},
        "responseStatus": {"code": 403, "reason": "Forbidden"}}), "2026-03-04T10:41:07.123456",
        {"actor": "alice", "action": "delete", "target": "web", "error": "Forbidden"}, "failure"),
    "okta": ("Okta system log", json.dumps({
        "eventType": "user.session.start", "published": "2026-03-04T10:41:07.000Z",
        "actor": {"alternateId": "alice@example.org"}, "client": {"ipAddress": "192.0.2.7"},
        "outcome": {"result": "FAILURE", "reason": "INVALID_CREDENTIALS"}}), "2026-03-04T10:41:07",
        {"actor": "alice@example.org", "address": "192.0.2.7", "error": "INVALID_CREDENTIALS"},
        "failure"),
    "entra": ("Entra sign-in", json.dumps({
        "createdDateTime": "2026-03-04T10:41:07Z", "userPrincipalName": "alice@example.org",
        "appDisplayName": "Portal", "ipAddress": "192.0.2.7", "status": {"errorCode": 50126}}),
        "2026-03-04T10:41:07", {"actor": "alice@example.org", "service": "Portal"}, "failure"),
    "github": ("GitHub audit", json.dumps({
        "@timestamp": 1772620867000, "action": "repo.create", "actor": "alice", "org": "o",
        "repo": "o/r", "actor_ip": "192.0.2.7"}), "2026-03-04T10:41:07",
        {"actor": "alice", "action": "repo.create", "target": "o/r"}, ""),
    "eve": ("Suricata EVE", json.dumps({
        "timestamp": "2026-03-04T10:41:07.000001+0000", "event_type": "alert", "flow_id": 1,
        "src_ip": "192.0.2.7", "dest_ip": "192.0.2.8",
        "alert": {"action": "blocked", "signature": "ET SCAN", "signature_id": 2001}}),
        "2026-03-04T10:41:07.000001", {"action": "ET SCAN", "event": "2001"}, "failure"),
    "journald": ("journald", json.dumps({
        "__REALTIME_TIMESTAMP": "1772620867000000", "MESSAGE": "x", "_HOSTNAME": "web1",
        "SYSLOG_IDENTIFIER": "sshd"}), "2026-03-04T10:41:07",
        {"host": "web1", "process": "sshd"}, ""),
    "json": ("JSON", json.dumps({"time": "2026-03-04T10:41:07Z", "user": "alice", "level": "info",
                                 "status": 200}), "2026-03-04T10:41:07", {"actor": "alice"}, ""),
}  # fmt: skip


@pytest.mark.parametrize("name", SAMPLES)
def test_a_line_of_each_format(name: str, tmp_path: Path) -> None:
    form, line, when, facts, outcome = SAMPLES[name]
    path = tmp_path / "x.log"
    path.write_text(f"{line}\n" * 3)
    found, source = read(path)
    assert source.format == form
    one = found[0]
    assert one.time is not None
    assert one.time.isoformat().startswith(when)
    said = {role: values[0] for role, values in one.facts.items()}
    assert facts.items() <= said.items()
    assert one.outcome == outcome
    assert one.raw == line or json.loads(one.raw) == json.loads(line)


def test_a_document_of_records_and_a_packed_file(tmp_path: Path) -> None:
    record = {"eventName": "GetObject", "eventSource": "s3.amazonaws.com", "errorCode": "Denied",
              "eventTime": "2026-03-04T10:41:07Z"}  # fmt: skip
    path = tmp_path / "trail.json.gz"
    path.write_bytes(gzip.compress(json.dumps({"Records": [record, record]}).encode()))
    found, source = read(path)
    assert [one.id for one in found] == ["x:1", "x:2"]
    assert (source.format, found[0].outcome) == ("CloudTrail", "failure")


def test_the_format_is_locked_and_what_it_cannot_read_is_counted(tmp_path: Path) -> None:
    path = tmp_path / "mixed.log"
    good = "Mar  4 10:41:07 web1 app: fine\n"
    path.write_text(good * 120 + '{"time": "2026-03-04T10:41:07Z"}\nno time at all\n' + good)
    found, source = read(path)
    assert source.format == "syslog RFC 3164"
    assert (source.lines, source.untimed) == (123, 2)
    assert [one.raw for one in found if one.time is None][1] == "no time at all"


def test_a_stack_trace_belongs_to_the_line_above(tmp_path: Path) -> None:
    path = tmp_path / "app.log"
    path.write_text("2026-03-04 10:41:07 ERROR boom\n  at a.b\n  at c.d\n2026-03-04 10:41:08 ok\n")
    found, source = read(path)
    assert [one.line for one in found] == [1, 4]
    assert found[0].raw.endswith("at a.b\n  at c.d")
    assert source.untimed == 0


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "is empty"),
        (b"\n\n  \n", "is empty"),
        (b"just some words\nwithout any time\n", "no format known here"),
        (b"\x7fELF\x02\x01" + bytes(range(256)) * 20, "no format known here"),
    ],
)
def test_what_is_no_log_says_so(content: bytes, why: str, tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_bytes(content)
    with pytest.raises(BadInput, match=why):
        open_log(path, Told("x", as_of=AS_OF))


def test_bytes_that_are_no_text_are_kept_and_told(tmp_path: Path) -> None:
    path = tmp_path / "x.log"
    line = b"Mar  4 10:41:07 web1 app: caf\xe9 \0 \xff\xfe done\r\n"
    path.write_bytes(line * 3 + b"Mar  4 10:41:08 web1 app: no end of line")
    found, source = read(path)
    assert len(found) == 4
    assert found[0].raw == "Mar  4 10:41:07 web1 app: caf\ufffd \0 \ufffd\ufffd done"
    assert any("no UTF-8" in said for said in source.warnings)


def test_a_line_of_megabytes_is_located_and_hides_no_other(tmp_path: Path) -> None:
    path = tmp_path / "x.log"
    good = b"Mar  4 10:41:07 web1 app: fine\n"
    path.write_bytes(good + b"Mar  4 10:41:07 web1 app: " + b"x" * (5 << 20) + b"\n" + good)
    found, source = read(path)
    assert [one.line for one in found] == [1, 3]
    assert source.rejects == 1
    assert source.rejected[0][0] == 2
