"""Files that declare or lock packages, of Python, JavaScript, Go and Java. None of them is run.

`read_manifest` never raises on what a file says: what cannot be read is a problem in its result.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from importlib import import_module

from undersign.languages.manifests.places import Reading
from undersign.records.packages import Manifest, Problem

__all__ = ["is_manifest", "read_manifest"]

_LARGEST = 20_000_000
"""Characters; a lock file of ten thousand packages has some five million."""

_READERS: tuple[tuple[str, str, str, str], ...] = (
    # what the path ends in, kind, ecosystem, module:function
    (r"[\w.-]*(requirements|constraints)[\w.-]*\.(txt|in)", "requirements", "pypi",
     "requirements:read"),
    (r"requirements/[^/]+\.(txt|in)", "requirements", "pypi", "requirements:read"),
    (r"pyproject\.toml", "pyproject.toml", "pypi", "pyproject:read"),
    (r"uv\.lock", "uv.lock", "pypi", "python_locks:read"),
    (r"poetry\.lock", "poetry.lock", "pypi", "python_locks:read"),
    (r"pdm\.lock", "pdm.lock", "pypi", "python_locks:read"),
    (r"pylock(\.[\w-]+)?\.toml", "pylock.toml", "pypi", "python_locks:read"),
    (r"Pipfile", "Pipfile", "pypi", "pyproject:read_pipfile"),
    (r"Pipfile\.lock", "Pipfile.lock", "pypi", "python_locks:read_pipfile_lock"),
    (r"setup\.cfg", "setup.cfg", "pypi", "setup_files:read_cfg"),
    (r"setup\.py", "setup.py", "pypi", "setup_files:read_py"),
    (r"package\.json", "package.json", "npm", "npm:read"),
    (r"(package-lock|npm-shrinkwrap)\.json", "package-lock.json", "npm", "npm:read_lock"),
    (r"yarn\.lock", "yarn.lock", "npm", "npm_locks:read_yarn"),
    (r"pnpm-lock\.yaml", "pnpm-lock.yaml", "npm", "npm_locks:read_pnpm"),
    (r"go\.mod", "go.mod", "go", "go:read_mod"),
    (r"go\.sum", "go.sum", "go", "go:read_sum"),
    (r"pom\.xml", "pom.xml", "maven", "java:read_pom"),
    (r"[\w.-]*\.gradle(\.kts)?", "build.gradle", "maven", "java:read_gradle"),
    (r"(buildscript-)?gradle\.lockfile", "gradle.lockfile", "maven", "java:read_gradle_lock"),
    (r"[\w.-]+\.versions\.toml", "libs.versions.toml", "maven", "java:read_version_catalog"),
)  # fmt: skip
"""In order: the first that fits reads."""

_ENDS = tuple(re.compile(rf"(?:^|/)(?:{row[0]})$") for row in _READERS)


def is_manifest(path: str) -> bool:
    """Say whether a file of this name declares or locks packages."""
    return any(end.search(path) for end in _ENDS)


@lru_cache(maxsize=32)
def read_manifest(path: str, text: str) -> Manifest | None:
    """Read a manifest or lock file; None when its name is none of theirs.

    What cannot be read of it is among its problems, with the line; nothing raises.
    """
    row = next((row for row, end in zip(_READERS, _ENDS, strict=True) if end.search(path)), None)
    if row is None:
        return None
    _, kind, ecosystem, place = row
    reading = Reading(path, kind, ecosystem, text)
    if len(text) > _LARGEST:
        why = f"it is longer than {_LARGEST:,} characters, and was not read"
        return Manifest(path, kind, ecosystem, problems=(Problem(0, why),), open=True)
    module, _, name = place.partition(":")
    reader: Callable[[Reading], None] = getattr(
        import_module(f"undersign.languages.manifests.{module}"), name
    )
    reader(reading)
    return reading.done()
