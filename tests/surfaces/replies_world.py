"""Slots of replies for tests: whole ones, to be changed in one place at a time."""

from __future__ import annotations

import copy
from typing import Any

RULE: dict[str, Any] = {
    "title": "Service tickets with weak encryption",
    "description": "Tickets with RC4 can be cracked offline. Many of them are collected.",
    "logsource": {"product": "windows", "category": None, "service": "security"},
    "selections": [
        {
            "name": "selection",
            "any_of": [
                [
                    {"field": "EventID", "modifiers": [], "values": [4769]},
                    {"field": "TicketEncryptionType", "modifiers": [], "values": ["0x17"]},
                ]
            ],
        },
        {
            "name": "filter_machine",
            "any_of": [[{"field": "ServiceName", "modifiers": ["endswith"], "values": ["$"]}]],
        },
    ],
    "condition": "selection and not filter_machine",
    "correlation": None,
    "level": "high",
    "false_positives": ["Inventory scanners"],
    "techniques": ["T1558.003"],
    "tactics": ["credential-access"],
    "examples": [
        {
            "name": "ticket of a service account",
            "matches": True,
            "fields": [
                {"field": "EventID", "value": 4769},
                {"field": "TicketEncryptionType", "value": "0x17"},
                {"field": "ServiceName", "value": "svc-sql"},
            ],
        },
        {
            "name": "ticket of a machine",
            "matches": False,
            "fields": [
                {"field": "EventID", "value": 4769},
                {"field": "TicketEncryptionType", "value": "0x17"},
                {"field": "ServiceName", "value": "FS1$"},
            ],
        },
    ],
    "value_reasons": [],
    "open_questions": [],
    "unused_words": [],
    "leaned_on": [],
    "notes": "",
}
CORRELATION: dict[str, Any] = {
    "type": "value_count",
    "group_by": ["IpAddress"],
    "timespan": "30m",
    "operator": "gte",
    "threshold": 12,
    "field": "ServiceName",
    "threshold_from": "guess",
}


def rule_slots(**changes: Any) -> dict[str, Any]:
    return copy.deepcopy(RULE) | changes


def query_slots(query: str, **changes: Any) -> dict[str, Any]:
    empty: dict[str, Any] = {"value_reasons": [], "open_questions": [], "unused_words": []}
    return {"query": query, **empty, "notes": "", **changes}
