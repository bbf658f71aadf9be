"""Private keys: read from OpenSSH or PEM files, or left where they are and used by ssh-keygen.

A key that this process can read signs in this process. A key in an ssh-agent, a key on a security
key (`sk-`) and an encrypted OpenSSH file (whose bcrypt this process may lack) sign through
`ssh-keygen -Y sign`, which talks to the agent and the token itself.
"""

from __future__ import annotations

import base64
import binascii
import os
import shutil
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, TypeAlias

from undersign.errors import BadInput, UsageError
from undersign.ledger.public_key import PublicKey, from_blob, from_line
from undersign.ledger.wire import Reader, mpint, string

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

AskPassphrase: TypeAlias = Callable[[str], str]
"""Shown a prompt, returns the passphrase."""

_OPENSSH_BEGIN = "-----BEGIN OPENSSH PRIVATE KEY-----"
_OPENSSH_END = "-----END OPENSSH PRIVATE KEY-----"
_OPENSSH_MAGIC = b"openssh-key-v1\0"
_PATIENCE_SECONDS = 180
_ASKPASS = "#!/bin/sh\nprintf '%s\\n' \"$UNDERSIGN_PASSPHRASE\"\n"


@dataclass(frozen=True, slots=True)
class HeldKey:
    """A private key in this process's memory."""

    public: PublicKey
    private: Any = field(repr=False)
    """A private key of cryptography: Ed25519, ECDSA or RSA."""

    def sign_raw(self, data: bytes) -> bytes:
        """Sign `data` and return the SSH signature blob (RSA with SHA-512, as sshsig demands)."""
        return _sign_raw(self.public.algorithm, self.private, data)

    def private_text(self) -> str:
        """Return the private key as an unencrypted OpenSSH file, for a throw-away key."""
        from cryptography.hazmat.primitives import serialization

        return str(
            self.private.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.OpenSSH,
                serialization.NoEncryption(),
            ).decode()
        )


@dataclass(frozen=True, slots=True)
class OutsideKey:
    """A key that only ssh-keygen can use: in an agent, on a token, or in an encrypted file."""

    public: PublicKey
    path: Path
    """The .pub file of an agent's key, or the private key file."""
    ask: AskPassphrase | None = field(default=None, repr=False)
    """Asks for the passphrase of an encrypted file; None leaves that to ssh-keygen's terminal."""

    def sign_armored(self, message: bytes, namespace: str) -> str:
        """Let ssh-keygen sign; raises UsageError when it is missing or refuses."""
        command = [_ssh_keygen(), "-Y", "sign", "-n", namespace, "-f", str(self.path)]
        if self.ask is None:
            # A token says on stderr that it waits to be touched; that must reach the person.
            waits = self.public.algorithm.startswith("sk-")
            return _run(command, message, None, stderr=None if waits else subprocess.PIPE)
        with TemporaryDirectory(prefix="undersign-") as folder:
            script = Path(folder) / "askpass"
            script.write_text(_ASKPASS)
            script.chmod(0o700)
            # The passphrase goes through the environment of one short process, never the disk.
            extra = {
                "SSH_ASKPASS": str(script),
                "SSH_ASKPASS_REQUIRE": "force",
                "UNDERSIGN_PASSPHRASE": self.ask(f"Passphrase for {self.path}: "),
            }
            return _run(command, message, {**os.environ, **extra})


Key: TypeAlias = HeldKey | OutsideKey


def new_key(comment: str = "") -> HeldKey:
    """Make a fresh Ed25519 key that exists only in memory."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    return _held(Ed25519PrivateKey.generate(), comment)


def load_key(path: Path, ask: AskPassphrase | None = None) -> Key:
    """Read a private key file, or the .pub file of a key held by an ssh-agent.

    Raises UsageError when there is no such file and BadInput when it is no key that can sign.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise UsageError(f"cannot read the key {path}: {error.strerror}") from error
    try:
        return _key_of(path, data, ask)
    except (ValueError, TypeError, binascii.Error) as odd:
        raise BadInput(f"no usable key: {odd}", path=str(path)) from odd


def _key_of(path: Path, data: bytes, ask: AskPassphrase | None) -> Key:
    text = data.decode("ascii", errors="replace")
    if not text.startswith("-----BEGIN"):
        return OutsideKey(from_line(text.strip()), path)
    if not text.startswith(_OPENSSH_BEGIN):
        return _from_pem(path, data, ask)
    cipher, public = _envelope(text)
    if cipher == "none" and not public.algorithm.startswith("sk-"):
        return _from_openssh(data, public)
    return OutsideKey(public, path, None if cipher == "none" else ask)


def _envelope(text: str) -> tuple[str, PublicKey]:
    # OpenSSH's PROTOCOL.key: the public part stands in clear even in an encrypted file.
    body, end, _ = text.removeprefix(_OPENSSH_BEGIN).partition(_OPENSSH_END)
    reader = Reader(base64.b64decode("".join(body.split()), validate=True))
    if not end or reader.take(len(_OPENSSH_MAGIC)) != _OPENSSH_MAGIC:
        raise ValueError("the file is cut short or of an unknown format")
    cipher = reader.text()
    reader.string(), reader.string()
    if reader.number() != 1:
        raise ValueError("the file must hold exactly one key")
    return cipher, from_blob(reader.string())


def _from_openssh(data: bytes, public: PublicKey) -> HeldKey:
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.serialization import load_ssh_private_key

    try:
        private = load_ssh_private_key(data, None)
    except UnsupportedAlgorithm as odd:
        raise ValueError(f"{public.algorithm} private keys are unsupported") from odd
    return _held(private, public.comment)


def _from_pem(path: Path, data: bytes, ask: AskPassphrase | None) -> HeldKey:
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    try:
        return _held(load_pem_private_key(data, None), "")
    except TypeError as encrypted:
        if ask is None:
            raise ValueError("it is encrypted and nobody can be asked for its passphrase") from (
                encrypted
            )
    return _held(load_pem_private_key(data, ask(f"Passphrase for {path}: ").encode()), "")


def _held(private: Any, comment: str) -> HeldKey:
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    written = private.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH)
    return HeldKey(from_line(f"{written.decode()} {comment}".strip()), private)


def _sign_raw(algorithm: str, private: Any, data: bytes) -> bytes:
    if algorithm == "ssh-ed25519":
        return string(algorithm.encode()) + string(private.sign(data))
    if algorithm == "ssh-rsa":
        return _sign_rsa(private, data)
    return string(algorithm.encode()) + string(_sign_ecdsa(private, data))


def _sign_rsa(private: RSAPrivateKey, data: bytes) -> bytes:
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import padding

    raw = private.sign(data, padding.PKCS1v15(), hashes.SHA512())
    return string(b"rsa-sha2-512") + string(raw)


def _sign_ecdsa(private: EllipticCurvePrivateKey, data: bytes) -> bytes:
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec, utils

    digests: Mapping[int, hashes.HashAlgorithm] = {
        256: hashes.SHA256(),
        384: hashes.SHA384(),
        521: hashes.SHA512(),
    }
    der = private.sign(data, ec.ECDSA(digests[private.curve.key_size]))
    r, s = utils.decode_dss_signature(der)
    return mpint(r) + mpint(s)


def _ssh_keygen() -> str:
    program = shutil.which("ssh-keygen")
    if program is None:
        raise UsageError(
            "this key signs through ssh-keygen, which is not installed",
            hint="install the OpenSSH client, or sign with an unencrypted key file",
        )
    return program


def _run(
    command: list[str],
    message: bytes,
    environment: Mapping[str, str] | None,
    stderr: int | None = subprocess.PIPE,
) -> str:
    try:
        done = subprocess.run(  # noqa: S603 - fixed words, a found program and the user's own path
            command,
            input=message,
            stdout=subprocess.PIPE,
            stderr=stderr,
            env=environment,
            timeout=_PATIENCE_SECONDS,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise UsageError(f"ssh-keygen did not sign: {error}") from error
    if done.returncode:
        said = (done.stderr or b"").decode(errors="replace").strip().splitlines()
        reason = said[-1] if said else f"exit code {done.returncode}"
        raise UsageError(f"ssh-keygen did not sign: {reason}", hint="is the key in ssh-agent?")
    return done.stdout.decode("ascii", errors="replace")
