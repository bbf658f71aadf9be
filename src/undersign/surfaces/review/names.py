"""Which names of functions, classes and modules a candidate rests on.

Names come from four places: the list of its origin, code in backticks of its message and of its
fix, what it quotes, and what the file calls on its lines. All of it is text of others.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from undersign.languages.python import Module
from undersign.records.api import NameUse
from undersign.records.candidate import Candidate

_MOST = 40
"""Names of one candidate that are looked up."""
_LONGEST = 200
_TICKED = re.compile(r"`{1,2}([^`\n]{1,200})`{1,2}")
_CALL = re.compile(r"^[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)+")
_NOT_CODE = re.compile(
    r"\.(?:py|pyi|js|ts|tsx|jsx|go|java|html?|css|md|txt|toml|ya?ml|json|cfg|ini|lock|env|sql|sh"
    r"|com|org|net|io|local|example|xml|csv|log|db|sqlite3?|pem|key|crt)$",
    re.IGNORECASE,
)
_DENIED = re.compile(
    r"(?:does|do|did)(?: not|n['\u2019]t) (?:exist|seem to exist)|no such|non-?existent|not exist"
    r"|hallucinat|made[- ]up|is not (?:a (?:real|valid|known)|an? (?:api|attribute|function|method)"
    r"|defined|available|part of)|has no (?:attribute|method|function|member|such)|undefined"
    r"|there is no|unknown (?:api|function|method|attribute)|cannot be imported|AttributeError"
    r"|ImportError",
    re.IGNORECASE,
)
_NEAR = 60
"""Characters after a name in which a sentence says that it is not there."""


def names_in(candidate: Candidate, module: Module | None) -> tuple[NameUse, ...]:
    """Return the names that a candidate rests on, each once, in the order of where they stand.

    `module` is the parsed file at head; None when it is no Python that could be read.
    """
    found: dict[str, NameUse] = {}
    for use in _all(candidate, module):
        found.setdefault(use.text, use)
        if len(found) == _MOST:
            break
    return tuple(found.values())


def _all(candidate: Candidate, module: Module | None) -> Iterator[NameUse]:
    denied = bool(_DENIED.search(candidate.message))
    for listed in candidate.apis:
        if text := _expression(listed):
            yield _use(candidate, text, "apis", said_absent=denied and _denies(candidate, listed))
    if candidate.by_drafter:
        # Words of a scanner are templates; only a drafter makes names up.
        for where, words in (("message", candidate.message), ("fix", candidate.fix)):
            for text, after in _ticked(words):
                absent = where == "message" and bool(_DENIED.search(after))
                yield _use(candidate, text, where, said_absent=absent)
    if module is not None and candidate.by_drafter:
        yield from _in_quote(candidate, module)
    if module is not None and candidate.line and candidate.by_drafter:
        for text in _in_code(module, candidate.line, candidate.last_line):
            yield _use(candidate, text, "code")


def _use(candidate: Candidate, text: str, where: str, *, said_absent: bool = False) -> NameUse:
    return NameUse(text, where, candidate.file, candidate.line, said_absent)


def _denies(candidate: Candidate, name: str) -> bool:
    """Say whether the message denies this very name, or denies one and names no other."""
    last = name.rpartition(".")[2].partition("(")[0]
    at = candidate.message.find(last)
    if at < 0:
        return len(candidate.apis) == 1
    return bool(_DENIED.search(_around(candidate.message, at, at + len(last))))


def _around(words: str, start: int, end: int) -> str:
    """Return what a sentence says just before and after a name, up to the names beside it."""
    before = words[max(start - 25, 0) : start].rstrip("`").rpartition(". ")[2].rpartition("`")[2]
    after = words[end : end + _NEAR].lstrip("`()").partition(". ")[0].partition("`")[0]
    return f"{before} {after}"


def _ticked(words: str) -> Iterator[tuple[str, str]]:
    for match in _TICKED.finditer(words):
        if text := _expression(match[1]):
            yield text, _around(words, match.start(), match.end())


def _expression(text: str) -> str:
    """Return the dotted expression that a piece of text is; empty when it is none."""
    text = text.strip().rstrip(".,;:").removeprefix("await ").strip()
    if len(text) > _LONGEST or _NOT_CODE.search(text):
        return ""
    try:
        node = ast.parse(text, mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        # `cursor.execute(f"...` in prose: the name before the bracket is what it speaks of.
        match = _CALL.match(text)
        return match[0] if match and text[match.end() :].startswith("(") else ""
    while isinstance(node, ast.Call):
        node = node.func  # whether the name is there does not depend on its being called
    return ast.unparse(node) if isinstance(node, ast.Attribute) and _plain(node) else ""


def _plain(node: ast.expr) -> bool:
    """Say whether it is made of names, attributes and calls alone."""
    while isinstance(node, ast.Attribute | ast.Call):
        node = node.func if isinstance(node, ast.Call) else node.value
    return isinstance(node, ast.Name)


def _in_quote(candidate: Candidate, module: Module) -> Iterator[NameUse]:
    """Yield names of a quote that is not in the file: code that only its origin has seen."""
    squeezed = "".join(candidate.quote.split())
    if not squeezed or squeezed in "".join(module.text.split()):
        return
    for line in candidate.quote.splitlines():
        try:
            tree = ast.parse(line.strip())
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            continue
        for text in _calls(tree, 0, 2):
            yield _use(candidate, text, "quote")


def _in_code(module: Module, first: int, last: int) -> Iterator[str]:
    yield from _calls(module.tree, first, last)


def _calls(tree: ast.Module, first: int, last: int) -> Iterator[str]:
    """Yield what is called or imported on some lines, as expressions."""
    waiting: list[ast.AST] = [tree]
    while waiting:
        node = waiting.pop()
        low = getattr(node, "lineno", first)
        high = getattr(node, "end_lineno", None) or low
        if low > last or high < first:
            continue
        if isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield from (f"{node.module}.{n.name}" for n in node.names if n.name != "*")
        called = node.func if isinstance(node, ast.Call) and first <= low <= last else None
        if isinstance(called, ast.Attribute) and _plain(called):
            text = ast.unparse(called)
            yield from (text,) if len(text) <= _LONGEST else ()
        waiting += reversed(list(ast.iter_child_nodes(node)))
