"""`make-series` over stated bounds."""

from __future__ import annotations

from typing import Any


def lower_make_series(node: Any) -> Any:
    """Make operators of a `make-series` node."""
    return NotImplemented
