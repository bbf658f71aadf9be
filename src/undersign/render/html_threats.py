"""A threat model as one HTML page that needs nothing else: diagram, threats, questions, holes."""

from __future__ import annotations

from base64 import b64encode
from typing import Any

from undersign import __version__
from undersign.records.system import System
from undersign.records.threat import AiReferences, Analysis, Threat
from undersign.render import threat_words as words
from undersign.render.page import environment, style
from undersign.render.text_threats import summary


def render(system: System, analysis: Analysis, *, svg: str = "", signed: str = "") -> str:
    """Write the whole page; the same model gives the same bytes.

    `svg` is the diagram; it is shown as a picture, so nothing in it can run. `signed` says in words
    who signed the model. Every name is of others and is escaped.
    """
    picture = f"data:image/svg+xml;base64,{b64encode(svg.encode()).decode()}" if svg else ""
    return (
        environment()
        .get_template("threats.html.j2")
        .render(
            system=system,
            signed=signed,
            summary=summary(analysis),
            picture=picture,
            threats=[_threat(one) for one in analysis.threats],
            questions=_questions(analysis),
            crossings=analysis.crossings,
            references=[_references(one) for one in analysis.ai],
            proposals=[(p.id, words.proposal(p), words.origin(p)) for p in system.proposals],
            version=__version__,
            style=style(),
        )
    )


def _threat(one: Threat) -> dict[str, Any]:
    return {
        "threat": one,
        "facts": [words.fact(fact) for fact in one.facts],
        "stride": words.stride(one),
        "references": words.references(one),
        "status": words.status(one),
    }


def _questions(analysis: Analysis) -> list[tuple[str, list[tuple[str, str]]]]:
    by_element: dict[str, list[tuple[str, str]]] = {}
    for one in analysis.questions:
        facts = ", ".join(f"{fact.element}.{fact.fact}" for fact in one.unknown)
        by_element.setdefault(one.element_name, []).append((one.text, facts))
    return list(by_element.items())


def _references(one: AiReferences) -> dict[str, Any]:
    return {"one": one, "llm": [(e, ", ".join(ids)) for e, ids in words.llm(one.llm).items()]}
