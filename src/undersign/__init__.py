"""Undersign: AI drafts, the machine checks, a human signs.

    import undersign

    ws = undersign.open()
    ws.ask("failed logons per user in the last day")

The whole public API is in `__all__`; docs/reference/library.md shows it at work. Nothing is
imported before it is used. Types for readers and type checkers are in `__init__.pyi`.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

__version__ = "0.1.0"

# By string, and not by import: every floor reads the version here and may not know the top one.
_PLACES = {
    "BadInput": "undersign.errors",
    "DrafterFailed": "undersign.errors",
    "Findings": "undersign.faces.library.findings",
    "NoWorkspace": "undersign.errors",
    "PolicyRefused": "undersign.errors",
    "QueryRefused": "undersign.errors",
    "Result": "undersign.faces.library.result",
    "StorageError": "undersign.errors",
    "UndersignError": "undersign.errors",
    "UsageError": "undersign.errors",
    "Workspace": "undersign.faces.library.opened",
    "open": "undersign.faces.library.opened",
}
"""Public name -> the module that holds it."""

__all__ = sorted([*_PLACES, "__version__"])


def __getattr__(name: str) -> Any:
    """Import a public name when it is first asked for."""
    place = _PLACES.get(name)
    if place is None:
        raise AttributeError(f"module 'undersign' has no attribute {name!r}")
    found = getattr(import_module(place), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    """Return what completion should offer: the public names."""
    return list(__all__)
