"""People and drafters by name: a person signs, a drafter never does."""

from __future__ import annotations

import unicodedata

PERSON_PREFIX = "person:"


def is_drafter_name(name: str) -> bool:
    """Tell whether a name is that of a drafter: `offline`, `PROVIDER:MODEL`, `command:PROGRAM`.

    `person:NAME` is how a draft's record writes a human author, so it is no drafter in this sense.
    """
    folded = _folded(name)
    return folded == "offline" or (":" in folded and not folded.startswith(PERSON_PREFIX))


def same_person(one: str, other: str) -> bool:
    """Tell whether two names share an identity.

    `Alice <alice@example.com>`, `alice@example.com` and `person:Alice` each name the same person as
    the first; case, width and outer spaces do not count.
    """
    return bool(_identities(one) & _identities(other))


def _folded(name: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())


def _identities(name: str) -> frozenset[str]:
    folded = _folded(name).removeprefix(PERSON_PREFIX).strip()
    before, bracket, rest = folded.partition("<")
    parts = {folded, before.strip(), rest.removesuffix(">").strip()} if bracket else {folded}
    return frozenset(part for part in parts if part)
