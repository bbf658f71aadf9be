"""The check `flipped-polarity`."""

from __future__ import annotations

from collections.abc import Iterator

from undersign.checks.reading.asked import clearly_excluded, clearly_wanted, telling
from undersign.checks.reading.outcomes import keeps_failed
from undersign.checks.reading.query_filters import Filter, filters
from undersign.checks.reading.wording import quoted
from undersign.records.finding import Fault, Severity
from undersign.records.query import Query
from undersign.records.question import Question


def flipped_polarity(query: Query, question: Question) -> Iterator[Fault]:
    """Report a filter that keeps what the question excludes, or excludes what it asks for."""
    found = tuple(filters(query))
    outcome = _outcome(found, question)
    if outcome:
        yield outcome
    wanted_somewhere = {t.lower() for one in found if not one.excludes for t in one.texts}
    excluded_somewhere = {t.lower() for one in found if one.excludes for t in one.texts}
    for one in found:
        for text in telling(one.texts):
            if one.excludes:
                lost = text.lower() not in wanted_somewhere and clearly_wanted(question, text)
                if lost and not _mixed(question, text):
                    yield _fault(one, text, "asks for", "throws it out")
                continue
            kept = one.sure and text.lower() not in excluded_somewhere
            if kept and clearly_excluded(question, text):
                yield _fault(one, text, "excludes", "keeps only it")


def _outcome(found: tuple[Filter, ...], question: Question) -> Fault | None:
    """Compare failed or successful, where each side says one of them only."""
    asked = {p.failed for p in question.polarity}
    read = [(one, keeps_failed(one)) for one in found]
    kept = {k for _, k in read if k is not None}
    if len(asked) != 1 or len(kept) != 1 or asked == kept:
        return None
    one = next(o for o, k in read if k is not None)
    word = question.polarity[0].piece.text
    other = "failures" if kept == {True} else "successes"
    return Fault(
        f"the question says {quoted(word)}; {quoted(one.comparison.text)} keeps {other}",
        one.comparison.span,
        {"asked": word, "filter": one.comparison.text},
        "turn the comparison round",
    )


def _fault(one: Filter, text: str, asked: str, does: str) -> Fault:
    return Fault(
        f"the question {asked} {quoted(text)}; {quoted(one.comparison.text)} {does}",
        one.comparison.span,
        {"value": text, "filter": one.comparison.text},
        "turn the comparison round",
        None if one.sure else Severity.NOTE,
    )


def _mixed(question: Question, text: str) -> bool:
    """Say whether the word is so common that the question may not mean the value by it."""
    return text.islower() and len(text) < 5 and text in question.text
