"""Rules over a system: threats that name what they rest on, and questions where nobody said."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from string import Formatter

from undersign.catalogs.threat_rules import SEVERITIES, Rule, Rules
from undersign.records.system import Element, ExtraThreat, System, Treatment
from undersign.records.threat import Analysis, Cited, Crossing, Question, Threat
from undersign.surfaces.threatmodel.conditions import NAMES, Verdict, evaluate, parse
from undersign.surfaces.threatmodel.graph import Graph
from undersign.surfaces.threatmodel.references import ai_references

STRUCTURE = frozenset(
    {
        "trust", "data", "data_class", "sanitized", "stored_in", "encrypted", "description", "tags",
        "purpose", "owner", "supplier", "model", "frontier_policy", "own_model", "interprets",
        "third_party", "writes", "image", "pinned_image", "described", "ports", "url", "protocol",
        "verified_on",
    }
)  # fmt: skip
"""Facts that say what an element is, whether or not a rule asks for them."""


def analyse(system: System, rules: Rules) -> Analysis:
    """Hold every rule against every element it is for; the same system gives the same answer."""
    graph = Graph(system, rules.kinds)
    threats: list[Threat] = []
    questions: list[Question] = []
    treatments = {one.threat: one for one in system.treatments}
    functions = graph.functions()
    for rule, element in _pairs(system, rules):
        ends = graph.ends(element) if element.sort == "flow" else {}
        verdict = evaluate(parse(rule.when, NAMES[rule.on]), element, ends, functions)
        if verdict.truth is False:
            continue
        words = _words(element, graph, verdict)
        if verdict.truth is None:
            questions.append(_question(rule, element, words, verdict))
            continue
        threats.append(_threat(rule, element, words, verdict))
    threats += [_extra(one, system) for one in system.threats]
    treated = [_treated(one, treatments) for one in threats]
    treated.sort(key=lambda one: (SEVERITIES.index(one.severity), one.id))
    questions.sort(key=lambda one: (SEVERITIES.index(one.severity), one.id))
    asked = tuple(_asked_once(questions))
    return Analysis(
        threats=tuple(treated),
        questions=asked,
        crossings=tuple(_crossings(system, graph, treated)),
        ai=tuple(ai_references(system, treated, questions, rules)),
        known_facts=known_facts(rules),
        known_kinds=rules.kinds,
    )


def known_facts(rules: Rules) -> frozenset[str]:
    """Return every fact and control that a rule asks for, and those of the structure."""
    asked = (part.fact for rule in rules.rules for part in parse(rule.when, NAMES[rule.on]))
    return STRUCTURE | {fact for fact in asked if fact}


def controls(rules: Rules) -> frozenset[str]:
    """Return the facts that would help if they were there."""
    return frozenset(
        part.fact
        for rule in rules.rules
        for part in parse(rule.when, NAMES[rule.on])
        if part.is_control
    )


def _pairs(system: System, rules: Rules) -> Iterator[tuple[Rule, Element]]:
    by_sort: dict[str, list[Element]] = {}
    for element in system.elements:
        by_sort.setdefault(element.sort, []).append(element)
    by_kind: dict[str, list[Element]] = {}
    for component in by_sort.get("component", ()):
        by_kind.setdefault(component.kind, []).append(component)
    for rule in rules.rules:
        if rule.on != "component":
            yield from ((rule, element) for element in by_sort.get(rule.on, ()))
            continue
        for kind, components in by_kind.items():
            if rules.of_kind(rule, kind):
                yield from ((rule, element) for element in components)


class _Blanks(dict[str, str]):
    """Words for a template; what is not known there is told in general words."""

    def __missing__(self, key: str) -> str:
        return {"src": "a caller", "via": "its sources", "tools": "its tools"}.get(key, "that")


def _words(element: Element, graph: Graph, verdict: Verdict) -> Mapping[str, str]:
    words = _Blanks(c=element.name, b=element.name, m=element.name)
    if element.sort == "flow":
        ends = graph.ends(element)
        source, target = ends["source"], ends["target"]
        places = (graph.boundaries.get(e.boundary) for e in (source, target))
        words |= {
            "f": graph.named(element),
            "src": source.name,
            "dst": target.name,
            "data": str(element.facts.get("data") or "data"),
            "class": str(element.facts.get("data_class") or ""),
            "how": str(target.facts.get("interprets") or ""),
            "boundary": " and ".join(p.name if p else "no boundary" for p in places),
        }
    elif graph.into.get(element.id):
        words["src"] = graph.components[graph.into[element.id][0].source].name
    names = element.facts.get("observed_unlisted")
    if isinstance(names, tuple):
        words["names"] = ", ".join(names)
    words |= dict(verdict.words or {})
    return words


def _filled(template: str, words: Mapping[str, str]) -> str:
    """Fill a template's names in; only plain `{name}` is known, nothing is looked up by it."""
    parts = []
    for text, name, _, _ in Formatter().parse(template):
        parts.append(text)
        if name:
            parts.append(words[name])
    return "".join(parts)


def _threat(rule: Rule, element: Element, words: Mapping[str, str], verdict: Verdict) -> Threat:
    return Threat(
        id=f"{rule.id}@{element.id}",
        rule=rule.id,
        element=element.id,
        element_name=words["f"] if element.sort == "flow" else element.name,
        title=_filled(rule.threat, words),
        severity=rule.severity,
        facts=verdict.cited,
        because=verdict.because,
        stride=rule.stride,
        linddun=rule.linddun,
        references=rule.references,
        mitigations=tuple(_filled(one, words) for one in rule.mitigations),
        question=_filled(rule.question, words),
    )


def _question(rule: Rule, element: Element, words: Mapping[str, str], verdict: Verdict) -> Question:
    return Question(
        id=f"{rule.id}@{element.id}",
        rule=rule.id,
        element=element.id,
        element_name=words["f"] if element.sort == "flow" else element.name,
        text=_filled(rule.question, words),
        unknown=verdict.unknown,
        severity=rule.severity,
    )


def _asked_once(questions: Sequence[Question]) -> Iterator[Question]:
    """Yield each question once: what the same facts decide is one question."""
    by_facts: dict[tuple[Cited, ...], list[Question]] = {}
    for one in questions:
        by_facts.setdefault(one.unknown, []).append(one)
    for first, *others in by_facts.values():
        yield replace(first, also=tuple(one.id for one in others))


def _extra(one: ExtraThreat, system: System) -> Threat:
    element = system.get(one.element)
    value = element.facts.get(one.fact) if element else None
    return Threat(
        id=one.id,
        rule="",
        element=one.element,
        element_name=element.name if element else one.element,
        title=one.title,
        severity="medium",
        facts=(Cited(one.element, one.fact, value),),
        stride=one.stride,
        references={"stated": one.references} if one.references else {},
        by=one.by or "a person",
    )


def _treated(one: Threat, treatments: Mapping[str, Treatment]) -> Threat:
    found = treatments.get(one.id)
    return replace(one, treatment=found) if found is not None else one


def _crossings(system: System, graph: Graph, threats: Sequence[Threat]) -> Iterator[Crossing]:
    on: dict[str, list[str]] = {}
    for one in threats:
        on.setdefault(one.element, []).append(one.id)
    waived = {one.element for one in system.waivers if one.what == "crossing"}
    for flow in graph.flows:
        if not graph.crosses(flow):
            continue
        ends = graph.ends(flow)
        found = (*on.get(flow.id, ()), *on.get(flow.target, ()))
        between = (ends["source"].boundary, ends["target"].boundary)
        yield Crossing(flow.id, graph.named(flow), between, found, flow.id in waived)
