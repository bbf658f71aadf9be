"""All catalogs under one look-up, and every id the rules emit: id, name, status, edition."""

from __future__ import annotations

import json
import random
import re
from pathlib import Path

import pytest

from undersign.catalogs import owasp, threat_rules
from undersign.catalogs.references import Entry, References, load, plain, unqualified
from undersign.checks.threats.wrong_reference import wrong_reference
from undersign.records.system import Element, ExtraThreat, System
from undersign.surfaces.threatmodel.conditions import NAMES, parse

ALL: References = load()
SEEDED = ("atlas", "attack", "cwe", "owasp", "capec", "d3fend")
RIGHT = (
    "AML.T0051 LLM Prompt Injection", "T1190 Exploit Public-Facing Application", "LLM01:2025",
    "LLM05:2025 Improper Output Handling", "CWE-79", "MEASURE 2.7", "v5.0.0-8.2", "v1.0-C2.1.1",
    "ASI01:2026 Agent Goal Hijack", "A01:2021 Broken Access Control", "CAPEC-1", "AML.M0020",
    "T1059.001 PowerShell", "CWE-89 SQL Injection",
)  # fmt: skip

PUBLISHED_WRONG = (
    "AML.T0000: Valid Accounts", "AML.T0001: ML Model Discovery",
    "AML.T0018 Supply Chain Compromise", "AML.T0025 AI Model Backdoor Persistence",
    "AML.T0026 Rogue Agent Persistence", "AML.T0029 AI System Availability Disruption",
    "AML.T0031 Exfiltrate Data via AI Model Output",
    "AML.T0036 Data from AI-integrated Systems",
    "AML.T0037 AI Data Discovery via Retrieval Probing",
    "AML.T0038 Vector Database Exfiltration", "AML.T0040 data leakage",
    "AML.T0043 ML Model Backdoor", "AML.T0043 AI Tool Schema Discovery",
    "AML.T0052: LLM Tool Chain Abuse", "AML.T0054 — LLM Prompt Extraction",
    "AML.T0054 — LLM Data Extraction", "AML.T0054 Indirect Prompt Injection",
    "AML.T0054 insecure tool use", "AML.T0055 — LLM Jailbreak", "AML.T0055 RAG poisoning",
    "AML.T0056: LLM Data Leakage", "AML.T0056 unsafe output",
    "AML.T0057: LLM Prompt Injection via Tool Output", "AML.T0057 privilege escalation",
    "AML.T0093: RAG Poisoning", "AML.TA0001 Reconnaissance", "AML.TA0011: Exfiltration",
    "OWASP LLM01", "LLM06", "LLM04: Data and Model Poisoning", "LLM08 Excessive Agency",
    "OWASP-LLM01: Prompt Injection",
)  # fmt: skip
"""What mappings of other projects wrote, as found in public repositories on 25 November 2026."""
PUBLISHED_RIGHT = (
    "AML.T0051: LLM Prompt Injection", "AML.T0054: LLM Jailbreak",
    "AML.T0057 — LLM Data Leakage", "AML.T0051.001: Indirect", "AML.T0012 — Valid Accounts",
    "AML.T0043: Craft Adversarial Data", "AML.T0053 AI Agent Tool Invocation",
    "LLM01:2025 Prompt Injection", "AML.TA0001: AI Attack Staging",
    "T1110.003 - Password Spraying", "T1562 – Impair Defenses", "CWE-77",
)  # fmt: skip


def said(*references: str) -> list[str]:
    element = Element("a", "A", "component", "job", facts={"x": True})
    threat = ExtraThreat("X-1", "a", "x", "A is bad", references=references)
    return [
        fault.message for fault in wrong_reference(System("s", (element,), threats=(threat,)), ALL)
    ]


def test_every_catalog_is_there_with_its_edition_and_licence() -> None:
    assert {"attack", "atlas", "cwe", "capec", "d3fend", "owasp", "asvs", "asvs-4", "aisvs", "samm",
            "ai-rmf", "ai-600-1", "ast", "attack-mitigations"} == set(ALL.catalogs)  # fmt: skip
    for one in ALL.catalogs.values():
        assert one.entries
        assert one.edition
        assert one.licence
        assert one.source.startswith("https://")
        assert re.fullmatch(r"\d{4}-\d\d-\d\d", one.date)


def test_every_id_of_every_rule_is_right() -> None:
    lists = owasp.load()
    for rule in threat_rules.load().rules:
        for key, ids in rule.references.items():
            for one in ids:
                if key == "llm":
                    assert all(lists.of_concept(one, e) for e in ("1.1", "2025", "2026")), one
                    continue
                entry = ALL.get(one)
                assert entry is not None or ALL.requirements(one), (rule.id, one)
                assert entry is None or entry.status == "active", (rule.id, one)


def test_every_rule_is_of_the_language_and_of_kinds_that_are_known() -> None:
    rules = threat_rules.load()
    ids = [rule.id for rule in rules.rules]
    assert len(ids) == len(set(ids))
    for rule in rules.rules:
        parse(rule.when, NAMES[rule.on])
        assert rule.severity in threat_rules.SEVERITIES
        assert set(rule.stride) <= set("STRIDE")
        for kind in rule.kinds:
            assert kind.startswith("@") or kind.endswith(".*") or kind in rules.kinds


def test_every_process_kind_can_be_repudiated() -> None:
    rules = threat_rules.load()
    acting = {k for k, c in rules.kinds.items() if c == "process"} - {"cloud.metadata"}
    acting |= {"ai.model", "ai.agent", "ai.tool", "ai.mcp_server", "ai.gateway", "ai.guardrail"}
    for kind in acting:
        assert any("R" in rule.stride and rules.of_kind(rule, kind) for rule in rules.rules), kind


@pytest.mark.parametrize("written", RIGHT)
def test_right_references_are_quiet(written: str) -> None:
    assert said(written) == []


def seeded() -> list[str]:
    """Wrong pairs: a name of another entry, a revoked one, another edition, no edition."""
    rng = random.Random(11)
    wrong = []
    for key in SEEDED:
        entries = [e for e in ALL.catalogs[key].entries.values() if e.name and e.status == "active"]
        for one in rng.sample(entries, 30):
            other = rng.choice([e for e in entries if _differs(e, one)])
            wrong.append(f"{one.id} {other.name}")
    gone = [e for c in ALL.catalogs.values() for e in c.entries.values() if e.status != "active"]
    wrong += [e.id for e in rng.sample(gone, 40)]
    wrong += [f"LLM{n:02}" for n in range(1, 11)]
    wrong += [f"LLM{n:02}:{y}" for n in (1, 5, 9) for y in ("2023", "2024", "2027")]
    wrong += [f"A{n:02}:2019" for n in range(1, 6)] + ["AML.T9998", "T9999", "CWE-99999"]
    return wrong


def _differs(left: Entry, right: Entry) -> bool:
    return plain(left.name) != plain(right.name) and plain(right.name) not in plain(left.name)


def test_wrong_pairs_are_caught() -> None:
    pairs = seeded()
    missed = [one for one in pairs if not said(one)]
    assert len(pairs) >= 200
    assert len(missed) <= 0.05 * len(pairs), missed


@pytest.mark.parametrize("written", PUBLISHED_WRONG)
def test_what_others_published_wrong_is_caught(written: str) -> None:
    assert said(written)


@pytest.mark.parametrize("written", PUBLISHED_RIGHT)
def test_what_others_published_right_is_quiet(written: str) -> None:
    assert said(written) == []


def test_tags_of_a_public_model_without_an_edition_are_caught(shared_data: Path) -> None:
    model = json.loads((shared_data / "threatmodels" / "GenAIChatbot.tc.json").read_text())
    tags = {tag for threat in model["threats"] for tag in threat["tags"]}
    assert len(tags) >= 9
    assert all(said(tag) for tag in tags)


def test_right_pairs_of_all_catalogs_are_quiet() -> None:
    rng = random.Random(12)
    for key in SEEDED:
        entries = [e for e in ALL.catalogs[key].entries.values() if e.status == "active"]
        for one in rng.sample(entries, 25):
            assert said(f"{one.id} {one.name}") == [], one


def test_names_are_found_whatever_their_marks_and_nearly() -> None:
    assert ALL.named("llm prompt-injection", ("atlas",))[0].id == "AML.T0051"
    assert ALL.like("LLM Promt Injection", ("atlas",))[0].id == "AML.T0051"
    assert [e.edition for e in ALL.editions("LLM01")]
    assert unqualified("LLM01")
    assert not unqualified("LLM01:2025")
    assert ALL.get("aml.t0051") is not None
