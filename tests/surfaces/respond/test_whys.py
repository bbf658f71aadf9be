"""The five whys of a postmortem as a graph, and what is offered to show them."""

from __future__ import annotations

import re

from surfaces.respond.conftest import Incident
from undersign.checks.prose.reading.whys import whys
from undersign.languages.markdown import parse
from undersign.render import text_whys
from undersign.surfaces.respond.why_graph import Node, dot, evidence_for, graph
from undersign.surfaces.respond.wording import plain

FLAT = """## Five whys

1. Why could somebody use the key? Because: A build log printed it. (inference, by x) [slack:23]
2. Why did the log print it? Nothing scans logs
3. Why does nothing scan? [C7, auth.log:3]
"""
NESTED = """## 5 whys

1. Why A? a
   1. Why B? b
      1. Why C? c
   2. Why D? d
2. Why E? e
"""  # fmt: skip


def nodes(text: str) -> tuple[Node, ...]:
    return graph(whys(parse(text)))


def test_a_flat_list_is_a_chain() -> None:
    first, second, third = nodes(FLAT)
    assert (first.parent, second.parent, third.parent) == (None, 1, 2)
    assert first.answer == "A build log printed it"
    assert first.mark == "inference, by x"
    assert first.cites == ("slack:23",)
    assert second.cites == ()
    assert (third.answer, third.cites) == ("", ("C7", "auth.log:3"))


def test_an_indented_list_branches() -> None:
    assert [(n.question, n.parent) for n in nodes(NESTED)] == [
        ("Why A?", None), ("Why B?", 1), ("Why C?", 2), ("Why D?", 1), ("Why E?", None),
    ]  # fmt: skip


def test_what_is_offered_shares_words_and_is_not_cited_yet(incident: Incident) -> None:
    node = nodes(FLAT.replace(" [slack:23]", ""))[0]
    best = evidence_for(node, incident.timeline)
    assert best[0].claim.evidence == ("slack:23",)
    cited = nodes(FLAT)[0]
    assert all("slack:23" not in e.claim.evidence for e in evidence_for(cited, incident.timeline))
    nothing = Node(1, "Why qqqq?", "zzzz", (), None)
    assert evidence_for(nothing, incident.timeline) == []


def test_a_why_without_evidence_says_so_at_the_terminal(incident: Incident) -> None:
    said = {c.id: plain(c) for c in incident.timeline.every_claim()}
    rows = [(n, tuple(evidence_for(n, incident.timeline, 2))) for n in nodes(FLAT)]
    text = text_whys.render(rows, said)
    assert text.count("cites nothing; perhaps:") == 1
    assert "no answer yet" in text
    assert "## Five whys" in text_whys.render([], said)


def test_dot_quotes_what_it_is_told() -> None:
    text = dot((Node(1, 'Why "]; x -> y?', "back\\slash\n\u202e", (), None),))
    label = re.search(r'label="((?:[^"\\]|\\.)*)"\];', text)
    assert label is not None
    assert "\u202e" not in text
    assert text.count("->") == 1, "within the label only"
    assert text.count("\n") == 5
