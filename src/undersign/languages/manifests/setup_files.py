"""`setup.cfg` and `setup.py`: what of them can be read without running them."""

from __future__ import annotations

import ast
import configparser
import warnings

from undersign.languages.manifests.places import Lines, Reading
from undersign.languages.manifests.requirement import add_requirement

_LISTS = {"install_requires": "", "setup_requires": "build", "tests_require": "test"}


def read_cfg(reading: Reading) -> None:
    """Read the options of setuptools in a `setup.cfg`."""
    config = configparser.RawConfigParser(strict=False)
    try:
        config.read_string(reading.text)
    except (configparser.Error, ValueError) as error:
        reading.problem(
            getattr(error, "lineno", 0) or 0, "this is no configuration that can be read"
        )
        return
    places: dict[str, list[int]] = {}
    for number, line in enumerate(reading.text.split("\n"), 1):
        bare = line.strip()
        places.setdefault(bare, []).append(number)
        places.setdefault(bare.partition("=")[2].strip(), []).append(number)
    if config.has_option("metadata", "name"):
        reading.names.append(config.get("metadata", "name").strip())
    found = [
        (config.get("options", option, fallback=""), group) for option, group in _LISTS.items()
    ]
    if config.has_section("options.extras_require"):
        found += [(text, extra) for extra, text in config.items("options.extras_require")]
    for text, group in found:
        for line in (text or "").replace(";;", "\n").split("\n"):
            bare = line.partition("#")[0].strip()
            if bare.startswith(("file:", "attr:")):
                reading.open = True
            elif bare:
                at = places.get(line.strip())
                add_requirement(reading, bare, at.pop(0) if at else 0, group)


def read_py(reading: Reading) -> None:
    """Read the literals of the call of `setup`; a list that is computed leaves the file open."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(reading.text)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        line = getattr(error, "lineno", 0)
        reading.problem(line or 0, "this Python cannot be read")
        reading.open = True
        return
    named = {
        node.targets[0].id: node.value
        for node in tree.body
        if isinstance(node, ast.Assign)
        and len(node.targets) == 1
        and isinstance(node.targets[0], ast.Name)
    }
    lines = Lines(reading.text)
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and _is_setup(node.func):
            _setup(reading, lines, node, named)


def _is_setup(function: ast.expr) -> bool:
    name = function.id if isinstance(function, ast.Name) else getattr(function, "attr", "")
    return name == "setup"


def _setup(reading: Reading, lines: Lines, call: ast.Call, named: dict[str, ast.expr]) -> None:
    for keyword in call.keywords:
        value = keyword.value
        if isinstance(value, ast.Name):
            value = named.get(value.id, value)
        if keyword.arg is None:
            reading.open = True
        elif keyword.arg == "name" and isinstance(value, ast.Constant):
            reading.names.append(str(value.value))
        elif keyword.arg in _LISTS:
            _listed(reading, lines, value, _LISTS[keyword.arg])
        elif keyword.arg == "extras_require":
            parts = value.values if isinstance(value, ast.Dict) else [value]
            for part in parts:
                _listed(reading, lines, part, "extra")


def _listed(reading: Reading, lines: Lines, value: ast.expr, group: str) -> None:
    if isinstance(value, ast.Constant) and isinstance(value.value, str):
        for line in value.value.split("\n"):
            if line.strip():
                add_requirement(reading, line.strip(), value.lineno, group)
        return
    if not isinstance(value, ast.List | ast.Tuple):
        reading.open = True
        reading.problem(value.lineno, "a list of packages that only running the file would give")
        return
    for one in value.elts:
        if isinstance(one, ast.Constant) and isinstance(one.value, str):
            add_requirement(reading, one.value, one.lineno, group)
        else:
            reading.open = True
            reading.problem(one.lineno, "a package that only running the file would name")
