"""A review is signed when people have said everything, and not before; and the signature holds."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from faces.cli_runner import Ran, Terminal
from render.sample_review import sample_review
from undersign.records.review import Coverage, FileCoverage, FileState, Judged, Review
from undersign.surfaces.review import review_file
from undersign.surfaces.review.areas import areas
from undersign.workspace.files import MAX_ARTIFACT_BYTES
from undersign.workspace.workspace import find

ME = "you@example.org"
PATH = "reviews/x.sarif"
OPEN = ["design", "multi-step-authorization", "business-logic", "novel-sinks"]


class Desk(Terminal):
    """Types command lines in a workspace with a review."""

    def keep(self, review: Review, path: str = PATH) -> None:
        place = self.folder / path
        place.parent.mkdir(exist_ok=True)
        place.write_text(review_file.write(review))

    def kept(self, path: str = PATH) -> Review:
        review = review_file.read((self.folder / path).read_text()).review
        assert review is not None
        return review

    def say(self, target: str, verdict: str, reason: str = "read it") -> Ran:
        return self("triage", target, verdict, "--reason", reason)

    def sign(self, *more: str) -> Ran:
        model = more or ("--threat-model", "docs/threats.md")
        return self("sign", PATH, "--key", self.folder.parent / "key", *model)

    def state_all(self) -> None:
        for area in self.kept().coverage.areas:
            assert self.say(f"{PATH}#{area.key}", "looked").code == 0

    def judge_all(self) -> None:
        for one in self.kept().findings:
            assert self.say(one.id, "confirm").code == 0


@pytest.fixture
def desk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Desk:
    root = tmp_path / "desk"
    Desk(root, capsys)("init", root)
    key = tmp_path / "key"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(key)], check=True)
    public = key.with_suffix(".pub").read_text()
    (root / "allowed_signers").write_text(f'{ME} namespaces="undersign/v1" {public}')
    monkeypatch.chdir(root)
    monkeypatch.setenv("UNDERSIGN_PERSON", ME)
    made = Desk(root, capsys)
    sample = sample_review()
    made.keep(replace(sample, findings=tuple(replace(f, judged=None) for f in sample.findings),
                      coverage=_unstated(sample.coverage.files)))  # fmt: skip
    return made


def _unstated(files: tuple[FileCoverage, ...]) -> Coverage:
    return Coverage(files, (), areas(files))


def _empty(files: tuple[FileCoverage, ...] = ()) -> Review:
    return replace(sample_review(), findings=(), coverage=_unstated(files))


def test_a_review_is_signed_when_everything_is_said_and_the_signature_covers_it(desk: Desk) -> None:
    refused = desk.sign()
    assert refused.code == 1
    assert "untriaged-candidate" in refused.err
    assert "unstated-area" in refused.err
    desk.judge_all()
    refused = desk.sign()
    assert refused.code == 1
    assert "untriaged-candidate" not in refused.err
    desk.state_all()
    signed = desk.sign()
    assert signed.code == 0, signed.err
    assert "not in this ledger" not in signed.err + signed.out
    assert desk("verify", PATH).code == 0


EDITS: list[tuple[str, str]] = [
    ('"confirm"', '"dismiss"'), ("read it", "skimmed it"), (ME, "me@example.org"),
    ('"supported"', '"refuted"'), ('"binary"', '"assessed"'), ("business-logic", "business"),
]  # fmt: skip


@pytest.mark.parametrize(("before", "after"), EDITS)
def test_no_word_of_a_signed_review_can_be_edited(desk: Desk, before: str, after: str) -> None:
    desk.judge_all()
    desk.state_all()
    assert desk.sign().code == 0
    place = desk.folder / PATH
    assert before in place.read_text()
    place.write_text(place.read_text().replace(before, after, 1))
    assert desk("verify", PATH).code == 1


def test_a_verdict_after_signing_ends_the_signature(desk: Desk) -> None:
    desk.judge_all()
    desk.state_all()
    assert desk.sign().code == 0
    assert desk.say("aaaaaaaaaa", "dismiss").code == 0
    assert desk("verify", PATH).code == 1


@pytest.mark.parametrize("left", OPEN)
def test_a_review_that_found_nothing_waits_for_people_too(desk: Desk, left: str) -> None:
    desk.keep(_empty())
    for area in OPEN:
        if area != left:
            desk.say(f"{PATH}#{area}", "looked")
    refused = desk.sign()
    assert refused.code == 1
    assert f"{PATH}#{left}" in refused.err or left in refused.err
    assert desk.say(f"{PATH}#{left}", "accept-risk").code == 0
    assert desk.sign().code == 0


def test_a_question_is_answered_before_signing(desk: Desk) -> None:
    desk.state_all()
    desk.judge_all()
    asked = desk.say("aaaaaaaaaa", "needs-info", "which database?")
    assert asked.code == 0
    assert "aaaaaaaaaa" in asked.err
    refused = desk.sign()
    assert refused.code == 1
    assert "which database?" in refused.err
    desk.say("aaaaaaaaaa", "accept-risk")
    assert desk.sign().code == 0


def test_a_check_of_the_review_cannot_be_waived(desk: Desk) -> None:
    waived = ("untriaged-candidate", "unstated-area")
    document = desk("check", PATH, "--json").json
    checks = document["artifacts"][0]["outcomes"]
    found = [f for c in checks if c["check"] in waived for f in c["findings"]]
    assert found
    for one in found:
        refused = desk.say(one["id"], "dismiss")
        assert refused.code == 2, refused
        assert "cannot be waived" in refused.err
    assert desk.sign().code == 1


@pytest.mark.parametrize(
    ("target", "verdict", "reason"),
    [
        ("aaaaaaaaaa", "looked", "r"),
        ("aaaaaaaaaa", "dismiss", "  "),
        ("cccccccccc", "dismiss", "r"),
        (f"{PATH}#design", "dismiss", "r"),
        (f"{PATH}#nothing", "looked", "r"),
        ("reviews/none.sarif#design", "looked", "r"),
    ],
)
def test_a_wrong_word_changes_nothing(desk: Desk, target: str, verdict: str, reason: str) -> None:
    before = (desk.folder / PATH).read_bytes()
    assert desk.say(target, verdict, reason).code == 2
    assert (desk.folder / PATH).read_bytes() == before


def test_a_drafter_of_the_review_says_nothing(desk: Desk) -> None:
    refused = desk(
        "triage", "aaaaaaaaaa", "dismiss", "--reason", "r", "--person", "anthropic:MODEL"
    )
    assert refused.code == 2


def test_looked_is_no_verdict_on_a_rule(desk: Desk) -> None:
    assert desk.say("rules/x.yml#History", "looked").code == 2


def test_files_are_stated_by_name_or_by_pattern(desk: Desk) -> None:
    names = ("pages/[id].ts", "pages/[slug].ts", "a.md", "b.md", "odd#name.bin")
    desk.keep(_empty(tuple(FileCoverage(n, FileState.UNSUPPORTED, why="w") for n in names)))
    assert desk.say(f"{PATH}#file:pages/[id].ts", "looked").code == 0
    assert _said(desk) == {"file:pages/[id].ts"}
    assert desk.say(f"{PATH}#file:*.md", "looked").code == 0
    assert desk.say(f"{PATH}#file:odd#name.bin", "looked").code == 0
    assert _said(desk) == {f"file:{n}" for n in names} - {"file:pages/[slug].ts"}
    for rest in (*OPEN, "file:pages/[[]slug].ts"):
        assert desk.say(f"{PATH}#{rest}", "looked").code == 0
    signed = desk.sign()
    assert signed.code == 0, signed.err
    assert "not in this ledger" not in signed.err + signed.out


def _said(desk: Desk) -> set[str]:
    return {area.key for area in desk.kept().coverage.areas if area.statement}


def test_a_candidate_can_be_named_with_its_review(desk: Desk) -> None:
    desk.keep(desk.kept(), "reviews/newer.sarif")
    assert desk.say(f"{PATH}#aaaaaaaaaa", "confirm").code == 0
    assert desk.kept().findings[0].judged
    assert desk.kept("reviews/newer.sarif").findings[0].judged is None


def test_a_damaged_review_beside_it_is_in_nobodys_way(desk: Desk) -> None:
    (desk.folder / "reviews" / "z.sarif").write_bytes(b"\xff\xfe")
    assert desk.say("aaaaaaaaaa", "confirm").code == 0


def _typed(change: Callable[[Judged], Judged]) -> Callable[[Review], Review]:
    def of(review: Review) -> Review:
        first = review.findings[0]
        assert first.judged
        typed = replace(first, judged=change(first.judged))
        return replace(review, findings=(typed, *review.findings[1:]))

    return of


@pytest.mark.parametrize(
    "change",
    [
        lambda word: replace(word, decision="dismiss"),
        lambda word: replace(word, person="boss@example.org"),
        lambda word: replace(word, reason="harmless"),
    ],
)
def test_a_verdict_that_was_typed_in_is_told_on_signing(
    desk: Desk, change: Callable[[Judged], Judged]
) -> None:
    desk.judge_all()
    desk.state_all()
    desk.keep(_typed(change)(desk.kept()))
    signed = desk.sign()
    assert signed.code == 0
    assert "aaaaaaaaaa is not in this ledger" in signed.err + signed.out


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda word: replace(word, decision="fine"), "not one of"),
        (lambda word: replace(word, person="anthropic:MODEL"), "is a drafter"),
        (lambda word: replace(word, reason=" "), "has no reason"),
        (lambda word: replace(word, at=""), "has no at"),
    ],
)
def test_a_verdict_of_nobody_is_no_verdict(
    desk: Desk, change: Callable[[Judged], Judged], told: str
) -> None:
    desk.judge_all()
    desk.state_all()
    desk.keep(_typed(change)(desk.kept()))
    refused = desk.sign()
    assert refused.code == 1
    assert told in refused.err


def test_a_review_edited_by_hand_is_neither_judged_nor_signed(desk: Desk) -> None:
    desk.judge_all()
    desk.state_all()
    place = desk.folder / PATH
    document = json.loads(place.read_text())
    del document["runs"][0]["results"][0]
    place.write_text(json.dumps(document, indent=1) + "\n")
    assert desk.sign().code == 1
    assert desk.say("bbbbbbbbbb", "dismiss").code == 2
    assert "edited by hand" in desk("check", PATH).out


def test_a_review_cites_a_threat_model_and_no_waiver_is_advised(desk: Desk) -> None:
    desk.judge_all()
    desk.state_all()
    refused = desk.sign("--json")
    assert refused.code == 1
    assert "--threat-model" in refused.err + refused.out
    assert "missing-threat-model" not in refused.err + refused.out


def test_a_file_that_changed_since_is_told(desk: Desk) -> None:
    (desk.folder / "a.py").write_text("x = 1\n")
    desk.keep(_empty((FileCoverage("a.py", FileState.ASSESSED, 1, digest="0" * 64),)))
    assert "a.py has changed since the review" in desk("check", PATH).out


def test_every_word_is_in_the_ledger(desk: Desk) -> None:
    desk.say("aaaaaaaaaa", "dismiss", "a constant")
    desk.say(f"{PATH}#design", "looked", "the token flow")
    assert desk("log", "verify").code == 0
    bodies = [one.body for one in find(desk.folder).ledger.entries("triage", PATH)]
    said = [(b["target"], b["decision"], b["reason"], b["person"]) for b in bodies]
    assert said == [
        ("aaaaaaaaaa", "dismiss", "a constant", ME),
        (f"{PATH}#design", "looked", "the token flow", ME),
    ]
    kept = desk.kept().findings[0].judged
    assert kept
    assert (kept.decision, kept.reason, kept.person) == ("dismiss", "a constant", ME)


def test_a_review_of_thousands_of_candidates_is_judged(desk: Desk) -> None:
    one = desk.kept().findings[0]
    many = tuple(replace(one, id=f"{n:010x}") for n in range(1_500))
    desk.keep(replace(desk.kept(), findings=many))
    assert (desk.folder / PATH).stat().st_size > MAX_ARTIFACT_BYTES
    assert desk.say(f"{1_499:010x}", "confirm").code == 0
    assert desk.kept().findings[-1].judged
