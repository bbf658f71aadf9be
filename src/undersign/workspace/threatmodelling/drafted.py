"""What a drafter adds to a model: threats, elements and facts, marked and waiting for a person."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from undersign.catalogs import threat_rules
from undersign.errors import UsageError
from undersign.records.exchange import Passage, Prompt
from undersign.records.system import ExtraThreat, Proposal
from undersign.surfaces import prompts
from undersign.surfaces.threatmodel import reply, reply_parts
from undersign.surfaces.threatmodel.analysis import known_facts
from undersign.workspace import files
from undersign.workspace.modelling.drafter_line import OFFLINE, Reach, open_line
from undersign.workspace.threatmodelling import judging
from undersign.workspace.threatmodelling.catalogs import references
from undersign.workspace.threatmodelling.model import Model
from undersign.workspace.workspace import Workspace

PURPOSE = "threatmodel"


@dataclass(frozen=True, slots=True)
class Drafted:
    """What a drafter added, and what was struck of its reply."""

    threats: tuple[ExtraThreat, ...]
    proposals: tuple[Proposal, ...]
    questions: tuple[str, ...]
    struck: int


def draft(
    workspace: Workspace, model: Model, drafter: str, *, reach: Reach, now: datetime
) -> Drafted:
    """Ask a drafter for threats the rules missed, and write those that hold into the model.

    They are marked with the drafter's name, and a check stays an error until a person has judged
    them. Raises UsageError without a drafter, and what `open_line` and a talk raise.
    """
    known = "\n".join(f"{one.id} {one.title}" for one in model.analysis.threats)
    slots, by = _asked(
        workspace, "threats", drafter, reach, now,
        Passage("description", model.text, "confidential"),
        Passage("threats", known, "confidential"),
    )  # fmt: skip
    found, struck = reply.kept(slots, by, model.system, model.analysis, references(workspace))
    _write(model, "threats", [judging.threat_row(one) for one in found])
    return Drafted(found, (), _questions(slots), struck)


def draft_parts(  # noqa: PLR0913 - who drafts, from what, for which model
    workspace: Workspace, model: Model, document: Path, drafter: str, *, reach: Reach, now: datetime
) -> Drafted:
    """Ask a drafter for elements and facts that a document states, and write them as proposals.

    Each rests on words of the document, and counts for nothing until a person has judged it. Raises
    what `draft` raises, and BadInput for a document that cannot be read.
    """
    rules = threat_rules.load()
    text = files.read_text(document)
    kinds = "\n".join(f"{kind}: {title}" for kind, title in rules.titles.items())
    facts = "\n".join(sorted(known_facts(rules)))
    slots, by = _asked(
        workspace, "parts", drafter, reach, now,
        Passage("description", model.text, "confidential"),
        Passage("document", text, "confidential"),
        Passage("kinds", kinds, "public"),
        Passage("facts", facts, "public"),
    )  # fmt: skip
    read = reply_parts.Document(document.name, text)
    found, struck = reply_parts.kept(slots, by, read, model.system, rules)
    _write(model, "drafted", [judging.proposal_row(one) for one in found])
    return Drafted((), found, _questions(slots), struck)


def _asked(
    workspace: Workspace, prompt: str, drafter: str, reach: Reach, now: datetime, *given: Passage
) -> tuple[dict[str, object], str]:
    if drafter == OFFLINE:
        raise UsageError(
            "the rules have said what they know", hint="--with anthropic:MODEL, or replay:FILE"
        )
    line = open_line(workspace, drafter, PURPOSE, reach, now)
    told = prompts.read("threatmodel", (prompt,))
    answer = line.talk(Prompt(prompt, PURPOSE, told.text, given, told.reply_schema), None)
    return dict(answer.slots), line.drafter


def _questions(slots: dict[str, object]) -> tuple[str, ...]:
    asked = slots.get("questions", ())
    return tuple(" ".join(str(one).split()) for one in asked) if isinstance(asked, list) else ()


def _write(model: Model, section: str, rows: list[str]) -> None:
    """Add rows to a section of a description; nothing else of it is touched."""
    if not rows:
        return
    lines = "".join(f"{row}\n" for row in rows)
    match = re.search(rf"^{section}:[ \t]*\n", model.text, re.MULTILINE)
    if match is not None:
        text = model.text[: match.end()] + lines + model.text[match.end() :]
    elif re.search(rf"^{section}:", model.text, re.MULTILINE):
        raise UsageError(
            f"`{section}:` stands in one line", hint="write it as a list, one item a line"
        )
    else:
        text = f"{model.text.rstrip(chr(10))}\n{section}:\n{lines}"
    files.write(model.path, text)
