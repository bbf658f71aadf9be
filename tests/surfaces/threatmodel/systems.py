"""Systems to test with: one like a real one, and many that chance makes of all kinds and facts."""

from __future__ import annotations

from random import Random

from undersign.catalogs import threat_rules
from undersign.surfaces.threatmodel.analysis import known_facts

AGENT = """\
name: Support assistant
boundaries:
  - {id: internet, name: Internet}
  - {id: app, name: App network, owner: platform}
  - {id: vendor, name: Model vendor}
components:
  - {id: cust, name: Customer, kind: person, trust: untrusted, boundary: internet}
  - {id: ui, name: Chat widget, kind: ui.renderer, boundary: internet, interprets: HTML}
  - {id: orch, name: Ticket agent, kind: ai.agent, boundary: app, identity: shared, loops: true}
  - {id: llm, name: Hosted model, kind: ai.model, boundary: vendor, hosted_by_third_party: true}
  - {id: rag, name: Help index, kind: ai.rag_store, boundary: app, data_class: confidential}
  - {id: wiki, name: Public wiki, kind: external, trust: untrusted, boundary: internet}
  - {id: mail, name: Mail tool, kind: ai.tool, boundary: app, writes: true, egress: any}
  - {id: shop, name: Shop API, kind: web.api, boundary: app, multi_tenant: true}
  - {id: db, name: Orders, kind: store.sql, boundary: app, data_class: personal}
flows:
  - {from: cust, to: ui, data: chat, encrypted: true}
  - {from: ui, to: orch, data: chat, encrypted: true, authenticated: true}
  - {from: orch, to: llm, data: ticket, data_class: personal}
  - {from: llm, to: orch, data: completion}
  - {from: wiki, to: rag, data: articles}
  - {from: rag, to: orch, data: passages}
  - {from: orch, to: mail, data: call}
  - {from: orch, to: ui, data: answer, output_validated: false}
  - {from: ui, to: shop, data: orders}
  - {from: shop, to: db, data: orders}
"""
VALUES = ("true", "false", "unknown", "personal", "confidential", "any", "shared", "untrusted")


def any_system(seed: int, components: int = 12) -> str:
    """Return a description that chance made: kinds, facts, boundaries and flows of all sorts."""
    rng = Random(seed)
    rules = threat_rules.load()
    facts = sorted(known_facts(rules) - {"stored_in", "frontier_policy"})
    lines = ["name: Chance", "boundaries:", "  - {id: b0, name: Outer}", "  - {id: b1, name: In}"]
    lines.append("components:")
    for n in range(components):
        said = {fact: rng.choice(VALUES) for fact in rng.sample(facts, rng.randint(0, 14))}
        parts = [f"id: c{n}", f"name: Part {n}", f"kind: {rng.choice(sorted(rules.kinds))}"]
        parts += [f"boundary: b{rng.randint(0, 1)}"] if rng.random() < 0.9 else []
        lines.append("  - {" + ", ".join([*parts, *(f"{k}: {v}" for k, v in said.items())]) + "}")
    lines.append("flows:")
    for _ in range(components * 2):
        said = {fact: rng.choice(VALUES) for fact in rng.sample(facts, rng.randint(0, 5))}
        ends = [f"from: c{rng.randrange(components)}", f"to: c{rng.randrange(components)}"]
        lines.append("  - {" + ", ".join([*ends, *(f"{k}: {v}" for k, v in said.items())]) + "}")
    return "\n".join(lines) + "\n"
