"""The check `unused-selection`."""

from __future__ import annotations

from collections.abc import Iterator

from undersign.checks.reading.trees import used_selections
from undersign.checks.reading.wording import quoted
from undersign.languages.sigma.document import Filter, Rule, SigmaFile
from undersign.languages.sigma.tree import Node
from undersign.records.finding import Fault


def unused_selection(file: SigmaFile) -> Iterator[Fault]:
    """Report a selection that no condition uses, so that it changes nothing."""
    for document in file.documents:
        if not isinstance(document, Rule | Filter):
            continue
        single = isinstance(document, Filter)
        section = "filter" if single else "detection"
        trees = _conditions(document)
        if not trees:
            continue
        used = set().union(*(used_selections(tree) for tree in trees))
        for name in document.selections:
            if name not in used:
                yield Fault(
                    f"selection {quoted(name)} is not used by the condition",
                    document.span(section, name, "~") or document.span(section, name),
                    {"selection": name, "used": sorted(used)},
                    "use it in the condition, or delete it",
                )


def _conditions(document: Rule | Filter) -> tuple[Node, ...]:
    if isinstance(document, Rule):
        return document.conditions
    return (document.condition,) if document.condition else ()
