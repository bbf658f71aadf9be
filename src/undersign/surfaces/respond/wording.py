"""The English of a claim, rendered from its slots; for people in Markdown and as plain text.

Slots hold values of logs and messages, which are an attacker's to choose. In Markdown they stand in
code spans or with every mark escaped, so that nothing of them is live wherever it is shown.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import NamedTuple

from undersign.languages.when import offset_of
from undersign.records.claim import Claim, ClaimKind
from undersign.surfaces.respond.json_fields import Fields, Wrong

MEASURES = {
    "ttd": "Time to detect",
    "tta": "Time to acknowledge",
    "ttm": "Time to mitigate",
    "ttr": "Time to resolve",
}
_MARKED = re.compile(r"[\\`*_\[\]<>|~&@]")
_LINK = re.compile(r":(?=//)|(?<=\bwww)\.", re.IGNORECASE)
"""What makes a link of plain text in many renderers."""
_BLOCK = re.compile(r"^(?:(\d{1,9})(?=[.)])|(?=[#+=-]))")
"""What makes a heading or a list of a line that begins with it."""
_UNITS = (("d", 86_400), ("h", 3_600), ("min", 60), ("s", 1))


class _Part(NamedTuple):
    text: str
    is_value: bool = False
    """Of others, and shown as code."""
    is_prose: bool = False
    """Of others, and shown as words."""


def sentence(claim: Claim, *, citation: bool = True, zone: str = "UTC") -> str:
    """Return the sentence of a claim, safe in Markdown and HTML, with what it cites at its end."""
    written = "".join(_marked_down(part) for part in _parts(claim, zone))
    cited = _cited(claim)
    return f"{written} [{cited}]" if citation and cited else written


def plain(claim: Claim, *, zone: str = "UTC") -> str:
    """Return the sentence as plain text with its citation; escape it where it is shown."""
    written = "".join(part.text for part in _parts(claim, zone))
    cited = _cited(claim)
    return f"{written} [{cited}]" if cited else written


def escaped(text: str) -> str:
    """Return words of others on one line with every mark of Markdown and HTML escaped."""
    apart = _LINK.sub(lambda m: f"[{m[0]}]", printable(text))
    marked = _MARKED.sub(lambda m: f"\\{m[0]}", apart)
    return _BLOCK.sub(lambda m: f"{m[1] or ''}\\", marked)


def code(value: str) -> str:
    """Return a value of others as a code span, whatever is in it."""
    shown = printable(value)
    longest = max((len(run) for run in re.findall(r"`+", shown)), default=0)
    fence = "`" * (longest + 1)
    pad = " " if shown[:1] in ("`", " ") or shown[-1:] in ("`", " ") else ""
    return f"{fence}{pad}{shown}{pad}{fence}" if shown else "(nothing)"


def printable(text: str) -> str:
    """Return a text on one line with everything that cannot be printed shown as its escape."""
    line = " ".join(text.split())
    if line.isprintable():
        return line
    return "".join(c if c.isprintable() else f"\\u{ord(c):04x}" for c in line)


def clock(written: str, zone: str = "UTC") -> str:
    """Return an RFC 3339 time as people read it: `2026-03-04 10:41:07 UTC`."""
    try:
        moment = Fields({"time": written}, "").time("time")
    except Wrong:
        return printable(written)
    return at(moment, zone)


def at(moment: datetime, zone: str = "UTC") -> str:
    """Return a time as people read it, to the second, in a zone that `offset_of` knows."""
    offset = offset_of(zone, moment.replace(tzinfo=None)) or 0
    return f"{moment + timedelta(minutes=offset):%Y-%m-%d %H:%M:%S} {zone}"


def length(seconds: float) -> str:
    """Return a length of time exactly, in days, hours, minutes and seconds: `2 h 13 min`."""
    left, parts = round(abs(seconds)), []
    for name, size in _UNITS:
        count, left = divmod(left, size)
        if count:
            parts.append(f"{count} {name}")
    return ("-" if seconds < 0 else "") + (" ".join(parts) or "0 s")


def _marked_down(part: _Part) -> str:
    if part.is_value:
        return code(part.text)
    return escaped(part.text) if part.is_prose else part.text


def _cited(claim: Claim) -> str:
    return ", ".join((*claim.evidence, *claim.claims))


def _parts(claim: Claim, zone: str) -> Iterator[_Part]:
    if claim.kind in (ClaimKind.INFERENCE, ClaimKind.JUDGEMENT):
        yield from _said(claim, zone)
    elif claim.kind is ClaimKind.DERIVED:
        yield from _derived(claim)
    elif "author" in claim.slots:
        yield from _message(claim, zone)
    elif "count" in claim.slots:
        yield from _group(claim, zone)
    else:
        yield from _event(claim, zone)


def _said(claim: Claim, zone: str) -> Iterator[_Part]:
    if "time" in claim.slots:
        yield _Part(f"At {clock(claim.slots['time'], zone)}: ")
    yield _Part(f"{claim.text.rstrip('. ')}.", is_prose=True)
    yield _Part(f" ({claim.kind}, by ")
    yield _Part(claim.by, is_prose=True)
    yield _Part(")")


def _derived(claim: Claim) -> Iterator[_Part]:
    slots = claim.slots
    if "measure" in slots:
        name = MEASURES.get(slots["measure"])
        try:
            size = length(float(slots.get("seconds", "")))
        except (ValueError, OverflowError):
            size = ""
        yield _Part(name) if name else _Part(slots["measure"], is_prose=True)
        yield _Part(": ")
        yield _Part(size) if size else _Part(slots.get("seconds", "unknown"), is_prose=True)
    elif "count" in slots:
        yield _Part("Counted: ")
        yield _Part(slots["count"], is_prose=True)
    yield _Part(".")


def _message(claim: Claim, zone: str) -> Iterator[_Part]:
    slots = claim.slots
    if "time" in slots:
        yield _Part(f"At {clock(slots['time'], zone)}, ")
    yield _Part(slots["author"], is_value=True)
    # Curly marks: messages hold straight ones, and a reader must see where the words end.
    yield _Part(" wrote: \u201c")
    yield _Part(slots.get("quote", ""), is_prose=True)
    yield _Part("\u201d.")
    if note := slots.get("note"):
        yield _Part(" (")
        yield _Part(note, is_prose=True)
        yield _Part(")")


def _group(claim: Claim, zone: str) -> Iterator[_Part]:
    slots = claim.slots
    if "time" in slots and "until" in slots:
        yield _Part(f"From {clock(slots['time'], zone)} to {clock(slots['until'], zone)}, ")
    elif "time" in slots:
        yield _Part(f"At {clock(slots['time'], zone)}, ")
    yield _Part(slots["count"], is_prose=True)
    yield _Part(" lines alike")
    if "template" in slots:
        yield _Part(": ")
        yield _Part(slots["template"], is_value=True)
    yield from _about(claim)
    yield _Part(".")


def _about(claim: Claim) -> Iterator[_Part]:
    """Yield what all lines of a group have in common."""
    told = [
        (word, role)
        for word, role in (
            ("by", "actor"), ("doing", "action"), ("event", "event"), ("on", "target"),
            ("from", "address"), ("on host", "host"), ("in", "region"),
        )
        if role in claim.slots
    ]  # fmt: skip
    for n, (word, role) in enumerate(told):
        yield _Part(f"{', all ' if not n else ', '}{word} ")
        yield _Part(claim.slots[role], is_value=True)
    yield from _outcome(claim, ", and all ")


def _event(claim: Claim, zone: str) -> Iterator[_Part]:
    slots = claim.slots
    if "time" in slots:
        yield _Part(f"At {clock(slots['time'], zone)}, ")
    yield from _who(slots.get("actor"), slots.get("service"))
    if "action" in slots:
        yield _Part(" called " if "actor" in slots else " logged ")
        yield _Part(slots["action"], is_value=True)
    elif "event" in slots:
        yield _Part(" caused event " if "actor" in slots else " logged event ")
        yield _Part(slots["event"], is_value=True)
    else:
        yield _Part(" logged: " if "template" in slots else " was seen")
        if "template" in slots:
            yield _Part(slots["template"], is_value=True)
    for word, role in _WHERE:
        if role in slots:
            yield _Part(f" {word} ")
            yield _Part(slots[role], is_value=True)
    yield from _outcome(claim, "; it ")
    yield _Part(".")


_WHERE = (
    ("on", "target"),
    ("with", "process"),
    ("at", "file"),
    ("with hash", "hash"),
    ("from", "address"),
    ("on host", "host"),
    ("in", "region"),
    ("in account", "account"),
)


def _who(actor: str | None, service: str | None) -> Iterator[_Part]:
    if actor is not None:
        yield _Part(actor, is_value=True)
    elif service is not None:
        yield _Part(service, is_value=True)
    else:
        yield _Part("the source")


def _outcome(claim: Claim, joined: str) -> Iterator[_Part]:
    outcome = claim.slots.get("outcome")
    ways: dict[str | None, Callable[[], str]] = {
        "success": lambda: f"{joined}succeeded",
        "failure": lambda: f"{joined}failed",
    }
    if outcome in ways:
        yield _Part(ways[outcome]())
    error, status = claim.slots.get("error"), claim.slots.get("status")
    if error is not None or status is not None:
        yield _Part(" with " if outcome in ways else f"{joined}gave ")
        yield _Part(error if error is not None else f"{status}", is_value=True)
