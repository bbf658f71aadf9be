"""What a deployment looks like now: a ground of truth for what was agreed about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Observed:
    """The elements that a deployment's own files describe."""

    ground = "the deployment's files"

    source: str
    """The file, as the person named it."""
    hashes: Mapping[str, str]
    """Element id -> hash of the facts that the file states of it."""
