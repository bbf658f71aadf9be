"""One prompt, one reply, at most one repair: which draft is kept, and what is recorded of it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from undersign.drafters.call import Repair
from undersign.errors import BadInput, DrafterFailed, PolicyRefused
from undersign.records.artifact import Span
from undersign.records.exchange import Prompt, Reply, Usage
from undersign.records.finding import Finding, Severity
from undersign.surfaces.detect.rule_slots import SlotFault
from undersign.workspace.modelling.modelled import Made, modelled

PROMPT = Prompt("sigma", "detect", "Write.", (), {"type": "object"})


def _finding(severity: Severity, nth: int = 0) -> Finding:
    return Finding(str(nth), "unknown-field", "SIG011", severity, "no such field", Span(3, 1, 3, 2))


def _reply(name: str, **changes: object) -> Reply:
    usage = Usage(10, 5, None, 1.0)
    return Reply({"name": name}, "c1", "replay:x", usage=usage, **changes)  # type: ignore[arg-type]


class Talk:
    """Answers `first`, and `second` when a repair is asked for; keeps what it was told."""

    def __init__(self, first: Reply, second: Reply | Exception | None = None) -> None:
        self.first, self.second = first, second
        self.found: list[str] = []

    def __call__(self, prompt: Prompt, repair: Repair | None) -> Reply:
        if repair is None:
            return self.first
        self.found.append(repair.found.text)
        if isinstance(self.second, Exception):
            raise self.second
        assert self.second is not None, "nobody expected a repair"
        return self.second


def _make(errors: dict[str, int]) -> Callable[[Reply], Made[str]]:
    def make(reply: Reply) -> Made[str]:
        name = reply.slots["name"]
        if errors[name] < 0:
            raise SlotFault("two of a kind")
        found = [_finding(Severity.ERROR, n) for n in range(errors[name])]
        return Made(name, (*found, _finding(Severity.WARNING)))

    return make


def test_a_draft_without_errors_is_not_sent_back() -> None:
    made, came = modelled(PROMPT, Talk(_reply("a")), _make({"a": 0}))
    assert (made.artifact, came.repaired, came.before, came.calls) == ("a", False, None, ("c1",))
    assert came.usage.tokens_in == 10


def test_errors_are_repaired_once_and_told_with_their_place() -> None:
    talk = Talk(_reply("a"), _reply("b", repaired=True))
    made, came = modelled(PROMPT, talk, _make({"a": 2, "b": 0}))
    assert made.artifact == "b"
    assert came.repaired
    assert came.before == {"error": 2, "warning": 1, "note": 0}
    assert (came.usage.tokens_in, came.usage.cost_usd) == (20, None)
    assert talk.found[0].splitlines()[0] == ("line 3, column 1: unknown-field: no such field")


@pytest.mark.parametrize(("left", "kept"), [(1, "b"), (2, "b"), (3, "a"), (-1, "a")])
def test_the_better_draft_is_kept(left: int, kept: str) -> None:
    talk = Talk(_reply("a"), _reply("b", repaired=True))
    made, came = modelled(PROMPT, talk, _make({"a": 2, "b": left}))
    assert (made.artifact, came.repaired) == (kept, True)


def test_a_reply_that_was_repaired_for_its_form_is_not_repaired_again() -> None:
    made, came = modelled(PROMPT, Talk(_reply("a", repaired=True)), _make({"a": 4}))
    assert (made.artifact, len(made.errors), came.repaired) == ("a", 4, True)


def test_slots_that_make_nothing_are_repaired_or_refused() -> None:
    talk = Talk(_reply("a"), _reply("b", repaired=True))
    made, came = modelled(PROMPT, talk, _make({"a": -1, "b": 0}))
    assert (made.artifact, came.before) == ("b", None)
    assert talk.found == ["two of a kind"]
    with pytest.raises(BadInput, match="two of a kind"):
        modelled(PROMPT, talk, _make({"a": -1, "b": -1}))


@pytest.mark.parametrize("why", [DrafterFailed("gone"), PolicyRefused("no"), BadInput("twice")])
def test_a_repair_that_fails_leaves_the_first_draft_and_a_remark(why: Exception) -> None:
    made, came = modelled(PROMPT, Talk(_reply("a"), why), _make({"a": 1}))
    assert (made.artifact, came.repaired) == ("a", False)
    assert str(why) in came.remarks[0]
