"""blaming-language: words that blame a person instead of a system."""

from __future__ import annotations

import re
from collections.abc import Iterator

from undersign.records.document import Document
from undersign.records.finding import Fault

_I = re.IGNORECASE
_WHO = (
    r"(?:he|she|they|I|we|(?:the|an?|our|one|this|that)\s+(?:on-?call\s+)?(?:\w+\s+)?(?:engineer|developer|"
    r"operator|admin(?:istrator)?|analyst|employee|contractor|intern|colleague|manager|team member|"
    r"responder|person|individual|user)|[A-Z][a-z]+)"
)
_BLAME = (
    re.compile(r"\b(?:human|operator|user|pilot) error\b", _I),
    re.compile(r"\b(?:careless(?:ly|ness)?|negligen(?:t|ce)|incompeten(?:t|ce)|sloppy|lazy|stupid(?:ly)?|"
               r"idiot\w*|foolish(?:ly)?|reckless(?:ly)?|inexcusabl[ey]|clumsy)\b", _I),
    re.compile(rf"\b{_WHO}\s+(?:\w+\s+)?should(?: have|'ve| of) (?:known|noticed|checked|"
               rf"realised|realized|"
               r"been more careful|paid|asked|read|tested|seen)\b"),
    re.compile(r"\bshould have (?:known better|been more careful)\b", _I),
    re.compile(rf"\b(?:{_WHO}(?:'s|s')|his|her|their|my|our) (?:mistake|fault|error|blunder|"
               rf"failure|oversight|"
               r"carelessness|negligence)\b"),
    re.compile(rf"\b{_WHO} (?:carelessly|foolishly|wrongly|mistakenly|stupidly|forgot(?: to)?|"
               rf"neglected to|"
               r"failed to (?:notice|check|follow|read|test|realise|realize|ask|verify|report|"
               r"escalate|"
               r"understand)|did not bother|was(?:n't| not) paying attention|messed up|screwed "
               r"up)\b"),
    re.compile(r"\b(?:to blame|at fault|blamed? (?:on )?(?:the|him|her|them)|is responsible for "
               r"the "
               r"(?:outage|incident|breach|error)|the (?:culprit|guilty party) (?:is|was) "
               r"(?!the\b|a\b|an\b))", _I),
)  # fmt: skip
_WHOLE_TEAM = re.compile(r"^(?:we|our|I|my)\b", _I)
"""A team that writes of itself owns up, which is no blame."""
_SYSTEMS = frozenset(
    [
        "kubernetes",
        "prometheus",
        "terraform",
        "nginx",
        "kafka",
        "flux",
        "helm",
        "docker",
        "linux",
        "windows",
        "aws",
        "azure",
        "google",
        "github",
        "gitlab",
        "jenkins",
        "argo",
        "traefik",
        "grafana",
        "velero",
        "kibana",
        "opensearch",
        "concourse",
        "circleci",
        "ansible",
        "cargo",
        "rust",
        "rustup",
        "crates",
        "python",
        "it",
        "this",
        "that",
        "which",
        "what",
        "there",
        "here",
        "everything",
        "nothing",
        "something",
        "cluster",
        "service",
        "pipeline",
        "deployment",
        "pod",
        "node",
        "job",
        "script",
        "alert",
        "monitoring",
        "system",
        "scheduled",
    ]
)


def blaming_language(document: Document) -> Iterator[Fault]:
    """Report words that put a person where a system or a process belongs."""
    for sentence in document.sentences:
        for pattern in _BLAME:
            match = next(
                (m for m in pattern.finditer(sentence.text) if not _is_of_a_system(m[0])), None
            )
            if match is None:
                continue
            at = sentence.start + match.start()
            yield Fault(
                f"{match[0]!r} blames a person; say what let it happen",
                document.span(at, at + len(match[0])),
            )
            break


def _is_of_a_system(words: str) -> bool:
    first = re.split(r"[\s']", words)[0].casefold()
    return first in _SYSTEMS or bool(_WHOLE_TEAM.match(words))
