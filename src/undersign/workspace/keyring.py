"""Which key signs, and who may: files of the user, read and never written."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from undersign.errors import UsageError
from undersign.workspace import files
from undersign.workspace.workspace import Workspace

if TYPE_CHECKING:
    from undersign.ledger.keys import Key

_USUAL = ("id_ed25519", "id_ecdsa", "id_rsa")


def key(workspace: Workspace, given: str | None, passphrase: Callable[[str], str] | None) -> Key:
    """Load the key named on the command line, in undersign.toml, or the usual one of OpenSSH.

    Raises UsageError when there is none.
    """
    from undersign.ledger.keys import load_key

    if given:
        return load_key(Path(given).expanduser(), passphrase)
    if workspace.config.key:
        return load_key(workspace.config.key, passphrase)
    usual = [Path.home() / ".ssh" / name for name in _USUAL]
    found = next((path for path in usual if path.is_file()), None)
    if found is None:
        raise UsageError(
            "no key to sign with",
            hint="name one with --key FILE, or make one with: ssh-keygen -t ed25519",
        )
    return load_key(found, passphrase)


def allowed_signers(workspace: Workspace, given: str | None) -> str:
    """Read who may sign: the file named, or the workspace's.

    Raises UsageError when there is none: without it nobody can be told from anybody.
    """
    path = Path(given).expanduser() if given else workspace.config.allowed_signers
    if not path.is_file():
        raise UsageError(
            f"{path}: no such file, so nobody may sign",
            hint="write one in the format of ssh-keygen(1), or name it with --allowed-signers",
        )
    return files.read_text(path)
