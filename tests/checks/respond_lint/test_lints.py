"""Lints of documents on made texts: layouts, words that only look like faults, bounds."""

from __future__ import annotations

import time

import pytest

from checks.respond_lint.linting import DOCUMENT_LINTS, lint

KEYS = "- Detected: 2023-03-09 10:15 UTC\n- Resolved: 2023-03-09 12:38 UTC\n"


def _codes(text: str, *codes: str) -> list[tuple[str, str]]:
    return [(one.code, one.found) for one in lint(text, codes)]


@pytest.mark.parametrize(
    "text",
    [
        f"{KEYS}- Time to resolve: 3h 23m\n",
        f"{KEYS}- TTR: 3 hours and 23 minutes\n",
        f"{KEYS}\nThe incident was resolved after 3h 23m.\n",
        f"{KEYS}\nIt took 3h 23m to resolve the incident.\n",
        "The outage went on from 10:15 to 12:38 UTC (3h 23m).\n",
        "It was down for 3h 23m between 2023-03-09 10:15 and 2023-03-09 12:38.\n",
        "| Outage | 23:50 – 00:20 UTC, 3h 23m |\n|---|---|\n| 23:50–00:20, 3h 23m | x |\n",
        "- Impact started: 2023-03-09 23:50 UTC\n- Repaired: 2023-03-10 01:00 UTC\n"
        "- Detected: 2023-03-09 23:55\n- Outage duration: 3h 23m\n",
        "- Detected: 2023-03-09 10:15 PST\n- Resolved: 2023-03-09 20:38 UTC\n- TTR: 3h 23m\n",
        "# Timeline\n\n- 10:15 Alert\n- 10:20 Looked\n- 12:38 Fixed\n\nTime to repair: 3h 23m\n",
        "# 2023-03-09\n\n- 10:15 Incident declared\n- 12:38 Incident resolved\n\nTTR: 3h 23m\n",
    ],
)
def test_wrong_lengths_in_words_of_any_kind(text: str) -> None:
    found = _codes(text, "RSP020")
    assert found
    assert all("3" in length for _, length in found)


@pytest.mark.parametrize(
    "text",
    [
        f"{KEYS}- Time to resolve: 2h 23m\n",
        f"{KEYS}- Time to resolve: 143 minutes\n",
        f"{KEYS}- Time to resolve: 2 hours\n",
        f"{KEYS}- Time to resolve: about 3 hours\n",
        f"{KEYS}- Mean time to resolve: 9h 12m\n- Target time to resolve: 1h\n",
        f"{KEYS}- Time to resolve: 1h 23m (during support hours 10:00-17:00)\n",
        f"{KEYS}\nIt took 9 hours to restore the old data, which nobody waited for.\n",
        f"{KEYS}\nThe first restart lasted 20 minutes.\n",
        f"{KEYS}- Time to resolve: 3h 08m\n\n# Timeline\n\n- 2023-03-09 09:30 UTC Deployed\n"
        "- 2023-03-09 10:15 UTC First alert\n- 2023-03-09 12:38 UTC All is well\n",
        f"{KEYS}- Outage duration: 5h 10m\n",  # it may have begun before anybody saw it
        "It was down for 20 minutes between 10:15 and 12:38 UTC.\n",
        "From 23:50 to 00:20 UTC (30 minutes) nothing answered.\n",
        "- Detected: 2023-03-09 10:15 PST\n- Resolved: 2023-03-09 20:38 UTC\n- TTR: 2h 23m\n",
        "- Detected: 3/4/2023 10:15\n- Resolved: 3/5/2023 10:25\n- Time to resolve: 24h 10m\n",
        "- Detected: 23:50\n- Resolved: 00:20\n- Time to resolve: 30m\n",
        "# Timeline\n\n- 10:15 First alert\n- HH:mm Looked\n- 12:38 Fixed\n- 13:00 Told\n\n"
        "Time to repair: 3h 23m\n",
        f"{KEYS}\n```\nTime to resolve: 9h 12m\n```\n",
    ],
)
def test_right_lengths_and_lengths_of_something_else(text: str) -> None:
    assert _codes(text, "RSP020", "RSP021") == []


REPORT = """\
# Postmortem: API outage on 4 May 2026

| Field | Value |
|---|---|
| Date | 2026-05-04 |
| Start | 14:02 UTC |
| Detected | 14:10 UTC |
| Mitigated | 15:25 UTC |
| Resolved | 16:40 UTC |
| Time to detect | 8 min |
| Time to mitigate | 75 min |
| Time to resolve | 150 min |
| Duration | 2h 38m |

## Summary

On May 4, 2026 between 14:02 and 16:40 UTC (2h 38m), the API returned errors. The incident lasted
2 hours and 38 minutes. The retry budget lasted 20 minutes, and time to first byte was 3 s.

## Timeline

**14:02** - Deploy finished
**14:10** - Alert fired
**15:25** - Rolled back
**16:40** - Incident resolved
"""


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("", ""),
        ("| 8 min", "| 18 min"),
        ("75 min", "57 min"),
        ("150 min", "250 min"),
        ("Duration | 2h 38m", "Duration | 3h 38m"),
        ("(2h 38m)", "(1h 38m)"),
        ("2 hours and", "4 hours and"),
    ],
)
def test_a_whole_report_in_which_one_figure_is_wrong(right: str, wrong: str) -> None:
    found = _codes(REPORT.replace(right, wrong) if right else REPORT, "RSP020", "RSP021", "RSP022")
    assert len(found) == bool(right)


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("At 25:61 UTC.", "25:61 UTC"),
        ("On 30 February 2023.", "30 February 2023"),
        ("- Detected: 2023-03-09 10:15\n- Resolved: 2023-03-09 09:15\n", "2023-03-09 09:15"),
        ("- Detected: 2023-07-09 10:15\n- Declared: 2023-06-09 10:20\n"
         "- Repaired: 2023-07-09 11:00\n- Resolved: 2023-07-09 11:30\n", "2023-06-09 10:20"),
        ("- 2023-07-09 10:15 a\n- 2022-07-09 10:20 b\n- 2023-07-09 10:30 c\n", "2022-07-09 10:20"),
        ("On Monday, 11 July 2023.", "Monday, 11 July 2023"),
    ],
)  # fmt: skip
def test_times_that_cannot_be(text: str, place: str) -> None:
    assert _codes(text, "RSP021") == [("RSP021", place)]


@pytest.mark.parametrize(
    "text",
    [
        "- Detected: 23:50\n- Resolved: 00:20\n",
        "- Detected: 2023-03-09 10:15 PST\n- Resolved: 2023-03-09 18:30 UTC\n",
        "- Detected: 2023-03-09 10:15\n- Declared: 2023-03-09 10:20\n- Repaired: 2023-03-09 11:00\n"
        "- Resolved: 2023-04-20 11:00\n",
        "It was expected to be resolved by 2023-03-09 09:00. Detected: 2023-03-09 10:15.\n",
        "Tuesday, 11 July 2023 at 24:00",
    ],
)
def test_times_that_can_be(text: str) -> None:
    assert _codes(text, "RSP021") == []


@pytest.mark.parametrize(
    ("lines", "moved"),
    [
        (["23:50 a", "23:58 b", "00:05 c", "00:10 d"], []),
        (["12:10 d", "11:00 c", "10:30 b", "10:15 a"], []),
        (["10:15 a", "11:30 b", "11:00 c", "12:00 d"], ["11:30"]),
        (["10:15 UTC a", "11:30 CET b", "11:00 UTC c"], []),
        (["Dec 31 23:50 a", "Jan 1 00:10 b", "Jan 1 00:20 c"], []),
        (["2023-01-01 10:00 a", "2023-01-01 09:00 b"], []),
    ],
)
def test_orders(lines: list[str], moved: list[str]) -> None:
    for text in (
        "\n".join(f"- {line}" for line in lines),
        "\n\n".join(lines),
        "# Timeline\n\n" + "\n\n".join(f"## {line}\n\nwords" for line in lines),
        "| When |\n|---|\n" + "\n".join(f"| {line} |" for line in lines),
    ):
        assert [found for _, found in _codes(text, "RSP022")] == moved, text


@pytest.mark.parametrize(
    "text",
    [
        "The job failed to read the index.", "Elasticsearch failed to verify the shard.",
        "Nobody is to blame.", "A bug in the parser was to blame.", "We should have tested this.",
        "Human error is not a root cause.", "Operator error is a symptom of a missing guard.",
        "This is no search for the engineer's mistake.", "Lazy loading was switched off.",
        "The administrator failed to log in 14 times.", "Chrome's error page came up.",
        "It forgot the session.", "Users failed to authenticate.",
    ],
)  # fmt: skip
def test_words_that_blame_nobody(text: str) -> None:
    assert _codes(text, "RSP024") == []


@pytest.mark.parametrize(
    "text",
    [
        "The on-call engineer failed to check the alert.", "It was the operator's mistake.",
        "Human error was the cause.", "He should have known.", "alice's blunder took it down.",
        "Someone carelessly dropped the table.", "The contractor was to blame.",
        "Bob forgot to renew it.", "@alice neglected to look.", "We blame the intern.",
    ],
)  # fmt: skip
def test_words_that_blame_a_person(text: str) -> None:
    assert len(_codes(text, "RSP024")) == 1


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ("Human error.\n", 1),
        ("- An engineer deleted the volume by mistake.\n", 1),
        ("- An engineer deleted the volume by mistake.\n- The tool asks nothing.\n", 0),
        ("- Human error.\n- Setup is documented badly.\n", 0),
        ("A bug in the parser.\n", 0),
    ],
)
def test_causes(body: str, found: int) -> None:
    assert len(_codes(f"## Root cause\n\n{body}", "RSP025")) == found


@pytest.mark.parametrize(
    ("item", "missing"),
    [
        ("- Add an alert", "no owner, no due date, no type"),
        ("- (detect) Add an alert, owner: platform, due 2026-05-01", ""),
        ("- **Prevent**: add a limit by next sprint (Platform)", ""),
        ("- Add an alert by monitoring more, see (above)", "no owner, no due date, no type"),
        ("- Platform team will add an alert by 1 May 2026", "no type"),
        ("- [x] Add an alert", ""),
        ("- We've already added an alert", ""),
        ("- We need an alert", "no owner, no due date, no type"),
        ("- owner: TBD, due 2026-05-01, type: detect", "no owner"),
        ("| What | Who | When | Type |\n|---|---|---|---|\n| Alert | @alice | TBD | detect |",
         "no due date"),
    ],
)  # fmt: skip
def test_actions(item: str, missing: str) -> None:
    said = lint(f"## Action items\n\n{item}\n", ("RSP026",))
    assert [one.message for one in said] == ([missing] if missing else [])


def test_an_action_that_is_tracked_is_noted_only() -> None:
    for link in ("OPS-42", "#4711", "https://issues.example.org/1"):
        (said,) = lint(f"## Follow-ups\n\n- Add an alert {link}\n", ("RSP026",))
        assert said.severity == "note"


@pytest.mark.parametrize(
    "text",
    ["N/A", "`TODO` is printed", "a todo list of ours", "[link](a.md)", "XXL", "the <b>bold</b>"],
)
def test_what_is_no_placeholder(text: str) -> None:
    assert _codes(text, "RSP027") == []


def test_zones_said_once_are_enough() -> None:
    lines = "- 10:15 a\n- 10:20 b\n"
    assert len(_codes(lines, "RSP023")) == 1
    for zone in ("All times are UTC.", "Times in Europe/Berlin.", "10:41 PST", "UK local time"):
        assert _codes(f"{zone}\n\n{lines}", "RSP023") == []


def test_a_long_document_is_linted_at_once() -> None:
    lines = [
        f"| 2023-03-09 {n // 60:02}:{n % 60:02} | The node failed to start. |" for n in range(900)
    ]
    text = (
        f"# Long\n\n{KEYS}- Time to resolve: 2h 23m\n\n## Timeline\n\n| When | What |\n|---|---|\n"
    )
    text += "\n".join(lines) + "\n\n## Action items\n\n" + "- Add one\n" * 90
    lint(text)
    started = time.process_time()
    lint(text)
    assert text.count("\n") > 990
    assert time.process_time() - started < 1.0  # 0.2 s on a quiet machine; benches say it exactly


HOSTILE = {
    "times": "- 10:41 detected resolved 1h 2m\n" * 3_000,
    "labels": "Detected: 2023-03-09 10:15 Resolved: 2023-03-10 10:15 TTR: 3h " * 300,
    "headings": "".join(f"# 2023-03-09 10:15 {n}\n\nTime to repair: 1h\n\n" for n in range(500)),
    "keys": "".join(f"- Detected: 20{n % 90 + 10}-03-09 10:15\n" for n in range(4_000)) + KEYS,
    "measures": "- 10:1 a\n"
    + "".join(f"- 10:{n % 60:02} a\n" for n in range(200))
    + "\nTime to repair: 9h 1m\n" * 3_000,
    "blame": "the " * 40_000 + "engineer",
    "brackets": "[" * 20_000 + "[a][" * 5_000,
    "names": "a." * 40_000 + "internal",
    "nulls": "\0- 10:41\0\r\n" * 2_000,
    "rows": "| a | b |\n|---|---|\n" + "| 10:41 | 1h |\n" * 3_000,
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_hostile_documents_are_bounded(text: str) -> None:
    started = time.process_time()
    lint(text)
    assert time.process_time() - started < 6


def test_every_document_lint_is_here() -> None:
    assert len(DOCUMENT_LINTS) == 11
