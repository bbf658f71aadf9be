"""A diff taken apart: one piece for every file it names, with the lines that are new and gone."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from undersign.languages.diff.names import bare, of_binary, on_diff_line, on_line, unquoted

_HUNK = re.compile(rb"(@@+) ((?:-\d+(?:,\d+)? )+)\+(\d+)(?:,(\d+))? @@+")
_DIFFERS = (b" differ", b" has changed")
_ONLY = re.compile(rb"Only in ([^:]+): (.+?)\r?$")
_INDEX = re.compile(rb"index [0-9a-f,]+\.\.[0-9a-f]+ (\d{6})\r?$")
_ENCODED = re.compile(rb"content-transfer-encoding:\s*(base64|quoted-printable)", re.IGNORECASE)
_LARGEST = 9
"""Digits of a line number; no file has more lines."""
_MOST_REMARKS = 50
_TOLD = (
    b"rename from ", b"rename to ", b"copy from ", b"copy to ", b"old mode ", b"new mode ",
    b"new file mode ", b"deleted file mode ", b"mode ",
)  # fmt: skip
_NAMED = {b"rename to", b"copy to"}
_GIT = (b"diff --git ", b"diff --cc ", b"diff --combined ")


@dataclass
class Piece:
    """What one part of a diff says of one file."""

    line: int
    old: bytes | None = None
    new: bytes | None = None
    """Names as they are on the lines of the diff; None for /dev/null."""
    told: dict[bytes, bytes] = field(default_factory=dict)
    """Extended headers: `rename from`, `old mode`, ..."""
    added: list[tuple[int, bytes]] = field(default_factory=list)
    gone: list[int] = field(default_factory=list)
    """Numbers of removed lines in the old file, in order; of a merge, in its first parent."""
    removed: int = 0
    hunks: int = 0
    headed: bool = False
    """Whether `---` and `+++` were read."""
    prefixed: bool = True
    """False once a `diff` line shows that names carry no prefix."""
    unsure: bool = False
    """Whether the `diff` line does not show where one name ends, and nothing below it did."""
    binary: bool = False
    remarks: list[str] = field(default_factory=list)

    def remark(self, text: str) -> None:
        """Note what of this file cannot be read."""
        if text not in self.remarks and len(self.remarks) < _MOST_REMARKS:
            self.remarks.append(text)

    def names(self) -> tuple[bytes | None, bytes | None]:
        """Return the name before and after, without prefixes."""
        old = self.told.get(b"rename from", self.told.get(b"copy from"))
        new = self.told.get(b"rename to", self.told.get(b"copy to"))
        if old is not None and new is not None:
            return unquoted(old), unquoted(new)
        if not self.prefixed:
            return self.old, self.new
        return bare(self.old, self.new) or (self.old, self.new)


@dataclass
class _Hunk:
    """What is left of a hunk: how many lines of each parent and of the new file."""

    olds: list[int]
    new: int
    old_at: int
    at: int
    """Number of the next line, old and new."""

    @property
    def done(self) -> bool:
        return self.new <= 0 and all(left <= 0 for left in self.olds)


class Reader:
    """Goes through a diff once. `pieces` and `remarks` are there when `read` returns."""

    def __init__(self, data: bytes) -> None:
        self.lines = data.split(b"\n")
        if self.lines[-1] == b"":
            self.lines.pop()
        self.pieces: list[Piece] = []
        self.remarks: list[str] = []
        self.hunk: _Hunk | None = None
        self.taken = -1
        """Index of a `+++` line that was read together with its `---`."""

    def read(self) -> None:
        """Read every line."""
        for at, line in enumerate(self.lines):
            if self.hunk is not None and self._in_hunk(at, line):
                continue
            if at != self.taken:
                self._header(at, line)
        if self.hunk is not None and not self.hunk.done:
            self.pieces[-1].remark("the diff ends within a hunk")
        for piece in self.pieces:
            if piece.unsure and not piece.headed and not piece.told.keys() & _NAMED:
                piece.remark(f"where its name ends cannot be told (line {piece.line} of the diff)")
            if piece.headed and not piece.hunks and not piece.remarks:
                piece.remark("it has a head and no hunk")

    def _in_hunk(self, at: int, line: bytes) -> bool:
        """Take a line as one of the hunk, or end the hunk."""
        hunk, piece = self.hunk, self.pieces[-1]
        assert hunk is not None
        if line.startswith(b"\\"):
            return True
        if not hunk.done:
            if not self._another_begins(at, hunk) and _consume(piece, hunk, line):
                return True
            piece.remark(f"a hunk is cut short (line {at + 1} of the diff)")
        elif line[:1] in (b"+", b"-", b" ") and not self._after_hunk(at):
            piece.remark(f"a hunk has more lines than it says (line {at + 1} of the diff)")
            return _consume(piece, hunk, line)
        self.hunk = None
        return False

    def _heads(self, at: int) -> int:
        """Return where the hunk begins if `---` and `+++` stand here, one of them or both."""
        lines = self.lines[at : at + 3]
        marks = [mark for mark in (b"--- ", b"+++ ") if lines and lines[0].startswith(mark)]
        if marks == [b"--- "] and len(lines) > 1 and lines[1].startswith(b"+++ "):
            return 2
        return 1 if marks else 0

    def _after_hunk(self, at: int) -> bool:
        """Say whether a line behind a whole hunk begins something new."""
        heads = self._heads(at)
        if heads == 2 or self.lines[at] == b"-- " or self.lines[at] == b"-- \r":
            return True  # `-- ` begins the signature of a mail
        behind = self.lines[at + heads : at + heads + 1]
        return bool(heads and behind and behind[0].startswith(b"@@"))

    def _another_begins(self, at: int, hunk: _Hunk) -> bool:
        """Say whether a hunk that wants more lines stops because another file begins.

        The head of a file reads as lines of a hunk as well: `--- x` takes `-- x` away. Where the
        counts of the hunk agree with that, it is what git reads too.
        """
        if not self.lines[at].startswith(b"--- ") or self._heads(at) != 2:
            return False
        behind = self.lines[at + 2 : at + 3]
        if not behind or not _HUNK.match(behind[0]):
            return False
        if len(hunk.olds) == 1 and (hunk.olds[0], hunk.new) == (1, 1):
            said = f"lines that look like the head of a file are content (line {at + 1})"
            self.pieces[-1].remark(said)
            return False
        return True

    def _header(self, at: int, line: bytes) -> None:
        number, last = at + 1, self.pieces[-1] if self.pieces else None
        if line.startswith(_GIT):
            self.pieces.append(_of_diff_line(number, line.rstrip(b"\r")))
        elif line.startswith(b"Index: ") and self._next(at).startswith(b"====="):
            name = line[7:].rstrip(b"\r")  # Subversion, which may say no more of a binary file
            self.pieces.append(Piece(number, name, name, prefixed=False))
        elif line.startswith((b"--- ", b"+++ ")) and self._heads(at):
            self._head(at, line)
        elif line.startswith(b"@@"):
            self._begin(number, line)
        elif line.startswith((b"Binary file", b"Only in ", b"*** ")):
            self._wordy(at, line)
        elif last is None:
            if encoded := _ENCODED.match(line):
                said = encoded[1].decode().lower()
                self.remarks.append(f"the mail is written in {said}: decode it first")
        elif line.startswith((b"GIT binary patch", b"Cannot display: file marked as a binary")):
            last.binary = True
        elif not last.hunks:
            _extended(last, number, line)

    def _next(self, at: int) -> bytes:
        return self.lines[at + 1] if at + 1 < len(self.lines) else b""

    def _head(self, at: int, line: bytes) -> None:
        number = at + 1
        pair = line.startswith(b"--- ") and self._next(at).startswith(b"+++ ")
        last = self.pieces[-1] if self.pieces else None
        lone = not pair and not self._next(at).startswith(b"@@")
        if lone and at + 1 < len(self.lines):
            return  # words of a mail, or `---` above a summary
        if last is None or last.hunks or last.headed:
            last = Piece(number)
            self.pieces.append(last)
        last.headed = True
        if pair:
            last.old, last.new = on_line(line[4:]), on_line(self._next(at)[4:])
            self.taken = at + 1
            return
        name = on_line(line[4:]) or b""
        last.old = last.new = name[2:] if name.startswith((b"a/", b"b/")) else name
        last.prefixed = False
        last.remark(f"only one of its two names is there (line {number} of the diff)")

    def _begin(self, number: int, line: bytes) -> None:
        """Begin a hunk."""
        if not self.pieces:
            self.remarks.append(f"a hunk of no file (line {number} of the diff)")
            return
        piece = self.pieces[-1]
        piece.hunks += 1
        found = _HUNK.match(line)
        longest = (
            max((len(digits) for digits in re.findall(rb"\d+", found[0])), default=0)
            if found
            else 0
        )
        if found is None or longest > _LARGEST:
            piece.remark(f"a hunk has a header that cannot be read (line {number} of the diff)")
            return
        olds = [old[1:].partition(b",") for old in found[2].split()]
        if len(found[1]) - 1 != len(olds):
            piece.remark(f"a hunk does not say how many parents it has (line {number} of the diff)")
        new = 1 if found[4] is None else int(found[4])
        if new and int(found[3]) == 0:
            piece.remark(f"a hunk says that its lines are before the first (line {number})")
        counts = [int(count) if comma else 1 for _, comma, count in olds]
        # A hunk without old lines names the line before it.
        old_at = int(olds[0][0]) + (counts[0] == 0)
        self.hunk = _Hunk(counts, new, old_at, max(1, int(found[3])))

    def _wordy(self, at: int, line: bytes) -> None:
        """Read what diff(1) says in words of files whose lines it does not show."""
        number, last = at + 1, self.pieces[-1] if self.pieces else None
        if line.startswith(b"Binary ") and line.rstrip(b"\r").endswith(_DIFFERS):
            if last is not None and not last.hunks and not last.headed and not last.binary:
                last.binary = True
            else:
                old, new = of_binary(line)
                self.pieces.append(Piece(number, old, new, binary=True))
        elif found := _ONLY.match(line):
            name = found[1] + b"/" + found[2]
            self.pieces.append(Piece(number, name, name, prefixed=False))
            self.pieces[-1].remark("the diff says that it is on one side only, and shows no line")
        elif line.startswith(b"*** ") and self._next(at).startswith(b"--- "):
            old, new = on_line(line[4:]), on_line(self._next(at)[4:])
            self.pieces.append(Piece(number, old, new, headed=True))
            self.pieces[-1].remark("this is a context diff, and only unified ones are read")


def _extended(piece: Piece, number: int, line: bytes) -> None:
    """Read a line between the `diff` line and the first hunk."""
    for key in _TOLD:
        if line.startswith(key):
            piece.told[key.strip()] = line[len(key) :].rstrip(b"\r")
            return
    if found := _INDEX.match(line):
        piece.told[b"index mode"] = found[1]
    elif piece.headed and line[:1] in (b"+", b"-"):
        piece.remark(f"lines stand outside any hunk (line {number} of the diff)")


def _of_diff_line(number: int, line: bytes) -> Piece:
    """Begin a file with the names of its `diff` line, which are all there is of a pure rename."""
    words = line.split(b" ", 2)[2]
    if not line.startswith(b"diff --git "):
        name = unquoted(words)
        return Piece(number, name, name)
    names = on_diff_line(words)
    if names is None:
        return Piece(number, words, words, unsure=True)
    return Piece(number, *names, prefixed=names[0] != names[1])


def _consume(piece: Piece, hunk: _Hunk, line: bytes) -> bool:
    """Take a line as one of a hunk; False when it cannot be one."""
    if len(hunk.olds) > 1:
        return _consume_merged(piece, hunk, line)
    mark = line[:1]
    if mark == b"+":
        piece.added.append((hunk.at, line[1:]))
        hunk.at += 1
        hunk.new -= 1
    elif mark == b"-":
        piece.gone.append(hunk.old_at)
        piece.removed += 1
        hunk.old_at += 1
        hunk.olds[0] -= 1
    elif mark == b" " or line in (b"", b"\r"):  # some tools cut trailing blanks
        hunk.at += 1
        hunk.old_at += 1
        hunk.new -= 1
        hunk.olds[0] -= 1
    else:
        return False
    return True


def _consume_merged(piece: Piece, hunk: _Hunk, line: bytes) -> bool:
    """Take a line of a merge: one mark a parent, and new is what any parent lacks."""
    parents = len(hunk.olds)
    marks = b" " * parents if line in (b"", b"\r") else line[:parents]
    if len(marks) < parents or any(mark not in b" +-" for mark in marks):
        return False
    lost = b"-" in marks
    for parent, mark in enumerate(marks):
        # A line that is gone is only in the parents that are marked, a line that is there in
        # those that are not.
        hunk.olds[parent] -= mark == ord("-") if lost else mark == ord(" ")
    if lost:
        piece.removed += 1
        return True
    if b"+" in marks:
        piece.added.append((hunk.at, line[parents:]))
    hunk.at += 1
    hunk.new -= 1
    return True
