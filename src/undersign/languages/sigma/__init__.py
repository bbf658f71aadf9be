"""Sigma: YAML text -> documents with spans and condition trees."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from undersign.languages.sigma.document import SigmaFile

__all__ = ["parse"]


def parse(text: str, placeholders: Mapping[str, Sequence[str]] | None = None) -> SigmaFile:
    """Parse a Sigma file of any number of documents; never raises on bad text.

    `placeholders` gives the values of `%name%` under the modifier `expand`.
    """
    # Whoever loads stored rules needs neither YAML nor pySigma, whose imports take long.
    from undersign.languages.sigma.read_document import read

    return read(text, placeholders)
