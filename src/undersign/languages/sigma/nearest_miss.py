"""Why an atom that does not hold nearly did: one sentence for people."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from difflib import get_close_matches

from undersign.languages.sigma.compare import address, decimal, passes, stands, time_part
from undersign.languages.sigma.tree import (
    Atom,
    Cidr,
    Compare,
    Exists,
    Null,
    Number,
    Pattern,
    Place,
    Regex,
    Test,
    Text,
    TimePart,
)

_CASE = "upper and lower case"
_HEX = re.compile(r"0[xX][0-9a-fA-F]{1,16}")
_MAX_VALUE = 65_536
"""Characters of a value that is looked at for a hint."""


def hint(atom: Atom, texts: Sequence[str], names: Sequence[str]) -> str | None:
    """Return what would have made an atom hold, or None when nothing comes near.

    `texts` are the values of the atom's field (of all fields for a keyword), `names` the event's
    fields.
    """
    if isinstance(atom.test, Null | Exists):
        return None
    if not texts and atom.field is not None:
        return _absent(atom.field, names)
    short = [text for text in texts if len(text) <= _MAX_VALUE]
    return next((said for text in short if (said := _near(atom.test, text))), None)


def _absent(field: str, names: Sequence[str]) -> str:
    last = field.lower().rpartition(".")[2]
    same = [name for name in names if name.lower().rpartition(".")[2] == last]
    lowered = {name.lower(): name for name in names}
    close = [lowered[name] for name in get_close_matches(field.lower(), list(lowered), n=1)]
    near = [name for name in (*same, *close) if name.lower() != field.lower()][:1]
    return f"the event has no field {field}" + (f"; it has {near[0]}" if near else "")


def _near(test: Test, text: str) -> str | None:
    match test:
        case Text() | Pattern():
            return _near_text(test, text)
        case Regex():
            relaxed = replace(test, ignore_case=True)
            return f"differs only in {_CASE}" if passes(relaxed, text) else None
        case Number() | Compare() if decimal(text) is None:
            return _no_number(test, text)
        case Cidr() if address(text) is None:
            return f"{text[:60]!r} is not an IP address"
        case TimePart() if time_part(text, test.part) is None:
            return f"{text[:60]!r} is not a time"
        case _:
            return None


def _no_number(test: Number | Compare, text: str) -> str:
    if isinstance(test, Number) and _HEX.fullmatch(text) and int(text, 16) == test.value:
        return f"{text} is the same number in hex, but a text here; write '{text}'"
    return f"{text[:60]!r} is not a number"


def _near_text(test: Text | Pattern, text: str) -> str | None:
    ways: tuple[tuple[str, Callable[[str], str]], ...] = (
        (_CASE, lambda part: part),
        ("white space", lambda part: "".join(part.split())),
        ("backslashes", _one_backslash),
    )
    for what, relax in ways:
        cased = test.cased and what != _CASE
        if passes(_relaxed(test, relax, cased=cased), relax(text)):
            return f"differs only in {what}"
    if isinstance(test, Text) and test.value and test.place is not Place.CONTAINS:
        inside = stands(test.value, text, Place.CONTAINS, cased=test.cased)
        return "the value holds the text elsewhere; `contains` would find it" if inside else None
    return None


def _relaxed(test: Text | Pattern, relax: Callable[[str], str], *, cased: bool) -> Test:
    if isinstance(test, Text):
        value = relax(test.value)
        # Nothing is left of a literal of blanks alone, and nothing is in every value.
        return replace(test, value=value, cased=cased) if value or not test.value else test
    parts = tuple(relax(part) if part else part for part in test.parts)
    kept = tuple(new for new, old in zip(parts, test.parts, strict=True) if new or not old)
    return Pattern(kept, cased)


def _one_backslash(part: str) -> str:
    return re.sub(r"[\\/]+", r"\\", part)
