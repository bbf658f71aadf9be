"""SSH signatures, made and read, against the real ssh-keygen and a real ssh-agent."""

from __future__ import annotations

import shutil
import subprocess
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from hashlib import sha256, sha512
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, utils
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given, settings
from hypothesis import strategies as st

from undersign.errors import BadInput, UsageError, VerificationFailed
from undersign.ledger import signing
from undersign.ledger.keys import Key, load_key, new_key
from undersign.ledger.public_key import PublicKey, from_blob
from undersign.ledger.wire import mpint, string

AT = datetime(2026, 11, 2, 10, 0, tzinfo=UTC)
MESSAGE = b'{"_type":"https://in-toto.io/Statement/v1"}'
ALICE = "alice@example.com"
KEY_TYPES = {
    "ed25519": ("-t", "ed25519"),
    "ecdsa256": ("-t", "ecdsa", "-b", "256"),
    "ecdsa384": ("-t", "ecdsa", "-b", "384"),
    "ecdsa521": ("-t", "ecdsa", "-b", "521"),
    "rsa": ("-t", "rsa", "-b", "2048"),
}
PASSPHRASE = "correct horse $HOME `x` 'q'"

needs_ssh = pytest.mark.skipif(
    shutil.which("ssh-keygen") is None, reason="needs ssh-keygen (the OpenSSH client)"
)


def ssh_keygen(*arguments: str, data: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(["ssh-keygen", *arguments], input=data, capture_output=True, timeout=60)


@pytest.fixture(scope="module")
def key_files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("keys")
    for name, options in KEY_TYPES.items():
        path = str(folder / name)
        assert ssh_keygen("-q", *options, "-N", "", "-C", ALICE, "-f", path).returncode == 0
    return {name: folder / name for name in KEY_TYPES}


def allowed(key: PublicKey | Key, options: str = "") -> str:
    public = key if isinstance(key, PublicKey) else key.public
    return f"{ALICE} {options} {public.line()}\n"


def ssh_keygen_accepts(folder: Path, armored: str, allowed_text: str, message: bytes) -> bool:
    (folder / "allowed").write_text(allowed_text)
    (folder / "m.sig").write_text(armored)
    where = ("-f", str(folder / "allowed"), "-s", str(folder / "m.sig"))
    done = ssh_keygen("-Y", "verify", *where, "-I", ALICE, "-n", "undersign/v1", data=message)
    return done.returncode == 0


@needs_ssh
@pytest.mark.parametrize("name", KEY_TYPES)
def test_ssh_keygen_and_we_accept_each_other(
    name: str, key_files: dict[str, Path], tmp_path: Path
) -> None:
    key = load_key(key_files[name])
    text = allowed(key)

    ours = signing.sign(MESSAGE, key)
    assert ssh_keygen_accepts(tmp_path, ours, text, MESSAGE)
    assert not ssh_keygen_accepts(tmp_path, ours, text, MESSAGE + b" ")
    assert signing.verify(MESSAGE, ours, text, at=AT).principal == ALICE

    path = str(key_files[name])
    theirs = ssh_keygen("-Y", "sign", "-n", "undersign/v1", "-f", path, data=MESSAGE)
    signer = signing.verify(MESSAGE, theirs.stdout.decode(), text, at=AT)
    listed = ssh_keygen("-l", "-f", path).stdout.decode().split()[1]
    assert (signer.principal, signer.fingerprint) == (ALICE, listed)


@needs_ssh
@pytest.mark.parametrize("name", KEY_TYPES)
def test_wrong_message_key_and_namespace_are_refused(name: str, key_files: dict[str, Path]) -> None:
    key = load_key(key_files[name])
    armored = signing.sign(MESSAGE, key)
    with pytest.raises(VerificationFailed, match="does not fit"):
        signing.verify(MESSAGE + b" ", armored, allowed(key), at=AT)
    with pytest.raises(VerificationFailed, match="no allowed signer"):
        signing.verify(MESSAGE, armored, allowed(new_key()), at=AT)
    other = ssh_keygen("-Y", "sign", "-n", "git", "-f", str(key_files[name]), data=MESSAGE)
    with pytest.raises(VerificationFailed, match="namespace 'git'"):
        signing.verify(MESSAGE, other.stdout.decode(), allowed(key), at=AT)


@needs_ssh
@pytest.mark.parametrize("shape", ["openssh", "pem"])
def test_an_encrypted_key_asks_for_its_passphrase(shape: str, tmp_path: Path) -> None:
    path = tmp_path / "key"
    layout = ("-t", "ed25519") if shape == "openssh" else ("-t", "ecdsa", "-m", "PEM")
    assert ssh_keygen("-q", *layout, "-N", PASSPHRASE, "-f", str(path)).returncode == 0
    asked: list[str] = []

    def ask(prompt: str) -> str:
        asked.append(prompt)
        return PASSPHRASE

    key = load_key(path, ask)
    assert signing.verify(MESSAGE, signing.sign(MESSAGE, key), allowed(key), at=AT)
    assert asked == [f"Passphrase for {path}: "]
    with pytest.raises((UsageError, BadInput), match=r"(?i)incorrect pass"):
        signing.sign(MESSAGE, load_key(path, lambda _: "wrong"))


@pytest.fixture
def agent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    if shutil.which("ssh-agent") is None or shutil.which("ssh-add") is None:
        pytest.skip("needs ssh-agent and ssh-add")
    socket = tmp_path / "agent"
    process = subprocess.Popen(
        ["ssh-agent", "-D", "-a", str(socket)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    monkeypatch.setenv("SSH_AUTH_SOCK", str(socket))
    try:
        for _ in range(500):
            if socket.exists():
                break
            time.sleep(0.01)
        yield
    finally:
        process.terminate()
        process.wait()


@needs_ssh
@pytest.mark.parametrize("name", KEY_TYPES)
def test_a_key_in_an_agent_signs(
    name: str, key_files: dict[str, Path], agent: None, tmp_path: Path
) -> None:
    public = shutil.copy(f"{key_files[name]}.pub", tmp_path / "away.pub")
    with pytest.raises(UsageError, match="did not sign"):
        signing.sign(MESSAGE, load_key(Path(public)))
    subprocess.run(["ssh-add", "-q", str(key_files[name])], check=True, capture_output=True)
    key = load_key(Path(public))
    armored = signing.sign(MESSAGE, key)
    assert signing.verify(MESSAGE, armored, allowed(key), at=AT).principal == ALICE
    assert ssh_keygen_accepts(tmp_path, armored, allowed(key), MESSAGE)


def test_without_ssh_keygen_an_outside_key_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "id.pub"
    path.write_text(new_key().public.line())
    monkeypatch.setenv("PATH", "")
    with pytest.raises(UsageError, match="not installed"):
        signing.sign(MESSAGE, load_key(path))


def token_signature(private: object, public: bytes, flags: int) -> str:
    """Sign as a FIDO token would, following OpenSSH's PROTOCOL.u2f."""
    data = (
        b"SSHSIG" + string(b"undersign/v1") + string(b"") + string(b"sha512")
        + string(sha512(MESSAGE).digest())
    )  # fmt: skip
    tail = bytes([flags]) + (7).to_bytes(4, "big")
    token_data = sha256(b"ssh:").digest() + tail + sha256(data).digest()
    if isinstance(private, Ed25519PrivateKey):
        raw = string(b"sk-ssh-ed25519@openssh.com") + string(private.sign(token_data))
    else:
        assert isinstance(private, ec.EllipticCurvePrivateKey)
        r, s = utils.decode_dss_signature(private.sign(token_data, ec.ECDSA(hashes.SHA256())))
        raw = string(b"sk-ecdsa-sha2-nistp256@openssh.com") + string(mpint(r) + mpint(s))
    blob = b"SSHSIG" + (1).to_bytes(4, "big") + string(public) + string(b"undersign/v1")
    return signing._armor(blob + string(b"") + string(b"sha512") + string(raw + tail))


def token_key(name: str) -> tuple[object, bytes]:
    if name == "ed25519":
        private = Ed25519PrivateKey.generate()
        point = private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        return private, string(b"sk-ssh-ed25519@openssh.com") + string(point) + string(b"ssh:")
    other = ec.generate_private_key(ec.SECP256R1())
    point = other.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    head = string(b"sk-ecdsa-sha2-nistp256@openssh.com") + string(b"nistp256")
    return other, head + string(point) + string(b"ssh:")


@needs_ssh
@pytest.mark.parametrize("name", ["ed25519", "ecdsa"])
def test_a_security_key_signature_holds_only_when_touched(name: str, tmp_path: Path) -> None:
    private, blob = token_key(name)
    text = allowed(from_blob(blob))
    armored = token_signature(private, blob, flags=1)
    assert ssh_keygen_accepts(tmp_path, armored, text, MESSAGE)
    assert signing.verify(MESSAGE, armored, text, at=AT).principal == ALICE
    with pytest.raises(VerificationFailed, match="touched"):
        signing.verify(MESSAGE, token_signature(private, blob, flags=0), text, at=AT)


HELD = new_key()
ARMORED = signing.sign(MESSAGE, HELD)
BLOB = signing._dearmored(ARMORED)


def test_a_line_end_or_width_of_the_armor_carries_nothing() -> None:
    body = "".join(ARMORED.splitlines()[1:-1])
    for text in (
        ARMORED.replace("\n", "\r\n"),
        ARMORED.rstrip("\n"),
        f"{signing._BEGIN}\n{body}\n{signing._END}\n",
    ):
        assert signing.verify(MESSAGE, text, allowed(HELD), at=AT)


@given(st.integers(0, len(MESSAGE) - 1), st.integers(1, 255))
def test_any_changed_byte_of_the_message_is_refused(where: int, change: int) -> None:
    changed = bytearray(MESSAGE)
    changed[where] ^= change
    with pytest.raises(VerificationFailed):
        signing.verify(bytes(changed), ARMORED, allowed(HELD), at=AT)


@settings(max_examples=300)
@given(st.integers(0, len(BLOB) - 1), st.integers(1, 255))
def test_any_changed_byte_of_the_blob_is_refused(where: int, change: int) -> None:
    changed = bytearray(BLOB)
    changed[where] ^= change
    with pytest.raises(VerificationFailed):
        signing.verify(MESSAGE, signing._armor(bytes(changed)), allowed(HELD), at=AT)


@needs_ssh
@pytest.mark.parametrize("name", ["ecdsa256", "ecdsa521", "rsa"])
def test_every_byte_of_other_blobs_counts(name: str, key_files: dict[str, Path]) -> None:
    key = load_key(key_files[name])
    blob = signing._dearmored(signing.sign(MESSAGE, key))
    for where in range(len(blob)):
        changed = bytearray(blob)
        changed[where] ^= 1 << (where % 8)
        with pytest.raises(VerificationFailed):
            signing.verify(MESSAGE, signing._armor(bytes(changed)), allowed(key), at=AT)


@settings(max_examples=300)
@given(st.integers(0, len(ARMORED) - 1), st.integers(0, 6))
def test_any_flipped_bit_of_the_armor_is_refused(where: int, bit: int) -> None:
    changed = ARMORED[:where] + chr(ord(ARMORED[where]) ^ (1 << bit)) + ARMORED[where + 1 :]
    with pytest.raises(VerificationFailed):
        signing.verify(MESSAGE, changed, allowed(HELD), at=AT)


@needs_ssh
def test_stray_bits_of_the_base64_are_refused(key_files: dict[str, Path]) -> None:
    # Only a blob of some lengths has spare bits; those of ECDSA differ from one to the next.
    key = load_key(key_files["ecdsa256"])
    tries = (signing.sign(MESSAGE, key) for _ in range(100))
    armored = next(text for text in tries if "=" in text)
    padding = armored.index("=")
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    stray = letters[letters.index(armored[padding - 1]) + 1]
    changed = armored[: padding - 1] + stray + armored[padding:]
    with pytest.raises(VerificationFailed, match="stray bits"):
        signing.verify(MESSAGE, changed, allowed(key), at=AT)


@given(st.integers(0, len(ARMORED) - 2))
def test_a_truncated_armor_is_refused(length: int) -> None:
    with pytest.raises(VerificationFailed):
        signing.verify(MESSAGE, ARMORED[:length], allowed(HELD), at=AT)


@given(st.text(max_size=200))
def test_any_text_is_no_signature(text: str) -> None:
    with pytest.raises(VerificationFailed):
        signing.verify(MESSAGE, text, allowed(HELD), at=AT)


def test_a_weak_rsa_key_cannot_sign(tmp_path: Path) -> None:
    if shutil.which("ssh-keygen") is None:
        pytest.skip("needs ssh-keygen (the OpenSSH client)")
    path = tmp_path / "weak"
    assert ssh_keygen("-q", "-t", "rsa", "-b", "1024", "-N", "", "-f", str(path)).returncode == 0
    with pytest.raises(VerificationFailed, match="too weak"):
        signing.sign(MESSAGE, load_key(path))


@pytest.mark.parametrize(
    "text", ["", "hello", "-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n", "-----BEGIN X-----\n"]
)
def test_a_file_that_is_no_key_is_bad_input(text: str, tmp_path: Path) -> None:
    path = tmp_path / "key"
    path.write_text(text)
    with pytest.raises(BadInput, match="no usable key"):
        load_key(path)
    with pytest.raises(UsageError, match="cannot read the key"):
        load_key(tmp_path / "absent")


def test_a_throw_away_key_survives_its_own_file(tmp_path: Path) -> None:
    path = tmp_path / "key"
    path.write_text(HELD.private_text())
    assert load_key(path).public.blob == HELD.public.blob
    assert "PRIVATE" not in repr(HELD)
