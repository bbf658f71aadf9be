"""From a drafter's reply to candidates: slots, nothing else, each with its quote."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from undersign.records.candidate import Candidate
from undersign.surfaces.review.imports import path_of


def candidates_of(slots: Mapping[str, Any], drafter: str) -> list[Candidate]:
    """Return the candidates of a reply that fits its form.

    The line stays as it is claimed; `misquoted-code` says where the quote really stands.
    """
    return [_candidate(one, drafter) for one in slots.get("findings", ())]


def _candidate(one: Mapping[str, Any], drafter: str) -> Candidate:
    path, _ = path_of(str(one["file"]))
    category = str(one["category"])
    return Candidate(
        file=path,
        line=int(one["line"]),
        end_line=int(one["line"]) + max(str(one["quote"]).strip().count("\n"), 0),
        message=str(one["message"]),
        origin=drafter,
        quote=str(one["quote"]),
        category="" if category == "other" else category,
        cwe=(str(one["cwe"]),) if one.get("cwe") else (),
        owasp=(str(one["owasp"]),) if one.get("owasp") else (),
        severity=str(one["severity"]),
        apis=tuple(map(str, one.get("apis", ()))),
        fix=str(one.get("fix", "")),
        by_drafter=True,
    )
