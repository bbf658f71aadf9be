"""What any reply of a drafter is held to, whatever it drafts: its prose, its values, its words.

A reply may say anything, also what a log line told it to say. Prose of it is written on one line,
printable, with links and markup taken apart, so that nothing of it is live wherever it is shown.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

_LINK = re.compile(r":\s*//|\bwww\.(?=\w)|\b(?:javascript|data|vbscript|mailto|file):(?=\S)", re.I)
_TAG = re.compile(r"<(?=[A-Za-z!/?])")
_MARKED = re.compile(r"\](?=\()|!(?=\[)")
_FEW = 10
"""Questions about values that stand by themselves; the rest is counted."""


def prose(text: str) -> str:
    """Return a drafter's words on one line, printable, with nothing in them that could be live."""
    line = " ".join(text.split())
    line = "".join(c if c.isprintable() else f"\\u{ord(c):04x}" for c in line)
    line = _LINK.sub(lambda m: m.group().replace(":", "[:]").replace("www.", "www[.]"), line)
    return _MARKED.sub(lambda m: f"{m.group()} ", _TAG.sub("< ", line))


def questions(slots: Mapping[str, Any], by: str) -> tuple[str, ...]:
    """Return the open questions of a reply, and its notes marked as whose they are."""
    asked = [prose(one) for one in slots["open_questions"]]
    notes = prose(slots.get("notes", ""))
    return tuple(dict.fromkeys(filter(None, [*asked, f"Note by {by}: {notes}" if notes else ""])))


def unused(slots: Mapping[str, Any], text: str) -> tuple[str, ...]:
    """Return the words a reply says it could not use, as far as they stand in the text at all."""
    words = [prose(word) for word in slots["unused_words"]]
    return tuple(dict.fromkeys(w for w in words if w and w.lower() in text.lower()))


def unstated(
    values: Iterable[object], stated: Iterable[str], reasons: Iterable[Mapping[str, str]]
) -> tuple[str, ...]:
    """Ask about every value that none of the stated texts holds: it may be an invented literal.

    `reasons` are the drafter's own words on where it knows a value from; they settle nothing.
    """
    whole = "\n".join(stated).lower()
    why = {one["value"].lower(): prose(one["why"]) for one in reasons}
    absent = dict.fromkeys(
        str(v) for v in values if not (v is None or isinstance(v, bool)) and not _in(str(v), whole)
    )
    asked = [_question(value, why.get(value.lower(), "")) for value in absent]
    more = len(asked) - _FEW
    return (*asked[:_FEW], *([f"{more} more values stand nowhere either."] if more > 0 else ()))


def _question(value: str, why: str) -> str:
    said = f" The drafter says: {why}." if why else ""
    return f"Nobody stated the value {prose(value)!r}. Where does it come from?{said}"


def _in(value: str, whole: str) -> bool:
    """Look for a value; a number or a single word must stand by itself, not inside another."""
    bare = value.strip("*").lower()
    if not bare:
        return True
    escaped = re.escape(bare)
    return bool(re.search(rf"(?<![\w.]){escaped}(?![\w]|\.\w)", whole)) or (
        not bare.isalnum() and bare in whole
    )
