"""Lock files of Python: uv, Poetry, PDM, `pylock.toml` (PEP 751) and Pipenv."""

from __future__ import annotations

import json
import re
from collections import deque
from typing import Any

from undersign.languages.manifests.places import (
    Lines,
    Reading,
    index_of,
    items,
    json_lines,
    source_of,
    table,
    word,
)
from undersign.languages.manifests.pyproject import loads
from undersign.records.packages import Package

_ENTRY = re.compile(r"(?m)^[ \t]*\[\[[ \t]*packages?[ \t]*\]\]")
_HERE = ("editable", "virtual")


def read(reading: Reading) -> None:
    """Read a lock file in TOML."""
    reading.lock = True
    tree = loads(reading)
    lines = Lines(reading.text)
    at = deque(lines.at(found.start()) for found in _ENTRY.finditer(reading.text))
    listed = items(tree.get("package")) or items(tree.get("packages"))
    for one in map(table, listed):
        line = at.popleft() if at else 0
        # The name stands on the next line in what every tool writes: that line is shown.
        line += lines.text(line + 1).lstrip().startswith("name")
        source = table(one.get("source"))
        if any(source.get(kind) == "." for kind in _HERE):
            reading.names.append(word(one.get("name")))
        elif word(one.get("name")):
            reading.packages.append(_package(reading, one, source, line))
        else:
            reading.problem(line, "an entry without a name")


def _package(reading: Reading, one: dict[str, Any], source: dict[str, Any], line: int) -> Package:
    return Package(
        word(one.get("name")),
        "pypi",
        reading.path,
        line,
        word(one.get("version")),
        pinned=True,
        direct=False,
        source=_source(one, source),
        digests=_digests(one),
    )


def _source(one: dict[str, Any], source: dict[str, Any]) -> str:
    for kind in ("path", "editable", "virtual", "directory"):
        if word(source.get(kind)) or (kind == "path" and word(one.get("path"))):
            return f"path:{(word(source.get(kind)) or word(one.get('path')))[:300]}"
    git = word(source.get("git")) or word(one.get("git")) or word(table(one.get("vcs")).get("url"))
    if not git and source.get("type") == "git":
        git = word(source.get("url"))
    if git:
        return source_of(f"git+{git}")
    address = word(source.get("url")) or word(one.get("url"))
    if address and source.get("type") not in ("legacy",):
        return source_of(address)
    index = word(source.get("registry")) or word(one.get("index")) or address
    return index_of(index)


def _digests(one: dict[str, Any]) -> frozenset[str]:
    named = [
        one.get("sdist"),
        one.get("archive"),
        *items(one.get("wheels")),
        *items(one.get("files")),
    ]
    found = set()
    for part in map(table, named):
        if word(part.get("hash")):
            found.add(word(part.get("hash")))
        found |= {f"{kind}:{value}" for kind, value in table(part.get("hashes")).items()}
    return frozenset(found)


def read_pipfile_lock(reading: Reading) -> None:
    """Read a `Pipfile.lock`."""
    reading.lock = True
    tree = load_json(reading)
    lines = json_lines(reading.text)
    for section, group in (("default", ""), ("develop", "dev")):
        for name, said in table(tree.get(section)).items():
            parts = table(said)
            at = lines.get((name, "{"))
            git = word(parts.get("git"))
            reading.packages.append(
                Package(
                    name,
                    "pypi",
                    reading.path,
                    at.popleft() if at else 0,
                    word(parts.get("version")).lstrip("="),
                    pinned=True,
                    direct=False,
                    source=source_of(f"git+{git}" if git else word(parts.get("file"))),
                    group=group,
                    digests=frozenset(map(str, items(parts.get("hashes")))),
                )
            )


def load_json(reading: Reading) -> dict[str, Any]:
    """Read JSON; what is none is a problem of the whole file."""
    try:
        tree = json.loads(reading.text)
    except json.JSONDecodeError as error:
        reading.problem(error.lineno, f"this is no JSON: {error.msg}")
        return {}
    except (RecursionError, ValueError):
        reading.problem(
            0, "this is no JSON that can be read: it nests too deep, or has huge numbers"
        )
        return {}
    if not isinstance(tree, dict):
        reading.problem(1, "this is no JSON object")
    return table(tree)
