"""Whether the names that a candidate rests on are there: exists, absent or unknown.

It looks in the project's own files, in the packages of the project's environment, in the standard
library and in the service models of botocore, and reads all of them as text. Absent is said only of
a name whose parent was read whole; everything else that is not found is unknown.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from undersign.languages.python import Module
from undersign.records.api import ABSENT, EXISTS, UNKNOWN, ApiAnswer, Apis, NameUse
from undersign.records.candidate import Candidate
from undersign.surfaces.review.names import names_in
from undersign.workspace.reviewing.api_cache import AnswerCache
from undersign.workspace.reviewing.api_guard import TextWords
from undersign.workspace.reviewing.api_members import parsed
from undersign.workspace.reviewing.api_places import Places, site_packages
from undersign.workspace.reviewing.api_resolver import DECLARED, Missing, Resolver
from undersign.workspace.reviewing.api_scopes import Meaning, Scopes
from undersign.workspace.reviewing.api_values import Context

if TYPE_CHECKING:
    from undersign.workspace.reviewing.grounding import Known

_NEAREST = 3
_ALONE = Context("")
_ENVIRONMENT = "--environment PATH"


@dataclass(slots=True)
class ApiWorld:
    """Everything that may define a name."""

    project: Mapping[str, Module] = field(default_factory=dict)
    """Path -> parsed file, of the whole project."""
    environments: Sequence[Path] = ()
    """Virtual environments, or folders called `site-packages`."""
    locked: Mapping[str, str] = field(default_factory=dict)
    """Top-level module -> where the project names its package, such as `flask in uv.lock`."""
    left_out: Sequence[str] = ()
    """Environments that were not looked at, because the reviewed code itself has them."""
    cache: Path | None = None
    """Folder for answers about installed packages; the reviewed code must not be able to write it.
    """
    _resolver: Resolver = field(init=False)
    _kept: AnswerCache = field(init=False)
    _scopes: dict[str, Scopes] = field(default_factory=dict)
    _words: TextWords = field(default_factory=TextWords)

    def __post_init__(self) -> None:
        sites = tuple(site for one in self.environments for site in site_packages(one))
        self._resolver = Resolver(Places(self.project, sites))
        self._kept = AnswerCache(self.cache, sites)

    def answer(self, use: NameUse) -> ApiAnswer | None:
        """Say whether a name is there; None when the text names nothing that could be looked up.

        A name is read as the file binds it, and also as it would stand alone: it is there when
        either is, and absent only when every reading is.
        """
        node = parsed(use.text)
        if node is None:
            return None
        answers = [self._alone(one) for one in self._readings(node, use)]
        if not answers:
            if use.where != "apis":
                return None
            why = f"nothing says what {_first(node)} is: no import and no variable of the file"
            answers = [ApiAnswer(use.text, UNKNOWN, why)]
        order = {EXISTS: 0, UNKNOWN: 1, ABSENT: 2}
        best = min(answers, key=lambda one: order[one.status])
        if best.status == ABSENT:
            best = self._unless_set(best)
        return replace(best, where=use.where, said_absent=use.said_absent)

    def _unless_set(self, answer: ApiAnswer) -> ApiAnswer:
        """Take an absence back when the project itself sets such a name on some object."""
        word = answer.name.rpartition(".")[2]
        path = self._words.in_texts(self.project, word)
        if not path:
            return answer
        why = f"the word {word} is in {path}, which may set it"
        return ApiAnswer(answer.name, UNKNOWN, why)

    def close(self) -> None:
        """Write the answers about installed packages to the cache."""
        self._kept.close()

    def _readings(self, node: ast.expr, use: NameUse) -> list[ast.expr]:
        first = _first(node)
        meaning: ast.expr | Meaning = Meaning.FREE
        if use.file in self.project:
            meaning = self._scope(use.file).alone(node, use.line)
        if meaning is Meaning.FREE:
            known = self._resolver.places.there(first) or first in self.locked
            return [node] if known or (use.where == "apis" and "." in use.text) else []
        if isinstance(meaning, ast.expr):
            meant = _first(meaning)
            if meant == first or use.where == "code":
                return [meaning]
            return [meaning, node] if self._resolver.places.there(first) else [meaning]
        # A variable with some value: what is written may still mean the module of that name.
        if use.where in ("apis", "fix") and self._resolver.places.there(first):
            return [node]
        return []

    def _scope(self, path: str) -> Scopes:
        if path not in self._scopes:
            names = self._resolver.places.names_of(path)
            package = PurePosixPath(path).stem == "__init__"
            self._scopes[path] = Scopes(self.project[path], names[0] if names else "", package)
        return self._scopes[path]

    def _alone(self, node: ast.expr) -> ApiAnswer:
        text = ast.unparse(node)
        ours = any(self._is_ours(name) for name in _names(node))
        if not ours and (kept := self._kept.get(text)) is not None:
            return kept
        answer = self._resolved(node, text)
        if not ours:
            self._kept.put(text, answer)
        return answer

    def _is_ours(self, name: str) -> bool:
        found = self._resolver.places.module(name) if self.project else None
        return found is not None and found.owner == "project"

    def _resolved(self, node: ast.expr, text: str) -> ApiAnswer:
        shown = text.replace(DECLARED, "").replace("(builtins.", "(")
        try:
            return self._walked(node, shown)
        except Missing as missing:
            look = missing.look
            name = missing.name.replace(DECLARED, "")
            last = name.rpartition(".")[2]
            public = [n for n in look.names if not n.startswith("_")]
            nearest = tuple(get_close_matches(last, public, _NEAREST, 0.6))
            why = f"{look.parent} has no {last}" + (f" ({look.place})" if look.place else "")
            return ApiAnswer(name, ABSENT, why, look.place, nearest)
        except RecursionError:
            return ApiAnswer(shown, UNKNOWN, "its definitions lead too deep to follow")

    def _walked(self, node: ast.expr, shown: str) -> ApiAnswer:
        resolver = self._resolver
        resolver.begin()
        if not isinstance(node, ast.Attribute):
            values = resolver.evaluate(node, _ALONE)
            return self._told(shown, values)
        values = resolver.evaluate(node.value, _ALONE)
        look = resolver.look(values, node.attr)
        if look.found:
            return ApiAnswer(shown, EXISTS, f"{look.parent} has {node.attr}", look.place)
        if not look.unknown:
            raise Missing(ast.unparse(node), look)
        return self._unknown(shown, _first(node), look.unknown)

    def _told(self, shown: str, values: Sequence[object]) -> ApiAnswer:
        why = next((v.why for v in values if hasattr(v, "why")), "")
        return self._unknown(shown, shown, why) if why else ApiAnswer(shown, EXISTS, "it is there")

    def _unknown(self, shown: str, first: str, why: str) -> ApiAnswer:
        if self._resolver.places.module(first) is not None or first == DECLARED:
            needs = _ENVIRONMENT if "is not installed" in why else ""
            return ApiAnswer(shown, UNKNOWN, why, needs=needs)
        if where := self.locked.get(first):
            why = f"{where} is not installed where Undersign could look"
        if self.left_out:
            places = ", ".join(self.left_out)
            why += f"; {places} is in the repository itself, so it is no witness"
        return ApiAnswer(shown, UNKNOWN, why, needs=_ENVIRONMENT)


def apis_of(known: Known, candidates: Sequence[Candidate]) -> Apis:
    """Look up every name that the candidates rest on.

    A folder of packages or answers that the reviewed repository itself has says what its author
    wants it to say: it is not looked at.
    """
    inside = {place: name for place in known.environments if (name := _tracked(known, place))}
    kept = known.cache if known.cache is not None and not _tracked(known, known.cache) else None
    world = ApiWorld(
        known.modules,
        [place for place in known.environments if place not in inside],
        locked=_locked(known),
        left_out=tuple(inside.values()),
        cache=kept,
    )
    answers: dict[Candidate, tuple[ApiAnswer, ...]] = {}
    for candidate in candidates:
        uses = names_in(candidate, known.modules.get(candidate.file))
        made = [answer for use in uses if (answer := world.answer(use)) is not None]
        answers[candidate] = tuple(made)
    world.close()
    return Apis(answers)


def _locked(known: Known) -> dict[str, str]:
    """Return the module that a package most likely brings -> where it is locked."""
    locked = known.packages.locked.get("pypi", {})
    return {key.replace("-", "_"): f"{one.name} in {one.file}" for key, one in locked.items()}


def _tracked(known: Known, place: Path) -> str:
    """Return a folder's path in the reviewed repository, when that has files in it."""
    if not place.is_relative_to(known.taken.root):
        return ""
    name = place.relative_to(known.taken.root).as_posix()
    return name if any(p.startswith(f"{name}/") for p in known.taken.code.paths) else ""


def _first(node: ast.expr) -> str:
    while isinstance(node, ast.Attribute | ast.Call):
        if isinstance(node, ast.Call) and _is_declared(node):
            node = node.args[0]
            continue
        node = node.func if isinstance(node, ast.Call) else node.value
    return node.id if isinstance(node, ast.Name) else ""


def _is_declared(node: ast.Call) -> bool:
    return isinstance(node.func, ast.Name) and node.func.id == DECLARED and bool(node.args)


def _names(node: ast.expr) -> list[str]:
    return [n.id for n in ast.walk(node) if isinstance(n, ast.Name)]
