"""A kind of artifact is data: what it is called, which files are it, how its text is parsed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of artifact."""

    name: str
    surface: str
    suffixes: tuple[str, ...]
    matches: Callable[[str], bool]
    """Whether a text with one of the suffixes is of this kind; cheap, no full parse."""
    parse: Callable[[str], object]
    """Text -> tree with spans; raises nothing on bad text, the tree carries its problems."""
    template: str
    """Where `draft` puts a new one, relative to the workspace, with `{slug}`."""
    prompt: tuple[str, ...] = ()
    """What a drafter is told: files of the surface's `prompts/`, without `.md`, joined in order.
    The first that has a `.reply.json` says what a reply looks like. Empty: cannot be drafted."""
