"""What stands between a request and a view."""

from __future__ import annotations

from dataclasses import dataclass

from undersign.records.candidate import Step

GUARDED, NOT_GUARDED, INERT, UNKNOWN = "guarded", "not guarded", "inert", "unknown"


@dataclass(frozen=True, slots=True)
class Guard:
    """One view, and what guards it."""

    file: str
    first: int
    last: int
    view: str
    verdict: str
    """`guarded`, `not guarded`, `inert` (there is a guard, and it does nothing) or `unknown`."""
    why: str
    steps: tuple[Step, ...] = ()
    """Where each guard stands."""
    authorizes: bool = False
    """Whether a guard asks for a role or a permission, and not only who somebody is."""


@dataclass(frozen=True, slots=True)
class Guards:
    """The ground `Guards`."""

    guards: tuple[Guard, ...] = ()
    analysed: frozenset[str] = frozenset()

    def of(self, file: str, line: int) -> Guard | None:
        """Return the guard of the innermost view around a line."""
        around = [g for g in self.guards if g.file == file and g.first <= line <= g.last]
        return min(around, key=lambda g: g.last - g.first, default=None)
