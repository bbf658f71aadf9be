"""The secrets of a workspace's policy: the key its tokens are made with, and scopes kept for later.

The key is made when it is first needed, in `policy.key` (mode 0600) of the workspace's own folder,
and is never logged or shown. Whoever loses it only gets other tokens from then on.

A scope lives as long as its request. One API keeps a conversation on its side and is asked to go on
from a response by its id (OpenAI's `previous_response_id`); for it a scope can be kept, encrypted
(AES-256-GCM), under a keyed hash of that id, for a day at most and no more than 256 of them.
"""

from __future__ import annotations

import hmac
import json
import os
import secrets
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

from undersign.errors import StorageError
from undersign.policy.scope import Scope
from undersign.policy.tokens import Tokens

KEY_FILE, KEPT_FOLDER = "policy.key", "policy.kept"
KEPT_SECONDS = 24 * 3600
KEPT_SCOPES = 256
LARGEST_KEPT = 4 << 20
"""Bytes of a kept scope; a larger one is not kept."""
_KEY_BYTES = 32
_NONCE_BYTES = 12


class Vault:
    """Opens what one workspace's folder (`.undersign`) keeps for its policy.

    `now` is in seconds since 1970, UTC. Raises StorageError for a key that cannot be made or read.
    """

    __slots__ = ("_folder", "_key")

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._key = key_of(folder)

    def __repr__(self) -> str:
        return "<Vault>"

    @property
    def tokens(self) -> Tokens:
        """What makes this workspace's tokens."""
        return Tokens(self._key)

    def keep(self, response_id: str, scope: Scope, now: float) -> bool:
        """Keep a scope for the request that goes on from this response; False if it is too big."""
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        plain = json.dumps({"at": now, "scope": scope.plain()}).encode("ascii")
        if len(plain) > LARGEST_KEPT:
            return False
        name = self._name(response_id)
        nonce = secrets.token_bytes(_NONCE_BYTES)
        sealed = nonce + AESGCM(self._key_for("kept")).encrypt(nonce, plain, name.encode())
        folder = self._folder / KEPT_FOLDER
        try:
            folder.mkdir(mode=0o700, exist_ok=True)
            _write(folder / f"{name}.new", sealed)
            os.utime(folder / f"{name}.new", (now, now))
            (folder / f"{name}.new").replace(folder / name)
            self._clear(folder, now)
        except OSError as error:
            raise StorageError("a scope could not be kept", hint=str(error.strerror)) from None
        return True

    def take_in(self, response_id: str, scope: Scope, now: float) -> bool:
        """Add what was kept for a response to a scope; False when nothing (valid) was kept."""
        from cryptography.exceptions import InvalidTag
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        name = self._name(response_id)
        try:
            sealed = (self._folder / KEPT_FOLDER / name).read_bytes()
        except OSError:
            return False
        nonce, rest = sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:]
        try:
            plain = AESGCM(self._key_for("kept")).decrypt(nonce, rest, name.encode())
        except (InvalidTag, ValueError):
            # Changed, cut short or sealed with another key: nothing of it may be trusted.
            return False
        kept = json.loads(plain)
        if not 0 <= now - kept["at"] <= KEPT_SECONDS:
            return False
        scope.take_in(kept["scope"])
        return True

    def _clear(self, folder: Path, now: float) -> None:
        """Remove what is too old, and the oldest of too many."""
        ages = sorted(((path.stat().st_mtime, path) for path in folder.iterdir()), reverse=True)
        for n, (written, path) in enumerate(ages):
            if n >= KEPT_SCOPES or now - written > KEPT_SECONDS:
                # Another process may clear the same folder.
                with suppress(FileNotFoundError):
                    path.unlink()

    def _name(self, response_id: str) -> str:
        return hmac.digest(self._key_for("name"), response_id.encode(), sha256).hex()

    def _key_for(self, purpose: str) -> bytes:
        return hmac.digest(self._key, purpose.encode(), sha256)


def key_of(folder: Path) -> bytes:
    """Read the key of a workspace's folder, or make it; StorageError when that is not possible.

    Of two processes that make it at once both get the same one.
    """
    path = folder / KEY_FILE
    try:
        if not path.exists():
            made = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
            _write(made, secrets.token_bytes(_KEY_BYTES))
            with suppress(FileExistsError):
                os.link(made, path)
            made.unlink()
        if os.name == "posix" and path.stat().st_mode & 0o077:
            raise StorageError(f"{path.name} can be read by others", hint=f"chmod 600 {path}")
        key = path.read_bytes()
    except OSError as error:
        raise StorageError(
            f"the policy's key {path.name} cannot be made or read", hint=str(error.strerror)
        ) from None
    if len(key) != _KEY_BYTES:
        raise StorageError(f"{path.name} is damaged", hint="remove it: tokens will change")
    return key


def _write(path: Path, data: bytes) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
