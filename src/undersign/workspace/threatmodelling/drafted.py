"""Threats that a drafter adds to a model: anchored, marked, and waiting for a person."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import datetime

from undersign.errors import UsageError
from undersign.records.exchange import Passage, Prompt
from undersign.records.system import ExtraThreat
from undersign.surfaces import prompts
from undersign.surfaces.threatmodel.reply import kept
from undersign.workspace import files
from undersign.workspace.modelling.drafter_line import OFFLINE, Reach, open_line
from undersign.workspace.threatmodelling.catalogs import references
from undersign.workspace.threatmodelling.model import Model
from undersign.workspace.workspace import Workspace

PURPOSE = "threatmodel"
_SECTION = re.compile(r"^threats:[ \t]*\n", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Drafted:
    """What a drafter added, and what was struck of its reply."""

    threats: tuple[ExtraThreat, ...]
    questions: tuple[str, ...]
    struck: int


def draft(
    workspace: Workspace, model: Model, drafter: str, *, reach: Reach, now: datetime
) -> Drafted:
    """Ask a drafter for threats the rules missed, and write those that hold into the model.

    They are marked with the drafter's name, and a check stays an error until a person has judged
    them. Raises UsageError without a drafter, and what `open_line` and a talk raise.
    """
    if drafter == OFFLINE:
        raise UsageError(
            "the rules have said what they know", hint="--with anthropic:MODEL, or replay:FILE"
        )
    line = open_line(workspace, drafter, PURPOSE, reach, now)
    told = prompts.read("threatmodel", ("threats",))
    known = "\n".join(f"{one.id} {one.title}" for one in model.analysis.threats)
    passages = (
        Passage("description", model.text, "confidential"),
        Passage("threats", known, "confidential"),
    )
    reply = line.talk(Prompt("threats", PURPOSE, told.text, passages, told.reply_schema), None)
    found, struck = kept(
        reply.slots, line.drafter, model.system, model.analysis, references(workspace)
    )
    if found:
        files.write(model.path, _with(model.text, found))
    questions = tuple(" ".join(one.split()) for one in reply.slots.get("questions", ()))
    return Drafted(found, questions, struck)


def _with(text: str, threats: tuple[ExtraThreat, ...]) -> str:
    """Return a description with threats added to its section; nothing else is touched."""
    lines = "".join(f"  - {_item(one)}\n" for one in threats)
    match = _SECTION.search(text)
    if match is not None:
        return text[: match.end()] + lines + text[match.end() :]
    if re.search(r"^threats:", text, re.MULTILINE):
        raise UsageError(
            "`threats:` stands in one line", hint="write it as a list, one item a line"
        )
    return f"{text.rstrip(chr(10))}\nthreats:\n{lines}"


def _item(one: ExtraThreat) -> str:
    """Write a threat as a flow mapping of JSON strings, which YAML reads as text."""
    fields = {"id": one.id, "element": one.element, "fact": one.fact, "title": one.title,
              "stride": one.stride, "references": list(one.references), "by": one.by}  # fmt: skip
    return "{" + ", ".join(f"{key}: {json.dumps(value)}" for key, value in fields.items()) + "}"
