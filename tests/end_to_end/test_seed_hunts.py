"""The two questions that started the hunt surface, on CloudTrail events with a known answer."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from undersign.workspace import asking, hunt_rerun, hunting
from undersign.workspace.logs import ingest_document
from undersign.workspace.querying import Asked
from undersign.workspace.workspace import Workspace, init

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
OFFICE, ABROAD, INSIDE = "198.51.100.7", "203.0.113.99", "10.1.2.3"
UNUSUAL = "show me unusual S3 GetObject patterns from non-corporate IPs in the last 24 hours"
ASSUMED = (
    "find anomalous AssumeRole patterns where the source IP changed between authentication and "
    "the role-assumption call"
)


def event(name: str, who: str, address: str, ago: timedelta, **more: Any) -> dict[str, Any]:
    source = {"GetObject": "s3", "ConsoleLogin": "signin"}.get(name, "sts")
    return {
        "eventVersion": "1.08",
        "userIdentity": {
            "type": "IAMUser",
            "userName": who,
            "arn": f"arn:aws:iam::111122223333:user/{who}",
            "accountId": "111122223333",
            "accessKeyId": f"AKIA{who.upper()}",
        },
        "eventTime": (NOW - ago).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "eventSource": f"{source}.amazonaws.com",
        "eventName": name,
        "awsRegion": "eu-central-1",
        "sourceIPAddress": address,
        "userAgent": "aws-cli/2.15",
        "eventID": f"{name}-{who}-{address}-{ago}",
        "eventType": "AwsApiCall",
        "recipientAccountId": "111122223333",
        **more,
    }


def history() -> list[dict[str, Any]]:
    day, hour = timedelta(days=1), timedelta(hours=1)
    events = []
    for n in range(30):
        for who, address in (("ann", OFFICE), ("bob", "203.0.113.10"), ("cy", INSIDE)):
            bucket = {"requestParameters": {"bucketName": "reports", "key": f"{n}.csv"}}
            events.append(event("GetObject", who, address, n * day + hour, **bucket))
    secret = {"requestParameters": {"bucketName": "payroll", "key": "all.csv"}}
    events += [event("GetObject", "ann", ABROAD, n * hour / 10, **secret) for n in range(1, 6)]
    for who, later in (("ann", ABROAD), ("bob", "203.0.113.10")):
        first = OFFICE if who == "ann" else later
        events.append(event("ConsoleLogin", who, first, 5 * hour))
        events.append(event("AssumeRole", who, later, 4 * hour))
    return events


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    root = tmp_path_factory.mktemp("seed")
    made, _ = init(root)
    (root / "undersign.toml").write_text('[estate]\ncorporate = ["198.51.100.0/24"]\n')
    log = root / "trail.jsonl"
    log.write_text("".join(json.dumps(e) + "\n" for e in history()))
    ingest_document(made, [log], source=None, now=NOW, progress=lambda _: None)
    return Workspace(root)


def values(reply: asking.Reply) -> list[set[str]]:
    assert reply.answer is not None, reply.run
    return [{str(v) for v in row.values()} for row in reply.answer.table.to_pylist()]


def errors(reply: asking.Reply) -> list[str]:
    found = [f for outcome in reply.work.outcomes for f in outcome.findings]
    return [f"{f.check}: {f.message}" for f in found if f.severity.value == "error"]


@pytest.mark.parametrize("language", ["kql", "sql", "spl"])
def test_unusual_objects_from_outside(workspace: Workspace, language: str) -> None:
    reply = asking.ask(workspace, UNUSUAL, language, Asked(NOW))
    assert errors(reply) == []
    rows = values(reply)
    # bob works from abroad every day, cy from a private address, ann's office is corporate
    assert len(rows) == 1
    assert {"ann", ABROAD, "5"} <= rows[0]
    assert reply.draft.open_questions, "what `unusual` was taken to mean is said"
    counted = [stage.rows for stage in reply.run.stages] if reply.run else []
    assert counted and counted[0] == len(history())


@pytest.mark.parametrize("language", ["kql", "sql", "spl"])
def test_the_address_changed_before_the_role_was_assumed(
    workspace: Workspace, language: str
) -> None:
    reply = asking.ask(workspace, ASSUMED, language, Asked(NOW))
    assert errors(reply) == []
    rows = values(reply)
    assert len(rows) == 1
    assert {"ann", OFFICE, ABROAD, "AssumeRole", "ConsoleLogin"} <= rows[0]


def test_narrowed_journalled_and_run_again(workspace: Workspace) -> None:
    opening = hunting.Opening("Roles", "A session was stolen.", ("T1550.001",), ASSUMED)
    hunting.new(workspace, opening, person="you@example.org", now=NOW)
    first = asking.ask(workspace, "list AssumeRole calls in the last 7 days", "kql", Asked(NOW))
    assert first.answer is not None and first.answer.table.num_rows == 2
    narrowed = asking.refine(workspace, "narrow that to non-corporate IPs only", Asked(NOW))
    assert narrowed.answer is not None and narrowed.answer.table.num_rows == 2
    assert narrowed.draft.added and not narrowed.draft.removed
    kept = [line for line in first.draft.text.splitlines() if line.strip()]
    assert [line for line in kept if line in narrowed.draft.text] == kept
    assert (first.entry, narrowed.entry) == (1, 2)
    again = hunt_rerun.run_again(workspace, None, hunt_rerun.runner(workspace, NOW), now=NOW)
    assert {one.outcome for one in again} == {"same"}
