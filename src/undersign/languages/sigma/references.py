"""Which rules a correlation is about: names and ids -> documents."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from undersign.languages.sigma.document import Correlation, Document, Filter, Problem
from undersign.records.artifact import Span


def resolve(
    correlation: Correlation, documents: Iterable[Document]
) -> tuple[tuple[Document, ...], tuple[Problem, ...]]:
    """Return the documents a correlation names, in its order, and what cannot be resolved.

    `documents` are those of its own file and then any others; of two with one name the first
    counts. A correlation that reaches itself, directly or through others, is a problem.
    """
    known = _by_reference(documents)
    found: list[Document] = []
    problems: list[Problem] = []
    for index, reference in enumerate(correlation.rules):
        document = known.get(_key(reference))
        if document is None:
            message = f"no rule is named `{reference[:80]}` or has it as its id"
            problems.append(Problem(message, _place(correlation, index)))
        elif correlation in (document, *_reached(document, known)):
            message = f"the correlation reaches itself through `{reference[:80]}`"
            problems.append(Problem(message, _place(correlation, index)))
        else:
            found.append(document)
    return tuple(found), tuple(problems)


def _by_reference(documents: Iterable[Document]) -> dict[str, Document]:
    known: dict[str, Document] = {}
    for document in documents:
        if not isinstance(document, Filter):
            for reference in (document.name, document.id):
                if reference:
                    known.setdefault(_key(reference), document)
    return known


def _key(reference: str) -> str:
    """Return what references compare by: ids without case, names as they are."""
    lowered = reference.lower()
    is_id = len(lowered) == 36 and not set(lowered) - set("0123456789abcdef-")
    return lowered if is_id else reference


def _reached(document: Document, known: Mapping[str, Document]) -> list[Document]:
    """Return all documents a document leads to, each once."""
    found: list[Document] = []
    seen: set[int] = set()
    waiting = [document]
    while waiting:
        here = waiting.pop()
        references = here.rules if isinstance(here, Correlation) else ()
        for target in map(known.get, map(_key, references)):
            if target is not None and id(target) not in seen:
                seen.add(id(target))
                found.append(target)
                waiting.append(target)
    return found


def _place(correlation: Correlation, index: int) -> Span | None:
    return correlation.span("correlation", "rules", index)
