"""How much one file may stand for: a short text can ask for more than any machine has."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True)
class Budget:
    """What is left for one file; spending says whether it was enough.

    The largest rule of SigmaHQ takes 4,432 comparisons with 219,165 characters.
    """

    atoms: int = 20_000
    """Comparisons, variants of values counted."""
    characters: int = 8 << 20
    """Of the texts compared with, variants of values counted."""
    references: int = 200_000
    """Comparisons named by conditions, patterns expanded: a selection named twice counts twice."""

    def spend(self, atoms: int, characters: int) -> bool:
        """Take comparisons and their characters; false when the file asks for too much."""
        self.atoms -= atoms
        self.characters -= characters
        return self.atoms >= 0 and self.characters >= 0

    def refer(self, atoms: int) -> bool:
        """Take comparisons named by a condition; false when the file asks for too much."""
        self.references -= atoms
        return self.references >= 0
