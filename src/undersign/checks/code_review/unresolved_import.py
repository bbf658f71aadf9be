"""The check `unresolved-import`."""

from __future__ import annotations

import ast
import builtins
import re
from collections.abc import Iterator
from dataclasses import dataclass

from undersign.checks.reading.code_lines import module_of
from undersign.checks.reading.imports import ECOSYSTEMS, imports_in, imports_of
from undersign.checks.reading.resolving import resolve
from undersign.checks.spec import CannotRun, DoesNotApply
from undersign.records.artifact import Span
from undersign.records.candidate import Candidate
from undersign.records.code import Code, SourceFile
from undersign.records.finding import Fault, Seen
from undersign.records.packages import ABSENT, UNKNOWN, Imported, Packages, Resolution

_MODULE = re.compile(r"([a-z_][a-z0-9_]{1,100})(\.[A-Za-z_]\w{0,100}){1,10}(\(\))?$")


@dataclass(frozen=True, slots=True)
class _Named:
    """A module that the candidate rests on."""

    one: Imported
    where: str
    """`line`: the code imports it; `fix` or `apis`: the finding names it."""


def unresolved_import(
    candidate: Candidate, code: Code, packages: Packages
) -> Iterator[Fault | Seen]:
    """Report a module, on the lines or named by the finding, that nothing of the project brings."""
    file = code.file(candidate.file)
    named = list(_named(candidate, file)) if file else []
    if not named:
        raise DoesNotApply
    answers = [(one, resolve(one.one, packages)) for one in named]
    absent = [(one, answer) for one, answer in answers if answer.status == ABSENT]
    for one, answer in absent:
        yield _said(candidate, one, answer)
    open_ = [answer for _, answer in answers if answer.status == UNKNOWN]
    if open_ and not absent:
        raise CannotRun("a lockfile", open_[0].why)


def _said(candidate: Candidate, named: _Named, answer: Resolution) -> Fault | Seen:
    evidence = {"import": named.one.name, "where": named.where}
    if named.where == "line":
        span = Span(named.one.line, 1, named.one.line, 1)
        words = f"the code imports what nothing here brings: {answer.why}"
        if candidate.category == "dependency":
            return Seen(words, span, evidence)
        return Fault(words, span, evidence)
    source = "its fix" if named.where == "fix" else "the finding"
    return Fault(f"{source} rests on what nothing here brings: {answer.why}", None, evidence)


def _named(candidate: Candidate, file: SourceFile) -> Iterator[_Named]:
    language = file.language
    if language not in ECOSYSTEMS:
        return
    for one in imports_of(file.path, file.text, language):
        if candidate.line <= one.line <= candidate.last_line:
            yield _Named(one, "line")
    for one in imports_in(candidate.fix, language):
        yield _Named(one, "fix")
    if language == "python":
        for name in _foreign(candidate.apis, file.text):
            yield _Named(Imported(name, "pypi", file.path, candidate.line), "apis")


def _foreign(apis: tuple[str, ...], text: str) -> Iterator[str]:
    """Yield the modules of dotted names whose first word is nowhere in the file.

    A first word that is in the file may be a variable, and whether such a name exists is the
    business of `unknown-api`.
    """
    words = _words(text)
    for api in apis:
        found = _MODULE.match(api.strip())
        if found and found[1] not in words and not hasattr(builtins, found[1]):
            yield found[1]


def _words(text: str) -> frozenset[str]:
    found: set[str] = set()
    for node in ast.walk(module_of(text).tree):
        if isinstance(node, ast.Name):
            found.add(node.id)
        elif isinstance(node, ast.alias):
            found.add((node.asname or node.name).partition(".")[0])
        elif isinstance(node, ast.Attribute):
            found.add(node.attr)
        elif isinstance(node, ast.arg):
            found.add(node.arg)
    return frozenset(found)
