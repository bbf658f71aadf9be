"""Members of an export, a folder or a zip: named safely, read one at a time, never unpacked."""

from __future__ import annotations

import os
import stat
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path, PurePosixPath

from undersign.errors import BadInput


@dataclass(frozen=True, slots=True)
class ArchiveLimits:
    """How much of an export is read."""

    members: int = 100_000
    member: int = 256 << 20
    """Bytes of one member."""
    total: int = 2 << 30
    """Bytes of all members together, unpacked."""


LIMITS = ArchiveLimits()


class Archive:
    """An export. What it says of its own sizes is not believed: bytes are counted as they come."""

    def __init__(self, path: Path, limits: ArchiveLimits = LIMITS) -> None:
        self.path = path
        self._limits = limits
        self._read = 0
        self.refused: list[str] = []
        """Members that are not read, with the reason."""
        self._zip = None if path.is_dir() else _opened(path)
        self.names = tuple(sorted(self._names()))

    def close(self) -> None:
        """Close the file."""
        if self._zip is not None:
            self._zip.close()

    def read(self, name: str) -> bytes:
        """Return one member.

        Raises BadInput when it is larger than the limits, damaged, or encrypted.
        """
        parts: list[bytes] = []
        size = 0
        for piece in self._pieces(name):
            size += len(piece)
            self._read += len(piece)
            if size > self._limits.member or self._read > self._limits.total:
                most = self._limits.member if size > self._limits.member else self._limits.total
                raise BadInput(
                    f"{name!r} unpacks to more than {most:,} bytes; nothing more of it is read",
                    path=str(self.path),
                )
            parts.append(piece)
        return b"".join(parts)

    def _pieces(self, name: str) -> Iterator[bytes]:
        try:
            if self._zip is None:
                with (self.path / name).open("rb") as file:
                    yield from iter(lambda: file.read(1 << 16), b"")
            else:
                with self._zip.open(name) as member:
                    yield from iter(lambda: member.read(1 << 16), b"")
        except (OSError, RuntimeError, NotImplementedError, EOFError, zipfile.BadZipFile) as error:
            # RuntimeError is what zipfile says of an encrypted member; zlib's error is an OSError
            # or a BadZipFile by its checksum.
            raise BadInput(f"{name!r} cannot be read: {error}", path=str(self.path)) from error

    def _names(self) -> Iterator[str]:
        found = self._in_zip() if self._zip is not None else self._in_folder()
        for number, name in enumerate(found):
            if number >= self._limits.members:
                self.refused.append(f"more than {self._limits.members:,} members")
                return
            yield name

    def _in_zip(self) -> Iterator[str]:
        assert self._zip is not None
        seen: set[str] = set()
        for info in self._zip.infolist():
            name = info.filename
            if info.is_dir():
                continue
            if why := _unsafe(name, info.external_attr >> 16):
                self.refused.append(f"{name!r}: {why}")
            elif name in seen:
                self.refused.append(f"{name!r}: a second member of this name")
            else:
                seen.add(name)
                yield name

    def _in_folder(self) -> Iterator[str]:
        for folder, inner, names in os.walk(self.path):
            inner[:] = sorted(n for n in inner if not n.startswith("."))
            for name in sorted(names):
                file = Path(folder, name)
                if file.is_symlink():
                    self.refused.append(f"{name!r}: a link")
                elif file.is_file():
                    yield file.relative_to(self.path).as_posix()


def digest_of(path: Path) -> str:
    """Return the hex SHA-256 of a file, or of a folder's files in order with their names."""
    digest = sha256()
    files = [path] if path.is_file() else sorted(p for p in path.rglob("*") if p.is_file())
    for file in files:
        if path.is_dir():
            digest.update(file.relative_to(path).as_posix().encode() + b"\0")
        with file.open("rb") as opened:
            while piece := opened.read(1 << 20):
                digest.update(piece)
    return digest.hexdigest()


def _opened(path: Path) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(path)
    except (OSError, zipfile.BadZipFile, ValueError) as error:
        raise BadInput(f"no zip that can be read: {error}", path=str(path)) from error


def _unsafe(name: str, mode: int) -> str:
    parts = PurePosixPath(name.replace("\\", "/")).parts
    if name.startswith(("/", "\\")) or (len(name) > 1 and name[1] == ":") or ".." in parts:
        return "its name leads out of the archive"
    if "\0" in name or len(name) > 1000:
        return "no name of a file"
    return "a link" if stat.S_ISLNK(mode) else ""
