"""Public keys of SSH and the check of a raw signature, for every algorithm OpenSSH signs with.

Formats: RFC 4253 section 6.6 (RSA), RFC 5656 (ECDSA), RFC 8709 (Ed25519), RFC 8332 (RSA with
SHA-2), OpenSSH's PROTOCOL.u2f (security keys, `sk-`).
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from undersign.ledger.wire import Reader

_CURVE_BITS: Final = {"nistp256": 256, "nistp384": 384, "nistp521": 521}
_SMALLEST_RSA = 2048
_USER_PRESENT = 0x01


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A public key as SSH writes it."""

    algorithm: str
    """Such as `ssh-ed25519`; the first string of the blob."""
    blob: bytes
    comment: str = ""

    @property
    def fingerprint(self) -> str:
        """Return `SHA256:...` as ssh-keygen prints it."""
        digest = base64.b64encode(sha256(self.blob).digest()).decode().rstrip("=")
        return f"SHA256:{digest}"

    def line(self) -> str:
        """Return the key as a line of a .pub file, without newline."""
        return f"{self.algorithm} {base64.b64encode(self.blob).decode()} {self.comment}".rstrip()


def from_blob(blob: bytes, comment: str = "") -> PublicKey:
    """Read a key's blob; raises ValueError for a malformed or an unsupported one."""
    algorithm = Reader(blob).text()
    if algorithm not in _VERIFIERS:
        raise ValueError(f"{algorithm!r} keys are unsupported")
    return PublicKey(algorithm, blob, comment)


def from_line(line: str) -> PublicKey:
    """Read a line of a .pub file: algorithm, base64, comment; raises ValueError."""
    parts = line.split(None, 2)
    if len(parts) < 2:
        raise ValueError("a public key has an algorithm and base64 data")
    try:
        blob = base64.b64decode(parts[1], validate=True)
    except binascii.Error as odd:
        raise ValueError(f"the key is not base64: {odd}") from odd
    key = from_blob(blob, parts[2].strip() if len(parts) == 3 else "")
    if key.algorithm != parts[0]:
        raise ValueError(f"the key says {parts[0]!r} but holds {key.algorithm!r}")
    return key


def check_raw(key: PublicKey, signature: bytes, signed: bytes) -> None:
    """Check an SSH signature blob over `signed`.

    Raises ValueError when a blob is malformed and cryptography's InvalidSignature when it does
    not hold.
    """
    fields, blob = Reader(key.blob), Reader(signature)
    fields.text()
    _VERIFIERS[key.algorithm](fields, blob, signed)


def _ed25519(key: Reader, signature: Reader, signed: bytes) -> None:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    point = key.string()
    key.end()
    _expect(signature.text(), "ssh-ed25519")
    raw = signature.string()
    signature.end()
    Ed25519PublicKey.from_public_bytes(point).verify(raw, signed)


def _ecdsa(key: Reader, signature: Reader, signed: bytes) -> None:
    curve, point = key.text(), key.string()
    key.end()
    _expect(signature.text(), f"ecdsa-sha2-{curve}")
    raw = signature.string()
    signature.end()
    _check_ecdsa(curve, point, raw, signed)


def _check_ecdsa(curve: str, point: bytes, raw: bytes, signed: bytes) -> None:
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec, utils

    curves: Mapping[int, tuple[ec.EllipticCurve, hashes.HashAlgorithm]] = {
        256: (ec.SECP256R1(), hashes.SHA256()),
        384: (ec.SECP384R1(), hashes.SHA384()),
        521: (ec.SECP521R1(), hashes.SHA512()),
    }
    if curve not in _CURVE_BITS:
        raise ValueError(f"the curve {curve!r} is unsupported")
    group, digest = curves[_CURVE_BITS[curve]]
    numbers = Reader(raw)
    der = utils.encode_dss_signature(numbers.mpint(), numbers.mpint())
    numbers.end()
    ec.EllipticCurvePublicKey.from_encoded_point(group, point).verify(der, signed, ec.ECDSA(digest))


def _rsa(key: Reader, signature: Reader, signed: bytes) -> None:
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import padding, rsa

    exponent, modulus = key.mpint(), key.mpint()
    key.end()
    if modulus.bit_length() < _SMALLEST_RSA:
        raise ValueError(f"an RSA key below {_SMALLEST_RSA} bits is too weak")
    algorithm = signature.text()
    raw = signature.string()
    signature.end()
    by_name: Mapping[str, hashes.HashAlgorithm] = {
        "rsa-sha2-256": hashes.SHA256(),
        "rsa-sha2-512": hashes.SHA512(),
    }
    if algorithm not in by_name:
        raise ValueError(f"the RSA signature algorithm {algorithm!r} is refused")
    public = rsa.RSAPublicNumbers(exponent, modulus).public_key()
    public.verify(raw, signed, padding.PKCS1v15(), by_name[algorithm])


def _sk_ed25519(key: Reader, signature: Reader, signed: bytes) -> None:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    point, application = key.string(), key.string()
    key.end()
    _expect(signature.text(), "sk-ssh-ed25519@openssh.com")
    raw = signature.string()
    token = _token_message(signature, application, signed)
    Ed25519PublicKey.from_public_bytes(point).verify(raw, token)


def _sk_ecdsa(key: Reader, signature: Reader, signed: bytes) -> None:
    curve, point, application = key.text(), key.string(), key.string()
    key.end()
    _expect(signature.text(), "sk-ecdsa-sha2-nistp256@openssh.com")
    raw = signature.string()
    _check_ecdsa(curve, point, raw, _token_message(signature, application, signed))


def _token_message(signature: Reader, application: bytes, signed: bytes) -> bytes:
    # What a FIDO token signs instead of the message: PROTOCOL.u2f, "SSH U2F Signatures".
    flags, counter = signature.take(1), signature.take(4)
    signature.end()
    if not flags[0] & _USER_PRESENT:
        raise ValueError("nobody touched the security key for this signature")
    return sha256(application).digest() + flags + counter + sha256(signed).digest()


def _expect(found: str, wanted: str) -> None:
    if found != wanted:
        raise ValueError(f"a {wanted} key cannot have made a {found!r} signature")


_VERIFIERS: Final[Mapping[str, Callable[[Reader, Reader, bytes], None]]] = {
    "ssh-ed25519": _ed25519,
    "ecdsa-sha2-nistp256": _ecdsa,
    "ecdsa-sha2-nistp384": _ecdsa,
    "ecdsa-sha2-nistp521": _ecdsa,
    "ssh-rsa": _rsa,
    "sk-ssh-ed25519@openssh.com": _sk_ed25519,
    "sk-ecdsa-sha2-nistp256@openssh.com": _sk_ecdsa,
}
