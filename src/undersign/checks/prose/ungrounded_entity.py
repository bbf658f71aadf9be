"""ungrounded-entity: a user, host, address or name that is not in the cited evidence."""

from __future__ import annotations

import re
from collections.abc import Iterator
from difflib import get_close_matches

from undersign.checks.prose.reading.cited import Cited, Reader, known_names, things_of
from undersign.checks.prose.reading.compare import has_other_role, is_grounded, is_in_text
from undersign.checks.prose.reading.stated import Thing, stated
from undersign.records.document import Document
from undersign.records.evidence import CaseFile
from undersign.records.finding import Fault, Severity
from undersign.records.timeline import Timeline

_ROLES = {
    "address": ("address",), "event": ("event",), "region": ("region",), "hash": ("hash",),
    "path": ("file", "process"), "camel": ("action", "error"), "account": ("actor", "target"),
    "email": ("actor", "target"), "arn": ("target", "actor"),
}  # fmt: skip
_TECHNOLOGY = frozenset(
    [
        "PowerShell",
        "CloudTrail",
        "GuardDuty",
        "GitHub",
        "GitLab",
        "JavaScript",
        "TypeScript",
        "OpenSSH",
        "WordPress",
        "MySQL",
        "PostgreSQL",
        "MongoDB",
        "OpenSearch",
        "ElasticSearch",
        "DevOps",
        "PagerDuty",
        "StatusPage",
        "CloudFront",
        "CloudWatch",
        "OneDrive",
        "SharePoint",
        "MacOS",
        "YouTube",
        "LinkedIn",
        "BitBucket",
        "TeamCity",
        "CircleCI",
        "SysMon",
        "WireGuard",
        "OpenVPN",
        "VMware",
        "DynamoDB",
        "OAuth",
    ]
)
_BEFORE_A_NAME = {"on", "by", "from", "to", "as", "of", "for", "host", "user", "server", ""}
"""Words before what is named, however short it is: `on mx1`, and not `the mx1 record`."""
_SHOUTED = re.compile(r"[A-Z]{2,4}\d?")
"""Abbreviations such as S3 or EC2: names of technology, and not of this incident's things."""


def ungrounded_entity(
    document: Document, case: CaseFile, timeline: Timeline | None
) -> Iterator[Fault]:
    """Look for every name of a sentence in the typed fields of the evidence it cites."""
    reader = Reader(case, timeline)
    names = known_names(case)
    for sentence in document.sentences:
        cited = reader.cited(sentence) if sentence.cited else None
        if cited is None or not cited.evidence:
            continue
        said = stated(sentence.text)
        for thing in things_of(said, names):
            fault = _fault(thing, cited)
            if fault is not None:
                message, severity, suggestion = fault
                yield Fault(
                    message,
                    document.span(sentence.start + thing.start, sentence.start + thing.end),
                    evidence={"evidence": list(sentence.cited)},
                    severity=severity,
                    suggestion=suggestion,
                )


def _fault(thing: Thing, cited: Cited) -> tuple[str, Severity | None, str | None] | None:
    if is_grounded(thing, cited):
        other = has_other_role(thing, cited)
        if other is None:
            return None
        return (f"says {thing.before} {thing.value!r}, which is the {other} in the evidence", None,
                None)  # fmt: skip
    if thing.kind in ("hostlike", "dashed", "id", "camel") and _is_technology(thing):
        return None
    if is_in_text(thing, cited):
        if thing.kind in ("address", "event", "region") and not cited.messages:
            return (f"{thing.value!r} stands in the line, but not in a typed field of it",
                    Severity.WARNING, None)  # fmt: skip
        return None
    if thing.kind == "quoted" and len(thing.value.split()) > 3:
        return (f"quotes {thing.value[:60]!r}, and the evidence does not have these words", None,
                None)  # fmt: skip
    real = _real(thing, cited)
    near = get_close_matches(thing.value.casefold(), [r.casefold() for r in real], 1, 0.6)
    shown = ", ".join(map(repr, real[:3]))
    message = f"{thing.value!r} is not in the evidence it cites"
    return (f"{message}, which says {shown}" if shown else message, None,
            near[0] if near else real[0] if len(real) == 1 else None)  # fmt: skip


def _is_technology(thing: Thing) -> bool:
    short = len(thing.value) <= 3 and thing.before not in _BEFORE_A_NAME
    return thing.value in _TECHNOLOGY or bool(_SHOUTED.fullmatch(thing.value)) or short


def _real(thing: Thing, cited: Cited) -> list[str]:
    roles = _ROLES.get(thing.kind, ("actor", "target", "host", "action", "process"))
    found: dict[str, None] = {}
    for one in cited.evidence:
        for role in roles:
            found |= dict.fromkeys(one.facts.get(role, ()))
    return list(found)
