"""The last look before a name is called absent: is its word anywhere in the package's own files?

Syntax does not show a name that a package binds by its text: `setattr(codes, "ok", 200)`, a table
of lazy imports, a string inside a compiled module. Such a name is somewhere in the package's files
as a word, so a word that is there keeps its name from being called absent.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from pathlib import Path

from undersign.languages.python import Module

_READ = (".py", ".pyi", ".pyx", ".pxd", ".so", ".pyd")
_SKIPPED = {"tests", "test", "testing", "__pycache__", "docs"}
_LARGEST = 200_000_000


class Level(IntEnum):
    """How much of a word is enough to keep silent."""

    WRITTEN = 1
    """As a string, or set on some object: it may be bound by its text."""
    DEFINED = 2
    """Also as a function, class or variable of any class: a subclass may have it."""
    ANYWHERE = 3


@dataclass(slots=True)
class Words:
    """Looks for words in the files of installed packages."""

    _asked: dict[tuple[str, str, int], str] = field(default_factory=dict)

    def has(self, roots: tuple[Path, ...], word: str, level: Level) -> str:
        """Return the name of a file that has the word in this way; empty when none has."""
        key = ("|".join(map(str, roots)), word, int(level))
        if key not in self._asked:
            self._asked[key] = _look(roots, word, level)
        return self._asked[key]


@dataclass(slots=True)
class TextWords:
    """Looks for words in the files of the project itself."""

    _asked: dict[str, str] = field(default_factory=dict)

    def in_texts(self, project: Mapping[str, Module], word: str) -> str:
        """Return the path of a file that has the word as a string, or sets it on some object."""
        if word not in self._asked:
            pattern = _pattern(re.escape(word.encode()), Level.WRITTEN)
            self._asked[word] = next(
                (
                    path
                    for path, module in project.items()
                    if word in module.text and pattern.search(module.text.encode("utf-8", "ignore"))
                ),
                "",
            )
        return self._asked[word]


def _look(roots: tuple[Path, ...], word: str, level: Level) -> str:
    plain = word.encode()
    pattern = _pattern(re.escape(plain), level)
    for root in roots:
        for path in _files(root):
            content = _content(path)
            if content is None:
                return path.name  # it could not be looked at, so it may have any word
            if plain not in content:
                continue
            if path.suffix in (".so", ".pyd"):
                # A longer word around it is another name.
                if re.search(rb"(?<![A-Za-z0-9_])" + re.escape(plain) + rb"(?![a-z0-9_])", content):
                    return path.name
            elif pattern.search(content):
                return path.name
    return ""


def _pattern(word: bytes, level: Level) -> re.Pattern[bytes]:
    if level is Level.ANYWHERE:
        return re.compile(rb"\b" + word + rb"\b")
    ways = [rb"['\"]" + word + rb"['\"]", rb"\." + word + rb"\s*(?::[^=\n]+)?=(?!=)"]
    ways += [rb"\bglobal\b[^\n]*\b" + word + rb"\b"]
    if level is Level.DEFINED:
        ways += [rb"\b(?:def|class)\s+" + word + rb"\b"]
        ways += [rb"^\s*" + word + rb"\s*(?::|=(?!=))"]
    return re.compile(rb"|".join(ways), re.MULTILINE)


def _files(root: Path) -> Iterator[Path]:
    if not root.is_dir():
        yield root
        return
    for folder, folders, names in os.walk(root):
        folders[:] = sorted(f for f in folders if f not in _SKIPPED)
        yield from (Path(folder, name) for name in sorted(names) if name.endswith(_READ))


def _content(path: Path) -> bytes | None:
    try:
        status = path.stat()
        plain = stat.S_ISREG(status.st_mode) and status.st_size <= _LARGEST
        return path.read_bytes() if plain else None
    except OSError:
        return None
