"""The check `mismatched-category`."""

from __future__ import annotations

from collections.abc import Iterator

from undersign.catalogs.owasp import OwaspLists, read
from undersign.catalogs.weaknesses import Weaknesses, ids_in
from undersign.checks.spec import DoesNotApply
from undersign.records.candidate import Candidate
from undersign.records.finding import Fault, Seen


def mismatched_category(
    candidate: Candidate, weaknesses: Weaknesses, lists: OwaspLists
) -> Iterator[Fault | Seen]:
    """Report a CWE that is not of the OWASP category or of the kind of fault named beside it."""
    ids = tuple(i for text in candidate.cwe for i in ids_in(text))
    category = weaknesses.categories.get(candidate.category)
    named = [w for text in candidate.owasp if (w := read(text)) and w.edition in ("2021", "2025")]
    if not ids or not (named or category):
        raise DoesNotApply
    if category is not None and not _fits(ids, category.cwe, weaknesses):
        yield Fault(
            f"{', '.join(ids)} is not {category.title.lower()}; that is {category.cwe[0]}",
            evidence={"category": category.key},
        )
    wide = frozenset(a for i in ids for a in weaknesses.above(i))
    for one in named:
        entry = lists.entries.get(f"{one.code}:{one.edition}")
        if entry is None or not entry.cwe:
            continue
        right = [e.id for e in lists.of_weakness(wide) if e.edition == one.edition]
        if entry.id in right:
            yield Seen(f"{entry.id} lists {', '.join(ids)}")
        elif right:
            yield Fault(
                f"{', '.join(ids)} is not of {entry.id} {entry.name}; "
                f"{' and '.join(right)} lists it",
                evidence={"lists": right},
            )


def _fits(ids: tuple[str, ...], accepted: tuple[str, ...], weaknesses: Weaknesses) -> bool:
    known = [i for i in ids if i in weaknesses.entries]
    if not known:
        return True  # what does not exist is told by `unknown-weakness`
    return any(i in accepted or accepted[0] in weaknesses.above(i) for i in known)
