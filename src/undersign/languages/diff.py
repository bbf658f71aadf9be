"""Unified diffs, as git and diff(1) write them, and as people who mean harm write them.

Every file that a diff names is in what comes out. What cannot be read of it is a remark, never a
gap. unidiff agrees with this reader on what git writes (a test holds them together), but gives up
on a whole diff for one hunk that lies, and reads no merge (`diff --cc`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from undersign.records.change import Change, FileChange, FileStatus
from undersign.records.code import unsafe

_HUNK = re.compile(rb"(@@+) ((?:-\d+(?:,\d+)? )+)\+(\d+)(?:,(\d+))? @@+")
_QUOTED = re.compile(rb"\\([0-7]{3}|.)", re.DOTALL)
_ESCAPES = {
    b"n": b"\n",
    b"t": b"\t",
    b"r": b"\r",
    b"a": b"\a",
    b"b": b"\b",
    b"f": b"\f",
    b"v": b"\v",
}
_PREFIX = re.compile(rb"[abciow]/")
_MOST_REMARKS = 50


@dataclass
class _File:
    """One file of a diff while it is read."""

    line: int
    old: bytes | None = None
    new: bytes | None = None
    told: dict[bytes, bytes] = field(default_factory=dict)
    """Extended headers: `rename from`, `old mode`, ..."""
    added: list[tuple[int, bytes]] = field(default_factory=list)
    removed: int = 0
    hunks: int = 0
    binary: bool = False
    remarks: list[str] = field(default_factory=list)

    def remark(self, text: str) -> None:
        if text not in self.remarks and len(self.remarks) < _MOST_REMARKS:
            self.remarks.append(text)


@dataclass
class _Hunk:
    """What is left of a hunk: lines of each parent, and of the new file."""

    olds: list[int]
    new: int
    at: int
    """Number of the next new line."""

    @property
    def done(self) -> bool:
        return self.new <= 0 and all(left <= 0 for left in self.olds)


def read_diff(data: bytes) -> Change:
    """Read a diff; bad pieces become remarks, and nothing is raised."""
    files = [_change(one) for one in _files(data)]
    merged: dict[str, FileChange] = {}
    for one in files:
        merged[one.path] = _both(merged[one.path], one) if one.path in merged else one
    remarks = tuple(f"{f.path}: {f.remark}" for f in merged.values() if f.remark)
    return Change("-", "-", tuple(merged.values()), remarks)


def added_lines(data: bytes) -> dict[str, dict[int, str]]:
    """Return path at head -> line number -> text of every new line, without its end."""
    found: dict[str, dict[int, str]] = {}
    for one in _files(data):
        lines = {number: text.decode("utf-8", "replace") for number, text in one.added}
        found.setdefault(_change(one).path, {}).update(lines)
    return found


def _files(data: bytes) -> list[_File]:
    files: list[_File] = []
    lines = data.split(b"\n")
    hunk: _Hunk | None = None
    for number, line in enumerate(lines, 1):
        if hunk is not None:
            if not hunk.done and _consume(files[-1], hunk, line):
                continue
            if line.startswith(b"\\"):
                continue
            if hunk.done and _goes_on(line) and not _begins(lines, number - 1):
                files[-1].remark(f"a hunk has more lines than it says (line {number} of the diff)")
                _consume(files[-1], hunk, line)
                continue
            if not hunk.done and not (number == len(lines) and not line):
                files[-1].remark(f"a hunk is cut short (line {number} of the diff)")
            elif not hunk.done:
                files[-1].remark("the diff ends within a hunk")
            hunk = None
        hunk = _header(files, lines, number, line)
    if hunk is not None and not hunk.done:
        files[-1].remark("the diff ends within a hunk")
    return files


def _consume(file: _File, hunk: _Hunk, line: bytes) -> bool:
    """Take a line as one of a hunk; False when it cannot be one."""
    parents = len(hunk.olds)
    marks = line[:parents]
    if line in (b"", b"\r"):
        marks = b" " * parents  # some tools cut trailing blanks
    if len(marks) < parents or any(mark not in b" +-" for mark in marks):
        return line.startswith(b"\\")
    for parent, mark in enumerate(marks):
        if mark != ord("+"):
            hunk.olds[parent] -= 1
    if b"-" in marks:
        file.removed += 1
        return True
    if b"+" in marks:
        file.added.append((hunk.at, line[parents:]))
    hunk.at += 1
    hunk.new -= 1
    return True


def _goes_on(line: bytes) -> bool:
    return line[:1] in (b"+", b"-", b" ")


def _begins(lines: list[bytes], at: int) -> bool:
    """Say whether a file begins here: `--- old` and `+++ new` one after the other."""
    is_old = lines[at].startswith((b"--- ", b"-- "))
    return is_old and (at + 1 >= len(lines) or lines[at + 1].startswith((b"+++ ", b"")))


_TOLD = (
    b"rename from ", b"rename to ", b"copy from ", b"copy to ", b"old mode ", b"new mode ",
    b"new file mode ", b"deleted file mode ", b"similarity index ",
)  # fmt: skip


def _header(files: list[_File], lines: list[bytes], number: int, line: bytes) -> _Hunk | None:
    if line.startswith((b"diff --git ", b"diff --cc ", b"diff --combined ")):
        files.append(_named(number, line.rstrip(b"\r")))
    elif line.startswith(b"--- ") and number < len(lines) and lines[number].startswith(b"+++ "):
        if not files or files[-1].hunks or files[-1].told.get(b"---"):
            files.append(_File(number))
        files[-1].old = _name(line[4:])
        files[-1].told[b"---"] = b"yes"
    elif line.startswith(b"+++ ") and files and not files[-1].hunks:
        files[-1].new = _name(line[4:])
    elif line.startswith(b"@@") and files:
        return _hunk(files[-1], number, line)
    elif files and line.startswith((b"Binary files ", b"GIT binary patch")):
        files[-1].binary = True
    elif files and not files[-1].hunks:
        for key in _TOLD:
            if line.startswith(key):
                files[-1].told[key.strip()] = line[len(key) :].rstrip(b"\r")
    return None


def _hunk(file: _File, number: int, line: bytes) -> _Hunk | None:
    found = _HUNK.match(line)
    if found is None or len(found[3]) > 9 or len(found[4] or b"") > 9:
        file.remark(f"a hunk has a header that cannot be read (line {number} of the diff)")
        return None
    file.hunks += 1
    olds = [_count(old) for old in found[2].split()]
    if len(found[1]) - 1 != len(olds):
        file.remark(f"a hunk does not say how many parents it has (line {number} of the diff)")
    return _Hunk(olds, 1 if found[4] is None else int(found[4]), int(found[3]))


def _count(old: bytes) -> int:
    _, comma, count = old.partition(b",")
    return int(count[:9]) if comma else 1


def _named(number: int, line: bytes) -> _File:
    """Begin a file with the names of its `diff` line, which are all there is of a pure rename."""
    words = line.split(b" ", 2)[2]
    if not line.startswith(b"diff --git "):
        name = _unquoted(words)
        return _File(number, name, name)
    if words.startswith(b'"'):
        end = _closing(words)
        return _File(
            number, _unprefixed(_unquoted(words[:end])), _unprefixed(_unquoted(words[end + 1 :]))
        )
    middle = len(words) // 2
    left, right = words[:middle], words[middle + 1 :]
    if _unprefixed(left) == _unprefixed(right):
        return _File(number, _unprefixed(left), _unprefixed(right))
    left, _, right = words.partition(b" b/")
    return _File(number, _unprefixed(left), _unquoted(right) or None)


def _closing(words: bytes) -> int:
    found = re.match(rb'"(?:[^"\\]|\\.)*"', words, re.DOTALL)
    return found.end() if found else len(words)


def _name(written: bytes) -> bytes | None:
    """Read the name on a `---` or `+++` line; None for /dev/null."""
    plain = written.rstrip(b"\r")
    # diff(1) puts the time behind a tab; git quotes a name that holds one.
    name = _unquoted(plain) if plain.startswith(b'"') else plain.partition(b"\t")[0]
    return None if name == b"/dev/null" else name


def _unquoted(written: bytes) -> bytes:
    if not written.startswith(b'"'):
        return written
    inner = written[1 : _closing(written) - 1]

    def plain(found: re.Match[bytes]) -> bytes:
        code = found[1]
        return bytes([int(code, 8) & 255]) if len(code) == 3 else _ESCAPES.get(code, code)

    return _QUOTED.sub(plain, inner)


def _unprefixed(name: bytes) -> bytes:
    return name[2:] if _PREFIX.match(name) else name


def _change(one: _File) -> FileChange:
    old, new = _names(one)
    path = (new if new is not None else old) or b"?"
    text = path.decode("utf-8", "surrogateescape")
    status = _status(one, old, new)
    moved = status in (FileStatus.RENAMED, FileStatus.COPIED)
    modes = one.told.get(b"old mode"), one.told.get(b"new mode")
    remarks = [r for r in (unsafe(text), *one.remarks) if r]
    if b"new file mode" in one.told and one.told[b"new file mode"] in (b"120000", b"160000"):
        remarks.append("it is a link or a submodule, so its content is elsewhere")
    return FileChange(
        path=text,
        status=status,
        old_path=old.decode("utf-8", "surrogateescape") if moved and old else None,
        added=_runs([number for number, _ in one.added]),
        removed=one.removed,
        binary=one.binary,
        mode=" -> ".join(m.decode("ascii", "replace") for m in modes if m),
        remark="; ".join(remarks),
    )


def _names(one: _File) -> tuple[bytes | None, bytes | None]:
    """Return old and new name, without git's `a/` and `b/` where both have one."""
    old = one.told.get(b"rename from") or one.told.get(b"copy from")
    new = one.told.get(b"rename to") or one.told.get(b"copy to")
    if old is not None and new is not None:
        return _unquoted(old), _unquoted(new)
    old, new = one.old, one.new
    if one.told.get(b"---"):
        known = [name for name in (old, new) if name is not None]
        if known and all(_PREFIX.match(name) for name in known):
            old = _unprefixed(old) if old else old
            new = _unprefixed(new) if new else new
    return old, new


def _status(one: _File, old: bytes | None, new: bytes | None) -> FileStatus:
    if b"rename to" in one.told:
        return FileStatus.RENAMED
    if b"copy to" in one.told:
        return FileStatus.COPIED
    if b"deleted file mode" in one.told or new is None:
        return FileStatus.DELETED
    if b"new file mode" in one.told or old is None:
        return FileStatus.ADDED
    if b"new mode" in one.told and not one.hunks and not one.binary:
        return FileStatus.MODE
    return FileStatus.MODIFIED


def _runs(numbers: list[int]) -> tuple[tuple[int, int], ...]:
    """Join line numbers to runs, in order."""
    return tuple(_joined(sorted(set(numbers))))


def _joined(numbers: list[int]) -> Iterator[tuple[int, int]]:
    first = last = None
    for number in numbers:
        if last is not None and number == last + 1:
            last = number
            continue
        if first is not None and last is not None:
            yield first, last
        first = last = number
    if first is not None and last is not None:
        yield first, last


def _both(one: FileChange, other: FileChange) -> FileChange:
    """Join two pieces of a diff about one file: nothing of either may vanish."""
    numbers = [n for low, high in (*one.added, *other.added) for n in range(low, high + 1)]
    return FileChange(
        path=one.path,
        status=other.status if one.status is FileStatus.MODE else one.status,
        old_path=one.old_path or other.old_path,
        added=_runs(numbers),
        removed=one.removed + other.removed,
        binary=one.binary or other.binary,
        mode=one.mode or other.mode,
        remark="; ".join(filter(None, (one.remark, other.remark, "the diff speaks of it twice"))),
    )
