"""Unified diffs, as git and diff(1) write them, and as people who mean harm write them.

Every file that a diff names is in what comes out. What cannot be read of it is a remark, never a
gap. unidiff agrees with this reader on what git writes (a test holds them together), but gives up
on a whole diff for one hunk that lies, undoes no quotes of names, and reads no merge (`diff --cc`).
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import replace

from undersign.languages.diff.pieces import Piece, Reader
from undersign.records.change import Change, FileChange, FileStatus
from undersign.records.code import unsafe

_ELSEWHERE = {b"120000": "it is a link", b"160000": "it is a submodule"}
_MOST_PIECES = 100


def read_diff(data: bytes) -> Change:
    """Read a diff; bad pieces become remarks, and nothing is raised."""
    by_path, remarks = _pieces(data)
    files = tuple(_joined(pieces) for pieces in by_path.values())
    if data.strip() and not files and not remarks:
        remarks.append("nothing in it is a unified diff")
    remarks += [f"{f.path}: {f.remark}" for f in files if f.remark]
    return Change("-", "-", files, tuple(remarks))


def added_lines(data: bytes) -> dict[str, dict[int, str]]:
    """Return path at head -> line number -> text of every new line, without its end."""
    return {
        path: {
            number: text.decode("utf-8", "replace")
            for piece in pieces
            for number, text in piece.added
        }
        for path, pieces in _pieces(data)[0].items()
    }


def _pieces(data: bytes) -> tuple[dict[str, list[Piece]], list[str]]:
    """Take a diff apart; lines of earlier pieces get the numbers that later ones leave them."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):  # as a Windows shell writes it
        data = data.decode("utf-16", "replace").encode("utf-8", "replace")
    reader = Reader(data.removeprefix(b"\xef\xbb\xbf"))
    reader.read()
    by_path: dict[str, list[Piece]] = {}
    for piece in reader.pieces:
        pieces = by_path.setdefault(_path(piece), [])
        for one in pieces if len(pieces) < _MOST_PIECES else ():
            one.added = list(_moved(one.added, piece))
        pieces.append(piece)
    return by_path, reader.remarks


def _moved(lines: list[tuple[int, bytes]], by: Piece) -> Iterator[tuple[int, bytes]]:
    """Give lines the numbers they have after another change; those that it removes are left out."""
    gone = sorted(set(by.gone))
    new = sorted({number for number, _ in by.added})
    # `free[i]` lines that are not new stand before the i-th new one.
    free = [number - 1 - at for at, number in enumerate(new)]
    for number, text in lines:
        before = bisect_left(gone, number)
        if before < len(gone) and gone[before] == number:
            continue
        kept = number - 1 - before
        yield kept + 1 + _not_after(free, kept), text


def _not_after(free: list[int], kept: int) -> int:
    """Count the new lines that stand before the line with `kept` old ones before it."""
    return bisect_left(free, kept + 1)


def _path(piece: Piece) -> str:
    old, new = piece.names()
    path = (new if new is not None else old) or b"?"
    return path.decode("utf-8", "surrogateescape")


def _change(piece: Piece) -> FileChange:
    old, new = piece.names()
    path, told = _path(piece), piece.told
    status = _status(piece, old, new)
    moved = status in (FileStatus.RENAMED, FileStatus.COPIED)
    modes = (told.get(b"old mode"), told.get(b"new mode"))
    kind = told.get(b"new file mode") or modes[1] or told.get(b"index mode") or b""
    elsewhere = f"{_ELSEWHERE[kind]}, so its content is elsewhere" if kind in _ELSEWHERE else ""
    remarks = [r for r in (unsafe(path), *piece.remarks, elsewhere) if r]
    return FileChange(
        path=path,
        status=status,
        old_path=old.decode("utf-8", "surrogateescape") if moved and old else None,
        added=tuple(_runs(sorted({number for number, _ in piece.added}))),
        removed=piece.removed,
        binary=piece.binary,
        mode=" -> ".join(m.decode("ascii", "replace") for m in modes if m)
        or told.get(b"mode", b"").decode("ascii", "replace").replace("..", " -> "),
        remark="; ".join(remarks),
    )


def _status(piece: Piece, old: bytes | None, new: bytes | None) -> FileStatus:
    told = piece.told
    if b"rename to" in told:
        return FileStatus.RENAMED
    if b"copy to" in told:
        return FileStatus.COPIED
    if b"deleted file mode" in told or new is None:
        return FileStatus.DELETED
    if b"new file mode" in told or old is None:
        return FileStatus.ADDED
    if b"new mode" in told and not piece.hunks and not piece.binary:
        return FileStatus.MODE
    return FileStatus.MODIFIED


def _runs(numbers: list[int]) -> Iterator[tuple[int, int]]:
    """Join line numbers, in order, to runs."""
    first = last = None
    for number in numbers:
        if first is None or last is None or number != last + 1:
            if first is not None and last is not None:
                yield first, last
            first = number
        last = number
    if first is not None and last is not None:
        yield first, last


def _joined(pieces: list[Piece]) -> FileChange:
    """Join what a diff says of one file in several places: nothing of it may vanish."""
    first, *others = [_change(piece) for piece in pieces]
    if not others:
        return first
    every = [first, *others]
    said = "the diff speaks of it more than once; its pieces are read as one after the other"
    if len(pieces) > _MOST_PIECES:
        said = "the diff speaks of it too often to tell where its new lines are at head"
    told = [part for one in every for part in one.remark.split("; ")]
    return replace(
        first,
        status=_status_of(every),
        old_path=next((one.old_path for one in every if one.old_path), None),
        added=tuple(_runs(sorted({number for piece in pieces for number, _ in piece.added}))),
        removed=sum(one.removed for one in every),
        binary=any(one.binary for one in every),
        mode=", ".join(dict.fromkeys(one.mode for one in every if one.mode)),
        remark="; ".join(dict.fromkeys(filter(None, (*told, said)))),
    )


def _status_of(every: list[FileChange]) -> FileStatus:
    """Say what became of a file after one change and another."""
    first, last = every[0].status, every[-1].status
    if last is FileStatus.DELETED:
        return last
    if first is FileStatus.DELETED:
        # How git writes that a file became a link, or a link a file.
        return FileStatus.MODIFIED
    return last if first is FileStatus.MODE else first
