"""`go.mod` and `go.sum`."""

from __future__ import annotations

import re
from dataclasses import replace

from undersign.languages.manifests.places import Reading
from undersign.records.packages import Package

_VERSION = re.compile(r"v\d+\.\d+\.\d+[\w.+-]*$")
_GO = re.compile(r"(?m)^go[ \t]+1\.(\d{1,3})")
_BLOCK = re.compile(r"(require|replace|exclude|retract|tool|ignore|godebug)\s*\($")
_WHOLE = 17
"""Since Go 1.17 a module lists what others bring as well."""
_LONGEST = 2_000


def read_mod(reading: Reading) -> None:
    """Read a `go.mod`; since Go 1.17 it names every module, so that it is a lock."""
    block, replaced = "", {}
    for number, raw in enumerate(reading.text.split("\n"), 1):
        line, _, comment = raw.strip()[:_LONGEST].partition("//")
        line = line.strip()
        opened = _BLOCK.match(line)
        if opened:
            block = opened[1]
        elif line == ")":
            block = ""
        elif line:
            verb, _, rest = (block, "", line) if block else line.partition(" ")
            if verb == "require":
                _require(reading, rest, number, indirect=comment.strip().startswith("indirect"))
            elif verb == "replace":
                old, _, new = rest.partition("=>")
                replaced[old.split()[0] if old.split() else ""] = new.strip()
            elif verb == "module":
                reading.names.append(rest.strip().strip('"'))
    for at, package in enumerate(reading.packages):
        other = replaced.get(package.name)
        if other:
            local = other.startswith((".", "/"))
            source = f"path:{other[:300]}" if local else f"replaced by {other.split()[0][:300]}"
            reading.packages[at] = replace(package, source=source)
    edition = _GO.search(reading.text)
    reading.lock = bool(reading.names) and edition is not None and int(edition[1]) >= _WHOLE


def _require(reading: Reading, rest: str, line: int, *, indirect: bool) -> None:
    parts = rest.replace('"', "").split()
    if len(parts) < 2 or not _VERSION.match(parts[1]):
        reading.problem(line, "a requirement without a version")
        return
    reading.packages.append(
        Package(
            parts[0], "go", reading.path, line, parts[1], pinned=True, direct=not indirect,
            group="indirect" if indirect else "",
        )
    )  # fmt: skip


def read_sum(reading: Reading) -> None:
    """Read a `go.sum`: the modules whose content, and not only whose `go.mod`, is known."""
    reading.lock = True
    for number, raw in enumerate(reading.text.split("\n"), 1):
        parts = raw.split()
        if not parts:
            continue
        if len(parts) != 3 or not parts[2].startswith("h1:"):
            reading.problem(number, "this is no line of a go.sum")
        elif not parts[1].endswith("/go.mod"):
            name, version, digest = parts
            digests = frozenset([digest])
            reading.packages.append(
                Package(name, "go", reading.path, number, version, pinned=True, direct=False,
                        digests=digests)
            )  # fmt: skip
