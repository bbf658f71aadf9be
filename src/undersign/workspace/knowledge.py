"""What ships with Undersign and needs no workspace: cards of checks, catalogs."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

from undersign.checks import CHECKS
from undersign.errors import UsageError

if TYPE_CHECKING:
    from undersign.catalogs.load import CatalogInfo
    from undersign.checks.cards import Card
    from undersign.workspace.workspace import Workspace


def check_names() -> list[tuple[str, str, str]]:
    """Return (code, name, severity) of every check, in the table's order."""
    return [(c.code, c.name, str(c.severity)) for c in CHECKS]


def cards_of(code_or_name: str) -> list[Card]:
    """Return the card of the check with this code, or of every check with this name.

    A rule and a query can have a fault of the same name. Raises UsageError with the nearest names
    when there is none.
    """
    from undersign.checks.cards import card

    wanted = code_or_name.strip().lower()
    found = [card(check) for check in CHECKS if wanted in (check.code.lower(), check.name)]
    if found:
        return found
    known = [c.name for c in CHECKS] + [c.code.lower() for c in CHECKS]
    near = get_close_matches(wanted, known, n=3, cutoff=0.4)
    raise UsageError(
        f"no check is called {code_or_name!r}",
        hint=f"did you mean {', '.join(near)}?" if near else "list them with: undersign explain",
    )


def cards() -> list[tuple[str, Card]]:
    """Return (code, card) of every check, in the table's order."""
    from undersign.checks.cards import card

    return [(check.code, card(check)) for check in CHECKS]


def cards_for(kind: str) -> list[tuple[str, Card]]:
    """Return (name, card) of the checks of one kind of artifact, in the table's order."""
    from undersign.checks.cards import card

    return [(check.name, card(check)) for check in CHECKS if kind in check.kinds]


def catalogs(workspace: Workspace | None = None) -> list[CatalogInfo]:
    """Return every catalog with edition, date and licence; those brought here in their place."""
    from undersign.catalogs.load import catalogs as load_catalogs
    from undersign.catalogs.load import referred
    from undersign.catalogs.references import load

    rows = load_catalogs()
    if workspace is None:
        return [*rows, *referred(load())]
    from undersign.workspace.threatmodelling.catalogs import references

    brought = references(workspace)
    return [*rows, *referred(brought, packaged=load())]
