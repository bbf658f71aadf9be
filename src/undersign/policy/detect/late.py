"""Expressions that are compiled when they are first needed: most of the rules never are."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any


@dataclass(frozen=True, slots=True)
class Late:
    """An expression of RE2, for bytes. May be shared between threads."""

    source: bytes

    def match(self, data: bytes, at: int = 0) -> Any:
        """Return what it matches from `at` on, or None."""
        return _compiled(self.source).match(data, at)

    def finditer(self, data: bytes) -> Any:
        """Return an iterator over its matches."""
        return _compiled(self.source).finditer(data)


@lru_cache(maxsize=4096)
def _compiled(source: bytes) -> Any:
    import re2

    return re2.compile(source)
