"""SSH signatures over whole messages: OpenSSH's PROTOCOL.sshsig, namespace `undersign/v1`.

What is made here, `ssh-keygen -Y verify -n undersign/v1` accepts, and the other way round. Reading
is stricter than there: one signature has one encoding, so no byte of it can change unnoticed.
Line ends (LF or CRLF), line width and the last newline of the armor carry nothing and are free.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256, sha512
from typing import Final

from undersign.errors import UsageError, VerificationFailed
from undersign.ledger.allowed_signers import AllowedSigner, matches, parse
from undersign.ledger.keys import HeldKey, Key
from undersign.ledger.public_key import PublicKey, check_raw, from_blob
from undersign.ledger.wire import Reader, string

NAMESPACE: Final = "undersign/v1"

_MAGIC = b"SSHSIG"
_VERSION = 1
_BEGIN = "-----BEGIN SSH SIGNATURE-----"
_END = "-----END SSH SIGNATURE-----"
_WIDTH = 70
_HASHES = {"sha256": sha256, "sha512": sha512}


@dataclass(frozen=True, slots=True)
class Signer:
    """Who made a signature that holds."""

    principal: str
    fingerprint: str
    """`SHA256:...` of the key."""


@dataclass(frozen=True, slots=True)
class _Parts:
    key: PublicKey
    hash_name: str
    signature: bytes


def sign(message: bytes, key: Key) -> str:
    """Sign a message and return the armored signature.

    Raises UsageError when ssh-keygen is needed and does not sign, VerificationFailed when what
    came out does not hold (an RSA key too small, say).
    """
    if isinstance(key, HeldKey):
        signature = key.sign_raw(_signed_data(message, "sha512"))
        armored = _armor(_blob(key.public, signature))
    else:
        armored = key.sign_armored(message, NAMESPACE)
    # ssh-keygen may pick another key than the one named and hardware may fault: nothing leaves
    # here that `verify` would refuse.
    if _checked(message, armored).key.blob != key.public.blob:
        raise UsageError(f"ssh-keygen signed with another key than {key.public.fingerprint}")
    return armored


def verify(
    message: bytes,
    armored: str,
    allowed_signers: str,
    *,
    at: datetime,
    principal: str | None = None,
) -> Signer:
    """Return who signed this message; raises VerificationFailed, never returns a refusal.

    `allowed_signers` is the text of such a file (BadInput when a line is bad). `at` is the time
    the signature is said to be of: the key must be valid then. `principal` is who the signer
    claims to be; without it the first written-out principal of the key's line is taken.
    """
    allowed = parse(allowed_signers, path="allowed_signers")
    parts = _checked(message, armored)
    named = _named(parts.key, allowed, at, principal)
    return Signer(named, parts.key.fingerprint)


def fingerprint_of(armored: str) -> str:
    """Return the fingerprint of the key a signature names, without checking anything."""
    return _parsed(armored).key.fingerprint


def _checked(message: bytes, armored: str) -> _Parts:
    from cryptography.exceptions import InvalidSignature

    parts = _parsed(armored)
    try:
        check_raw(parts.key, parts.signature, _signed_data(message, parts.hash_name))
    except InvalidSignature as wrong:
        raise VerificationFailed(
            "the signature does not fit: the text or the signature was changed"
        ) from wrong
    except ValueError as odd:
        raise VerificationFailed(f"the signature is malformed: {odd}") from odd
    return parts


def _named(
    key: PublicKey, allowed: Sequence[AllowedSigner], at: datetime, principal: str | None
) -> str:
    lines = [a for a in allowed if a.key.blob == key.blob]
    reasons = []
    for line in lines:
        name = principal or line.literal_principal()
        reason = _why_not(line, name, at)
        if reason is None and name is not None:
            return name
        reasons.append(f"line {line.line}: {reason}")
    raise _refusal(key, allowed, reasons)


def _why_not(line: AllowedSigner, name: str | None, at: datetime) -> str | None:
    if line.cert_authority:
        return "cert-authority is unsupported"
    if line.namespaces is not None and not matches(line.namespaces, NAMESPACE):
        return f"the key is for the namespaces {line.namespaces!r}, not {NAMESPACE!r}"
    if not line.valid_at(at):
        return "the key was not valid when this was signed"
    if name is None:
        return f"the key is for anyone of {line.principals!r}: say who signed"
    if not matches(line.principals, name):
        return f"the key is for {line.principals!r}, not for {name!r}"
    return None


def _refusal(
    key: PublicKey, allowed: Sequence[AllowedSigner], reasons: list[str]
) -> VerificationFailed:
    if reasons:
        return VerificationFailed(f"{key.fingerprint} may not sign: {'; '.join(reasons)}")
    note = ""
    if any(a.cert_authority for a in allowed):
        note = "; cert-authority lines are unsupported here"
    return VerificationFailed(f"no allowed signer has the key {key.fingerprint}{note}")


def _signed_data(message: bytes, hash_name: str) -> bytes:
    digest = _HASHES[hash_name](message).digest()
    empty_reserved = string(b"")
    head = _MAGIC + string(NAMESPACE.encode()) + empty_reserved
    return head + string(hash_name.encode()) + string(digest)


def _blob(key: PublicKey, signature: bytes) -> bytes:
    head = _MAGIC + _VERSION.to_bytes(4, "big") + string(key.blob) + string(NAMESPACE.encode())
    return head + string(b"") + string(b"sha512") + string(signature)


def _armor(blob: bytes) -> str:
    text = base64.b64encode(blob).decode()
    lines = [text[i : i + _WIDTH] for i in range(0, len(text), _WIDTH)]
    return "\n".join((_BEGIN, *lines, _END, ""))


def _parsed(armored: str) -> _Parts:
    try:
        return _parts(_dearmored(armored))
    except (ValueError, binascii.Error) as odd:
        raise VerificationFailed(f"this is no SSH signature: {odd}") from odd


def _dearmored(armored: str) -> bytes:
    lines = [line.removesuffix("\r") for line in armored.removesuffix("\n").split("\n")]
    if len(lines) < 3 or lines[0] != _BEGIN or lines[-1] != _END:
        raise ValueError("its first or last line is wrong")
    text = "".join(lines[1:-1])
    blob = base64.b64decode(text, validate=True)
    if base64.b64encode(blob).decode() != text:
        raise ValueError("its base64 has stray bits")
    return blob


def _parts(blob: bytes) -> _Parts:
    reader = Reader(blob)
    if reader.take(len(_MAGIC)) != _MAGIC or reader.number() != _VERSION:
        raise ValueError("it is of an unknown version")
    key_blob, namespace, reserved = reader.string(), reader.text(), reader.string()
    hash_name, signature = reader.text(), reader.string()
    reader.end()
    if namespace != NAMESPACE:
        raise ValueError(f"it is for the namespace {namespace!r}, not {NAMESPACE!r}")
    if reserved or hash_name not in _HASHES:
        raise ValueError("it uses something unknown")
    if b"-cert-v01@openssh.com" in key_blob[:64]:
        raise ValueError("signatures by certificates are unsupported")
    return _Parts(from_blob(key_blob), hash_name, signature)
