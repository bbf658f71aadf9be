"""Names beside ids: whether a name that somebody wrote is the name of what the id stands for."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from undersign.catalogs.weaknesses import plain

_OWN = 60
"""Of 100: so alike are a name and the official one when only words are left out or renewed."""
_OTHER = 88
"""So alike is a name to that of something else, when it is that one's with a slip."""


def owner_of(
    said: str, own: str, names: Mapping[str, frozenset[str]], kin: Callable[[str], bool]
) -> str | None:
    """Return whose name `said` is, when it is not a name of the id it stands beside.

    `own` is the official name, `names` maps every known name (as `plain` writes it) to ids, `kin`
    says whether an id is the same thing, a kind of it, or what it is a kind of. None: the name
    fits, or says nothing. Empty: it is nobody's name.
    """
    text = plain(said)
    if not text or text.isdigit():
        return None
    if holders := names.get(text):
        return None if any(map(kin, holders)) else min(holders, key=lambda i: (len(i), i))
    from rapidfuzz import fuzz, process

    fit = fuzz.token_set_ratio(text, plain(own))
    best = process.extractOne(text, names.keys(), scorer=fuzz.token_sort_ratio)
    holders = names[best[0]] if best and best[1] >= _OTHER else frozenset()
    if holders:
        return None if any(map(kin, holders)) else min(holders, key=lambda i: (len(i), i))
    return None if fit >= _OWN else ""
