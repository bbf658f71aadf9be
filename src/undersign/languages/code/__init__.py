"""Which language a file is in, and what it says it is: labels, which are shown and hide nothing."""

from __future__ import annotations

import re
from pathlib import PurePosixPath

from undersign.languages.code.outline import OUTLINED, Function, Import, Outline, outline

__all__ = [
    "OUTLINED", "Function", "Import", "Outline", "is_manifest", "labels_of", "language_of",
    "outline",
]  # fmt: skip

_SUFFIXES = {
    ".py": "python", ".pyi": "python", ".pyw": "python",
    ".js": "javascript", ".mjs": "javascript", ".cjs": "javascript", ".jsx": "javascript",
    ".ts": "typescript", ".mts": "typescript", ".cts": "typescript", ".tsx": "tsx",
    ".go": "go", ".java": "java",
}  # fmt: skip
_SHEBANG = re.compile(r"#!.*\b(python|node)[\d.]*\b")
_BY_SHEBANG = {"python": "python", "node": "javascript"}

_TESTS = re.compile(
    r"(^|/)(tests?|__tests__|spec|testing)/|(^|/)(test_[^/]*|[^/]*_test|conftest)\.(py|go)$"
    r"|\.(test|spec)\.[cm]?[jt]sx?$|(^|/)[^/]*Tests?\.java$",
)
_FIXTURES = re.compile(r"(^|/)(fixtures?|testdata|__fixtures__|mocks?|__mocks__|samples?)/", re.I)
_VENDORED = re.compile(
    r"(^|/)(vendor|vendored|third_party|third-party|node_modules|external)/", re.I
)
_DOCUMENTS = re.compile(r"(^|/)(docs?|documentation|examples?)/|\.(md|rst|adoc)$", re.I)
_GENERATED_PATH = re.compile(r"(_pb2(_grpc)?\.py|\.pb\.go|\.min\.js|\.generated\.\w+|_gen\.go)$")
_GENERATED = re.compile(r"@generated|DO NOT EDIT|auto-?generated|linguist-generated", re.I)
_HEAD = 2_000
"""Characters at the top of a file in which a marker counts."""


def language_of(path: str, text: str = "") -> str:
    """Return the language of a file by its suffix, or by its first line; empty when unknown."""
    found = _SUFFIXES.get(PurePosixPath(path).suffix.lower(), "")
    if found or not text.startswith("#!"):
        return found
    line = _SHEBANG.match(text.partition("\n")[0])
    return _BY_SHEBANG[line[1]] if line else ""


def labels_of(path: str, text: str = "") -> tuple[str, ...]:
    """Return what a file looks like: test, fixture, generated, vendored, documentation.

    Anyone can write `@generated` into a file; a label tells a person, and never leaves code out.
    """
    looks = (
        ("test", _TESTS.search(path)),
        ("fixture", _FIXTURES.search(path)),
        ("generated", _GENERATED_PATH.search(path) or _GENERATED.search(text[:_HEAD])),
        ("vendored", _VENDORED.search(path)),
        ("documentation", _DOCUMENTS.search(path)),
    )
    return tuple(name for name, found in looks if found)
