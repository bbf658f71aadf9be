"""A table for people: what a view of a threat model comes to."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Table:
    """Rows below a heading, and what is missing from them."""

    title: str
    head: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    holes: tuple[str, ...] = ()
    """What the description does not say and this view would need."""
