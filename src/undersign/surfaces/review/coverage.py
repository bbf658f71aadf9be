"""The coverage statement: which files were looked at, which categories, and what was not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from undersign.catalogs.owasp import Listed, OwaspLists, read
from undersign.catalogs.weaknesses import Category, Weaknesses
from undersign.records.review import CategoryCoverage, Coverage, Examined, FileCoverage, Looker
from undersign.surfaces.review.areas import areas

_EDITIONS = ("2021", "2025")
_BY_GUARDS = ("missing-authentication", "missing-authorization")
_VERIFIED = "a claim is held against the guards upstream; nothing here searches for one"
_HUMAN = {"A04:2021": "design is assessed by people", "A06:2025": "design is assessed by people"}


def coverage(
    files: Sequence[FileCoverage],
    lookers: Sequence[Looker],
    findings: Sequence[Examined],
    known: tuple[Weaknesses, OwaspLists],
) -> Coverage:
    """Say what was looked at.

    A category counts as looked for only when something that can see it read at least one file.
    Drafters were asked; that is not the same as having looked, and is told apart.
    """
    weaknesses, lists = known
    ran = {name for one in files for name in one.looked}
    ran &= {one.name for one in lookers if not one.by_drafter}
    rows = [
        _category(entry, weaknesses, lists, ran, findings)
        for entry in lists.entries.values()
        if entry.edition in _EDITIONS and entry.code.startswith(("A", "LLM"))
        and not entry.code.startswith("ASI")
    ]  # fmt: skip
    rows += [_weakness(one, ran, findings) for one in weaknesses.categories.values()]
    asked = sorted({one.name for one in lookers if one.by_drafter and not one.failed})
    return Coverage(tuple(files), tuple(_asked(row, asked) for row in rows), areas(files))


def _asked(row: CategoryCoverage, drafters: Sequence[str]) -> CategoryCoverage:
    """Tell, where nothing looked, that models were asked: their silence says nothing either."""
    return row if row.looked else replace(row, asked=tuple(drafters))


def _category(
    entry: Listed,
    weaknesses: Weaknesses,
    lists: OwaspLists,
    ran: set[str],
    findings: Sequence[Examined],
) -> CategoryCoverage:
    inside = [c for c in weaknesses.categories.values() if entry.id in _lists_of(c, lists)]
    looked = sorted({name for one in inside for name in one.looked if name in ran})
    keys = {one.key for one in inside}
    count = sum(one.candidate.category in keys or _says(one, entry) for one in findings)
    if entry.id in _HUMAN:
        return CategoryCoverage(entry.id, entry.name, (), count, _HUMAN[entry.id])
    seen = sorted(c.title.lower() for c in inside if set(c.looked) & ran)
    note = f"only: {', '.join(seen)}" if seen else ""
    return CategoryCoverage(entry.id, entry.name, tuple(looked), count, note)


def _says(one: Examined, entry: Listed) -> bool:
    written = [read(text) for text in one.candidate.owasp]
    return any(w is not None and f"{w.code}:{w.edition}" == entry.id for w in written)


def _lists_of(category: Category, lists: OwaspLists) -> set[str]:
    """Return the ids of every list that a category belongs to."""
    found = {*category.owasp, *(e.id for e in lists.of_weakness(category.cwe[:1]))}
    for concept in category.concepts:
        found |= {one.removeprefix("~") for one in lists.concepts.get(concept, ())}
    return found


def _weakness(category: Category, ran: set[str], findings: Sequence[Examined]) -> CategoryCoverage:
    count = sum(one.candidate.category == category.key for one in findings)
    looked = tuple(sorted(set(category.looked) & ran))
    note = _VERIFIED if category.key in _BY_GUARDS else ""
    return CategoryCoverage(category.cwe[0], category.title, looked, count, note)
