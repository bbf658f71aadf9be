"""`search` and `where * has`: a term in any text column."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

LOWERED_SEARCH: dict[str, Callable[[Any], Any]] = {}
