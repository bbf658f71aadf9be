"""Other rules one can compare with or learn from."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CorpusRule:
    """One rule of a corpus that the user pointed to, or of the workspace itself."""

    path: str
    title: str
    id: str | None
    description: str
    tags: tuple[str, ...]
    logsource: tuple[str | None, str | None, str | None]
    """product, category, service."""
    level: str | None
    detection: str
    """Canonical JSON of the detection section: equal text means equal logic as written."""
    licence: str | None = None
    author: str | None = None
    """As the rule names its author; citing a rule means naming them."""


@dataclass(frozen=True, slots=True, eq=False)
class Corpus:
    """Rules of the workspace and of the corpora named in undersign.toml.

    Compared and hashed by identity, so that what is derived from thousands of rules can be kept.
    """

    rules: tuple[CorpusRule, ...]
    whole: Corpus | None = None
    """The corpus that this one was cut from, if any."""
    left_out: str | None = None
    """The path that was cut out of it."""

    def without(self, path: str) -> Corpus:
        """Return the corpus less one file, so that a rule is not compared with itself."""
        return Corpus(tuple(r for r in self.rules if r.path != path), self, path)
