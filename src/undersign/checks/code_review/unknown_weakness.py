"""The check `unknown-weakness`."""

from __future__ import annotations

import re
from collections.abc import Iterator

from undersign.catalogs.weaknesses import Weakness, Weaknesses, ids_in
from undersign.checks.reading.labels import owner_of
from undersign.checks.reading.wording import quoted
from undersign.checks.spec import DoesNotApply
from undersign.records.candidate import Candidate
from undersign.records.finding import Fault, Seen, Severity

_NAMED = re.compile(r"(?i)CWE[-_ :]?0*\d+\s*[-:(–—]*\s*(.{3,200}?)[)\s.]*$", re.DOTALL)


def unknown_weakness(candidate: Candidate, weaknesses: Weaknesses) -> Iterator[Fault | Seen]:
    """Report a CWE id that does not exist, is withdrawn, is no weakness, or has another name."""
    if not candidate.cwe:
        raise DoesNotApply
    for written in candidate.cwe:
        ids = ids_in(written)
        if not ids:
            yield Fault(f"{quoted(written)} is no CWE id", evidence={"written": written[:200]})
        for one in ids:
            yield from _judged(one, weaknesses)
        if len(ids) == 1 and ids[0] in weaknesses.entries:
            yield from _named(written, weaknesses.entries[ids[0]], weaknesses)


def _judged(id_: str, weaknesses: Weaknesses) -> Iterator[Fault | Seen]:
    entry = weaknesses.entries.get(id_)
    if entry is None:
        yield Fault(_absent(id_, weaknesses), evidence={"id": id_, "edition": weaknesses.edition})
        return
    heads = {c.cwe[0] for c in weaknesses.categories.values()}
    what = f"{id_} ({entry.name})"
    evidence = {"id": id_, "status": entry.status, "mapping": entry.mapping}
    if entry.status == "Deprecated":
        name = entry.name.removeprefix("DEPRECATED: ")
        yield Fault(f"{id_} ({name}) is deprecated", evidence=evidence)
    elif entry.abstraction in ("Category", "View"):
        kind = f"{entry.status} {entry.abstraction}".removeprefix("Incomplete ").lower()
        kind = kind.removeprefix("draft ").removeprefix("stable ")
        article = "an" if kind[0] in "aeiou" else "a"
        yield Fault(f"{what} is {article} {kind} of CWE and no weakness", evidence=evidence)
    elif entry.mapping == "Prohibited":
        yield Fault(f"{what} may not be named as a cause, says CWE", evidence=evidence)
    elif entry.mapping == "Discouraged" and id_ not in heads:
        yield Fault(
            f"{what} is too general: CWE discourages naming it",
            evidence=evidence,
            suggestion="name the kind of it that the code has",
            severity=Severity.NOTE,
        )
    else:
        since = f", since CWE {entry.since}" if entry.since else ""
        yield Seen(f"{id_} is {entry.name}{since}", evidence=evidence)


def _absent(id_: str, weaknesses: Weaknesses) -> str:
    newest = max(int(one[4:]) for one in weaknesses.entries)
    edition = f"CWE {weaknesses.edition} ({weaknesses.date})"
    if int(id_[4:]) > newest:
        return f"{id_} is newer than {edition}, or invented"
    return f"{id_} is not in {edition}"


def _named(written: str, entry: Weakness, weaknesses: Weaknesses) -> Iterator[Fault]:
    """Report a name beside the id that is not its name."""
    found = _NAMED.search(written)
    if found is None:
        return

    def kin(other: str) -> bool:
        return other in weaknesses.above(entry.id) or entry.id in weaknesses.above(other)

    owner = owner_of(found[1], entry.name, weaknesses.names, kin)
    if owner is None:
        return
    more = f"; that is {owner}" if owner else ""
    yield Fault(
        f"{entry.id} is {entry.name}, not {quoted(found[1])}{more}",
        evidence={"id": entry.id, "written": found[1], "owner": owner},
    )
