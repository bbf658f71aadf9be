"""The two forms in which the history arrives: flat JSON, and nested as Winlogbeat ships it."""

from __future__ import annotations

from typing import Any

from undersign.telemetry.sample_history.tape import HEADERS, Numbered, stamp


def flat(numbered: Numbered) -> dict[str, Any]:
    """Write one event as flat JSON with the names Windows gives its fields."""
    entry, header = numbered.entry, HEADERS[numbered.entry.kind]
    return {
        "Provider_Name": header.provider,
        "EventID": header.event_id,
        "Channel": header.channel,
        "Computer": entry.host.fqdn,
        "Level": header.level,
        "Task": header.task,
        "Keywords": header.keywords,
        "EventRecordID": numbered.record,
        "SystemTime": f"{stamp(entry.at)}Z",
        **entry.data,
    }


def winlogbeat(numbered: Numbered) -> dict[str, Any]:
    """Write one event nested by the Elastic Common Schema, its data as text."""
    entry, header = numbered.entry, HEADERS[numbered.entry.kind]
    return {
        "@timestamp": f"{stamp(entry.at)}Z",
        "event": {
            "code": str(header.event_id),
            "kind": "event",
            "provider": header.provider,
        },
        "host": {"name": entry.host.fqdn},
        "agent": {"type": "winlogbeat", "version": "8.17.0"},
        "ecs": {"version": "8.0.0"},
        "log": {"level": "verbose" if header.level == 5 else "information"},
        "winlog": {
            "api": "wineventlog",
            "channel": header.channel,
            "computer_name": entry.host.fqdn,
            "event_id": str(header.event_id),
            "provider_name": header.provider,
            "record_id": numbered.record,
            "keywords": [],
            "event_data": {name: str(value) for name, value in entry.data.items()},
        },
    }


BROKEN_LINES = (
    b'{"Provider_Name":"Microsoft-Windows-Sysmon","EventID":1,"Channel":"Microsoft-Windows-Sys',
    b"forwarder restarted, 2 events may be lost",
    b'{"EventID":"seventy","Channel":"System","Provider_Name":"Service Control Manager",'
    b'"Computer":"SQL02.corp.example","SystemTime":"2026-01-05T04:11:09.120Z"}',
    b'{"EventID":7036,"Channel":"System","Provider_Name":"Service Control Manager",'
    b'"Computer":"SQL02.corp.example","SystemTime":"yesterday evening"}',
    b'{"EventID":7036,"Channel":"System","Computer":"SQL02.corp.example","param1":"caf\xe9"}',
)
"""A cut line, a line of text, a number in words, a time in words, a byte that is no UTF-8."""
