"""The small world of a card about a whole review: a few lines of TOML make the file."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from typing import Any

from undersign.checks.cards import Example
from undersign.checks.spec import Grounds
from undersign.records.candidate import Candidate
from undersign.records.review import (
    Area,
    Coverage,
    Examined,
    FileCoverage,
    FileState,
    Judged,
    Review,
    Standing,
)
from undersign.records.reviewed import Digests
from undersign.surfaces.review.areas import ALWAYS
from undersign.surfaces.review.review_file import ReviewFile, read, write

AT = "2026-11-25T10:00:00Z"


def text_of(example: Example) -> str:
    if example.rule.strip() == "{":
        return example.rule
    stated = tomllib.loads(example.rule)
    made = write(_review(stated))
    if not stated.get("problems"):
        return made
    # A file whose halves disagree: a word of what other tools see is another.
    return made.replace('"executionSuccessful": true', '"executionSuccessful": false')


def parsed(text: str) -> ReviewFile:
    return read(text)


def grounds_of(example: Example) -> Grounds:
    stated = tomllib.loads(example.grounds)
    found: dict[type, Any] = {}
    if "digests" in stated:
        found[Digests] = Digests(stated["digests"])
    return Grounds(found, {})


def _review(stated: dict[str, Any]) -> Review:
    findings = tuple(_finding(one) for one in stated.get("findings", ()))
    given = {one["key"]: _area(one) for one in stated.get("areas", ())}
    said = Judged("looked", "read it", "you@example.org", AT)
    areas = tuple(given.get(one.key, replace(one, statement=said)) for one in ALWAYS)
    files = tuple(
        FileCoverage(path, FileState.ASSESSED, digest=digest)
        for path, digest in stated.get("files", {"app.py": ""}).items()
    )
    return Review("main", "HEAD", AT, findings, Coverage(files, (), areas), ())


def _finding(one: dict[str, Any]) -> Examined:
    candidate = Candidate(one.get("file", "app.py"), 3, "words", "ruff", category="sql-injection")
    made = Examined(one["id"], candidate, (), Standing.STANDS, "why")
    if "judged" not in one:
        return made
    person = one.get("person", "you@example.org")
    return replace(made, judged=Judged(one["judged"], "which database?", person, AT))


def _area(one: dict[str, Any]) -> Area:
    said = one.get("statement")
    statement = Judged("looked", said, "you@example.org", AT) if said else None
    return Area(one["key"], "Insecure design", "it needs the trust model", statement)
