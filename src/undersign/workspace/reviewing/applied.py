"""A diff from a file: which of its files agree with the working tree, and what of them is known.

A diff that is not applied here still says which lines are new. Of such a file only those lines are
known, and the coverage says so.
"""

from __future__ import annotations

from dataclasses import replace
from hashlib import sha256
from typing import TYPE_CHECKING

from undersign.languages.code import labels_of, language_of
from undersign.languages.diff import added_lines
from undersign.records.change import FileStatus
from undersign.records.code import Code, SourceFile
from undersign.records.review import FileState
from undersign.workspace.reviewing.sources import Unread

if TYPE_CHECKING:
    from undersign.workspace.reviewing.checkout import Taken

_LAST_LINE = 1_000_000
"""A diff may claim any line number; a text with so many lines is not made up for it."""
_ONLY_LINES = (
    "the diff is not applied here: only its new lines were read, so no way through the file was "
    "looked for; apply it, or use --base"
)


def only_what_agrees(taken: Taken, raw: bytes) -> Taken:
    """Hold every file of a diff against the working tree.

    Where it disagrees, the file's text becomes the new lines alone, each at its place, and
    `partly` says why.
    """
    assert taken.change is not None
    lines = added_lines(raw)
    files, partly, unread = dict(taken.code.files), {}, dict(taken.unread)
    for one in taken.change.files:
        new = lines.get(one.path, {})
        here = files.get(one.path)
        if one.status is FileStatus.DELETED or one.path in taken.excluded or not new:
            continue
        if here is not None and _agrees(here.text, new):
            continue
        if max(new) > _LAST_LINE:
            why = f"the diff claims line {max(new):,}, and nothing here has so many"
            unread[one.path] = Unread(FileState.UNREAD, why)
            continue
        files[one.path] = _of_lines(one.path, new)
        partly[one.path] = _ONLY_LINES
        unread.pop(one.path, None)
    left = {path: text for path, text in taken.code.unread.items() if path not in partly}
    code = Code(files, taken.code.paths | frozenset(partly), left)
    return replace(taken, code=code, partly=partly, unread=unread)


def _agrees(text: str, new: dict[int, str]) -> bool:
    here = text.split("\n")
    return all(
        number <= len(here) and here[number - 1].rstrip("\r") == line.rstrip("\r")
        for number, line in new.items()
    )


def _of_lines(path: str, new: dict[int, str]) -> SourceFile:
    text = "\n".join(new.get(number, "") for number in range(1, max(new) + 1)) + "\n"
    digest = sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
    return SourceFile(path, text, digest, language_of(path, text), labels_of(path, text))
