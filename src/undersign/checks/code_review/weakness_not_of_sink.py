"""The check `weakness-not-of-sink`."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterator, Sequence

from undersign.catalogs.weaknesses import Weaknesses, ids_in
from undersign.checks.reading.code_lines import calls_in, statements_at
from undersign.checks.reading.wording import listed, quoted
from undersign.checks.spec import CannotRun, DoesNotApply
from undersign.records.candidate import Candidate
from undersign.records.code import Code
from undersign.records.finding import Fault, Seen
from undersign.records.flow import Flow, Flows, akin

_OF_SINKS = frozenset(
    {
        "sql-injection", "command-injection", "code-injection", "path-traversal",
        "cross-site-scripting", "template-injection", "open-redirect",
        "server-side-request-forgery", "xml-external-entity", "unsafe-deserialization",
        "ldap-injection", "xpath-injection", "nosql-injection",
    }
)  # fmt: skip
"""Kinds of fault that a call of a certain sort is needed for."""

_PLAIN = (
    frozenset(dir(builtins)) | frozenset(dir(str)) | frozenset(dir(list)) | frozenset(dir(dict))
)
_FETCHES = frozenset({"fetchone", "fetchall", "fetchmany", "cursor", "connect", "commit", "close"})
"""Calls that are no sink of anything, whoever defines them."""


def weakness_not_of_sink(
    candidate: Candidate, flows: Flows, weaknesses: Weaknesses, code: Code | None
) -> Iterator[Fault | Seen]:
    """Report a kind of fault that the call at this place cannot have.

    Only where every call of these lines is known, and none is of the kind that is claimed.
    """
    ids = [i for text in candidate.cwe for i in ids_in(text)]
    claimed = candidate.category or weaknesses.category_of(ids, "")
    if claimed not in _OF_SINKS:
        raise DoesNotApply
    if candidate.file not in flows.analysed:
        raise CannotRun("data flow", flows.unread.get(candidate.file, "its file was not analysed"))
    place = candidate.file, candidate.line, candidate.last_line
    here = flows.at(*place, "")
    of_kind = [flow for flow in here if akin(flow.category, claimed)]
    if of_kind:
        yield Seen(f"{quoted(of_kind[0].sink)} is a call that {claimed} needs")
        return
    if flows.through(*place, claimed):
        yield Seen(f"a way to a call that {claimed} needs passes here")
        return
    others = sorted({flow.category for flow in here if flow.category in _OF_SINKS})
    if not others:
        raise CannotRun("a known sink", "no call at this place is one that data flow knows")
    if why := _open_question(candidate, claimed, here, code):
        raise CannotRun("a known sink", why)
    sinks = list(dict.fromkeys(flow.sink for flow in here if flow.category in others))
    yield Fault(
        f"what is called here, {listed(map(quoted, sinks))}, can be {listed(others, 'or')}, "
        f"not {claimed}",
        evidence={"sinks": sinks, "categories": others},
    )


def _open_question(
    candidate: Candidate, claimed: str, here: Sequence[Flow], code: Code | None
) -> str:
    """Say what on these lines may yet be of the claimed kind; empty when nothing may."""
    file = code.file(candidate.file) if code else None
    if file is None:
        return "its code is not at hand"
    sinks = {flow.sink for flow in here}
    for node in statements_at(file.text, candidate.line, candidate.last_line):
        if claimed == "cross-site-scripting" and isinstance(node, ast.Return):
            return "what is returned here may be a page"
        for name in calls_in(node):
            last = name.rpartition(".")[2]
            if name not in sinks and last not in _PLAIN and last not in _FETCHES:
                return f"what {quoted(name)} does is not known"
    return ""
