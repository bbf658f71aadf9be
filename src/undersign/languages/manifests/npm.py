"""`package.json` and the lock files of npm, Yarn and pnpm."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Mapping
from typing import Any

from undersign.languages.manifests.places import Reading, json_lines, source_of, table, word
from undersign.languages.manifests.python_locks import load_json
from undersign.records.packages import Package, Setting

_SECTIONS = {"dependencies": "", "devDependencies": "dev", "optionalDependencies": "optional",
             "peerDependencies": "peer"}  # fmt: skip
RUN_AT_INSTALL = ("preinstall", "install", "postinstall", "prepare", "preprepare", "postprepare")
"""Scripts that npm runs of itself when a package, or the project, is installed."""
_EXACT = re.compile(r"=?v?\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?(\+[0-9A-Za-z.-]+)?$")
_SHORT = re.compile(r"[A-Za-z0-9][\w.-]{0,100}/[\w.-]{1,100}(#.*)?$")
_HOSTED = ("github:", "gitlab:", "bitbucket:", "gist:")
_LOCAL = ("file:", "link:", "workspace:", "portal:", "./", "../", "/", "~/")


def read(reading: Reading) -> None:
    """Read a `package.json`."""
    tree = load_json(reading)
    lines = json_lines(reading.text)
    if word(tree.get("name")):
        reading.names.append(word(tree.get("name")))
    for section, group in _SECTIONS.items():
        for name, said in table(tree.get(section)).items():
            line = _next(lines, name, word(said))
            if not isinstance(said, str):
                reading.problem(line, "a dependency without a version or address")
                continue
            reading.packages.append(_asked(reading.path, name, said.strip(), group, line))
    for name, command in table(tree.get("scripts")).items():
        if name in RUN_AT_INSTALL and isinstance(command, str):
            line = _next(lines, name, command)
            reading.settings.append(Setting("script", name, command[:300], line))


def _next(lines: Mapping[tuple[str, str], deque[int]], name: str, value: str) -> int:
    found = lines.get((name, value))
    if not found:  # written with escapes, or too long to be looked up
        found = next((at for (key, _), at in lines.items() if key == name and at), None)
    return found.popleft() if found else 0


def _asked(path: str, name: str, said: str, group: str, line: int) -> Package:
    source, version = "", said
    if said.startswith(_LOCAL):
        source, version = f"path:{said[:300]}", ""
    elif said.startswith("npm:"):
        alias, _, version = said.removeprefix("npm:").rpartition("@")
        source = f"npm:{alias}" if alias and alias != name else ""
    elif said.startswith(_HOSTED) or "://" in said or said.startswith("git@") or _SHORT.match(said):
        source, version = source_of(said) or "https://", ""
    pinned = _EXACT.match(version) is not None or bool(re.search(r"#[0-9a-f]{40}$", said))
    return Package(name, "npm", path, line, version, pinned, source=source, group=group)


def read_lock(reading: Reading) -> None:
    """Read a `package-lock.json` of any of its three editions."""
    reading.lock = True
    tree = load_json(reading)
    lines = json_lines(reading.text)
    if isinstance(tree.get("packages"), dict):
        for place, said in table(tree.get("packages")).items():
            at = lines.get((place, "{"))
            _locked_at(reading, place, table(said), at.popleft() if at else 0)
        return
    waiting = deque([table(tree.get("dependencies"))])
    while waiting:
        for name, said in waiting.popleft().items():
            parts, at = table(said), lines.get((name, "{"))
            reading.packages.append(_locked(reading.path, name, parts, at.popleft() if at else 0))
            waiting.append(table(parts.get("dependencies")))


def _locked_at(reading: Reading, place: str, parts: dict[str, Any], line: int) -> None:
    _, mark, name = place.rpartition("node_modules/")
    if not mark or parts.get("link") is True:
        named = word(parts.get("name")) or (name if mark else "")
        reading.names += [named] if named else []
        return
    reading.packages.append(_locked(reading.path, name, parts, line))


def _locked(path: str, name: str, parts: dict[str, Any], line: int) -> Package:
    version = word(parts.get("version"))
    address = word(parts.get("resolved"))
    if "://" in version or version.startswith((*_HOSTED, "file:")):
        address, version = address or version, ""
    source = f"path:{address[:300]}" if address.startswith("file:") else source_of(address)
    real = word(parts.get("name"))
    return Package(
        name,
        "npm",
        path,
        line,
        version,
        pinned=True,
        direct=False,
        source=source or (f"npm:{real}" if real and real != name else ""),
        group="dev" if parts.get("dev") is True else "",
        digests=frozenset(word(parts.get("integrity")).split()),
        runs_on_install=parts.get("hasInstallScript") is True,
    )
