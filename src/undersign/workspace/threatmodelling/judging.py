"""A person judges what a drafter wrote into a model: accepted with their name, or taken out."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from undersign.errors import UsageError
from undersign.records.system import ExtraThreat, Proposal, System
from undersign.surfaces.threatmodel.description import read
from undersign.workspace import files, ledgerbook
from undersign.workspace.threatmodelling.model import Model, analysed
from undersign.workspace.workspace import Workspace

_ROW = re.compile(r'  - \{id: (?P<id>"[^"]+"), .*\}')


@dataclass(frozen=True, slots=True)
class Judged:
    """What changes in the model by a person's word."""

    ids: tuple[str, ...]
    came: tuple[str, ...]
    """Ids of threats that are there now and were not."""
    went: tuple[str, ...]
    """Ids of threats that were there and are not now."""


def waiting(system: System) -> tuple[ExtraThreat | Proposal, ...]:
    """Return what drafters wrote and nobody has judged: threats, then elements and facts."""
    threats = (t for t in system.threats if t.is_unjudged)
    return (*threats, *(p for p in system.proposals if not p.judged_by))


def judge(  # noqa: PLR0913 - a verdict has these parts
    workspace: Workspace, model: Model, ids: Sequence[str], *, accept: bool, person: str,
    now: datetime,
) -> Judged:  # fmt: skip
    """Accept drafted rows in a person's name, or take them out; the ledger keeps who and which.

    Raises UsageError for an id that waits for nobody, or a row that was laid out anew by hand.
    """
    open_ids = {one.id for one in waiting(model.system)}
    for one in ids:
        if one not in open_ids:
            waits = ", ".join(sorted(open_ids)) or "nothing"
            raise UsageError(f"{one} waits for nobody's judgement", hint=f"waiting: {waits}")
    text = _edited(model.text, frozenset(ids), person if accept else None)
    system = read(text)
    if system.problems:
        raise UsageError(f"that cannot be: {system.problems[0][0]}", hint="judge the others first")
    before = {one.id for one in model.analysis.threats}
    after = {one.id for one in analysed(system).threats}
    body = {"subject": files.relative(model.path, workspace.root), "targets": sorted(ids),
            "decision": "accept" if accept else "reject", "person": person}  # fmt: skip
    files.write_all({model.path: text}, lambda: ledgerbook.note(workspace, "triage", body, now=now))
    return Judged(tuple(ids), tuple(sorted(after - before)), tuple(sorted(before - after)))


def _edited(text: str, ids: frozenset[str], person: str | None) -> str:
    """Return the text with each row judged; without a person, it is taken out."""
    lines, done = [], set()
    for line in text.split("\n"):
        match = _ROW.fullmatch(line)
        found = json.loads(match["id"]) if match else None
        if found not in ids:
            lines.append(line)
            continue
        done.add(found)
        if person is not None:
            lines.append(f"{line[:-1]}, judged_by: {json.dumps(person)}}}")
    if ids - done:
        raise UsageError(
            f"{min(ids - done)} was laid out anew", hint="write `judged_by:` into its row yourself"
        )
    # A section that lost its last row would be read as nothing at all.
    return re.sub(r"^(?:threats|drafted):[ \t]*\n(?!\s*(?:-|#))", "", "\n".join(lines),
                  flags=re.MULTILINE)  # fmt: skip


def threat_row(one: ExtraThreat) -> str:
    """Write a threat as a row of `threats`."""
    said = {"id": one.id, "element": one.element, "fact": one.fact, "title": one.title}
    return _row({**said, "stride": one.stride, "references": list(one.references), "by": one.by})


def proposal_row(one: Proposal) -> str:
    """Write an element or a fact as a row of `drafted`."""
    said = {
        "id": one.id, "sort": one.sort, "element": one.element, "name": one.name, "kind": one.kind,
        "boundary": one.boundary, "from": one.source, "to": one.target, "fact": one.fact,
        "by": one.by, "document": one.document, "quote": one.quote,
    }  # fmt: skip
    stated = {"value": one.value} if one.sort == "fact" else {}
    return _row({**{key: value for key, value in said.items() if value}, **stated})


def _row(fields: Mapping[str, object]) -> str:
    """Write a flow mapping of JSON values, which YAML reads as they are."""
    return "  - {" + ", ".join(f"{key}: {json.dumps(value)}" for key, value in fields.items()) + "}"
