"""A threat model as Markdown: diagram, threats with what they rest on, references, questions."""

from __future__ import annotations

from collections.abc import Iterator

from undersign.records.system import System
from undersign.records.threat import Analysis, Threat
from undersign.render import threat_words as words
from undersign.render.markdown_review import plain as _e
from undersign.render.text_threats import summary


def render(system: System, analysis: Analysis, mermaid: str) -> str:
    """Write the report; names of the description are data and are escaped."""
    parts = [
        f"# Threat model: {_e(system.name)}",
        "",
        summary(analysis) + ".",
        "",
        "```mermaid",
        mermaid.rstrip(),
        "```",
        "",
        "## Threats",
        "",
        "| Id | Severity | Threat | Rests on | STRIDE | Decided |",
        "|---|---|---|---|---|---|",
        *map(_row, analysis.threats),
        "",
        "## Mitigations",
        "",
        *_mitigations(analysis),
        "",
        "## Questions for the whiteboard",
        "",
        *_questions(analysis),
        "",
        "## Flows across boundaries",
        "",
        "| Flow | From | To | Threats |",
        "|---|---|---|---|",
        *_crossings(analysis),
        "",
        "## References of AI components",
        "",
        "| Component | OWASP LLM Top 10 (1.1 / 2025 / 2026) | ATLAS | AI RMF | Supplier's policy |",
        "|---|---|---|---|---|",
        *_references(analysis),
        *_drafted(system),
    ]
    return "\n".join(parts) + "\n"


def _row(one: Threat) -> str:
    facts = "; ".join(words.fact(fact) for fact in one.facts)
    cells = (one.id, one.severity, one.title, facts, words.stride(one), words.status(one))
    return f"| {' | '.join(map(_e, cells))} |"


def _mitigations(analysis: Analysis) -> Iterator[str]:
    for one in analysis.threats:
        if one.mitigations:
            references = ", ".join(words.references(one))
            yield f"- **{_e(one.id)}**: {_e('; '.join(one.mitigations))} ({_e(references)})"
    if not any(one.mitigations for one in analysis.threats):
        yield "None."


def _questions(analysis: Analysis) -> Iterator[str]:
    for one in analysis.questions:
        facts = ", ".join(f"{fact.element}.{fact.fact}" for fact in one.unknown)
        yield f"- {_e(one.text)} ({_e(facts)})"
    if not analysis.questions:
        yield "None: every fact is stated."


def _crossings(analysis: Analysis) -> Iterator[str]:
    for one in analysis.crossings:
        threats = ", ".join(one.threats) or ("waived" if one.waived else "none")
        yield f"| {' | '.join(map(_e, (one.name, *one.boundaries, threats)))} |"


def _drafted(system: System) -> Iterator[str]:
    if system.proposals:
        yield from ("", "## Drafted from documents", "")
    for one in system.proposals:
        yield f"- **{_e(one.id)}** {_e(words.proposal(one))} ({_e(words.origin(one))})"


def _references(analysis: Analysis) -> Iterator[str]:
    for one in analysis.ai:
        editions = " / ".join(", ".join(ids) or "none" for ids in words.llm(one.llm).values())
        policy = one.policy or ("waived" if "frontier_policy" in one.waived else "MISSING")
        if one.policy_verified:
            policy += f", verified {one.policy_verified}"
        elif one.is_unverified:
            policy += " (unverified)"
        cells = (one.name, editions, ", ".join(one.atlas), ", ".join(one.ai_rmf), policy)
        yield f"| {' | '.join(map(_e, cells))} |"
