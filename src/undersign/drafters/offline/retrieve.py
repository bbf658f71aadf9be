"""Rules of a corpus that speak of what a brief speaks of: cheap reading and BM25 ranking."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import yaml

from undersign.drafters.offline.words import read, stems_of, telling_stems
from undersign.languages.yaml.depth import too_deep
from undersign.records.corpus import Corpus, CorpusRule

MIN_SHARED = 0.6
"""Share of a brief's telling words that a neighbour's prose must hold to be worth adapting."""
MIN_WORDS = 2
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_SEPARATOR = re.compile(r"^---[ \t]*$", re.MULTILINE)
_PERHAPS_ALIAS = re.compile(r"[\s\[{,:-]\*\w")
_CAMEL = re.compile(r"([a-z])([A-Z])")


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A rule of the corpus and how well it fits a brief."""

    rule: CorpusRule
    score: float
    shared: frozenset[str]
    """Stems of the brief that its prose holds."""
    whole: bool
    """True when it holds enough of the brief to be adapted, not only cited."""


def corpus_rule(path: str, text: str) -> CorpusRule | None:
    """Read the first document of a Sigma file; None when it is no detection rule.

    `path` is kept as it is handed in. Nothing is checked beyond what retrieval and comparison need.
    """
    document = _first_document(text)
    if too_deep(document):
        return None
    try:
        if _PERHAPS_ALIAS.search(document) and _has_alias(document):
            return None  # an alias can stand for gigabytes, and rules have no need of one
        data = yaml.load(document, Loader=_LOADER)  # noqa: S506 - a safe loader
    except (yaml.YAMLError, ValueError):
        return None  # a broken file of somebody's corpus is no rule to learn from
    if not isinstance(data, dict) or not isinstance(data.get("detection"), dict):
        return None
    source = data.get("logsource")
    logsource: Mapping[str, Any] = source if isinstance(source, dict) else {}
    tags = data.get("tags")
    return CorpusRule(
        path=path,
        title=str(data.get("title", "")),
        id=_optional(data.get("id")),
        description=str(data.get("description") or ""),
        tags=tuple(str(t) for t in tags) if isinstance(tags, list) else (),
        logsource=(
            _optional(logsource.get("product")),
            _optional(logsource.get("category")),
            _optional(logsource.get("service")),
        ),
        level=_optional(data.get("level")),
        detection=json.dumps(data["detection"], sort_keys=True, separators=(",", ":"), default=str),
        licence=_optional(data.get("license")),
        author=_optional(data.get("author")),
    )


def _has_alias(document: str) -> bool:
    events = yaml.parse(document, Loader=_LOADER)
    return any(isinstance(event, yaml.AliasEvent) for event in events)


def nearest(corpus: Corpus, brief: str, limit: int = 5) -> list[Neighbour]:
    """Rank the rules of a corpus by BM25 of title, description and tags; best first."""
    wanted = sorted(telling_stems(read(brief)))
    if not wanted or not corpus.rules:
        return []
    # NumPy takes a while to import and is of no use without a corpus.
    import bm25s

    prose = [_prose(rule) for rule in corpus.rules]
    index = bm25s.BM25()
    index.index([list(stems) for stems in prose], show_progress=False)
    scores = [float(score) for score in index.get_scores(wanted)]
    order = sorted(range(len(scores)), key=lambda i: (-scores[i], corpus.rules[i].path))
    found = []
    for at in order[:limit]:
        shared = frozenset(wanted).intersection(prose[at])
        if shared and scores[at] > 0:
            enough = len(shared) >= max(MIN_WORDS, MIN_SHARED * len(set(wanted)))
            found.append(Neighbour(corpus.rules[at], scores[at], shared, enough))
    return found


def cited(rule: CorpusRule) -> str:
    """Name a rule as a source: title, path, id, author and licence, as far as it states them."""
    parts = (
        rule.path,
        f"id {rule.id}" if rule.id else "no id",
        f"by {rule.author}" if rule.author else "author not stated",
        f"licence {rule.licence}" if rule.licence else "licence not stated",
    )
    return f"{rule.title} ({', '.join(parts)})"


def _first_document(text: str) -> str:
    parts = _SEPARATOR.split(text, maxsplit=2)
    return next((part for part in parts if "detection" in part), "")


def _prose(rule: CorpusRule) -> tuple[str, ...]:
    """Return the stems of a rule's prose, the title twice."""
    tags = " ".join(tag.replace(".", " ").replace("_", " ") for tag in rule.tags)
    whole = f"{rule.title} {rule.title} {rule.description} {tags}"
    return stems_of(_CAMEL.sub(r"\1 \2", whole)) + stems_of(rule.title)


def _optional(value: object) -> str | None:
    return None if value is None or isinstance(value, dict | list) else str(value)
