"""The allowed signers file, read as ssh-keygen reads it."""

from __future__ import annotations

import shutil
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest

from undersign.errors import BadInput, VerificationFailed
from undersign.ledger import signing
from undersign.ledger.allowed_signers import matches, parse
from undersign.ledger.keys import new_key

AT = datetime(2026, 11, 2, 10, 0, tzinfo=UTC)
MESSAGE = b"statement"
KEY = new_key("alice@laptop")
LINE = KEY.public.line()
ARMORED = signing.sign(MESSAGE, KEY)


def who(text: str, principal: str | None = None) -> str:
    return signing.verify(MESSAGE, ARMORED, text, at=AT, principal=principal).principal


@pytest.mark.parametrize(
    ("head", "principal", "accepted"),
    [
        ("alice@example.com", "alice@example.com", True),
        ("bob@example.com,alice@example.com", "alice@example.com", True),
        ("*@example.com", "alice@example.com", True),
        ("?lice@example.com", "alice@example.com", True),
        ("*@example.com,!alice@example.com", "alice@example.com", False),
        ("bob@example.com", "alice@example.com", False),
        ("Alice@example.com", "alice@example.com", False),
        ('"alice@example.com"', "alice@example.com", True),
        ('a@b.c namespaces="undersign/v1"', "a@b.c", True),
        ('a@b.c namespaces="git,undersign/*"', "a@b.c", True),
        ('a@b.c namespaces="git"', "a@b.c", False),
        ('a@b.c NAMESPACES="undersign/v1"', "a@b.c", True),
        ('a@b.c valid-after="20261101Z"', "a@b.c", True),
        ('a@b.c valid-after="20261103Z"', "a@b.c", False),
        ('a@b.c valid-before="20261103Z"', "a@b.c", True),
        ('a@b.c valid-before="20261101Z"', "a@b.c", False),
        ('a@b.c valid-before="202611021000Z"', "a@b.c", True),
        ('a@b.c valid-before="20261102095959Z"', "a@b.c", False),
        ('a@b.c valid-after="20261101Z",valid-before="20261201Z",namespaces="*"', "a@b.c", True),
        ("a@b.c cert-authority", "a@b.c", False),
    ],
)
def test_we_and_ssh_keygen_agree(head: str, principal: str, accepted: bool, tmp_path: Path) -> None:
    text = f"# team\n\n{head} {LINE}\n"
    if accepted:
        assert who(text, principal) == principal
    else:
        with pytest.raises(VerificationFailed, match="may not sign"):
            who(text, principal)
    if shutil.which("ssh-keygen") is None:
        pytest.skip("compared with expectations only: ssh-keygen is not installed")
    (tmp_path / "allowed").write_text(text)
    (tmp_path / "sig").write_text(ARMORED)
    command = ["ssh-keygen", "-Y", "verify", "-f", str(tmp_path / "allowed"), "-I", principal]
    command += ["-n", "undersign/v1", "-s", str(tmp_path / "sig"), "-Overify-time=20261102100000Z"]
    done = subprocess.run(command, input=MESSAGE, capture_output=True, timeout=60)
    assert (done.returncode == 0) is accepted, done.stderr


def test_without_a_claim_the_first_written_principal_signs() -> None:
    assert who(f"*@x.org,alice@example.com,bob@example.com {LINE}") == "alice@example.com"
    with pytest.raises(VerificationFailed, match="say who signed"):
        who(f"*@x.org {LINE}")


def test_a_later_line_may_allow_what_an_earlier_one_does_not() -> None:
    assert who(f'a@b.c valid-before="20200101" {LINE}\na@b.c {LINE}\n') == "a@b.c"


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("alice@example.com", "a key is missing"),
        ("alice@example.com ssh-ed25519", "algorithm and base64"),
        ("alice@example.com ssh-ed25519 !!!!", "not base64"),
        (f"alice@example.com ssh-rsa {LINE.split()[1]}", "says 'ssh-rsa'"),
        (f'alice@example.com valid-until="20260101" {LINE}', "unknown option"),
        (f"alice@example.com namespaces=git {LINE}", "cannot read the options"),
        (f'alice@example.com valid-after="soon" {LINE}', "is not YYYYMMDD"),
        (f'alice@example.com valid-after="20261340" {LINE}', "does not match|unconverted"),
        (f'alice@example.com namespaces="git {LINE}', "quote"),
        ("alice@example.com ssh-dss AAAAB3NzaC1kc3M=", "unsupported"),
    ],
)
def test_a_bad_line_is_located(line: str, reason: str) -> None:
    with pytest.raises(BadInput, match=reason) as caught:
        parse(f"# first\n{line}\n", path="allowed_signers")
    assert (caught.value.path, caught.value.line) == ("allowed_signers", 2)


def test_a_stranger_is_told_about_certificate_lines() -> None:
    other = new_key().public.line()
    with pytest.raises(VerificationFailed, match="cert-authority lines are unsupported"):
        who(f"*@example.com cert-authority {other}\n")


def test_patterns() -> None:
    assert matches("*", "anything")
    assert matches("a?c,x", "abc")
    assert not matches("!abc", "abd"), "only a positive pattern lets in"
    assert not matches("a.c", "abc"), "a dot is a dot"
    assert not matches("*" * 500 + "x", "a" * 500)
