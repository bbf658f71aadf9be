"""The check `duplicate-candidate`."""

from __future__ import annotations

from collections.abc import Iterator

from undersign.catalogs.weaknesses import ids_in
from undersign.checks.reading.code_lines import statement_at
from undersign.checks.reading.wording import quoted
from undersign.records.candidate import Candidate
from undersign.records.code import Code
from undersign.records.finding import Fault, Seen
from undersign.records.flow import akin
from undersign.records.others import Others

_REACH = 60
"""Lines between two places that may still be one statement."""


def duplicate_candidate(
    candidate: Candidate, others: Others, code: Code | None
) -> Iterator[Fault | Seen]:
    """Report a candidate that says of the same code what another one said already."""
    for id_, other in others.candidates:
        if other.file != candidate.file or not _alike(candidate, other):
            continue
        where = f"line {other.line:,}" if other.line else "this file"
        if _overlap(candidate, other):
            message = f"{quoted(other.origin)} says the same of {where}"
        elif code and _one_statement(candidate, other, code):
            message = f"{quoted(other.origin)} says the same of {where}, the same statement"
        else:
            continue
        yield Fault(message, evidence={"of": id_, "origin": other.origin})
        return


def _alike(one: Candidate, other: Candidate) -> bool:
    """Say whether both speak of the same kind of fault."""
    if one.category and other.category:
        return akin(one.category, other.category)
    if one.category or other.category:
        return False
    mine, theirs = ({i for text in c.cwe for i in ids_in(text)} for c in (one, other))
    same_rule = bool(one.rule) and (one.rule, one.origin) == (other.rule, other.origin)
    return bool(mine & theirs) or same_rule


def _overlap(one: Candidate, other: Candidate) -> bool:
    return one.line <= other.last_line and other.line <= one.last_line


def _one_statement(one: Candidate, other: Candidate, code: Code) -> bool:
    """Say whether both places are in one statement of Python; no other language is read for it."""
    file = code.file(one.file)
    if file is None or file.language != "python" or not (one.line and other.line):
        return False
    if abs(one.line - other.line) > _REACH:
        return False
    mine = statement_at(file.text, one.line)
    return mine is not None and mine == statement_at(file.text, other.line)
