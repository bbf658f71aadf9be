"""Where an import comes from: the standard library, the project, a lockfile, or none of them.

`absent` says that no package which this project locks is known to bring a name. It never says that
there is no such package in the world.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from undersign.records.packages import (
    ABSENT,
    DECLARED,
    PROJECT,
    STANDARD,
    UNKNOWN,
    Imported,
    Packages,
    Resolution,
    key_of,
)

_MADE = re.compile(r"(^_|_pb2(_grpc)?$|^_?version$|^generated|_generated$|^gen_|_ext$|^config$)")
"""Modules that a build writes, so that no repository has them."""
_NPM = re.compile(r"(@[a-z0-9~-][\w.~-]{0,100}/)?[a-z0-9~_-][\w.~-]{0,200}(/|$)", re.I)
_SUFFIXES = ("", ".js", ".ts", ".tsx", ".jsx", ".mjs", ".cjs", ".mts", ".cts", ".json", ".d.ts",
             ".vue", ".svelte", ".css", ".scss", "/index.js", "/index.ts", "/index.tsx",
             "/index.jsx", "/index.mjs")  # fmt: skip
_LEAST = 4
"""Letters of a word that makes two names akin."""


def resolve(one: Imported, packages: Packages) -> Resolution:
    """Return where an import comes from."""
    return {"pypi": _python, "npm": _npm, "go": _go, "maven": _java}[one.ecosystem](one, packages)


def _python(one: Imported, packages: Packages) -> Resolution:
    name, own = one.name, packages.own.get("pypi", frozenset())
    top = name.partition(".")[0]
    if one.relative:
        return _own_module(name, own) or Resolution(PROJECT, f"`{name}` is of this project")
    if top in packages.names.standard.get("pypi", ()):
        return Resolution(STANDARD, f"`{top}` is of Python's standard library")
    for key in _distributions(name, packages):
        found = packages.found(key, "pypi")
        if found is not None:
            return found
    if top in own:
        return _own_module(name, own) or Resolution(PROJECT, f"`{top}` is of this project")
    why = packages.cannot_tell("pypi") or _akin(top, packages)
    if why:
        return Resolution(UNKNOWN, why)
    brings = packages.names.provided.get(top, ())
    named = f", and neither is {_ticked(brings)}, which brings it" if brings else ""
    locks = ", ".join(packages.lock_files["pypi"][:3])
    return Resolution(ABSENT, f"`{top}` is not in your lockfile ({locks}){named}")


def _distributions(name: str, packages: Packages) -> Iterator[str]:
    """Yield the keys of distributions that may bring a module, the likeliest first."""
    parts, names = name.split("."), packages.names
    for length in range(len(parts), 0, -1):
        yield from names.provided.get(".".join(parts[:length]), ())
    for length in range(len(parts), 1, -1):
        if ".".join(parts[: length - 1]) in names.shared or parts[0] in names.shared:
            yield key_of("-".join(parts[:length]), "pypi")
    top = key_of(parts[0], "pypi")
    yield from (top, f"python-{top}", f"py{top}", f"py-{top}", f"{top}-python", f"{top}-py")
    yield from (f"django-{top}", f"python3-{top}", f"{top}-sdk", f"{top}-client", f"lib{top}")


def _own_module(name: str, own: frozenset[str]) -> Resolution | None:
    """Return that a module of the project's own package is not there; None when it may be."""
    parent, _, last = name.rpartition(".")
    if not parent or name in own or _MADE.search(last) or parent not in own:
        return None
    if not any(known.startswith(f"{parent}.") for known in own):
        return None  # the parent is a file: the name may be anything in it
    return Resolution(ABSENT, f"this project's `{parent}` has no module `{last}`")


def _akin(top: str, packages: Packages) -> str:
    """Say which locked package may bring a name under which nobody knows it; empty for none."""
    if packages.names.installed:
        return ""
    locked = packages.locked.get("pypi", {})
    shared = [s for s in packages.names.shared if s.partition(".")[0] == top]
    for key, package in locked.items():
        if shared and key.startswith(f"{key_of(top, 'pypi')}-"):
            return f"`{top}` is shared by many packages, and `{package.name}` is one that is locked"
        if _common_word(key_of(top, "pypi"), key):
            return (
                f"no locked package is called `{top}`, and `{package.name}` may bring it: "
                "an environment with the packages would tell"
            )
    return ""


def _common_word(one: str, other: str) -> bool:
    first, second = one.replace("-", ""), other.replace("-", "")
    if min(len(first), len(second)) >= _LEAST and (first in second or second in first):
        return True
    words = {w for w in other.split("-") if len(w) >= _LEAST}
    return bool(words & {w for w in one.split("-") if len(w) >= _LEAST})


def _npm(one: Imported, packages: Packages) -> Resolution:
    name = one.name
    if one.relative:
        stem = re.sub(r"\.[cm]?jsx?$", "", name)
        if any(f"{base}{end}" in packages.paths for base in (name, stem) for end in _SUFFIXES):
            return Resolution(PROJECT, f"`{name}` is of this project")
        return Resolution(UNKNOWN, f"there is no file `{name}` here; a build may write it")
    bare = name.removeprefix("node:")
    if bare != name or bare.partition("/")[0] in packages.names.standard.get("npm", ()):
        return Resolution(STANDARD, f"`{bare}` is of Node.js itself")
    if not _NPM.match(name):
        return Resolution(UNKNOWN, f"`{name}` is an alias or an address, and no name of a package")
    parts = name.split("/")
    package = "/".join(parts[: 2 if name.startswith("@") else 1])
    types = f"@types/{package.lstrip('@').replace('/', '__')}"
    found = packages.found(package.lower(), "npm") or packages.found(types, "npm")
    if found is not None:
        return found
    roots = {p.partition("/")[0] for p in packages.paths}
    inside = {p.split("/")[1] for p in packages.paths if p.startswith(("src/", "app/"))}
    if package in packages.own.get("npm", ()) or parts[0] in roots | inside:
        return Resolution(PROJECT, f"`{name}` is of this project")
    return _not_locked(package, "npm", packages)


def _go(one: Imported, packages: Packages) -> Resolution:
    name = one.name
    if name == "C" or name in packages.names.standard.get("go", ()):
        return Resolution(STANDARD, f"`{name}` is of Go's standard library")
    parts = name.split("/")
    for length in range(len(parts), 0, -1):
        prefix = "/".join(parts[:length])
        if prefix in packages.own.get("go", ()):
            return Resolution(PROJECT, f"`{prefix}` is this project's module")
        found = packages.found(prefix, "go")
        if found is not None:
            return found
    if "." not in parts[0]:
        why = f"`{name}` has the form of the standard library, and our list of it has none such"
        return Resolution(UNKNOWN, why)
    return _not_locked(name, "go", packages)


def _java(one: Imported, packages: Packages) -> Resolution:
    name = one.name
    for prefix in packages.names.standard.get("maven", ()):
        if name == prefix or name.startswith(f"{prefix}."):
            return Resolution(STANDARD, f"`{prefix}` is of the Java platform")
    parts = name.split(".")
    for length in range(len(parts), 1, -1):
        if ".".join(parts[:length]) in packages.own.get("maven", ()):
            return Resolution(PROJECT, f"`{'.'.join(parts[:length])}` is of this project")
    for known in (packages.locked, packages.declared):
        for package in known.get("maven", {}).values():
            group = package.name.partition(":")[0]
            if name.startswith(f"{group}."):
                return Resolution(DECLARED, f"`{package.name}` is of the same group", package)
    why = "the name of a Java package does not say which artifact brings it"
    return Resolution(UNKNOWN, why)


def _not_locked(name: str, ecosystem: str, packages: Packages) -> Resolution:
    why = packages.cannot_tell(ecosystem)
    if why:
        return Resolution(UNKNOWN, why)
    locks = ", ".join(packages.lock_files[ecosystem][:3])
    return Resolution(ABSENT, f"`{name}` is not in your lockfile ({locks})")


def _ticked(names: tuple[str, ...]) -> str:
    return " or ".join(f"`{name}`" for name in names[:3])
