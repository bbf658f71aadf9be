"""The four references of every AI component: LLM Top 10, ATLAS, AI RMF, the supplier's policy."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from undersign.catalogs.threat_rules import Rules
from undersign.records.system import Element, System
from undersign.records.threat import (
    NO_DEPENDENCY,
    OWN_MODEL,
    AiReferences,
    Question,
    Threat,
)
from undersign.surfaces.threatmodel.graph import is_ai

MODEL_KINDS = ("ai.model", "ai.base_model", "ai.adapter", "ai.code_assistant")
"""Kinds that depend on a supplier's model; for the others there is no supplier to have a policy."""


def ai_references(
    system: System, threats: Sequence[Threat], questions: Sequence[Question], rules: Rules
) -> Iterator[AiReferences]:
    """Yield the references of each AI component.

    Those of the threats and questions about it; where no rule says anything of it, those of the
    rules for its kind.
    """
    by_rule = {rule.id: rule for rule in rules.rules}
    about: dict[str, list[str]] = {}
    for element, rule in [(t.element, t.rule) for t in threats] + [
        (q.element, q.rule) for q in questions
    ]:
        about.setdefault(element, []).append(rule)
    waived: dict[str, list[str]] = {}
    for waiver in system.waivers:
        waived.setdefault(waiver.element, []).append(waiver.what)
    for component in system.of("component"):
        if not is_ai(component):
            continue
        asked = [by_rule[name] for name in about.get(component.id, ()) if name in by_rule]
        asked = asked or [rule for rule in rules.rules if rules.of_kind(rule, component.kind)]
        found = {
            key: tuple(sorted({i for rule in asked for i in rule.references.get(key, ())}))
            for key in ("llm", "atlas", "ai_rmf")
        }
        policy, verified = policy_of(component)
        yield AiReferences(
            component.id, component.name, found["llm"], found["atlas"], found["ai_rmf"],
            policy, verified, tuple(waived.get(component.id, ())),
        )  # fmt: skip


def policy_of(component: Element) -> tuple[str, str]:
    """Return a component's frontier policy in words, and by whom and when it was verified."""
    if component.kind not in MODEL_KINDS:
        return NO_DEPENDENCY, ""
    if component.facts.get("own_model") is True:
        return OWN_MODEL, ""
    stated = component.facts.get("frontier_policy")
    if isinstance(stated, str):
        return stated, ""
    if not isinstance(stated, tuple):
        return "", ""
    record = dict(one.split("=", 1) for one in stated if "=" in one)
    parts = [record.get(key, "") for key in ("supplier", "policy", "version", "level")]
    words = " ".join(part for part in parts if part)
    verified = record.get("verified_on"), record.get("verified_by"), record.get("sha256")
    return words, f"on {verified[0]} by {verified[1]}" if all(verified) else ""
