"""Rules of a corpus that are close to a brief, for whoever shows them to a drafter."""

from __future__ import annotations

from dataclasses import dataclass

from undersign.records.corpus import Corpus, CorpusRule


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A rule that speaks of what a brief speaks of."""

    rule: CorpusRule
    cited: str
    """Title, path, id, author and licence, as far as the rule states them."""


def neighbours(corpus: Corpus, brief: str, limit: int) -> tuple[Neighbour, ...]:
    """Return the closest rules by BM25 of title, description and tags, best first."""
    from undersign.drafters.offline.retrieve import cited, nearest

    return tuple(Neighbour(n.rule, cited(n.rule)) for n in nearest(corpus, brief, limit))
