"""The step `sign`, and whether a sign-off still holds: the tamper matrix."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from undersign.errors import SigningRefused, UsageError, VerificationFailed
from undersign.ledger import signing
from undersign.ledger.canonical import canonical
from undersign.ledger.event_log import EventLog
from undersign.ledger.keys import new_key
from undersign.ledger.sign_off import SignedFiles, sign_body, verify, void_body, wants_threat_model
from undersign.ledger.statement import LedgerHead, read
from undersign.records.finding import Status
from undersign.records.history import History, Rate
from undersign.records.work import Decision, Work
from undersign.workflow.sign import Signed, Surroundings, refusals, sign
from workflow.world import (
    ALICE,
    ALLOWED,
    AROUND,
    DRAFT,
    ERROR,
    KEY,
    NOW,
    PATH,
    READY,
    TESTS,
    TESTS_TEXT,
    TOOL,
    WARNING,
    WORK,
    verdict,
)

FULL = replace(
    AROUND,
    tests=TESTS,
    tests_digest=sha256(TESTS_TEXT).hexdigest(),
    baseline=(
        History(PATH, "t", "0" * 64, "measured", matches=3, rate_per_day=Rate(0.5, 0.1, 1.2, "p")),
    ),
    snapshot="123",
    ledger=LedgerHead(1, "1" * 64),
)


def signed(work: Work = READY, around: Surroundings = FULL) -> Signed:
    return sign(work, ALICE, KEY, around, now=NOW)


def on_disk(done: Signed) -> SignedFiles:
    text = done.work.artifact.text.encode()
    return SignedFiles(text, done.statement, done.signature, TESTS_TEXT, PATH)


def test_what_is_signed_holds_and_says_everything() -> None:
    done = signed()
    signer = verify(on_disk(done), ALLOWED)
    assert (signer.principal, signer.fingerprint) == (ALICE, KEY.public.fingerprint)
    assert done.work.signature is not None
    assert done.work.signature.statement_digest == sha256(done.statement).hexdigest()

    said = json.loads(done.statement)
    assert said["subject"][0] == {"name": PATH, "digest": {"sha256": READY.artifact.digest}}
    assert said["subject"][1]["name"] == TESTS.path
    predicate = said["predicate"]
    assert predicate["drafted_by"]["drafter"] == DRAFT.drafter
    assert predicate["brief"] == DRAFT.brief
    assert [c["status"] for c in predicate["checks"]].count("not_run") == 3
    assert predicate["checks"][0]["findings"][0]["id"] == ERROR.id
    assert [v["person"] for v in predicate["verdicts"]] == [ALICE] * 3
    assert predicate["tests"]["cases"][0]["written_by"] == "person:Alice"
    assert predicate["baseline"][0]["rate_per_day"]["mean"] == 0.5
    assert predicate["threat_model"] == {"citation": "threatmodels/ad.yml#T12"}
    assert predicate["signed_at"] == "2026-11-02T10:00:00Z"
    assert read(done.statement).verdicts == READY.verdicts


def test_the_same_facts_give_the_same_bytes() -> None:
    assert signed().statement == signed().statement


def test_ssh_keygen_accepts_a_sign_off(tmp_path: Path) -> None:
    if shutil.which("ssh-keygen") is None:
        pytest.skip("needs ssh-keygen (the OpenSSH client)")
    done = signed()
    (tmp_path / "allowed").write_text(ALLOWED)
    (tmp_path / "sig").write_text(done.signature)
    command = ["ssh-keygen", "-Y", "verify", "-f", str(tmp_path / "allowed"), "-I", ALICE]
    command += ["-n", "undersign/v1", "-s", str(tmp_path / "sig")]
    assert subprocess.run(command, input=done.statement, timeout=60).returncode == 0


def test_a_waiver_stands_in_for_a_threat_model() -> None:
    target = f"{PATH}#missing-threat-model"
    waived = replace(READY, verdicts=(*READY.verdicts, verdict(target, Decision.ACCEPT_RISK)))
    done = signed(waived, Surroundings(TOOL))
    waiver = json.loads(done.statement)["predicate"]["threat_model"]["waiver"]
    assert waiver == {"reason": "known", "person": ALICE, "at": "2026-11-02T10:00:00Z"}
    assert verify(on_disk(done), ALLOWED)
    asked = replace(waived, verdicts=(*waived.verdicts, verdict(target, Decision.NEEDS_INFO)))
    with pytest.raises(SigningRefused, match="no threat model"):
        signed(asked, Surroundings(TOOL))


def left_out(work: Work, name: str) -> Work:
    return replace(work, verdicts=tuple(v for v in work.verdicts if v.target != name))


REFUSED: dict[str, tuple[Work, str]] = {
    "an error is open": (left_out(READY, ERROR.id), f"undersign triage {ERROR.id} dismiss"),
    "a check could not run": (
        left_out(READY, f"{PATH}#never-fires"),
        f"it needs History; undersign triage '{PATH}#never-fires' accept-risk",
    ),
    "an error is confirmed": (
        replace(READY, verdicts=(*READY.verdicts, verdict(ERROR.id, Decision.CONFIRM))),
        f"confirmed this error; change the text, then run: undersign check {PATH}",
    ),
    "someone asks": (
        replace(READY, verdicts=(*READY.verdicts, verdict(WARNING.id, Decision.NEEDS_INFO))),
        "needs more information (known)",
    ),
    "nothing was checked": (replace(READY, outcomes=()), "nobody ran any check"),
    "the text is new": (READY.with_text("title: other\n"), "nobody ran any check"),
    "the signer drafted": (
        replace(READY, draft=replace(DRAFT, drafter=f"person:{ALICE}")), "drafted",
    ),
    "a drafter gave a verdict": (
        replace(READY, verdicts=(*READY.verdicts, verdict(WARNING.id, person="offline"))),
        f"so the verdict on {WARNING.id} does not count",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_not_ready_is_refused_with_the_next_command(name: str) -> None:
    work, expected = REFUSED[name]
    reasons = refusals(work, ALICE, TESTS, threat_model="T1")
    assert any(expected in reason for reason in reasons), reasons
    assert all("undersign " in reason for reason in reasons)
    with pytest.raises(SigningRefused, match="not ready to sign"):
        signed(work)


def test_failing_tests_and_a_missing_threat_model_are_refused() -> None:
    assert refusals(READY, ALICE, TESTS, threat_model="T1") == ()
    failing = replace(TESTS, cases=(replace(TESTS.cases[0], passed=False, detail="no match"),))
    (reason,) = refusals(READY, ALICE, failing, threat_model="T1")
    assert reason == f"the test 'a ticket' fails: no match; see: undersign test {PATH}"
    (reason,) = refusals(READY, ALICE, None, threat_model="  ")
    assert f"undersign sign {PATH} --threat-model REF" in reason


def test_checks_left_out_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    from undersign.checks.spec import Check
    from undersign.records.finding import Severity
    from undersign.workflow import check as step

    extra = Check("MAD001", "left-out", "x.y", Severity.NOTE, (READY.artifact.kind,))
    monkeypatch.setattr(step, "CHECKS", (extra,))
    (reason,) = refusals(READY, ALICE, None, threat_model="T1")
    assert "nobody ran left-out" in reason


def test_a_path_cannot_break_out_of_the_command() -> None:
    path = "rules/a b;rm -rf ~.yml"
    work = replace(WORK, artifact=replace(WORK.artifact, path=path))
    assert any(f"'{path}#never-fires'" in reason for reason in refusals(work, ALICE, None))


def resigned(done: Signed, change: Callable[[dict[str, Any]], object]) -> SignedFiles:
    """A statement changed and signed anew with the right key: only its content is wrong."""
    said = json.loads(done.statement)
    change(said)
    data = canonical(said)
    return replace(on_disk(done), statement=data, signature=signing.sign(data, KEY))


DONE = signed()
DISK = on_disk(DONE)
PLAIN: dict[str, tuple[SignedFiles, str]] = {
    "artifact": (replace(DISK, artifact=DISK.artifact + b" "), "artifact"),
    "artifact line ends": (
        replace(DISK, artifact=DISK.artifact.replace(b"\n", b"\r\n")), "artifact",
    ),
    "tests edited": (replace(DISK, tests=TESTS_TEXT + b"#"), "tests"),
    "tests gone": (replace(DISK, tests=None), "tests"),
    "other place": (replace(DISK, path="rules/other.yml"), "statement"),
    "statement edited": (
        replace(DISK, statement=DISK.statement.replace(b"known", b"KNOWN")), "signature",
    ),
    "statement reformatted": (replace(DISK, statement=DISK.statement + b"\n"), "statement"),
    "statement cut": (replace(DISK, statement=DISK.statement[:-5]), "statement"),
    "signature of another": (
        replace(DISK, signature=signing.sign(DISK.statement, new_key())), "signature",
    ),
    "signature of another text": (
        replace(DISK, signature=signing.sign(b"other", KEY)), "signature",
    ),
    "signature cut": (replace(DISK, signature=DISK.signature[:-40]), "signature"),
    "no signature": (replace(DISK, signature=""), "signature"),
}  # fmt: skip


@pytest.mark.parametrize("name", PLAIN)
def test_every_change_on_disk_names_its_part(name: str) -> None:
    files, part = PLAIN[name]
    with pytest.raises(VerificationFailed) as caught:
        verify(files, ALLOWED)
    assert caught.value.part == part
    assert caught.value.message.startswith((part, "this is no sign-off statement"))


def _predicate(**changes: object) -> Callable[[dict[str, Any]], object]:
    return lambda said: said["predicate"].update(changes)


RESIGNED: dict[str, tuple[Callable[[dict[str, Any]], object], str]] = {
    "no checks": (_predicate(checks=[]), "no check that it was run"),
    "no verdicts": (_predicate(verdicts=[]), f"leaves {PATH}#never-fires|leaves {ERROR.id} open"),
    "drafter signs": (
        lambda s: s["predicate"]["drafted_by"].update(drafter=f"person:{ALICE}"), "drafted this",
    ),
    "verdict of a drafter": (
        lambda s: s["predicate"]["verdicts"][0].update(person="offline"), "drafted this",
    ),
    "verdict on other text": (
        lambda s: s["predicate"]["verdicts"][0].update(artifact_digest="0" * 64), "open",
    ),
    "failed test": (
        lambda s: s["predicate"]["tests"]["cases"][0].update(passed=False), "'a ticket' failed",
    ),
    "no threat model": (_predicate(threat_model=None), "no threat model"),
    "empty citation": (_predicate(threat_model={"citation": " "}), "threat_model"),
    "extra key": (_predicate(extra=1), "object with the keys"),
    "missing key": (lambda s: s["predicate"].pop("tool"), "object with the keys"),
    "other type": (lambda s: s.update(predicateType="https://example.com"), "predicateType"),
    "odd status": (
        lambda s: s["predicate"]["checks"][2].update(status="skipped"), "status",
    ),
    "odd time": (_predicate(signed_at="yesterday"), "signed_at"),
    "no subject": (lambda s: s["subject"].clear(), "subject"),
    "other tests": (lambda s: s["subject"][1].update(name="x"), "second subject"),
    "empty reason": (lambda s: s["predicate"]["verdicts"][0].update(reason=" "), "reason"),
    "boolean number": (
        lambda s: s["predicate"]["ledger"].update(seq=True), "ledger",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", RESIGNED)
def test_a_signed_statement_must_itself_be_ready(name: str) -> None:
    change, expected = RESIGNED[name]
    with pytest.raises(VerificationFailed, match=expected) as caught:
        verify(resigned(DONE, change), ALLOWED)
    assert caught.value.part == "statement"


def test_another_persons_name_or_key_does_not_pass() -> None:
    other = new_key()
    both = f"{ALLOWED}bob@example.com {other.public.line()}\n"
    files = resigned(DONE, lambda s: s["predicate"]["author_of_record"].update(principal="bob"))
    with pytest.raises(VerificationFailed, match="not for 'bob'"):
        verify(files, both)
    stolen = f"{ALLOWED}{ALICE} {other.public.line()}\n"
    files = replace(DISK, signature=signing.sign(DISK.statement, other))
    with pytest.raises(VerificationFailed, match="the statement names"):
        verify(files, stolen)


def test_the_key_must_be_valid_at_the_time() -> None:
    late = ALLOWED.replace("namespaces", 'valid-before="20261231Z",namespaces')
    assert verify(DISK, late)
    with pytest.raises(VerificationFailed, match="not valid when"):
        verify(DISK, late, at=NOW + timedelta(days=100))


@given(st.binary(max_size=200))
def test_any_bytes_are_no_statement(data: bytes) -> None:
    with pytest.raises(VerificationFailed):
        read(data)


@given(st.data())
def test_any_changed_byte_of_the_statement_is_refused(data: st.DataObject) -> None:
    where = data.draw(st.integers(0, len(DISK.statement) - 1))
    changed = bytearray(DISK.statement)
    changed[where] ^= data.draw(st.integers(1, 255))
    with pytest.raises(VerificationFailed):
        verify(replace(DISK, statement=bytes(changed)), ALLOWED)


@pytest.fixture
def ledger(tmp_path: Path) -> EventLog:
    return EventLog(tmp_path / "l.db")


def test_a_ledger_must_know_the_signing(ledger: EventLog) -> None:
    first = ledger.append("draft", {"subject": PATH}, now=NOW)
    done = signed(around=replace(FULL, ledger=LedgerHead(first.seq, first.digest)))
    with pytest.raises(VerificationFailed, match="no entry of this signing") as caught:
        verify(on_disk(done), ALLOWED, ledger=ledger)
    assert caught.value.part == "ledger"

    ledger.append("sign", sign_body(done.statement), now=NOW)
    assert verify(on_disk(done), ALLOWED, ledger=ledger).principal == ALICE

    ledger.append("sign", sign_body(DONE.statement), now=NOW)
    with pytest.raises(VerificationFailed, match="entry 1 is not the one"):
        verify(DISK, ALLOWED, ledger=ledger)

    ledger.append("void", void_body(done.statement, "bob", "wrong field"), now=NOW)
    with pytest.raises(VerificationFailed, match=r"withdrawn at .* by bob: wrong field"):
        verify(on_disk(done), ALLOWED, ledger=ledger)


def test_a_person_written_rule_can_be_signed_too() -> None:
    done = signed(replace(READY, draft=None))
    assert json.loads(done.statement)["predicate"]["drafted_by"] is None
    assert verify(on_disk(done), ALLOWED)


def test_every_status_has_its_place() -> None:
    assert {c.status for c in read(DONE.statement).outcomes} == set(Status)


def test_an_unusable_key_does_not_sign(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from undersign.ledger.keys import load_key

    (tmp_path / "id.pub").write_text(KEY.public.line())
    monkeypatch.setenv("PATH", "")
    with pytest.raises(UsageError, match="not installed"):
        sign(READY, ALICE, load_key(tmp_path / "id.pub"), FULL, now=NOW)


@pytest.mark.parametrize(
    ("path", "wanted"),
    [
        ("rules/a.yml", True),
        ("reviews/a.sarif", True),
        ("incidents/a/timeline.json", False),
        ("incidents/a/clocks.json", False),
        ("incidents/a/postmortem.md", False),
        ("incidents/a/comms/customer.notice.md", False),
        ("rules/timeline.json.yml", True),
    ],
)
def test_the_papers_of_an_incident_cite_no_threat_model(path: str, wanted: bool) -> None:
    assert wants_threat_model(path) is wanted
