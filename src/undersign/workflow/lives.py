"""From the ledger's entries to the life of each draft. The rules, in sentences:

1. A draft lives at its path, from its `draft` entry to the next draft at that path.
2. The first `sign` entry at that path in its life makes it signed; how long that took and how much
   was edited comes from there.
3. A `triage` entry with the verdict reject on the whole artifact, or a `void` of its signature,
   makes it rejected; confirming the whole artifact takes that back, a signature makes it signed.
4. A draft that was neither when the next one came was replaced.
5. What an entry does not say was not recorded, and is not zero.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from undersign.ledger.canonical import read_rfc3339
from undersign.ledger.event_log import Entry
from undersign.records.scorecard import DraftLife, Fate

READ_KINDS = ("draft", "sign", "triage", "void")


def lives(entries: Iterable[Entry]) -> list[DraftLife]:
    """Return the life of every draft, in the order in which they were drafted."""
    told: list[DraftLife] = []
    living: dict[str, int] = {}
    """Path -> place of the draft that lives there."""
    for entry in entries:
        path = str(entry.body.get("subject", ""))
        at = read_rfc3339(entry.at)
        if entry.kind == "draft":
            _end(told, living.get(path))
            living[path] = len(told)
            told.append(_born(entry.body, path, at))
        elif path in living:
            place = living[path]
            told[place] = _after(told[place], entry, at)
    return told


def _end(told: list[DraftLife], place: int | None) -> None:
    if place is not None and told[place].fate is Fate.OPEN:
        told[place] = replace(told[place], fate=Fate.REPLACED)


def _born(body: Mapping[str, Any], path: str, at: datetime) -> DraftLife:
    tokens = [body.get("tokens_in"), body.get("tokens_out")]
    return DraftLife(
        subject=path,
        kind=str(body.get("kind") or _kind_of(path)),
        drafter=str(body.get("drafter", "")),
        at=at,
        artifact_digest=str(body.get("artifact_digest", "")),
        findings=body.get("findings"),
        invented=body.get("invented"),
        repaired=body.get("repaired"),
        seconds=body.get("seconds"),
        tokens=sum(t for t in tokens if t is not None) if any(tokens) else None,
        cost_usd=body.get("cost_usd"),
        fate=Fate.ASKED if "#" in path else Fate.OPEN,
    )


def _kind_of(path: str) -> str:
    """Entries of the first version name no kind; there the ending tells it."""
    return "sigma" if path.endswith((".yml", ".yaml")) else path.rpartition(".")[2]


def _after(life: DraftLife, entry: Entry, at: datetime) -> DraftLife:
    if entry.kind == "void":
        return replace(life, fate=Fate.REJECTED)
    if entry.kind == "triage":
        return _judged(life, entry.body)
    if entry.kind != "sign" or life.fate is Fate.SIGNED:
        return life
    if life.minutes_to_signature is not None:
        return replace(life, fate=Fate.SIGNED)
    return replace(
        life,
        fate=Fate.SIGNED,
        minutes_to_signature=(at - life.at).total_seconds() / 60,
        edit_distance=entry.body.get("edit_distance"),
        lines_changed=entry.body.get("lines_changed"),
    )


def _judged(life: DraftLife, body: Mapping[str, Any]) -> DraftLife:
    if body.get("target") != life.subject:
        return life
    fates = {"reject": Fate.REJECTED, "confirm": Fate.OPEN}
    return replace(life, fate=fates.get(str(body.get("decision")), life.fate))
