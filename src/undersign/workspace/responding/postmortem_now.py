"""A postmortem as it stands, with the edits of people: its whys, and what it cites."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from undersign.checks.prose.reading.whys import whys
from undersign.errors import UsageError
from undersign.languages import markdown
from undersign.records.claim import Entry
from undersign.records.document import Document
from undersign.surfaces.respond import why_graph
from undersign.surfaces.respond.why_graph import Node
from undersign.workspace import files
from undersign.workspace.responding.folder import Case


@dataclass(frozen=True, slots=True)
class Why:
    """One why with what may be picked to show its answer."""

    node: Node
    offered: tuple[Entry, ...]
    """Entries that share words with it, best first; for a person to choose among."""


def read(case: Case) -> Document:
    """Read the postmortem of an incident; UsageError when there is none yet."""
    path = case.folder.postmortem
    if not path.is_file():
        raise UsageError(
            f"{path} is not written yet", hint=f"undersign respond postmortem {case.folder.name}"
        )
    return markdown.parse(files.read_text(path))


def whys_of(case: Case, document: Document, most: int) -> tuple[Why, ...]:
    """Return the whys of a postmortem, each with up to `most` entries to pick evidence from."""
    nodes = why_graph.graph(whys(document))
    return tuple(Why(one, tuple(why_graph.evidence_for(one, case.timeline, most))) for one in nodes)


def cited(case: Case, document: Document) -> dict[str, tuple[str, ...]]:
    """Return what a postmortem cites -> the addresses it opens, in order of appearance.

    A claim opens its own evidence, and that of the claims it is derived from.
    """
    every = dict.fromkeys(one for sentence in document.sentences for one in sentence.cited)
    return {one: tuple(dict.fromkeys(_opens(case, one, set()))) for one in every}


def _opens(case: Case, one: str, seen: set[str]) -> Iterator[str]:
    claim = case.timeline.claim(one)
    if claim is None:
        yield one
    elif one not in seen:
        seen.add(one)
        yield from claim.evidence
        for other in claim.claims:
            yield from _opens(case, other, seen)
