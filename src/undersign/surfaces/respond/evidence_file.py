"""`evidence.jsonl`: the raw lines that an incident's claims cite, kept beside its timeline."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from undersign.records.evidence import ADDRESS, Evidence, Medium, Precision
from undersign.surfaces.respond.json_fields import Fields, Wrong, rfc3339


def write(evidence: Iterable[Evidence]) -> str:
    """Return the file's text: a JSON object a line, ASCII only, by source and number."""
    ordered = sorted(evidence, key=lambda one: (one.source, one.line, one.id))
    return "".join(json.dumps(_out(one)) + "\n" for one in ordered)


def read(text: str) -> tuple[dict[str, Evidence], tuple[str, ...]]:
    """Return address -> evidence, and what could not be read with its line."""
    found: dict[str, Evidence] = {}
    problems: list[str] = []
    for number, line in enumerate(text.split("\n"), start=1):
        if line.strip():
            try:
                one = _evidence(Fields(json.loads(line), ""))
            except (Wrong, ValueError, RecursionError) as error:
                problems.append(f"line {number}: {error}")
                continue
            if one.id in found:
                problems.append(f"line {number}: {one.id} stands twice")
            found.setdefault(one.id, one)
    return found, tuple(problems)


def _out(one: Evidence) -> dict[str, Any]:
    return dict(_parts(one))


def _parts(one: Evidence) -> Iterator[tuple[str, Any]]:
    yield "id", one.id
    yield "time", rfc3339(one.time) if one.time else None
    yield "medium", str(one.medium)
    yield "precision", str(one.precision)
    if one.facts:
        yield "facts", {role: list(values) for role, values in one.facts.items()}
    for name in ("outcome", "author", "text", "thread"):
        if value := getattr(one, name):
            yield name, value
    for name in ("edited", "deleted"):
        if getattr(one, name):
            yield name, True
    if not one.confirmed:
        yield "confirmed", False
    yield "raw", one.raw


def _evidence(said: Fields) -> Evidence:
    address = said.text("id")
    if not ADDRESS.fullmatch(address):
        raise Wrong(f"{address!r} is no address such as auth.log:12")
    source, _, line = address.rpartition(":")
    try:
        medium, precision = Medium(said.text("medium")), Precision(said.text("precision"))
    except ValueError as error:
        raise Wrong(str(error)) from error
    return Evidence(
        id=address,
        source=source,
        line=int(line),
        time=said.maybe_time("time"),
        raw=said.text("raw"),
        medium=medium,
        precision=precision,
        facts=said.word_lists("facts"),
        outcome=said.text("outcome", ""),
        author=said.text("author", ""),
        text=said.text("text", ""),
        thread=said.text("thread", ""),
        edited=said.truth("edited", False),
        deleted=said.truth("deleted", False),
        confirmed=said.truth("confirmed", True),
    )
