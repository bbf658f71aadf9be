"""`pyproject.toml` and `Pipfile`: what a Python project asks for."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from typing import Any

from undersign.languages.manifests.places import (
    Lines,
    Reading,
    index_of,
    items,
    source_of,
    table,
    word,
)
from undersign.languages.manifests.requirement import add_requirement
from undersign.records.packages import Package, Setting


def loads(reading: Reading) -> dict[str, Any]:
    """Read TOML; what is none is a problem of the whole file."""
    try:
        return tomllib.loads(reading.text)
    except (tomllib.TOMLDecodeError, RecursionError, ValueError) as error:
        at = word(getattr(error, "msg", "")) or "it nests too deep"
        line = getattr(error, "lineno", 0)
        reading.problem(line if isinstance(line, int) else 0, f"this is no TOML: {at[:80]}")
        return {}


def read(reading: Reading) -> None:
    """Read the tables `project`, `dependency-groups`, `build-system`, and those of tools."""
    tree, lines = loads(reading), Lines(reading.text)
    project = table(tree.get("project"))
    reading.names += [word(project.get("name"))] if project.get("name") else []
    if {"dependencies", "optional-dependencies"} & set(map(str, items(project.get("dynamic")))):
        reading.open = True
    _listed(reading, lines, project.get("dependencies"), "")
    for extra, listed in table(project.get("optional-dependencies")).items():
        _listed(reading, lines, listed, extra)
    for group, listed in table(tree.get("dependency-groups")).items():
        _listed(reading, lines, listed, group)
    _listed(reading, lines, table(tree.get("build-system")).get("requires"), "build")
    tools = table(tree.get("tool"))
    _uv(reading, lines, table(tools.get("uv")))
    _poetry(reading, lines, table(tools.get("poetry")))
    for group, listed in table(table(tools.get("pdm")).get("dev-dependencies")).items():
        _listed(reading, lines, listed, group)
    _indexes(reading, lines, items(table(tools.get("pdm")).get("source")))


def _listed(reading: Reading, lines: Lines, listed: object, group: str) -> None:
    for one in items(listed):
        if isinstance(one, str):
            add_requirement(reading, one, lines.quoted(one), group)


def _uv(reading: Reading, lines: Lines, uv: dict[str, Any]) -> None:
    _listed(reading, lines, uv.get("dev-dependencies"), "dev")
    _indexes(reading, lines, items(uv.get("index")))
    sources = {}
    for name, said in table(uv.get("sources")).items():
        first = table(said if isinstance(said, dict) else next(iter(items(said)), None))
        sources[name.lower().replace("_", "-")] = first
    for at, package in enumerate(reading.packages):
        said = sources.get(package.key)
        if said is not None:
            reading.packages[at] = replace(package, source=_said(said))


def _said(said: dict[str, Any]) -> str:
    """Return where a table says that a package comes from."""
    if said.get("workspace") is True:
        return "path:workspace"
    if word(said.get("path")):
        return f"path:{word(said.get('path'))[:300]}"
    if word(said.get("git")):
        return source_of(f"git+{word(said.get('git'))}")
    if word(said.get("index")) or word(said.get("source")):
        return f"index:{(word(said.get('index')) or word(said.get('source')))[:100]}"
    return source_of(word(said.get("url")) or word(said.get("file")))


def _indexes(reading: Reading, lines: Lines, listed: list[Any]) -> None:
    for one in map(table, listed):
        url = word(one.get("url"))
        if index_of(url):
            kind = "index" if one.get("default") is True else "extra-index"
            name = word(one.get("name"))
            reading.settings.append(Setting(kind, name, index_of(url), lines.quoted(url)))


def _poetry(reading: Reading, lines: Lines, poetry: dict[str, Any]) -> None:
    if poetry.get("name"):
        reading.names.append(word(poetry.get("name")))
    _indexes(reading, lines, items(poetry.get("source")))
    groups = {"": poetry.get("dependencies"), "dev": poetry.get("dev-dependencies")}
    for name, group in table(poetry.get("group")).items():
        groups[name] = table(group).get("dependencies")
    for group, listed in groups.items():
        for name, said in table(listed).items():
            if name.lower() != "python":
                _constraint(reading, lines, name, said, group)


def _constraint(reading: Reading, lines: Lines, name: str, said: object, group: str) -> None:
    """Add what Poetry or Pipenv say of a package; a version without an operator is that one."""
    parts = table(said if isinstance(said, dict) else next(iter(items(said)), None))
    version = said if isinstance(said, str) else word(parts.get("version"))
    exact = version.lstrip("= ") if version.startswith("==") else version
    pinned = exact[:1].isdigit() and "," not in exact and "*" not in exact
    source = _said(parts)
    commit = word(parts.get("rev")) or word(parts.get("ref"))
    line = _key_line(lines, reading.text, name)
    package = Package(name, "pypi", reading.path, line, "" if exact == "*" else exact, pinned)
    if source:
        package = replace(package, source=source, pinned=len(commit) == 40)
    reading.packages.append(replace(package, group=group))


def _key_line(lines: Lines, text: str, name: str) -> int:
    for start in (f"\n{name} =", f"\n{name}=", f'\n"{name}"'):
        at = text.find(start)
        if at >= 0:
            return lines.at(at + 1)
    return 0


def read_pipfile(reading: Reading) -> None:
    """Read a `Pipfile`."""
    tree, lines = loads(reading), Lines(reading.text)
    _indexes(reading, lines, items(tree.get("source")))
    for section, group in (("packages", ""), ("dev-packages", "dev")):
        for name, said in table(tree.get(section)).items():
            _constraint(reading, lines, name, said, group)
