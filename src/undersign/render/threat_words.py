"""Words that every form of a threat model shares."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from undersign.catalogs import owasp
from undersign.records.system import Proposal
from undersign.records.threat import Analysis, Cited, Threat

STRIDE = {
    "S": "spoofing",
    "T": "tampering",
    "R": "repudiation",
    "I": "information disclosure",
    "D": "denial of service",
    "E": "elevation of privilege",
}
LLM_EDITIONS = ("1.1", "2025", "2026")


def stride(threat: Threat) -> str:
    """Write the categories of a threat: `spoofing, tampering`."""
    return ", ".join(STRIDE[letter] for letter in threat.stride if letter in STRIDE)


def fact(one: Cited) -> str:
    """Write a fact: `shop.rate_limit: not said (a control that would help)`."""
    told = {None: "not said", True: "true", False: "false"}
    value = one.value
    said = told[value] if value is None or isinstance(value, bool) else str(value)
    return f"{one.element}.{one.fact}: {said}{' (it would help)' if one.is_control else ''}"


def llm(concepts: Iterable[str]) -> dict[str, list[str]]:
    """Return the ids of concepts of the LLM Top 10 by edition: a number alone means nothing."""
    lists = owasp.load()
    keys = tuple(concepts)
    return {
        edition: sorted({one for key in keys for one in lists.of_concept(key, edition)})
        for edition in LLM_EDITIONS
    }


def references(threat: Threat) -> list[str]:
    """Return every id a threat refers to, those of the LLM list in the newest edition here."""
    found = [one for key, ids in threat.references.items() if key != "llm" for one in ids]
    return llm(threat.references.get("llm", ()))[LLM_EDITIONS[-1]] + found


def status(threat: Threat) -> str:
    """Write what was decided about a threat."""
    if threat.treatment is None:
        return "nobody has decided"
    one = threat.treatment
    parts = [one.status, f"by {one.owner}" if one.owner else "", one.evidence or one.reason]
    if one.expires is not None:
        parts.append(f"until {one.expires}")
    return ", ".join(part for part in parts if part)


def counts(analysis: Analysis) -> Mapping[str, int]:
    """Return how many threats there are of each severity, the most severe first."""
    severities = ("critical", "high", "medium", "low")
    return {
        name: number
        for name in severities
        if (number := sum(one.severity == name for one in analysis.threats))
    }


def proposal(one: Proposal) -> str:
    """Write what a drafter read: `component db (store.sql): Orders`, `api.rate_limit: True`."""
    if one.sort == "fact":
        return f"{one.element}.{one.fact}: {one.value}"
    if one.sort == "flow":
        return f"flow {one.source} to {one.target}"
    kind = f" ({one.kind})" if one.kind else ""
    return f"{one.sort} {one.element}{kind}: {one.name}"


def origin(one: Proposal) -> str:
    """Write where a drafter read it, and who judged it."""
    judged = f"judged by {one.judged_by}" if one.judged_by else "nobody has judged it"
    return f'"{one.quote}" in {one.document}, read by {one.by}; {judged}'
