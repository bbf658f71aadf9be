"""`yarn.lock` of both editions, and `pnpm-lock.yaml`: read line by line, as their tools write them.

No YAML is expanded, so that no anchor can unfold into more than stands in the text.
"""

from __future__ import annotations

import re
from dataclasses import replace

from undersign.languages.manifests.places import Reading, source_of
from undersign.records.packages import Package

_LONGEST = 4_000
"""Characters of a line that is read; tools write no longer ones but for lists of one package."""
_FIELD = re.compile(r"  (\w+):? +\"?([^\"]*)\"?\s*$")
_PNPM_KEY = re.compile(r"  (?:'([^']+)'|\"([^\"]+)\"|([^\s'\"&*!|>{\[][^\s]*)):\s*(\{\s*\})?\s*$")
_PNPM_FIELD = re.compile(r"    (\w+): *(.*)$")
_TARBALL = re.compile(r"tarball: *([^,}\s]+)")
_INTEGRITY = re.compile(r"integrity: *([^,}\s]+)")
_REPOSITORY = re.compile(r"(?:repo|path): *([^,}\s]+)")


def read_yarn(reading: Reading) -> None:
    """Read a `yarn.lock`."""
    reading.lock = True
    current: Package | None = None
    for number, raw in enumerate(reading.text.split("\n"), 1):
        line = raw.rstrip("\r")
        if not line.strip() or line.startswith("#"):
            continue
        if not line.startswith(" "):
            _keep(reading, current)
            current = _entry(reading, line, number)
            continue
        found = _FIELD.match(line[:_LONGEST])
        if current is not None and found and not line.startswith("   "):
            current = _told(reading, current, found[1], found[2])
    _keep(reading, current)


def _keep(reading: Reading, current: Package | None) -> None:
    if current is None:
        return
    if current.source == "path:workspace":
        reading.names.append(current.name)
    else:
        reading.packages.append(current)


def _entry(reading: Reading, line: str, number: int) -> Package | None:
    if line.startswith("__metadata"):
        return None
    if not line.endswith(":"):
        reading.problem(number, "a line that begins no entry")
        return None
    first = line.rstrip(":").split(",")[0].strip().strip('"')[:_LONGEST]
    at = first.find("@", 1)
    if at < 1:
        reading.problem(number, "an entry without a name")
        return None
    name, asked = first[:at], first[at + 1 :]
    source = ""
    if asked.startswith(("workspace:", "link:", "portal:")):
        source = "path:workspace"
    elif asked.startswith("npm:") and "@" in asked[5:]:
        source = f"npm:{asked[4:].rpartition('@')[0]}"
    elif "://" in asked or asked.startswith(("git@", "github:")):
        source = source_of(asked) or "https://"
    return Package(name, "npm", reading.path, number, pinned=True, direct=False, source=source)


def _told(reading: Reading, package: Package, field: str, value: str) -> Package:
    if field == "version":
        return replace(package, version=value)
    if field == "resolved" and not package.source:
        return replace(package, source=source_of(value))
    if field in ("integrity", "checksum"):
        return replace(package, digests=frozenset(value.split()))
    return package


def read_pnpm(reading: Reading) -> None:
    """Read the section `packages` of a `pnpm-lock.yaml`."""
    reading.lock = True
    if not re.search(r"(?m)^lockfileVersion:", reading.text):
        reading.problem(1, "no lockfile of pnpm: it does not say its edition")
    section, current = "", None
    for number, raw in enumerate(reading.text.split("\n"), 1):
        line = raw.rstrip("\r")[:_LONGEST]
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        if not line.startswith(" "):
            section = line.partition(":")[0]
            continue
        if section != "packages":
            continue
        if line.startswith("  ") and line[2] != " ":
            _keep(reading, current)
            current = _pnpm_entry(reading, line, number)
        elif current is not None:
            found = _PNPM_FIELD.match(line)
            current = _pnpm_told(current, found[1], found[2]) if found else current
    _keep(reading, current)


def _pnpm_entry(reading: Reading, line: str, number: int) -> Package | None:
    found = _PNPM_KEY.match(line)
    key = (found[1] or found[2] or found[3]).partition("(")[0] if found else ""
    name, version = _split(key.removeprefix("/"))
    if not name:
        if "://" not in key and "/" not in key:
            reading.problem(number, "an entry whose name cannot be read")
        return None
    source = ""
    if "://" in version or version.startswith(("file:", "link:", "git@")):
        source, version = source_of(version) or "https://", ""
    return Package(
        name, "npm", reading.path, number, version, pinned=True, direct=False, source=source
    )


def _split(key: str) -> tuple[str, str]:
    """Split `name@1.0.0`, or `name/1.0.0` of older editions."""
    at = key.find("@", 1)
    if at > 0:
        return key[:at], key[at + 1 :]
    name, _, version = key.rpartition("/")
    return (name, version) if version[:1].isdigit() else ("", "")


def _pnpm_told(package: Package, field: str, value: str) -> Package:
    if field == "requiresBuild" and value.strip() == "true":
        return replace(package, runs_on_install=True)
    if field != "resolution":
        return package
    digest, tarball = _INTEGRITY.search(value), _TARBALL.search(value)
    package = replace(package, digests=frozenset([digest[1]]) if digest else frozenset())
    if tarball:
        return replace(package, source=source_of(tarball[1]))
    repository = _REPOSITORY.search(value) if digest is None else None
    return replace(package, source=source_of(repository[1])) if repository else package
