"""Walks over condition trees."""

from __future__ import annotations

from collections.abc import Iterator

from undersign.languages.sigma.document import Document, Filter, Rule, SigmaFile
from undersign.languages.sigma.tree import And, Atom, Node, Not, Or, Selection, Unsupported


def nodes(node: Node) -> Iterator[Node]:
    """Yield a node and everything below it, parents first, in file order."""
    stack = [node]
    while stack:
        top = stack.pop()
        yield top
        if isinstance(top, And | Or):
            stack.extend(reversed(top.args))
        elif isinstance(top, Not | Selection):
            stack.append(top.arg)


def atoms(node: Node) -> Iterator[Atom]:
    """Yield every comparison of a tree, negated ones too."""
    return (n for n in nodes(node) if isinstance(n, Atom))


def bare(node: Node) -> Node:
    """Return the node without the selection names around it."""
    while isinstance(node, Selection):
        node = node.arg
    return node


def conjuncts(node: Node) -> Iterator[Node]:
    """Yield the nodes that must all hold for this one to hold, selection names taken off."""
    inner = bare(node)
    if isinstance(inner, And):
        for arg in inner.args:
            yield from conjuncts(arg)
    else:
        yield inner


def alternatives(node: Node) -> Iterator[Node]:
    """Yield the nodes any one of which makes this one hold, selection names taken off."""
    inner = bare(node)
    if isinstance(inner, Or):
        for arg in inner.args:
            yield from alternatives(arg)
    else:
        yield inner


def used_selections(node: Node) -> set[str]:
    """Return the names of the selections a condition uses."""
    return {n.name for n in nodes(node) if isinstance(n, Selection)}


def with_detection(file: SigmaFile) -> Iterator[tuple[Document, dict[str, Node]]]:
    """Yield every rule and filter of a file with its named selections."""
    for document in file.documents:
        if isinstance(document, Rule | Filter):
            yield document, dict(document.selections)


def all_atoms(file: SigmaFile) -> Iterator[tuple[Document, Atom]]:
    """Yield every comparison of a file with its document, used by a condition or not."""
    for document, selections in with_detection(file):
        for selection in selections.values():
            for atom in atoms(selection):
                yield document, atom


def opaque(node: Node) -> bool:
    """Say whether part of a tree could not be read, so that its logic is not known."""
    return any(isinstance(atom.test, Unsupported) for atom in atoms(node))
