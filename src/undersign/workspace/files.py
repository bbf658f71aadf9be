"""Artifacts on disk: found, read, classified, and written without ever losing what was there."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path

from undersign.errors import BadInput, StorageError, UsageError
from undersign.records.artifact import Artifact
from undersign.surfaces import KINDS
from undersign.workflow.kind import Kind

MAX_ARTIFACT_BYTES = 4 * 1024 * 1024
MAX_REVIEW_BYTES = 64 * 1024 * 1024
"""A review of a whole tree holds thousands of candidates, each with its evidence; the timeline of
a long incident thousands of entries."""
_LARGE = (".sarif", "timeline.json", "evidence.jsonl")
_SIDE_FILES = (".tests.yml", ".record.json", ".statement.json", ".sig")


def find(paths: Iterable[Path]) -> Iterator[Path]:
    """Yield artifact files: a named file as it is, in a folder every file of a known kind.

    Raises UsageError for a path that does not exist.
    """
    for path in paths:
        if path.is_dir():
            yield from _below(path)
        elif path.exists():
            yield path
        else:
            raise UsageError(f"{path}: no such file or folder")


def _below(folder: Path) -> Iterator[Path]:
    suffixes = tuple(s for kind in KINDS for s in kind.suffixes)
    for here, folders, names in os.walk(folder, onerror=_cannot_list):
        folders[:] = sorted(f for f in folders if not f.startswith("."))
        for name in sorted(names):
            if name.endswith(suffixes) and not name.endswith(_SIDE_FILES):
                path = Path(here) / name
                head = _head(path)
                if head is None or kind_of(path, head):
                    yield path


def _cannot_list(error: OSError) -> None:
    raise BadInput(f"cannot list this folder: {error.strerror}", path=str(error.filename))


def _head(path: Path) -> str | None:
    """Return the start of a file; None when it cannot be read, which its reader will say."""
    if not path.is_file():
        return None
    try:
        with path.open("rb") as file:
            return file.read(65_536).decode("utf-8", "replace")
    except OSError:
        return None


def kind_of(path: Path, text: str) -> Kind | None:
    """Return the kind of an artifact by its name and a look at its text."""
    fitting = [k for k in KINDS if path.name.endswith(k.suffixes)]
    return next((k for k in fitting if k.matches(text)), None)


def read(path: Path, root: Path) -> Artifact:
    """Read one artifact.

    Raises BadInput when it cannot be read, is too large, or is not UTF-8. A file of no known kind
    whose name fits one is taken for that kind, so that the kind's own parser says what is wrong.
    """
    if path.exists() and not path.is_file():
        raise BadInput("is not a regular file", path=str(path))
    text = read_text(path)
    kind = kind_of(path, text) or next((k for k in KINDS if path.name.endswith(k.suffixes)), None)
    if kind is None:
        names = ", ".join(s for k in KINDS for s in k.suffixes)
        raise BadInput("no kind of artifact has this name", path=str(path), hint=f"known: {names}")
    return Artifact(relative(path, root), kind.name, text)


def read_text(path: Path) -> str:
    """Read a whole small UTF-8 file, newlines untouched; BadInput says what is wrong and where."""
    most = MAX_REVIEW_BYTES if path.name.endswith(_LARGE) else MAX_ARTIFACT_BYTES
    try:
        with path.open("rb") as file:
            raw = file.read(most + 1)
    except OSError as error:
        raise BadInput(f"cannot be read: {error.strerror}", path=str(path)) from error
    if len(raw) > most:
        raise BadInput(
            f"larger than {most // 1024 // 1024} MiB, the most that is read",
            path=str(path),
        )
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        column = error.start - raw.rfind(b"\n", 0, error.start)
        raise BadInput("not valid UTF-8", path=str(path), line=line, column=column) from error


def relative(path: Path, root: Path) -> str:
    """Name a file relative to the workspace, with forward slashes; absolute when outside.

    Bytes of a name that are no UTF-8 are shown as `\\xff`, so that the name can be hashed, signed
    and stored like any text.
    """
    absolute = Path(os.path.abspath(path))  # noqa: PTH100 - resolve() would follow links
    try:
        name = absolute.relative_to(os.path.abspath(root)).as_posix()  # noqa: PTH100
    except ValueError:
        name = absolute.as_posix()
    return os.fsencode(name).decode("utf-8", "backslashreplace")


def write(path: Path, text: str) -> None:
    """Write a file whole or not at all; StorageError as for `write_all`."""
    write_all({path: text})


def write_all(texts: Mapping[Path, str], confirm: Callable[[], object] | None = None) -> None:
    """Write files that belong together, all or none: to neighbours first, then renamed over.

    `confirm` runs when all that needs room on the disk is done, before the first rename; when it
    raises, nothing was changed. Raises StorageError with one line when the disk is full or a folder
    may not be written.
    """
    beside = {
        path: path.with_name(f".{path.name}.{os.getpid()}.part")
        for path in texts
        if not _is_device(path)
    }
    path = next(iter(texts))
    try:
        for path, part in beside.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            _write_durably(part, texts[path])
        if confirm is not None:
            confirm()
        for path, text in texts.items():
            if path in beside:
                beside[path].replace(path)
            else:
                path.write_text(text, encoding="utf-8", newline="")
    except OSError as error:
        why = "the disk is full" if error.errno == errno.ENOSPC else error.strerror
        raise StorageError(f"{path}: cannot be written: {why}; nothing was changed") from error
    finally:
        for part in beside.values():
            with suppress(OSError):
                part.unlink(missing_ok=True)


def _is_device(path: Path) -> bool:
    """Say whether this is `/dev/stdout`, a pipe or the like, which a file must not replace."""
    special = path.exists() and not path.is_file() and not path.is_dir()
    return special or path.parent == Path("/dev")


def _write_durably(path: Path, text: str) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
