from __future__ import annotations

import tarfile
import time
from pathlib import Path

import pytest

from drafters.judge import documents, drafted
from undersign.drafters.offline.retrieve import corpus_rule, nearest
from undersign.errors import BadInput
from undersign.records.corpus import Corpus, CorpusRule
from undersign.records.drafting import DraftGrounds

RULE = """
title: Spooler Loads Unsigned Printer Driver
id: 11111111-1111-4111-8111-111111111111
description: The print spooler loads an unsigned driver.
author: A Person
license: Example-1.0
tags: [attack.persistence, attack.t1547.012]
logsource: {product: windows, category: image_load}
detection:
  selection_a: {'Image|endswith': '\\spoolsv.exe'}
  selection_b: {Signed: 'false'}
  condition: all of selection_*
level: high
"""
BRIEF = "printer spooler loads unsigned driver"


def rule_of(text: str = RULE) -> CorpusRule:
    found = corpus_rule("corpus/spooler.yml", text)
    assert found is not None
    return found


def test_reading_a_rule_keeps_who_wrote_it() -> None:
    rule = rule_of()
    assert (rule.author, rule.licence) == ("A Person", "Example-1.0")
    assert rule.logsource == ("windows", "image_load", None)


@pytest.mark.parametrize(
    "text",
    ["", "- a", "title: x", "title: x\ncorrelation: {type: event_count}", "{", "detection: 3"],
)
def test_what_is_no_rule_is_none(text: str) -> None:
    assert corpus_rule("x.yml", text) is None


def test_equal_logic_reads_equal() -> None:
    other = RULE.replace("selection_a: {", "selection_a:   {").replace("title: S", "title: Other s")
    assert rule_of(other).detection == rule_of().detection


def test_a_neighbour_is_adapted_cited_and_questioned() -> None:
    grounds = DraftGrounds(corpus=Corpus((rule_of(),)))
    result = drafted(f"{BRIEF} except Image C:\\Tools\\x", grounds)
    (rule,) = documents(result)
    assert rule["related"] == [{"id": "11111111-1111-4111-8111-111111111111", "type": "derived"}]
    assert rule["detection"]["selection_b"] == {"Signed": "false"}
    for word in ("corpus/spooler.yml", "A Person", "Example-1.0", rule["related"][0]["id"]):
        assert word in result.sources[0]
    assert "licence" in result.open_questions[0]


def test_a_neighbour_with_an_unknown_field_is_not_adapted() -> None:
    grounds = DraftGrounds(corpus=Corpus((rule_of(RULE.replace("Signed:", "MadeUpField:")),)))
    with pytest.raises(BadInput):
        drafted(BRIEF, grounds)


def test_a_brief_that_shares_one_word_adapts_nothing() -> None:
    with pytest.raises(BadInput):
        drafted("the printer is out of paper again", DraftGrounds(corpus=Corpus((rule_of(),))))


def test_the_published_corpus_is_read_fast_and_searched(shared_data: Path) -> None:
    with tarfile.open(shared_data / "sigma" / "sigmahq_rules.tar.gz") as archive:
        texts = [
            (member.name, stream.read().decode())
            for member in archive
            if member.name.endswith(".yml") and (stream := archive.extractfile(member))
        ]
    start = time.process_time()
    rules = [corpus_rule(path, text) for path, text in texts]
    assert time.process_time() - start < 12
    corpus = Corpus(tuple(rule for rule in rules if rule))
    assert len(corpus.rules) > 0.99 * len(texts)
    found = nearest(corpus, "HackTool ADCSPwn execution")
    assert "ADCSPwn" in found[0].rule.title
