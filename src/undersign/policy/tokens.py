"""Tokens that stand for hidden values: `USX_EMAIL_k3jq2mzx5wabcZ`.

A token is deterministic (the same key, label and value give the same token, so that a provider's
prompt cache keeps working), keyed (nobody without the workspace's key can make one or test a guess)
and made of ASCII word characters alone (JSON, shells, YAML and Markdown leave it as it is). Its
last three characters before the `Z` are a keyed checksum: a mistyped or invented token is
recognisably not ours. A token whose letters changed case is not one any more.
"""

from __future__ import annotations

import hmac
import re
from base64 import b32encode
from hashlib import sha256

TOKEN = re.compile(r"USX_[A-Z]{2,8}_[a-z2-7]{13}Z")
"""What a token looks like, ours or not."""
LONGEST = 4 + 8 + 1 + 13 + 1
"""Characters of the longest token."""
PREFIX = "USX_"
_LABEL = re.compile(r"[A-Z]{2,8}")
_BODY = 10


class Tokens:
    """Makes the tokens of one workspace; `key` is secret and at least 16 bytes."""

    __slots__ = ("_key",)

    def __init__(self, key: bytes) -> None:
        if len(key) < 16:
            raise ValueError("a token key has at least 16 bytes")
        self._key = hmac.digest(key, b"tokens", sha256)

    def token(self, label: str, value: str, turn: int = 0) -> str:
        """Return the token of a value; another `turn` gives another one, should two collide.

        `label` is 2 to 8 capital letters; anything else raises ValueError.
        """
        if not _LABEL.fullmatch(label):
            raise ValueError("a label is 2 to 8 capital letters")
        body = self._digits(f"value\0{turn}\0{label}\0{value}", _BODY)
        return f"{PREFIX}{label}_{body}{self._check(label, body)}Z"

    def ours(self, token: str) -> bool:
        """Whether this workspace's key made it; 1 in 32,768 invented tokens passes by chance."""
        if not TOKEN.fullmatch(token):
            return False
        label, body = token[len(PREFIX) : -1].rsplit("_", 1)
        return hmac.compare_digest(self._check(label, body[:_BODY]), body[_BODY:])

    def _check(self, label: str, body: str) -> str:
        return self._digits(f"check\0{label}\0{body}", 3)

    def _digits(self, text: str, count: int) -> str:
        # Lone surrogates can stand in JSON; they must not stop a value from being hidden.
        digest = hmac.digest(self._key, text.encode("utf-8", "surrogatepass"), sha256)
        return b32encode(digest).decode("ascii").lower()[:count]
