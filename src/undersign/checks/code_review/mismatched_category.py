"""The check `mismatched-category`."""

from __future__ import annotations

from collections.abc import Iterator

from undersign.catalogs.owasp import Listed, OwaspLists, parts, read
from undersign.catalogs.weaknesses import VAGUE, Category, Weaknesses, ids_in
from undersign.checks.reading.wording import listed
from undersign.checks.spec import CannotRun, DoesNotApply
from undersign.records.candidate import Candidate
from undersign.records.finding import Fault, Seen


def mismatched_category(
    candidate: Candidate, weaknesses: Weaknesses, lists: OwaspLists
) -> Iterator[Fault | Seen]:
    """Report a CWE that is not of the OWASP category or of the kind of fault named beside it.

    Where a list names a CWE itself, that place is the only right one; otherwise every place of
    what it is a kind of is. Ids that do not exist are the business of other checks.
    """
    written = dict.fromkeys(i for text in candidate.cwe for i in ids_in(text))
    ids = tuple(i for i in written if i in weaknesses.entries)
    known = weaknesses.categories.get(candidate.category)
    category = known or weaknesses.categories.get(weaknesses.category_of(ids, ""))
    named = _entries(candidate, lists)
    if not (ids and (known or named)) and not (known and named):
        raise DoesNotApply
    said = [*_of_kind(ids, known, weaknesses)] if ids and known else []
    homeless = []
    for entry in named:
        if not entry.cwe:
            said += _of_concept(entry, category, lists)
            continue
        causes = ids or (category.cwe[:1] if category else ())
        told = list(_of_list(entry, causes, category, weaknesses, lists))
        said += told
        if not told:
            homeless.append(entry.id)
    yield from said
    if homeless and not said:
        reason = f"no OWASP list of that edition names {listed(ids)} or what it is a kind of"
        raise CannotRun("a list that names it", reason)


def _entries(candidate: Candidate, lists: OwaspLists) -> list[Listed]:
    """Return the entries that it names, of editions whose content is known."""
    found = []
    for text in (part for whole in candidate.owasp for part in parts(whole)):
        written = read(text)
        entry = lists.entries.get(f"{written.code}:{written.edition}") if written else None
        if entry is not None and (entry.cwe or entry.code.startswith("LLM")):
            found.append(entry)
    return found


def _of_kind(
    ids: tuple[str, ...], category: Category, weaknesses: Weaknesses
) -> Iterator[Fault | Seen]:
    if any(weaknesses.fits(i, category) for i in ids):
        yield Seen(f"{listed(ids)} may be {category.phrase}")
        return
    names = listed(f"{i} ({weaknesses.entries[i].name})" for i in ids)
    yield Fault(
        f"it is called {category.phrase}, which is {category.cwe[0]}, not {names}",
        evidence={"category": category.key, "cwe": list(ids)},
    )


def _of_list(
    entry: Listed,
    ids: tuple[str, ...],
    category: Category | None,
    weaknesses: Weaknesses,
    lists: OwaspLists,
) -> Iterator[Fault | Seen]:
    homes = {i: _homes(i, entry.edition, weaknesses, lists) for i in ids}
    if any(entry in found for found in homes.values()):
        yield Seen(f"{entry.id} {entry.name} is where {listed(ids)} belongs")
        return
    if category and entry.id in category.owasp and not _itself(ids, entry.edition, lists):
        yield Seen(f"{entry.id} {entry.name} is where {category.phrase} belongs")
        return
    right = sorted({e.id for i, found in homes.items() if i not in VAGUE for e in found})
    if right:
        verb, be = "lists" if len(right) == 1 else "list", "is" if len(ids) == 1 else "are"
        it = "it" if len(ids) == 1 else "them"
        yield Fault(
            f"{listed(ids)} {be} not of {entry.id} {entry.name}; {listed(right)} {verb} {it}",
            evidence={"cwe": list(ids), "owasp": entry.id, "listed_in": right},
        )


def _homes(id_: str, edition: str, weaknesses: Weaknesses, lists: OwaspLists) -> tuple[Listed, ...]:
    itself = lists.of_weakness((id_,), edition)
    return itself or lists.of_weakness(weaknesses.above(id_), edition)


def _itself(ids: tuple[str, ...], edition: str, lists: OwaspLists) -> bool:
    return bool(lists.of_weakness(ids, edition))


def _of_concept(
    entry: Listed, category: Category | None, lists: OwaspLists
) -> Iterator[Fault | Seen]:
    """Hold an id of the LLM list against a category that has its own place in that list."""
    if category is None or not category.concepts:
        return
    right = [i for key in category.concepts for i in lists.of_concept(key, entry.edition)]
    if entry.id in right:
        yield Seen(f"{entry.id} {entry.name} is where {category.phrase} belongs")
    elif right:
        yield Fault(
            f"{entry.id} is {entry.name}; {category.phrase} is {listed(right, 'or')}",
            evidence={"category": category.key, "owasp": entry.id, "listed_in": right},
        )
