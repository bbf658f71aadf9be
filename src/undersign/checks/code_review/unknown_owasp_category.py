"""The check `unknown-owasp-category`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from undersign.catalogs.owasp import Listed, OwaspLists, Written, elsewhere, parts, read
from undersign.catalogs.weaknesses import plain
from undersign.checks.reading.labels import owner_of
from undersign.checks.reading.wording import quoted
from undersign.checks.spec import CannotRun, DoesNotApply
from undersign.records.candidate import Candidate
from undersign.records.finding import Fault, Seen, Severity

_IN_USE = "2017"
"""Editions before this one are known, and not told to a person as what an id may mean."""


def unknown_owasp_category(candidate: Candidate, lists: OwaspLists) -> Iterator[Fault | Seen]:
    """Report an OWASP id that no edition has, that names no edition, or that has another name."""
    if not candidate.owasp:
        raise DoesNotApply
    told, foreign = False, []
    for text in (part for whole in candidate.owasp for part in parts(whole)):
        written = read(text)
        if written is not None:
            told = True
            yield from _judged(text, written, lists)
        elif elsewhere(text):
            foreign.append(text)
        else:
            told = True
            yield Fault(f"{quoted(text)} is no id of an OWASP list")
    if foreign and not told:
        raise CannotRun("that list", f"{quoted(foreign[0])} is of a list that is not packaged")


def _judged(text: str, written: Written, lists: OwaspLists) -> Iterator[Fault | Seen]:
    editions = lists.editions(written.code)
    evidence = {"written": text[:200], "editions": [e.id for e in editions]}
    if not editions:
        yield Fault(f"no OWASP list has {written.code}", evidence=evidence)
    elif not written.edition and len(editions) > 1:
        yield _unqualified(text, written, editions, evidence)
    else:
        edition = written.edition or editions[0].edition
        entry = lists.entries.get(f"{written.code}:{edition}")
        if entry is None:
            known = ", ".join(e.edition for e in editions)
            message = f"{written.code} has no edition {quoted(edition)}; there are {known}"
            yield Fault(message, evidence=evidence)
        else:
            yield from _named(written, entry, lists)


def _unqualified(
    text: str, written: Written, editions: tuple[Listed, ...], evidence: Mapping[str, object]
) -> Fault:
    """Say what an id without its edition may mean; a name beside it may tell the edition."""
    recent = [e for e in editions if e.edition >= _IN_USE or e.edition == "1.1"]
    meant = [e for e in recent if written.name and plain(e.name) == plain(written.name)]
    if meant:
        ids = " or ".join(e.id for e in meant)
        return Fault(
            f"{quoted(text)} names no edition; with that name it is {ids}",
            evidence=evidence,
            suggestion=f"write {ids}",
            severity=Severity.NOTE,
        )
    said = "; ".join(f"{e.id} {e.name}" for e in recent)
    return Fault(f"{quoted(text)} names no edition, and depends on it: {said}", evidence=evidence)


def _named(written: Written, entry: Listed, lists: OwaspLists) -> Iterator[Fault | Seen]:
    def kin(other: str) -> bool:
        return other == entry.id

    names: dict[str, set[str]] = {}
    for one in lists.entries.values():
        for name in {plain(one.name), plain(one.name.partition("(")[0])}:
            names.setdefault(name, set()).add(one.id)
    by_name = {name: frozenset(ids) for name, ids in names.items()}
    owner = owner_of(written.name, entry.name, by_name, kin)
    if owner is None:
        yield Seen(f"{entry.id} is {entry.name}")
        return
    same = [i for i in by_name.get(plain(written.name), ()) if i.endswith(f":{entry.edition}")]
    more = f"; that is {min(same, default=owner)}" if owner else ""
    yield Fault(
        f"{entry.id} is {entry.name}, not {quoted(written.name)}{more}",
        evidence={"id": entry.id, "written": written.name, "owner": owner},
    )
