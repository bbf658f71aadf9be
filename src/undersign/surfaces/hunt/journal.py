"""What may be done to a hunt: each a function from a hunt to the next one, or a refusal in words.

The state machine stands in sentences in `records.hunt`. Nothing here reads a clock or a file.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from typing import Any

from undersign.catalogs.attack import Attack
from undersign.errors import UsageError
from undersign.records.hunt import Conclusion, Entry, Hunt, HuntVerdict, Note
from undersign.records.person import PERSON_PREFIX, is_drafter_name
from undersign.surfaces.hunt.entries import clean

_TECHNIQUE = re.compile(r"T\d{4}(\.\d{3})?", re.IGNORECASE)
_NO_SLUG = re.compile(r"[^a-z0-9]+")
_LONGEST_SLUG = 48
ABOUT = ("notes", "false_positives", "validation")
"""The lists of a hunt that take notes."""


@dataclass(frozen=True, slots=True)
class Opening:
    """What a person says when a hunt begins."""

    title: str
    hypothesis: str = ""
    """Empty: the title is the hypothesis."""
    techniques: tuple[str, ...] = ()
    question: str = ""


def open_hunt(number: str, opening: Opening, person: str, at: str, attack: Attack) -> Hunt:
    """Begin a hunt. Raises UsageError without a title, for a drafter, or an unknown technique."""
    _a_person(person)
    title = _said(" ".join(opening.title.split()), "a hunt needs a title")
    return Hunt(
        id=number,
        title=title,
        hypothesis=clean(opening.hypothesis).strip() or title,
        hunter=person,
        opened_at=at,
        techniques=known_techniques(opening.techniques, attack),
        question=clean(opening.question).strip(),
    )


def known_techniques(written: Iterable[str], attack: Attack) -> tuple[str, ...]:
    """Return ATT&CK ids as the catalog writes them, once each.

    Raises UsageError for one that is unknown or was revoked, with the id to use instead.
    """
    found = []
    for one in written:
        wrong = technique_problem(one, attack)
        if wrong:
            raise UsageError(wrong)
        found.append(one.strip().upper())
    return tuple(dict.fromkeys(found))


def technique_problem(written: str, attack: Attack) -> str:
    """Say what is wrong with an ATT&CK technique id, and which to use; empty when nothing is."""
    name = written.strip().upper()
    if not _TECHNIQUE.fullmatch(name):
        return f"{written!r} is no ATT&CK technique id: they look like T1558.003"
    known = attack.techniques.get(name)
    if known is None:
        near = get_close_matches(name, attack.techniques, n=3, cutoff=0.75)
        like = f"; like it: {', '.join(near)}" if near else ""
        return f"ATT&CK {attack.newest} has no technique {name}{like}"
    if known.status == "active":
        return ""
    instead = f"; use {known.replaced_by}" if known.replaced_by else ""
    return f"ATT&CK {known.status} {name} ({known.name}){instead}"


def add_entry(hunt: Hunt, entry: Entry) -> Hunt:
    """Journal one query. Raises UsageError when the hunt is closed."""
    if hunt.conclusion:
        raise UsageError(
            f"hunt {hunt.id} is closed ({hunt.conclusion.verdict}): it takes no more queries",
            hint="begin a new one with: undersign hunt new TITLE",
        )
    last = max((e.nth for e in hunt.entries), default=0)
    return replace(hunt, entries=(*hunt.entries, replace(entry, nth=last + 1)))


def add_note(hunt: Hunt, about: str, note: Note) -> Hunt:
    """Write something down in one of the lists of `ABOUT`, also after the hunt was closed.

    Raises UsageError for an empty note, a drafter's, or one about an entry that is not there.
    """
    _a_person(note.person)
    text = _said(clean(note.text).strip(), "the note is empty")
    if note.entry is not None and hunt.entry(note.entry) is None:
        raise UsageError(f"hunt {hunt.id} has no entry {note.entry}", hint=_entries(hunt.entries))
    kept: dict[str, Any] = {about: (*getattr(hunt, about), replace(note, text=text))}
    return replace(hunt, **kept)


def close_hunt(hunt: Hunt, conclusion: Conclusion) -> Hunt:
    """Close a hunt with a person's verdict. Raises UsageError when nothing supports it."""
    _a_person(conclusion.person)
    if hunt.conclusion:
        raise UsageError(
            f"hunt {hunt.id} was closed on {hunt.conclusion.at[:10]} as "
            f"{hunt.conclusion.verdict} by {hunt.conclusion.person}",
            hint="notes may still be added; for new queries begin a new hunt",
        )
    finding = _said(clean(conclusion.finding).strip(), "say in a sentence what was found")
    why = _unsupported(hunt, conclusion.verdict)
    if why:
        raise UsageError(
            f"{conclusion.verdict}, but {why}", hint="then it is inconclusive, or a data-gap"
        )
    return replace(hunt, conclusion=replace(conclusion, finding=finding))


def _unsupported(hunt: Hunt, verdict: HuntVerdict) -> str:
    """Say why a verdict cannot stand on this journal; empty when it can."""
    if verdict not in (HuntVerdict.CONFIRMED, HuntVerdict.REFUTED):
        return ""
    ran = [entry for entry in hunt.entries if entry.ran]
    if not ran:
        return "no query of this hunt has run: what was not looked at shows nothing"
    if verdict is HuntVerdict.REFUTED and all(_looked_at_nothing(entry) for entry in ran):
        return "every table its queries read was empty: no events refute nothing"
    return ""


def _looked_at_nothing(entry: Entry) -> bool:
    """Say whether what the query begins from held no rows at all, as far as was counted."""
    stages = entry.shown.stages if entry.shown else ()
    sources = [next((s for s in stages if s.pipeline == name), None) for name in _names(entry)]
    counts = [source.rows for source in sources if source]
    return bool(counts) and all(rows == 0 for rows in counts)


def _names(entry: Entry) -> tuple[str, ...]:
    stages = entry.shown.stages if entry.shown else ()
    return tuple(dict.fromkeys(stage.pipeline for stage in stages))


def slug(title: str) -> str:
    """Return a title as part of a file name."""
    name = _NO_SLUG.sub("-", title.lower()).strip("-")[:_LONGEST_SLUG].rstrip("-")
    return name or "hunt"


def _a_person(name: str) -> None:
    if is_drafter_name(name.removeprefix(PERSON_PREFIX)):
        raise UsageError(f"{name!r} is a drafter: a hunt is led, noted and closed by a person")


def _said(text: str, otherwise: str) -> str:
    if not text:
        raise UsageError(otherwise)
    return clean(text)


def _entries(entries: Sequence[Entry]) -> str:
    return f"it has entries 1 to {entries[-1].nth}" if entries else "it has no entries yet"
