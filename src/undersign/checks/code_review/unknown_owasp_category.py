"""The check `unknown-owasp-category`."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import SequenceMatcher

from undersign.catalogs.owasp import Listed, OwaspLists, Written, read
from undersign.checks.spec import DoesNotApply
from undersign.records.candidate import Candidate
from undersign.records.finding import Fault, Seen, Severity

_ALIKE = 0.6


def unknown_owasp_category(candidate: Candidate, lists: OwaspLists) -> Iterator[Fault | Seen]:
    """Report an OWASP id that no edition has, that names no edition, or that has another name."""
    if not candidate.owasp:
        raise DoesNotApply
    for text in candidate.owasp:
        written = read(text)
        if written is None:
            yield Fault(f"{text!r} is no id of an OWASP list")
            continue
        yield from _judged(text, written, lists)


def _judged(text: str, written: Written, lists: OwaspLists) -> Iterator[Fault | Seen]:
    editions = lists.editions(written.code)
    if not editions:
        yield Fault(f"no OWASP list has {written.code}")
        return
    if written.edition:
        entry = lists.entries.get(f"{written.code}:{written.edition}")
        if entry is None:
            known = ", ".join(e.edition for e in editions)
            yield Fault(f"{written.code} is in no edition {written.edition}; editions: {known}")
            return
    else:
        entry = _by_name(written, editions)
        if entry is None:
            said = "; ".join(f"{e.id} {e.name}" for e in editions)
            yield Fault(
                f"{text} names no edition, and its meaning depends on it: {said}",
                severity=Severity.NOTE,
            )
            return
    if written.name and not _alike(written.name, entry):
        yield Fault(f"{entry.id} is {entry.name}, not {written.name}")
        return
    yield Seen(f"{entry.id} is {entry.name}")


def _by_name(written: Written, editions: tuple[Listed, ...]) -> Listed | None:
    """Return the edition that a name tells, when the name alone tells it."""
    named = [e for e in editions if written.name and _alike(written.name, e)]
    return named[0] if len({e.name for e in named}) == 1 and len(named) == 1 else None


def _alike(name: str, entry: Listed) -> bool:
    one, other = name.lower().strip(" -:"), entry.name.lower()
    return one in other or SequenceMatcher(None, one, other).ratio() >= _ALIKE
