"""The check `weakness-not-of-sink`."""

from __future__ import annotations

from collections.abc import Iterator

from undersign.checks.spec import CannotRun, DoesNotApply
from undersign.records.candidate import Candidate
from undersign.records.finding import Fault, Seen
from undersign.records.flow import Flows, akin

_OF_SINKS = frozenset(
    {
        "sql-injection", "command-injection", "code-injection", "path-traversal",
        "cross-site-scripting", "template-injection", "open-redirect",
        "server-side-request-forgery", "xml-external-entity", "unsafe-deserialization",
        "ldap-injection", "xpath-injection", "nosql-injection",
    }
)  # fmt: skip


def weakness_not_of_sink(candidate: Candidate, flows: Flows) -> Iterator[Fault | Seen]:
    """Report a kind of fault that the call at this place cannot have."""
    if candidate.category not in _OF_SINKS:
        raise DoesNotApply
    if candidate.file not in flows.analysed:
        why = flows.unread.get(candidate.file, "its file was not analysed")
        raise CannotRun("data flow", why)
    here = flows.at(candidate.file, candidate.line, candidate.last_line, "")
    if any(akin(flow.category, candidate.category) for flow in here):
        yield Seen(f"{here[0].sink} is a call that {candidate.category} needs")
        return
    if flows.through(candidate.file, candidate.line, candidate.last_line, candidate.category):
        yield Seen(f"a way to a call that {candidate.category} needs passes here")
        return
    others = sorted({flow.category for flow in here if flow.category in _OF_SINKS})
    if not others:
        raise CannotRun("a known sink", "no call at this place is one that was looked for")
    yield Fault(
        f"what is called here ({here[0].sink}) can be {', '.join(others)}, "
        f"not {candidate.category}",
        evidence={"sink": here[0].sink, "categories": others},
    )
