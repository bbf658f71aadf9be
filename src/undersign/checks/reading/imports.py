"""What a file imports, and what a piece of code that somebody proposes would import.

Files are read as trees. Where a grammar leaves pieces of one unread, and of what is proposed, the
lines that begin an import are read.
"""

from __future__ import annotations

import ast
import posixpath
import re
from collections.abc import Iterator
from functools import lru_cache

from undersign.checks.reading.code_lines import module_of
from undersign.languages.code.outline import outline
from undersign.records.packages import Imported

ECOSYSTEMS = {
    "python": "pypi", "javascript": "npm", "typescript": "npm", "tsx": "npm", "go": "go",
    "java": "maven",
}  # fmt: skip
"""Language -> where its packages come from."""

_LONGEST = 2_000
_SCRIPT = re.compile(
    r"""^\s*(?:import|export)\b[^'"`;]{0,500}?["']([^'"\n]{1,300})["']"""
    r"""|^\s*\}?\s*from\s+["']([^'"\n]{1,300})["']"""
    r"""|\b(?:require|import)\(\s*["']([^'"\n]{1,300})["']\s*\)"""
)
_GO = re.compile(r'^\s*(?:import\s+)?(?:[\w.]+\s+)?"([\w./~@-]{1,300})"\s*(?://.*)?$')
_GO_OPENS = re.compile(r"^\s*import\s*\(")
_JAVA = re.compile(r"^\s*import\s+(?:static\s+)?([\w.]{1,300}?)(?:\.\*)?\s*;")
_PYTHON = re.compile(
    r"^[\s+>$`]*(?:from\s+(?P<module>[A-Za-z_][\w.]{0,200})\s+import\s+[\w(*]"
    r"|import\s+(?P<names>[A-Za-z_][\w., ]{0,300}))"
)


@lru_cache(maxsize=64)
def imports_of(path: str, text: str, language: str) -> tuple[Imported, ...]:
    """Return the imports of a file, in order; none for a language that is not read."""
    if language == "python":
        return tuple(_of_tree(path, text))
    ecosystem = ECOSYSTEMS.get(language, "")
    return tuple(
        Imported(_placed(path, name, ecosystem), ecosystem, path, line, name.startswith("."))
        for line, name in (_of_outline(text, language) if ecosystem else ())
    )


def _of_outline(text: str, language: str) -> list[tuple[int, str]]:
    read = outline(text, language)
    found = [(one.span.end_line, one.name.removesuffix(".*")) for one in read.imports]
    if read.unread:
        known = {name for _, name in found}
        found += [row for row in _of_lines(text, ECOSYSTEMS[language]) if row[1] not in known]
    return sorted(row for row in found if row[1])


def imports_in(fragment: str, language: str) -> tuple[Imported, ...]:
    """Return what a fragment of code, prose around it included, would import."""
    if language != "python":
        ecosystem = ECOSYSTEMS.get(language, "")
        found = _of_lines(fragment, ecosystem)
        return tuple(Imported(n, ecosystem, "", at) for at, n in found if not n.startswith("."))
    made = []
    for number, line in enumerate(fragment.split("\n"), 1):
        begun = _PYTHON.match(line[:_LONGEST])
        if begun is None:
            continue
        listed = [begun["module"]] if begun["module"] else begun["names"].split(",")
        names = [one.split()[0] for one in listed if one.split()]
        made += [Imported(name, "pypi", "", number) for name in names if name.strip(".")]
    return tuple(made)


def _of_tree(path: str, text: str) -> Iterator[Imported]:
    tree = module_of(text).tree
    tried = {id(part) for node in ast.walk(tree) for part in _tried(node)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield Imported(alias.name, "pypi", path, node.lineno, optional=id(node) in tried)
        elif isinstance(node, ast.ImportFrom):
            name, relative = node.module or "", bool(node.level)
            if relative:
                above = path.split("/")[: -node.level]
                name = ".".join([*above, *([name] if name else [])])
            if name:
                yield Imported(name, "pypi", path, node.lineno, relative, id(node) in tried)


def _tried(node: ast.AST) -> Iterator[ast.AST]:
    """Yield the statements that may fail to import: of a `try` that takes an ImportError."""
    if not isinstance(node, ast.Try):
        return
    caught = " ".join(ast.dump(h.type) if h.type else "Exception" for h in node.handlers)
    if any(name in caught for name in ("ImportError", "ModuleNotFoundError", "Exception")):
        yield from node.body
        for handler in node.handlers:
            yield from handler.body


def _of_lines(text: str, ecosystem: str) -> Iterator[tuple[int, str]]:
    """Yield line and name of every import of JavaScript, Go or Java."""
    inside = False
    for number, raw in enumerate(text.split("\n"), 1):
        line = raw[:_LONGEST].lstrip("+")
        if line.lstrip().startswith(("//", "*", "/*")):
            continue
        if ecosystem == "npm":
            for found in _SCRIPT.finditer(line):
                yield number, found[1] or found[2] or found[3]
        elif ecosystem == "maven":
            java = _JAVA.match(line)
            if java:
                yield number, java[1]
        elif ecosystem == "go":
            inside = (inside or _GO_OPENS.match(line) is not None) and not line.startswith(")")
            go = _GO.match(line) if inside or line.lstrip().startswith("import") else None
            if go:
                yield number, go[1]


def _placed(path: str, name: str, ecosystem: str) -> str:
    """Make a relative name of JavaScript a path of the repository."""
    if ecosystem != "npm" or not name.startswith("."):
        return name
    return posixpath.normpath(posixpath.join(posixpath.dirname(path), name))
