"""What drafters read in documents counts once judged; suppliers speak for their components."""

from __future__ import annotations

import pytest

from undersign.catalogs import threat_rules
from undersign.checks.threats.unanchored_threat import unanchored_threat
from undersign.checks.threats.unjudged_threat import unjudged_threat
from undersign.records.system import System
from undersign.surfaces.threatmodel.analysis import analyse
from undersign.surfaces.threatmodel.description import read

MODEL = """\
name: Tickets
boundaries:
  - {id: net, name: Internet}
  - {id: own, name: Own network}
components:
  - {id: api, name: Ticket API, kind: web.api, boundary: own, rate_limit: unknown, audit_log: false}
"""
PERSON = ", judged_by: me@example.org"
COMPONENT = "{id: P-1, sort: component, element: form, name: Form, kind: web.client, boundary: net"
FLOW = "{id: P-2, sort: flow, element: form->api, from: form, to: api"
FACT = "{id: P-3, sort: fact, element: api, fact: rate_limit, value: true"
REST = ", by: 'replay:x', document: design.md, quote: 'ten requests a minute'"


def drafted(*rows: str) -> System:
    return read(MODEL + "drafted:\n" + "".join(f"  - {row}}}\n" for row in rows))


def threats(system: System) -> set[str]:
    return {one.id for one in analyse(system, threat_rules.load()).threats}


def test_what_nobody_judged_counts_for_nothing_and_is_an_error() -> None:
    system = drafted(COMPONENT + REST, FLOW + REST, FACT + REST)
    assert not system.problems
    assert threats(system) == threats(read(MODEL))
    told = [fault.message for fault in unjudged_threat(system)]
    assert [message.split(" was")[0] for message in told] == [
        "P-1 (component form)", "P-2 (flow form->api)", "P-3 (fact api.rate_limit)"]  # fmt: skip


def test_what_a_person_judged_counts() -> None:
    system = drafted(COMPONENT + REST + PERSON, FLOW + REST + PERSON)
    assert {"EL-005@api", "FL-001@form->api"} <= threats(system)
    assert not list(unjudged_threat(system))
    judged = drafted(COMPONENT + REST + PERSON, FLOW + REST + PERSON, FACT + REST + PERSON)
    assert threats(system) - threats(judged) == {"EL-005@api"}


def test_a_judged_fact_takes_no_word_of_a_person_back() -> None:
    log = "{id: P-1, sort: fact, element: api, fact: audit_log, value: true" + REST + PERSON
    assert "EL-003@api" in threats(drafted(log))


@pytest.mark.parametrize(
    ("row", "why"),
    [
        (FLOW + PERSON, "there is no component 'form'"),
        ("{id: P-1, sort: component, element: api, name: A, kind: job" + PERSON, "twice"),
        ("{id: P-1, sort: fact, element: nobody, fact: x, value: true" + PERSON, "no element"),
        ("{id: P-1, sort: treatment, element: api", "nothing to draft"),
        ("{id: P-1, sort: component, element: a b, name: A, kind: job", "no id"),
        ("{id: P-1, sort: component, element: a, kind: job", "needs 'name'"),
        ("{id: P-1, sort: fact, element: api, fact: A-B, value: true", "cannot name a fact"),
        ("{id: P-1, sort: fact, element: api, fact: x, status: accepted", "unknown key"),
    ],
)
def test_rows_that_cannot_be_are_told(row: str, why: str) -> None:
    (problem,) = drafted(row).problems
    assert why in problem[0]
    assert problem[1] is not None
    assert problem[1].line == 8


def test_two_judged_rows_cannot_add_the_same_element() -> None:
    twice = drafted(COMPONENT + REST + PERSON, COMPONENT.replace("P-1", "P-9") + REST + PERSON)
    assert [message for message, _ in twice.problems] == ["the id 'form' stands here twice"]


def test_judged_facts_that_contradict_each_other_are_told() -> None:
    other = FACT.replace("P-3", "P-4").replace("true", "false")
    twice = drafted(FACT + REST + PERSON, other + REST + PERSON)
    assert [message for message, _ in twice.problems] == ["P-4 contradicts P-3"]


def test_a_row_without_a_quote_rests_on_nothing() -> None:
    assert [f.message for f in unanchored_threat(drafted(FACT + PERSON))] == [
        "P-3 rests on no words of a document"
    ]


SUPPLIED = """\
name: Assistant
suppliers:
  - {id: acme, name: Acme AI, hosted_by_third_party: true, provider_data_terms: true,
     frontier_policy: {supplier: Acme, policy: Safety Policy, version: 2, level: L2, sha256: ab,
       verified_on: 2026-11-20, verified_by: lead@example.org}}
components:
  - {id: big, name: Big model, kind: ai.model, supplier: acme, model: acme-big-1}
  - {id: own, name: Own terms, kind: ai.model, supplier: acme, provider_data_terms: false}
"""


def test_what_is_said_of_a_supplier_holds_for_its_components() -> None:
    system = read(SUPPLIED)
    assert not system.problems
    found = analyse(system, threat_rules.load())
    assert {(one.component, one.policy, one.policy_verified) for one in found.ai} == {
        (name, "Acme Safety Policy 2 L2", "on 2026-11-20 by lead@example.org")
        for name in ("big", "own")
    }
    big, own = (next(e for e in system.elements if e.id == name) for name in ("big", "own"))
    assert big.facts["provider_data_terms"] is True
    assert own.facts["provider_data_terms"] is False
    assert big.fact_spans["frontier_policy"].line == 4


def test_a_supplier_nobody_described_is_told_where_it_is_named() -> None:
    (problem,) = read(SUPPLIED.replace("supplier: acme, model", "supplier: acne, model")).problems
    assert problem[0] == "component 'big': there is no supplier 'acne'"
    assert problem[1] is not None
    assert problem[1].line == 7
    assert not read("name: A\ncomponents:\n  - {id: a, kind: ai.model, supplier: Acme}\n").problems
