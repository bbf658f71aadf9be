"""What people may say of a review, and who may not."""

from __future__ import annotations

import pytest

from render.sample_review import AT, sample_review
from undersign.errors import UsageError
from undersign.records.review import Judged
from undersign.surfaces.review import verdicts

ME = "you@example.org"


@pytest.mark.parametrize("decision", ["confirm", "dismiss", "accept-risk", "needs-info"])
def test_a_verdict_lands_on_one_candidate_and_no_other(decision: str) -> None:
    made = sample_review()
    word = Judged(decision, "read it", ME, AT)
    said = verdicts.judge(made, "aaaaaaaaaa", word)
    assert [one.judged for one in said.findings] == [word, made.findings[1].judged]
    assert said.coverage == made.coverage
    assert verdicts.is_closed(said.findings[0]) is (decision != "needs-info")


@pytest.mark.parametrize("decision", ["looked", "accept-risk"])
def test_a_statement_lands_on_one_area_and_no_other(decision: str) -> None:
    made = sample_review()
    word = Judged(decision, "read it", ME, AT)
    said = verdicts.state(made, "business-logic", word)
    changed = [
        a.key for a, b in zip(said.coverage.areas, made.coverage.areas, strict=True) if a != b
    ]
    assert changed == ["business-logic"]
    assert said.findings == made.findings


@pytest.mark.parametrize("person", ["anthropic:MODEL", "replay:x", "command:x", "offline", "", " "])
@pytest.mark.parametrize("about", ["candidate", "area"])
def test_no_drafter_and_nobody_speaks(person: str, about: str) -> None:
    with pytest.raises(UsageError):
        if about == "candidate":
            verdicts.judge(sample_review(), "aaaaaaaaaa", Judged("dismiss", "r", person, AT))
        else:
            verdicts.state(sample_review(), "design", Judged("looked", "r", person, AT))


@pytest.mark.parametrize("decision", ["looked", "reject"])
def test_no_candidate_is_looked_at_or_rejected(decision: str) -> None:
    with pytest.raises(UsageError):
        verdicts.judge(sample_review(), "aaaaaaaaaa", Judged(decision, "r", ME, AT))


@pytest.mark.parametrize("decision", ["confirm", "dismiss", "needs-info", "reject"])
def test_no_area_is_dismissed(decision: str) -> None:
    with pytest.raises(UsageError):
        verdicts.state(sample_review(), "design", Judged(decision, "r", ME, AT))


def test_a_reason_is_owed_and_the_target_exists() -> None:
    with pytest.raises(UsageError):
        verdicts.judge(sample_review(), "aaaaaaaaaa", Judged("dismiss", " \n", ME, AT))
    with pytest.raises(UsageError):
        verdicts.judge(sample_review(), "cccccccccc", Judged("dismiss", "r", ME, AT))
    with pytest.raises(UsageError, match="no area"):
        verdicts.state(sample_review(), "file:other.py", Judged("looked", "r", ME, AT))
