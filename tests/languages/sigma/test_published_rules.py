"""Every published SigmaHQ rule is read, and means on the tree what it means to the oracle."""

from __future__ import annotations

import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from oracle.evaluate import CannotTell as OracleCannotTell
from oracle.evaluate import matches
from undersign.languages.sigma import parse
from undersign.languages.sigma.document import SigmaFile
from undersign.languages.sigma.evaluate import holds
from undersign.languages.sigma.stored import dump, load
from undersign.languages.sigma.tree import Atom, Exists, Node, Not, Null, Pattern, Selection, Text

EVERY = 4
"""One in so many rules is also put to the oracle, which is slow."""


@pytest.fixture(scope="module")
def published(shared_data: Path) -> list[SigmaFile]:
    with tarfile.open(shared_data / "sigma" / "sigmahq_rules.tar.gz") as archive:
        members = [member for member in archive if member.name.endswith(".yml")]
        handles = filter(None, map(archive.extractfile, members))
        return [parse(handle.read().decode()) for handle in handles]


def test_all_are_read_without_problems(published: list[SigmaFile]) -> None:
    problems = [
        (document.title, problem)
        for file in published
        for document in file.documents
        for problem in (*file.problems, *document.problems)
    ]
    assert problems == []
    assert sum(len(file.rules) for file in published) > 3_700


def test_all_are_stored_exactly(published: list[SigmaFile]) -> None:
    for file in published:
        assert load(dump(file)) == file


def test_tree_and_oracle_agree_on_events_made_for_them(published: list[SigmaFile]) -> None:
    compared = matched = 0
    for file in published[::EVERY]:
        raw = [d for d in yaml.load_all(file.text, yaml.CSafeLoader) if "detection" in d]
        for rule, document in zip(raw, file.rules, strict=True):
            for event in _events(document.conditions):
                try:
                    expected = matches(rule, event)
                except OracleCannotTell:
                    break
                found = any(holds(tree, event) for tree in document.conditions)
                assert found is expected, (document.title, event)
                compared += 1
                matched += found
    assert compared > 2_000
    assert compared * 0.1 < matched < compared * 0.9


def _events(conditions: tuple[Node, ...]) -> Iterator[dict[str, Any]]:
    """Yield events that hold what the atoms ask for: all, every second, and something near."""
    atoms = [atom for tree in conditions for atom in _atoms(tree)]
    for chosen, change in ((atoms, "{}"), (atoms[::2], "{}"), (atoms[:3], "x{}y"), ([], "")):
        event: dict[str, Any] = {}
        for atom in chosen:
            if not isinstance(atom.test, Null | Exists):
                event.setdefault(atom.field or "Message", change.format(_literal(atom.test)))
        yield event


def _atoms(node: Node) -> Iterator[Atom]:
    match node:
        case Atom():
            yield node
        case Not(arg) | Selection(_, arg):
            yield from _atoms(arg)
        case _:
            for arg in node.args:
                yield from _atoms(arg)


def _literal(test: Any) -> str:
    if isinstance(test, Text):
        return test.value
    if isinstance(test, Pattern):
        return "".join("zz" if part is None else part or "q" for part in test.parts)
    network = getattr(test, "network", "").partition("/")[0]
    return network or str(getattr(test, "value", "http://x.example/a.exe"))
