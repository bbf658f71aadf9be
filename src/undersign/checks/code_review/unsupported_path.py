"""The check `unsupported-path`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict

from undersign.checks.spec import CannotRun, DoesNotApply
from undersign.records.candidate import Candidate
from undersign.records.finding import Fault, Seen
from undersign.records.flow import REFUTED, SUPPORTED, Flow, Flows

_FOLLOWED = frozenset(
    {
        "sql-injection", "command-injection", "code-injection", "path-traversal",
        "cross-site-scripting", "template-injection", "open-redirect",
        "server-side-request-forgery", "xml-external-entity", "unsafe-deserialization",
        "ldap-injection", "xpath-injection", "nosql-injection", "header-injection",
        "log-injection", "regex-denial", "trust-boundary", "weak-hash", "weak-cipher",
        "weak-random", "insecure-cookie", "debug-enabled", "disabled-tls-verification",
        "insecure-permissions", "llm-output-handling", "excessive-agency",
    }
)  # fmt: skip


def unsupported_path(candidate: Candidate, flows: Flows) -> Iterator[Fault | Seen]:
    """Verify that what somebody else chose can reach the place that a candidate names.

    Refuted: at every sink of this kind on these lines all that arrives was seen, and is constant,
    made harmless, or in a branch that never runs.
    """
    if candidate.category not in _FOLLOWED:
        raise DoesNotApply
    here = _here(candidate, flows)
    shown = next((f for f in here if f.verdict == SUPPORTED), None)
    if shown is not None:
        yield Seen(shown.why, evidence={**_evidence(shown), "source": shown.source_kind})
    elif candidate.file not in flows.analysed:
        why = flows.unread.get(candidate.file, "data flow was not followed in this file")
        raise CannotRun("data flow", why)
    elif here and all(f.verdict == REFUTED for f in here):
        for flow in here[:1]:
            yield Fault(f"refuted: {flow.why}", evidence=_evidence(flow))
    else:
        why = here[0].why if here else "no call at this place is one that data flow knows"
        raise CannotRun("a path", f"not shown: {why}")


def _here(candidate: Candidate, flows: Flows) -> list[Flow]:
    if candidate.category == "llm-output-handling":
        return [f for f in flows.at(candidate.file, candidate.line, candidate.last_line, "")
                if f.source_kind == "model-reply"]  # fmt: skip
    place = candidate.file, candidate.line, candidate.last_line, candidate.category
    return [*flows.at(*place), *flows.through(*place)]


def _evidence(flow: Flow) -> dict[str, object]:
    return {"sink": flow.sink, "steps": [asdict(step) for step in flow.steps]}
