"""When the rows of one command say they happened."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from undersign.records.exchange import Passage, Prompt
from undersign.surfaces.hunt.journal import Opening
from undersign.workspace import hunting, ledgerbook
from undersign.workspace.asking import ask
from undersign.workspace.drafting import draft
from undersign.workspace.modelling.drafter_line import Reach, open_line
from undersign.workspace.querying import Asked
from undersign.workspace.workspace import Workspace, init

NOW = datetime(2026, 3, 10, 12, 0, 0, 900_000, tzinfo=UTC)
FORM = {
    "type": "object",
    "properties": {"title": {"type": "string"}},
    "required": ["title"],
    "additionalProperties": False,
}
QUERY = {
    "query": "T\n| where a == 1\n",
    "value_reasons": [],
    "open_questions": [],
    "unused_words": [],
    "notes": "",
}


class Minutes:
    """A minute more each time one looks."""

    def __init__(self) -> None:
        self.looked = 0

    def __call__(self) -> float:
        self.looked += 1
        return 60.0 * (self.looked - 1)


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    init(tmp_path)
    return Workspace(tmp_path)


def _tape(folder: Path, *replies: object) -> str:
    path = folder / "tape.jsonl"
    path.write_text("".join(json.dumps({"reply": one}) + "\n" for one in replies))
    return f"replay:{path}"


def _times(workspace: Workspace) -> list[tuple[str, str]]:
    rows = ledgerbook.show(workspace, None, 100)
    return [(str(row.body.get("step") or row.kind), row.at[11:]) for row in rows
            if row.kind in ("call", "draft", "hunt")]  # fmt: skip


def test_every_row_of_a_call_has_its_own_time(workspace: Workspace) -> None:
    drafter = _tape(workspace.root, {"titel": "x"}, {"title": "x"})
    line = open_line(workspace, drafter, "detect", Reach(elapsed=Minutes()), NOW)
    line.talk(Prompt("sigma", "detect", "Write.", (Passage("brief", "x"),), FORM), None)
    assert _times(workspace) == [
        ("sending", "12:00:00Z"),
        ("failed", "12:01:00Z"),
        ("sending", "12:02:00Z"),
        ("answered", "12:03:00Z"),
    ]


def test_what_was_drafted_comes_after_its_calls(workspace: Workspace) -> None:
    drafter = _tape(workspace.root, QUERY)
    reach = Reach(elapsed=Minutes())
    done = draft(workspace, "kql", "rows where a is 1", drafter=drafter, reach=reach, output=None,
                 force=False, now=NOW)  # fmt: skip
    assert done.calls
    _in_order(workspace, "draft")


def test_a_question_is_journalled_after_its_calls(workspace: Workspace) -> None:
    drafter = _tape(workspace.root, QUERY)
    hunting.new(workspace, Opening("Guessing"), person="you@example.org", now=NOW)
    reply = ask(workspace, "rows where a is 1", "kql", Asked(NOW), drafter=drafter,
                reach=Reach(elapsed=Minutes()))  # fmt: skip
    assert reply.entry == 1
    _in_order(workspace, "hunt", "draft")


def _in_order(workspace: Workspace, *last: str) -> None:
    rows = _times(workspace)
    steps = [step for step, _ in rows]
    begun = steps.index("sending")
    assert steps[-len(last) :] == list(last)
    times = [at for _, at in rows[begun:]]
    assert times == sorted(times)
    assert times[0] < times[1] < times[-1]


def test_by_the_clock_of_the_machine_rows_never_go_back(workspace: Workspace) -> None:
    reach = Reach()
    assert NOW <= reach.at(NOW) <= reach.at(NOW) < NOW + timedelta(minutes=5)
