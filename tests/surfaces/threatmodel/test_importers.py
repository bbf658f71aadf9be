"""Descriptions in other forms: read without loss, never run, never a secret copied."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from surfaces.threatmodel.deployments import COMPOSE, KUBERNETES, TERRAFORM
from surfaces.threatmodel.systems import AGENT, any_system
from undersign.catalogs import threat_rules
from undersign.checks.threats.unknown_fact import unknown_fact
from undersign.errors import BadInput
from undersign.records.system import System
from undersign.surfaces.threatmodel import diagram
from undersign.surfaces.threatmodel.analysis import analyse
from undersign.surfaces.threatmodel.description import read
from undersign.surfaces.threatmodel.exporters import cyclonedx, otm, threat_composer
from undersign.surfaces.threatmodel.importers import read as read_other
from undersign.surfaces.threatmodel.importers.imported import Imported, write
from undersign.surfaces.threatmodel.importers.otm import kind_of

RULES = threat_rules.load()
OPENAPI = """\
openapi: 3.0.3
info: {title: Orders API, version: "1"}
servers: [{url: "https://api.example.org"}]
security: [{key: []}]
paths:
  /orders:
    get: {summary: List, responses: {"200": {description: ok}}}
    post: {responses: {"201": {description: made}}}
"""
MCP = json.dumps({"mcpServers": {
    "files": {"command": "npx", "args": ["-y", "@acme/files@1.2.3"], "env": {"TOKEN": "s3cr3t"}},
    "search": {"command": "uvx", "args": ["searcher"]},
    "crm": {"url": "https://crm.example.org/mcp", "headers": {"Authorization": "Bearer s3cr3t"}},
}})  # fmt: skip
MERMAID = """\
flowchart LR
  subgraph out["Internet"]
    u[Buyer]
  end
  subgraph inn[Own network]
    s(Shop) -->|orders| d[(Orders)]
  end
  u -- chat --> s
"""
DRAGON = json.dumps({"summary": {"title": "Dragon"}, "detail": {"diagrams": [{"cells": [
    {"id": "b", "shape": "trust-boundary-box", "position": {"x": 0, "y": 0},
     "size": {"width": 100, "height": 100}, "data": {"name": "Inside"}},
    {"id": "p", "shape": "process", "position": {"x": 10, "y": 10}, "data": {"name": "API"}},
    {"id": "a", "shape": "actor", "position": {"x": 500, "y": 10}, "data": {"name": "User"}},
    {"id": "f", "shape": "flow", "source": {"cell": "a"}, "target": {"cell": "p"},
     "data": {"name": "calls", "isEncrypted": True}},
]}]}})  # fmt: skip
FIXTURES = {"compose": COMPOSE, "kubernetes": KUBERNETES, "terraform": TERRAFORM,
            "openapi": OPENAPI, "mcp_config": MCP, "mermaid": MERMAID,
            "threat_dragon": DRAGON}  # fmt: skip


@pytest.mark.parametrize("name", FIXTURES)
def test_a_form_is_known_at_a_look_and_becomes_a_sound_description(name: str) -> None:
    found, made = read_other(FIXTURES[name])
    assert found == name
    system = read(write(made))
    assert not system.problems
    assert [one.id for one in system.of("component")] == list(made.components)
    assert analyse(system, RULES).threats
    assert list(unknown_fact(system, analyse(system, RULES))) == [], "rules know what is imported"


@pytest.mark.parametrize("name", FIXTURES)
def test_no_secret_is_copied(name: str) -> None:
    text = write(read_other(FIXTURES[name])[1])
    for secret in ("hunter2", "s3cr3t", "abc"):
        assert secret not in text


def facts(made: Imported, element: str) -> dict[str, object]:
    return dict(made.components[element])


def test_what_files_state_becomes_facts() -> None:
    _, compose = read_other(COMPOSE)
    assert facts(compose, "db")["kind"] == "store.sql"
    assert facts(compose, "api")["runs_as_nonroot"] is True
    assert facts(compose, "db")["mounts_host_paths"] is False
    assert facts(compose, "db")["resource_limits"] is False
    bound = COMPOSE.replace("data:/var", "./data:/var").replace(
        "    user:", "    mem_limit: 1g\n    user:"
    )
    _, bound_compose = read_other(bound)
    assert facts(bound_compose, "db")["mounts_host_paths"] is True
    assert facts(bound_compose, "api")["resource_limits"] is True
    assert {"anybody->web", "web->api", "api->db", "api->cache"} == set(compose.flows)
    _, cluster = read_other(KUBERNETES)
    assert facts(cluster, "web")["network_policy"] is True
    assert facts(cluster, "web")["resource_limits"] is False
    assert facts(cluster, "web")["mounts_host_paths"] is False
    assert facts(cluster, "db")["network_policy"] is False
    _, plan = read_other(TERRAFORM)
    assert facts(plan, "aws_db_instance.main")["encrypted_at_rest"] is True
    _, agent = read_other(MCP)
    assert facts(agent, "files")["pinned_version"] is True
    assert facts(agent, "search")["pinned_version"] is False
    assert facts(agent, "crm")["third_party"] is True
    _, api = read_other(OPENAPI)
    assert api.flows["anybody->Orders-API"]["encrypted"] is True
    _, drawn = read_other(MERMAID)
    assert drawn.flows["s->d"] == {"from": "s", "to": "d", "data": "orders"}
    assert drawn.components["u"]["boundary"] == "out"
    _, dragon = read_other(DRAGON)
    assert (dragon.components["p"].get("boundary"), dragon.components["a"].get("boundary")) == (
        "b", None)  # fmt: skip
    assert dragon.components["p"]["kind"] == "web.api"


@pytest.mark.parametrize(
    ("name", "kind"),
    [("Guest VM", "host"), ("Cloud Hypervisor", "host.hypervisor"), ("Hosted page", "process"),
     ("Training data bucket", "ai.dataset"), ("Fraud classifier", "ai.classifier"),
     ("Orders (PostgreSQL)", "store.sql"), ("LLM", "ai.model"), ("Profile store", "store"),
     ("CI pipeline", "ci.runner"), ("Model registry", "ai.model_registry"),
     ("Private API", "web.api"), ("Rapid worker", "process")],
)  # fmt: skip
def test_kinds_are_told_by_names(name: str, kind: str) -> None:
    assert kind_of(name) == kind


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**6))
def test_otm_comes_back_without_loss(seed: int) -> None:
    system = read(any_system(seed))
    made = read(write(read_other(otm.write(system, analyse(system, RULES)), "otm")[1]))
    assert not made.problems
    for sort in ("boundary", "component"):
        ours = {e.id: (e.name, e.kind, e.boundary, dict(e.facts)) for e in system.of(sort)}
        theirs = {e.id: (e.name, e.kind, e.boundary, dict(e.facts)) for e in made.of(sort)}
        assert theirs == ours
    assert _flows(made) == _flows(system)


def _flows(system: System) -> set[tuple[str, str, str]]:
    return {(f.source, f.target, str(sorted(f.facts.items()))) for f in system.of("flow")}


def test_threat_composer_comes_back_without_loss() -> None:
    text = AGENT + (
        "assets:\n  - {id: orders, name: Orders}\n"
        "treatments:\n  - {threat: AI-016@orch, status: mitigated, evidence: test 7}\n"
    )
    system = read(text)
    found = analyse(system, RULES)
    written = threat_composer.write(system, found)
    back = read(write(read_other(written)[1]))
    assert not back.problems
    assert back.name == system.name
    assert [t.title for t in back.threats] == [t.title for t in found.threats]
    assert [t.stride for t in back.threats] == [t.stride for t in found.threats]
    assert {a.name for a in back.of("asset")} == {"Orders"}
    statuses = {t["statement"]: t["status"] for t in json.loads(written)["threats"]}
    done = next(t.title for t in found.threats if t.id == "AI-016@orch")
    assert statuses[done] == "threatResolved"


def test_otm_has_what_its_schema_asks_for() -> None:
    system = read(AGENT)
    body = json.loads(otm.write(system, analyse(system, RULES)))
    zones = {zone["id"] for zone in body["trustZones"]}
    assert body["otmVersion"] == "0.2.0"
    assert all(part["parent"]["trustZone"] in zones for part in body["components"])
    known = {threat["id"] for threat in body["threats"]}
    assert {t["threat"] for part in body["components"] for t in part.get("threats", ())} <= known


def test_cyclonedx_follows_the_draft_schema_of_threats(shared_data: Path) -> None:
    draft = json.loads(
        (shared_data / "threatmodels" / "cdx-threat-2.0-dev.schema.json").read_text()
    )
    # The draft's other files are not at hand: what it takes from them is only asked to be there.
    text = re.sub(r'"\$ref": "cyclonedx-[^"]+"', '"$comment": "elsewhere"', json.dumps(draft))
    schema = {"$defs": json.loads(text)["$defs"], "$ref": "#/$defs/threats"}
    system = read(AGENT)
    body = json.loads(cyclonedx.write(system, analyse(system, RULES)))
    wrong = [e.message for e in Draft202012Validator(schema).iter_errors(body["threats"])]
    assert wrong == []
    assert len(body["threats"]["threats"]) == len(analyse(system, RULES).threats)


def test_mermaid_that_we_drew_is_read_back() -> None:
    system = read(AGENT)
    made = read(write(read_other(diagram.mermaid(system, RULES.kinds))[1]))
    assert {e.name for e in made.of("component")} == {e.name for e in system.of("component")}
    assert len(list(made.of("flow"))) == len(list(system.of("flow")))


@pytest.mark.parametrize("model", ["cryptocurrency-wallet-threat-model.json",
                                   "GenAIChatbot.tc.json", "hashicorp-vault-threat-model.json",
                                   "ephemeral-browser-isolation-threat-model.json"])  # fmt: skip
def test_public_models_are_read(shared_data: Path, model: str) -> None:
    _, made = read_other((shared_data / "threatmodels" / model).read_text())
    system = read(write(made))
    assert not system.problems
    assert analyse(system, RULES).threats
    if model.startswith("GenAI"):
        assert len(system.threats) == 37
        assert len(list(system.of("asset"))) == len(made.assets) > 10
    else:
        assert len(list(system.of("flow"))) >= 10


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(sorted(FIXTURES)), st.data())
def test_a_changed_file_raises_nothing_else(name: str, data: st.DataObject) -> None:
    text = FIXTURES[name]
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, min(len(text), start + 12)))
    put = data.draw(
        st.sampled_from(["", "[", "{}", "null", ": 1", "&a", "*a", "\0", "<b>", '"', "-1"])
    )
    try:
        _, made = read_other(text[:start] + put + text[end:], name)
    except BadInput:
        return
    assert not read(write(made)).problems


@pytest.mark.parametrize("name", ['<script>alert(1)</script>', 'a: b # c', '"];x', "'", "{", "true",
                                  "a\nb", "é\u202e", "- x", "@x", "%", "~"])  # fmt: skip
def test_hostile_names_come_back_or_are_made_printable(name: str) -> None:
    made = Imported("x")
    made.component("a", name, "job")
    (component,) = read(write(made)).of("component")
    assert component.name == "".join(c if c.isprintable() else " " for c in name)


def test_ten_thousand_services_and_flows_are_bounded() -> None:
    services = "".join(f"  s{n}: {{image: x, depends_on: [s{n - 1}]}}\n" for n in range(1, 3000))
    _, made = read_other("services:\n  s0: {image: x}\n" + services, "compose")
    assert len(made.components) == 3000


def test_no_known_form_is_told() -> None:
    with pytest.raises(BadInput, match="no form"):
        read_other("hello")
