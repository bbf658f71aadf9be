"""What ships with Undersign and needs no workspace: cards of checks, catalogs."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

from undersign.checks import CHECKS
from undersign.errors import UsageError

if TYPE_CHECKING:
    from undersign.catalogs.load import CatalogInfo
    from undersign.checks.cards import Card


def check_names() -> list[tuple[str, str, str]]:
    """Return (code, name, severity) of every check, in the table's order."""
    return [(c.code, c.name, str(c.severity)) for c in CHECKS]


def card_of(code_or_name: str) -> Card:
    """Return the card of a check. Raises UsageError with the nearest names when there is none."""
    from undersign.checks.cards import card

    wanted = code_or_name.strip().lower()
    for check in CHECKS:
        if wanted in (check.code.lower(), check.name):
            return card(check)
    known = [c.name for c in CHECKS] + [c.code.lower() for c in CHECKS]
    near = get_close_matches(wanted, known, n=3, cutoff=0.4)
    raise UsageError(
        f"no check is called {code_or_name!r}",
        hint=f"did you mean {', '.join(near)}?" if near else "list them with: undersign explain",
    )


def cards() -> list[tuple[str, Card]]:
    """Return (check name, card) of every check, in the table's order."""
    from undersign.checks.cards import card

    return [(check.name, card(check)) for check in CHECKS]


def catalogs() -> list[CatalogInfo]:
    """Return every packaged catalog with edition, date and licence."""
    from undersign.catalogs.load import catalogs as load_catalogs

    return load_catalogs()
