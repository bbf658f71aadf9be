"""The small world of a card about a candidate: the file at head, the change, what is known."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from hashlib import sha256
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from undersign.checks.cards import Example
from undersign.checks.spec import Grounds
from undersign.records.candidate import Candidate, Step
from undersign.records.change import Change, FileChange, FileStatus
from undersign.records.code import Code, SourceFile

HEAD = "app.py"
"""The path of the block that an example begins with."""

Builder = Callable[[Any, Mapping[str, SourceFile]], object]

BUILDERS: Mapping[str, str] = {
    # name in the TOML -> module:function(body, files) of the owner of that ground
    "packages": "packages_world:packages_of",
    "apis": "api_world:apis_of",
    "others": "taxonomy_world:others_of",
}
"""Grounds that a card states."""

ALWAYS: tuple[str, ...] = (
    "taxonomy_world:weaknesses_of",
    "taxonomy_world:owasp_of",
    "flow_world:flows_of",
    "guard_world:guards_of",
)
"""Grounds that are packaged, or computed for real from the files: function(body of [name], files)
-> ground, with an empty body."""


def candidate_of(example: Example) -> Candidate:
    """Return the candidate that the card states; line 1 of the file at head unless it says."""
    stated = dict(tomllib.loads(example.grounds).get("candidate", {}))
    steps = tuple(Step(**step) for step in stated.pop("steps", ()))
    lists = {k: tuple(v) for k, v in stated.items() if isinstance(v, list)}
    plain = {"file": HEAD, "line": 1, "message": "", "origin": "anthropic:MODEL"}
    return Candidate(**{**plain, **stated, **lists, "steps": steps})


def grounds_of(example: Example) -> Grounds:
    """Build every ground of a card."""
    stated = tomllib.loads(example.grounds)
    files = files_of(example, stated)
    found: list[object] = [Code(files, frozenset(files))]
    if "change" in stated:
        found.append(_change(stated["change"]))
    found += [_build(BUILDERS[name], stated[name], files) for name in BUILDERS if name in stated]
    found += [_build(place, {}, files) for place in ALWAYS if _is_there(place)]
    return Grounds({type(g): g for g in found}, {})


def files_of(example: Example, stated: Mapping[str, Any]) -> dict[str, SourceFile]:
    """Return path -> file: the example's block, and what `[files]` adds."""
    texts = {HEAD: example.rule, **stated.get("files", {})}
    labels = stated.get("labels", {})
    return {
        path: SourceFile(
            path,
            text,
            sha256(text.encode()).hexdigest(),
            "python" if path.endswith(".py") else "",
            tuple(labels.get(path, ())),
        )
        for path, text in texts.items()
    }


def _change(body: Mapping[str, Any]) -> Change:
    added = tuple((first, last) for first, last in body.get("added", ()))
    status = FileStatus(body.get("status", "modified"))
    one = FileChange(body.get("path", HEAD), status, added=added)
    others = tuple(
        FileChange(path, FileStatus.MODIFIED, added=tuple(map(tuple, runs)))
        for path, runs in body.get("also", {}).items()
    )
    return Change("main", "HEAD", (one, *others))


def _is_there(place: str) -> bool:
    return find_spec(place.partition(":")[0]) is not None


def _build(place: str, body: object, files: Mapping[str, SourceFile]) -> object:
    module, _, name = place.partition(":")
    builder: Builder = getattr(import_module(module), name)
    return builder(body, files)
