"""The one door to every drafter."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from importlib import import_module

from undersign.errors import UsageError
from undersign.records.corpus import CorpusRule
from undersign.records.drafting import DraftGrounds, DraftResult

DRAFTERS = (("offline", "sigma", "undersign.drafters.offline.sigma:draft"),)
"""Name of the drafter, kind it can draft, and where; imported when asked for."""
Drafter = Callable[..., DraftResult]


def draft(
    kind: str, brief: str, drafter: str, grounds: DraftGrounds, *, now: dt.datetime
) -> DraftResult:
    """Have a drafter write an artifact of a kind from a brief.

    Raises:
        UsageError: There is no such drafter, or it does not draft this kind.
        BadInput: The drafter cannot make anything of the brief.
    """
    names = dict.fromkeys(name for name, _, _ in DRAFTERS)
    if drafter not in names:
        raise UsageError(
            f"there is no drafter {drafter!r}", hint=f"drafters here: {', '.join(names)}"
        )
    kinds = {k: place for name, k, place in DRAFTERS if name == drafter}
    if kind not in kinds:
        raise UsageError(f"{drafter} cannot draft {kind!r}", hint=f"it drafts: {', '.join(kinds)}")
    module, _, name = kinds[kind].partition(":")
    function: Drafter = getattr(import_module(module), name)
    return function(brief, grounds, now=now)


def corpus_rule(path: str, text: str) -> CorpusRule | None:
    """Read one rule of a corpus as drafters and checks need it; None when it is no rule."""
    from undersign.drafters.offline.retrieve import corpus_rule as read

    return read(path, text)
