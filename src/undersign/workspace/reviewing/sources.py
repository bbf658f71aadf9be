"""Files of a checkout, read as text without following a link or leaving the folder."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path, PurePosixPath

from undersign.languages.code import labels_of, language_of
from undersign.records.code import SourceFile, unsafe
from undersign.records.review import FileState

LARGEST = 2_000_000
"""Bytes of a file that is read; what is larger is named in the coverage."""


@dataclass(frozen=True, slots=True)
class Unread:
    """Why a file was not read."""

    state: FileState
    why: str


def on_disk(root: Path, paths: Iterable[str]) -> dict[str, SourceFile | Unread]:
    """Read files of a working tree."""
    return {path: _of_disk(root, path) for path in paths}


def of_blobs(blobs: Mapping[str, bytes], paths: Iterable[str]) -> dict[str, SourceFile | Unread]:
    """Read files of a revision."""
    nothing = Unread(FileState.UNREAD, "it is no file at head: a submodule, a link, or gone")
    return {path: source(path, blobs[path]) if path in blobs else nothing for path in paths}


def source(path: str, content: bytes) -> SourceFile | Unread:
    """Make a source file of bytes, or say why they are none."""
    if len(content) > LARGEST:
        return Unread(FileState.TOO_LARGE, f"files up to {LARGEST:,} bytes are read")
    if b"\0" in content[:8192] or b"\0" in content:
        return Unread(FileState.BINARY, "it holds NUL bytes, so it is read as binary")
    text = content.decode("utf-8", "replace")
    odd = text.count("\ufffd") - content.count("\ufffd".encode())
    problem = f"{odd:,} bytes or runs of bytes are no UTF-8" if odd > 0 else ""
    digest = sha256(content).hexdigest()
    return SourceFile(path, text, digest, language_of(path, text), labels_of(path, text), problem)


def _of_disk(root: Path, path: str) -> SourceFile | Unread:
    if trouble := unsafe(path):
        return Unread(FileState.UNREAD, trouble)
    try:
        content = _bytes(root, path)
    except OSError as error:
        return Unread(FileState.UNREAD, f"it cannot be opened: {error.strerror or error}")
    if content is None:
        return Unread(FileState.UNREAD, "it is no plain file: a link, a folder or a device")
    return source(path, content)


def _bytes(root: Path, path: str) -> bytes | None:
    """Read a file of a checkout; None when any part of its way is a link, or it is no file."""
    folder = root
    for part in PurePosixPath(path).parts[:-1]:
        folder = folder / part
        if folder.is_symlink():
            return None
    # Opened without following, then asked what it is: no race between looking and reading.
    handle = os.open(root / path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    with os.fdopen(handle, "rb") as file:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            return None
        return file.read(LARGEST + 1)
