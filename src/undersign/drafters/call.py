"""The one door to every drafter."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from importlib import import_module

from undersign.errors import UsageError
from undersign.records.corpus import CorpusRule
from undersign.records.drafting import DraftGrounds, DraftResult, HuntGrounds, QueryDraft
from undersign.records.query import Query

DRAFTERS = (("offline", "sigma", "undersign.drafters.offline.sigma:draft"),)
"""Name of the drafter, kind it can draft, and where; imported when asked for."""
QUERY_DRAFTERS = (("offline", "undersign.drafters.offline.hunt"),)
"""Name of the drafter, and a module with its `ask` and `refine`; imported when asked for."""
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


def ask(language: str, drafter: str, grounds: HuntGrounds) -> QueryDraft:
    """Have a drafter write a query for a question.

    Raises:
        UsageError: There is no such drafter.
        BadInput: The drafter cannot make anything of the question.
    """
    module = import_module(_queries(drafter))
    drafted: QueryDraft = module.ask(
        grounds.question, grounds.links, grounds.visible, language, grounds.estate
    )
    return drafted


def refine(query: Query, drafter: str, grounds: HuntGrounds) -> QueryDraft:
    """Have a drafter edit a query by an instruction, `grounds.question`; raises as `ask` does."""
    module = import_module(_queries(drafter))
    edited: QueryDraft = module.refine(
        query.text, query, grounds.question, grounds.links, grounds.visible, grounds.estate
    )
    return edited


def _queries(drafter: str) -> str:
    places = dict(QUERY_DRAFTERS)
    if drafter not in places:
        raise UsageError(
            f"no drafter {drafter!r} writes queries", hint=f"drafters here: {', '.join(places)}"
        )
    return places[drafter]


def corpus_rule(path: str, text: str) -> CorpusRule | None:
    """Read one rule of a corpus as drafters and checks need it; None when it is no rule."""
    from undersign.drafters.offline.retrieve import corpus_rule as read

    return read(path, text)
