"""The ground `Packages` of a project: its manifests, its lock files, and what modules it has."""

from __future__ import annotations

import posixpath
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace

from undersign.catalogs import import_names
from undersign.languages.manifests import is_manifest, read_manifest
from undersign.records.packages import Manifest, Package, Packages, key_of

_ELSEWHERE = ("environment.yml", "environment.yaml", "conda.yml", "conda.yaml", "meta.yaml")
"""Files of conda: they install packages of Python that no lock file of Python names."""
_DEEPEST = 12
"""Folders of a path that may be the top of a package."""


def packages_of(
    files: Mapping[str, str],
    paths: Iterable[str] = (),
    provides: Mapping[str, Iterable[str]] | None = None,
) -> Packages:
    """Read every manifest among files (path -> text).

    `paths` are all files of the project. `provides` is import name -> distributions, read from an
    environment in which everything that is locked is installed: then `absent` is sure.
    """
    manifests = tuple(
        found
        for path in sorted(files)
        if is_manifest(path) and (found := read_manifest(path, files[path])) is not None
    )
    every = frozenset(paths) | frozenset(files)
    names = import_names.load().names
    if provides is not None:
        more = {n: tuple(key_of(d, "pypi") for d in listed) for n, listed in provides.items()}
        names = replace(names, provided={**names.provided, **more}, installed=True)
    declared, locked, locks = _listed(manifests)
    return Packages(
        manifests=manifests,
        declared=declared,
        locked=locked,
        lock_files=locks,
        own=_own(manifests, every),
        unseen=_unseen(manifests, every),
        names=names,
        paths=every,
    )


_ByEcosystem = dict[str, dict[str, Package]]


def _listed(
    manifests: Iterable[Manifest],
) -> tuple[_ByEcosystem, _ByEcosystem, dict[str, tuple[str, ...]]]:
    declared: _ByEcosystem = defaultdict(dict)
    locked: _ByEcosystem = defaultdict(dict)
    locks: dict[str, tuple[str, ...]] = {}
    for manifest in manifests:
        into = locked if manifest.lock else declared
        for package in manifest.packages:
            into[manifest.ecosystem].setdefault(package.key, package)
        if manifest.lock:
            locks[manifest.ecosystem] = (*locks.get(manifest.ecosystem, ()), manifest.path)
    return declared, locked, locks


def _own(manifests: Iterable[Manifest], paths: frozenset[str]) -> dict[str, frozenset[str]]:
    own: dict[str, set[str]] = defaultdict(set)
    for manifest in manifests:
        if manifest.ecosystem in ("npm", "go"):
            own[manifest.ecosystem].update(manifest.names)
    for path in paths:
        stem, end = posixpath.splitext(path)
        if end in (".py", ".pyi", ".pyx", ".so", ".pyd"):
            own["pypi"].update(_dotted(stem))
        elif end in (".java", ".kt", ".groovy", ".scala"):
            own["maven"].update(_dotted(stem))
    return {ecosystem: frozenset(names) for ecosystem, names in own.items()}


def _dotted(stem: str) -> set[str]:
    """Return every name under which a file may be imported, and the packages it is in.

    Any folder may be the one that imports begin at: `src`, the folder of a script, a submodule.
    """
    parts = stem.split("/")[-_DEEPEST:]
    if parts[-1] == "__init__":
        parts = parts[:-1]
    return {
        ".".join(parts[first:last])
        for first in range(len(parts))
        for last in range(first + 1, len(parts) + 1)
    }


def _unseen(manifests: Iterable[Manifest], paths: frozenset[str]) -> dict[str, tuple[str, ...]]:
    """Return the files that may bring packages which nothing here lists."""
    known = {manifest.path for manifest in manifests}
    unseen: dict[str, list[str]] = defaultdict(list)
    for manifest in manifests:
        folder = posixpath.dirname(manifest.path)
        included = [s.value for s in manifest.settings if s.kind == "include"]
        missing = [
            p for p in included if posixpath.normpath(f"{folder}/{p}".lstrip("/")) not in known
        ]
        broken = manifest.lock and manifest.problems
        if missing or broken or (manifest.open and manifest.ecosystem != "maven"):
            unseen[manifest.ecosystem].append(manifest.path)
    for path in sorted(paths):
        if posixpath.basename(path) in _ELSEWHERE:
            unseen["pypi"].append(path)
    return {ecosystem: tuple(found) for ecosystem, found in unseen.items()}
