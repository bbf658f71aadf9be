"""From a drafter's reply to candidates: slots, nothing else, each with its quote."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from undersign.records.candidate import Candidate
from undersign.records.code import Code
from undersign.surfaces.review.imports.texts import path_of

SLIP = 3
"""Lines by which models count wrong."""


def candidates_of(slots: Mapping[str, Any], drafter: str) -> list[Candidate]:
    """Return the candidates of a reply that fits its form, each at the line that it claims."""
    return [_candidate(one, drafter) for one in slots.get("findings", ())]


def at_their_quotes(candidates: list[Candidate], code: Code) -> tuple[list[Candidate], int]:
    """Move candidates that miscount by a few lines to their quote; return also how many were.

    A model that names line 12 for code at line 14 means the code, and every check should look
    there. A quote that is further away, or nowhere, stays where it is claimed: that is a fault, and
    `misquoted-code` tells it.
    """
    moved = [_moved(one, code) for one in candidates]
    return moved, sum(a.line != b.line for a, b in zip(candidates, moved, strict=True))


def _moved(one: Candidate, code: Code) -> Candidate:
    source = code.file(one.file)
    wanted = [line.strip() for line in _lines(one.quote.strip("\r\n"))]
    if source is None or not any(wanted):
        return one
    lines = _lines(source.text)
    near = range(max(one.line - SLIP, 1), one.line + SLIP + 1)
    found = [n for n in near if _stands(wanted, lines, n)]
    if not found or one.line in found:
        return one
    line = min(found, key=lambda n: abs(n - one.line))
    return replace(one, line=line, end_line=line + len(wanted) - 1)


def _stands(wanted: list[str], lines: list[str], at: int) -> bool:
    here = [line.strip() for line in lines[at - 1 : at - 1 + len(wanted)]]
    if len(here) < len(wanted):
        return False
    if len(wanted) == 1:
        return wanted[0] in here[0]
    inner = here[1:-1] == wanted[1:-1]
    return inner and here[0].endswith(wanted[0]) and here[-1].startswith(wanted[-1])


def _lines(text: str) -> list[str]:
    return text.replace("\r\n", "\n").replace("\r", "\n").split("\n")


def _candidate(one: Mapping[str, Any], drafter: str) -> Candidate:
    path, _ = path_of(str(one["file"]))
    category = str(one["category"])
    quote = str(one["quote"])
    return Candidate(
        file=path or "?",
        line=int(one["line"]),
        end_line=int(one["line"]) + quote.strip().count("\n"),
        message=str(one["message"]),
        origin=drafter,
        quote=quote,
        category="" if category == "other" else category,
        cwe=(str(one["cwe"]),) if one.get("cwe") else (),
        owasp=(str(one["owasp"]),) if one.get("owasp") else (),
        severity=str(one["severity"]),
        apis=tuple(map(str, one.get("apis", ()))),
        fix=str(one.get("fix", "")),
        by_drafter=True,
    )
