"""Names of files as diffs write them: quoted, prefixed, with a time behind a tab, or all three."""

from __future__ import annotations

import re

_QUOTED = re.compile(rb"\\([0-7]{1,3}|.)", re.DOTALL)
_WHOLE = re.compile(rb'"(?:[^"\\]|\\.)*"', re.DOTALL)
_ESCAPES = {
    b"n": b"\n", b"t": b"\t", b"r": b"\r", b"a": b"\a", b"b": b"\b", b"f": b"\f", b"v": b"\v",
}  # fmt: skip
_PREFIX = re.compile(rb"[abciow12]/")
"""git's own (`a/`, `b/`), its mnemonic ones, and those of `git diff --no-index`."""


def unquoted(written: bytes) -> bytes:
    """Undo git's quotes; a name without them is returned as it is."""
    found = _WHOLE.match(written)
    if found is None:
        return written

    def plain(escape: re.Match[bytes]) -> bytes:
        code = escape[1]
        return bytes([int(code, 8) & 255]) if code.isdigit() else _ESCAPES.get(code, code)

    return _QUOTED.sub(plain, found[0][1:-1])


def on_line(written: bytes) -> bytes | None:
    """Read the name behind `---` or `+++`; None for /dev/null."""
    plain = written.rstrip(b"\r")
    # diff(1) puts the time behind a tab; git quotes a name that holds one.
    name = unquoted(plain) if plain.startswith(b'"') else plain.partition(b"\t")[0]
    return None if name == b"/dev/null" else name


def on_diff_line(words: bytes) -> tuple[bytes, bytes] | None:
    """Split what stands behind `diff --git` into two names, prefixes and all; None if it cannot.

    Without quotes only the headers below tell where one name ends, unless both are the same.
    """
    if words.startswith(b'"'):
        found = _WHOLE.match(words)
        if found is None:
            return None
        return unquoted(found[0]), unquoted(words[found.end() + 1 :])
    if words.endswith(b'"') and b' "' in words:
        left, _, right = words.partition(b' "')
        return left, unquoted(b'"' + right)
    middle = len(words) // 2
    left, right = words[:middle], words[middle + 1 :]
    if words[middle : middle + 1] == b" " and (left == right or bare(left, right)):
        return left, right
    left, space, right = words.partition(b" b/")
    return (left, b"b/" + right) if space else None


def of_binary(line: bytes) -> tuple[bytes | None, bytes | None]:
    """Read the names in `Binary files a/x and b/x differ`, or the one of `... has changed`."""
    words = line.rstrip(b"\r").removesuffix(b" differ").removesuffix(b" has changed")
    words = words.split(b" ", 2)[2]
    middle = (len(words) - 5) // 2
    if words[middle : middle + 5] == b" and ":
        left, right = words[:middle], words[middle + 5 :]
    else:
        left, _, right = words.partition(b" and ")
    return on_line(left), on_line(right or left)


def bare(old: bytes | None, new: bytes | None) -> tuple[bytes | None, bytes | None] | None:
    """Return both names without their prefixes, or None when these are not a pair of prefixes.

    A prefix differs from its pendant: `a/x.py` twice is a file in a folder named `a`.
    """
    known = [name for name in (old, new) if name is not None]
    prefixed = all(_PREFIX.match(name) for name in known)
    if not known or not prefixed or len({name[:2] for name in known}) < len(known):
        return None
    return old and old[2:], new and new[2:]
