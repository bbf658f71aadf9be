"""Which policy holds in a workspace, and what it makes of a text."""

from __future__ import annotations

import random
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from undersign.errors import BadInput, NoWorkspace, UsageError
from undersign.records.policing import PolicyExplained, PolicyQuestion
from undersign.records.ruling import Ruling
from undersign.render.text_policy import MASK, checked, explained
from undersign.workspace import policing
from undersign.workspace.workspace import Workspace, init

NOW = datetime(2026, 3, 10, tzinfo=UTC)
HOSTED = "anthropic:claude-x"
OWN = """\
format: undersign/policy/v1
drafters: {far: ["anthropic:*"]}
purposes: {hunt: Ask the logs.}
rules:
  - {id: work, drafters: all, classes: [public, internal], purposes: all, ruling: allow, why: W.}
  - {id: hide, drafters: all, classes: [customer, secrets], purposes: all, ruling: redact, why: H.}
  - {id: ask, drafters: all, classes: [credentials], purposes: all, ruling: ask, why: A.}
"""


def _secret(seed: int = 1) -> str:
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
    return "ghp_" + "".join(random.Random(seed).choices(letters, k=36))


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    init(tmp_path)
    (tmp_path / "policy.yml").unlink(missing_ok=True)
    return Workspace(tmp_path)


def _explain(
    workspace: Workspace, text: str, drafter: str = HOSTED, purpose: str = "hunt", *classes: str
) -> PolicyExplained:
    asked = PolicyQuestion(text, drafter, purpose, classes)
    return policing.explain(workspace, asked, now=NOW)


def test_without_a_file_the_packaged_policy_holds(workspace: Workspace) -> None:
    policy = policing.policy_of(workspace)
    assert policy.path == ""
    assert policy.groups_of("offline") == ("offline",)
    assert "no policy.yml" in checked(policing.check(workspace, NOW))


def test_a_broken_policy_is_never_taken_for_none(workspace: Workspace) -> None:
    path = workspace.root / "policy.yml"
    path.symlink_to("nowhere.yml")
    with pytest.raises(BadInput):
        policing.policy_of(workspace)
    path.unlink()
    path.write_text("format: something/else\n")
    with pytest.raises(BadInput) as told:
        policing.guard_of(workspace)
    assert told.value.line == 1


def test_what_a_hosted_drafter_would_be_sent(workspace: Workspace) -> None:
    secret = _secret()
    one = _explain(workspace, f"first line\nzoë used {secret} twice: {secret}\n")
    assert one.decision is Ruling.REDACT
    assert one.judgement.decided_by and one.judgement.decided_by.rule == "never-in-clear"
    assert [(m.line, m.column) for m in one.marked] == [(2, 10), (2, 58)]
    assert one.sent is not None
    assert secret not in one.sent
    assert one.sent.startswith("first line\nzoë used USX_")
    for shown in (explained(one), explained(one, show=True)):
        assert "never-in-clear" in shown
        assert ("2:10 redact secrets" in shown) and ("^" * 40 in shown)
    assert secret not in explained(one)
    assert MASK * 40 in explained(one)
    assert secret in explained(one, show=True)


def test_the_same_text_offline_and_where_nobody_decided(workspace: Workspace) -> None:
    text = f"key {_secret()}"
    offline = _explain(workspace, text, "offline")
    assert offline.decision is Ruling.ALLOW
    assert offline.sent == text
    assert _secret() not in explained(offline), "masked although it may be sent"
    for drafter, purpose in (("other:m", "hunt"), (HOSTED, "gardening")):
        refused = _explain(workspace, "hello", drafter, purpose)
        assert refused.decision is Ruling.REFUSE
        assert refused.sent is None
        assert "nothing would be sent" in explained(refused)


def test_the_class_of_the_whole_text_counts(workspace: Workspace) -> None:
    assert _explain(workspace, "rows", HOSTED, "hunt", "confidential").decision is Ruling.ASK
    refused = _explain(workspace, "rows", HOSTED, "hunt", "public", "incident-restricted")
    assert refused.decision is Ruling.REFUSE
    withheld = _explain(workspace, "rows of the log", HOSTED, "coding", "public", "confidential")
    assert withheld.sent is not None
    assert "rows of the log" not in withheld.sent


def test_words_and_ranges_of_the_workspace_count(workspace: Workspace) -> None:
    root = workspace.root
    (root / "policy.yml").write_text(
        OWN + "words: {customer: {list: [Example Corp], files: [more.txt]}}\n"
        "secrets: {rules: [{id: our-key, regex: 'ok_[0-9a-f]{8}'}], gitleaks: g.toml}\n"
    )
    (root / "more.txt").write_text("Muster AG\n")
    (root / "g.toml").write_text("[[rules]]\nid = 'theirs'\nregex = 'th_[0-9a-f]{8}'\n")
    text = "Did EXAMPLE CORP or Muster AG use ok_0a1b2c3d or th_0a1b2c3d?"
    one = _explain(workspace, text)
    rules = [m.spotted.rule for m in one.marked]
    assert rules == ["dictionary:customer", "dictionary:customer", "our-key", "theirs"]
    assert one.sent is not None
    assert not {"EXAMPLE", "Muster", "ok_0a1b2c3d", "th_0a1b2c3d"} & set(one.sent.split())
    (root / "undersign.toml").write_text('[estate]\ncorporate = ["198.51.100.0/24"]\n')
    opened = Workspace(root)
    found = policing.detector_of(opened, policing.policy_of(opened)).spot("from 198.51.100.7")
    assert [one.rule for one in found] == ["internal-address"]


def test_holes_keep_a_policy_from_being_fit(workspace: Workspace) -> None:
    (workspace.root / "policy.yml").write_text(OWN)
    done = policing.check(workspace, NOW)
    assert not done.fit
    shown = checked(done)
    assert "nothing decides every group / internal-names, confidential, personal" in shown
    assert "4 of 12 cells decided" not in shown
    assert "5 of 12 cells decided; 1 open" in shown


def test_a_secret_rule_file_that_cannot_be_used_is_found_by_check(workspace: Workspace) -> None:
    (workspace.root / "policy.yml").write_text(OWN + "secrets: {gitleaks: g.toml}\n")
    with pytest.raises(BadInput, match=r"g\.toml"):
        policing.check(workspace, NOW)


def test_presidio_looks_only_where_it_is_asked_for(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "presidio_analyzer", None)
    policing.check(workspace, NOW)
    (workspace.root / "policy.yml").write_text(OWN + "personal: {presidio: false}\n")
    policing.check(workspace, NOW)
    (workspace.root / "policy.yml").write_text(OWN + "personal: {presidio: true}\n")
    with pytest.raises(UsageError, match=r"undersign\[presidio\]"):
        policing.check(workspace, NOW)
    (workspace.root / "policy.yml").write_text(OWN + "personal: {presidio: often}\n")
    with pytest.raises(BadInput, match="true or false"):
        policing.check(workspace, NOW)


def test_explaining_makes_no_key_and_a_guard_needs_a_workspace(tmp_path: Path) -> None:
    loose = Workspace(tmp_path, declared=False)
    _explain(loose, f"key {_secret()}")
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(NoWorkspace):
        policing.guard_of(loose)


def test_the_guard_keeps_one_key(workspace: Workspace) -> None:
    first, again = policing.guard_of(workspace), policing.guard_of(workspace)
    assert first.tokens.token("TOKEN", "x") == again.tokens.token("TOKEN", "x")


def test_hostile_text_cannot_move_the_cursor(workspace: Workspace) -> None:
    one = _explain(workspace, "\x1b[2J\u202e\x00 " + _secret() + "\r\n" + "x" * 10_000)
    for shown in (explained(one), explained(one, show=True)):
        assert "\x1b" not in shown and "\u202e" not in shown and "\x00" not in shown


def test_explain_tells_of_an_address_in_the_environment(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("ANTHROPIC_BASE_URL", raising=False)
    assert not _explain(workspace, "ordinary").remarks
    monkeypatch.setenv("ANTHROPIC_BASE_URL", "https://proxy.example.org/")
    sent_to = f"{HOSTED}@https://proxy.example.org"
    told = _explain(workspace, "ordinary")
    assert told.decision is Ruling.ALLOW, "asked is what is at Anthropic"
    assert told.remarks == (f"--with {HOSTED} is {sent_to} here: ANTHROPIC_BASE_URL is set",)
    told = _explain(workspace, "ordinary", sent_to)
    assert told.decision is Ruling.REFUSE and not told.groups
    assert "means anthropic itself" in explained(told)
    own = OWN.replace('"anthropic:*"', '"anthropic:*@https://proxy.example.org"')
    (workspace.root / "policy.yml").write_text(own)
    assert _explain(workspace, "ordinary", sent_to).decision is Ruling.ALLOW
    assert _explain(workspace, "ordinary").decision is Ruling.REFUSE
    monkeypatch.setenv("ANTHROPIC_BASE_URL", "https://me:pass-hunter2@proxy.example.org")
    (remark, *_) = _explain(workspace, "ordinary").remarks
    assert "no user name or password" in remark and "hunter2" not in remark
