"""The question on its way to a plan: what is linked, what has been used, what stays open."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from undersign.drafters.offline.hunt.plan import Ref
from undersign.languages.question.names import columns_of_role
from undersign.records.estate import Estate
from undersign.records.question import Link, Links, Piece, Question
from undersign.records.visible import Visible, VisibleColumn, VisibleTable


@dataclass(slots=True)
class Desk:
    """Everything one draft is made from; `used` and `open` grow while it is made."""

    question: Question
    links: Links
    visible: Visible
    estate: Estate | None
    table: VisibleTable
    used: list[Piece] = field(default_factory=list)
    open: list[str] = field(default_factory=list)
    sources: list[str] = field(default_factory=list)
    missing: int = 0
    """Stated values and groupings that no column of this table can hold."""
    preferred: frozenset[str] = frozenset()
    """Columns that a query under edit uses already."""

    def use(self, piece: Piece | None) -> None:
        """Note that these words have shaped something."""
        if piece is not None and piece.end > piece.start:
            self.used.append(piece)

    def is_used(self, piece: Piece) -> bool:
        """Tell whether some of these words have shaped something already."""
        return any(one.start < piece.end and piece.start < one.end for one in self.used)

    def ask(self, question: str) -> None:
        """Leave a question to the asker, once."""
        if question not in self.open:
            self.open.append(question)

    def role(self, *roles: str) -> Ref | None:
        """Return the best column of the first role that this table has."""
        found = [ref for role in roles for ref in self.roles(role)]
        kept = [ref for ref in found if ref.name in self.preferred]
        return next(iter(kept or found), None)

    def entity(self, role: str) -> Ref | None:
        """Return the column of a role that tells rows apart: one that is mostly filled."""
        found = self.roles(role)
        best = max((self.column(ref).fill or 0.0 for ref in found), default=0.0)
        full = (ref for ref in found if (self.column(ref).fill or 0.0) >= 0.9 * best)
        return next(full, None)

    def roles(self, role: str) -> tuple[Ref, ...]:
        """Return every column of a role, best first."""
        found = tuple(self.ref(column) for column in columns_of_role(self.table, role))
        kept = tuple(ref for ref in found if ref.name in self.preferred)
        return kept or found

    def ref(self, column: str) -> Ref:
        """Return a column of the table by its name."""
        found = self.table.columns[column]
        return Ref(found.name, found.type)

    def column(self, ref: Ref) -> VisibleColumn:
        """Return what is known of a column."""
        return self.table.columns[ref.name]

    def columns(self) -> Iterator[Link]:
        """Yield the links to columns of this table, in order of text."""
        mine = [one for one in self.links.columns if one.table == self.table.name and one.column]
        yield from sorted(mine, key=lambda one: (one.piece.start, -one.score))

    def best_in(self, start: int, end: int, least: float = 0.5) -> Link | None:
        """Return the best column named within these characters."""
        inside = [
            one
            for one in self.columns()
            if one.piece.start < end and one.piece.end > start and one.score >= least
        ]
        return max(inside, key=lambda o: (o.piece.end - o.piece.start, o.score), default=None)


def seen(column: VisibleColumn, text: str) -> tuple[str, bool]:
    """Return the value really seen that this text means, else the text; and whether one was."""
    if text in column.examples:
        return text, True
    low = text.lower()
    for example in column.examples:
        if example.lower() == low:
            return example, True
    return text, False
