"""Compiles Hyperscan databases, and keeps them in the user's cache folder.

A kept database is a program: it is loaded only from a file that belongs to this user and that
nobody else may write, and only if the digest it begins with is the digest of the rest.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from typing import Any

_DIGEST = 32

KEPT = 16
"""Databases to keep: one for each set of internal names and ranges."""


def database(expressions: Sequence[bytes]) -> Any:
    """Return a database for the expressions, whose ids are their positions."""
    import hyperscan

    edition = version("hyperscan").encode()
    name = sha256(b"\0".join([edition, *expressions])).hexdigest()
    path = folder() / f"anchors-{name[:32]}.hs"
    kept = _read(path)
    if kept is not None:
        # A database of another processor or edition is refused: then it is compiled anew.
        with suppress(hyperscan.HyperscanError, ValueError):
            loaded = hyperscan.loadb(kept, hyperscan.HS_MODE_BLOCK)
            loaded.scratch = hyperscan.Scratch(loaded)
            return loaded
    compiled = hyperscan.Database(mode=hyperscan.HS_MODE_BLOCK)
    compiled.compile(
        expressions=list(expressions),
        ids=list(range(len(expressions))),
        elements=len(expressions),
        flags=[0] * len(expressions),
    )
    _write(path, bytes(hyperscan.dumpb(compiled)))
    return compiled


def folder() -> Path:
    """Return this user's cache folder of Undersign; it need not exist."""
    named = os.environ.get("XDG_CACHE_HOME", "")
    if named and Path(named).is_absolute():
        return Path(named) / "undersign"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / "undersign"
    return Path.home() / ".cache" / "undersign"


def _read(path: Path) -> bytes | None:
    """Return a kept database; None when there is none that may be trusted."""
    try:
        with path.open("rb") as file:
            state = os.fstat(file.fileno())
            mine = not hasattr(os, "getuid") or state.st_uid == os.getuid()
            if not mine or state.st_mode & 0o022:
                return None
            content = file.read()
    except OSError:
        return None
    digest, rest = content[:_DIGEST], content[_DIGEST:]
    return rest if sha256(rest).digest() == digest else None


def _write(path: Path, content: bytes) -> None:
    """Keep a database, whole or not at all; where nothing can be written there is no cache."""
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=".anchors-")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(sha256(content).digest() + content)
            Path(name).replace(path)
            for old in sorted(path.parent.glob("anchors-*.hs"), key=_changed)[:-KEPT]:
                old.unlink(missing_ok=True)
        except OSError:
            Path(name).unlink(missing_ok=True)
            raise


def _changed(path: Path) -> int:
    return path.stat().st_mtime_ns
