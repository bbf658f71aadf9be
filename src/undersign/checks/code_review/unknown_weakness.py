"""The check `unknown-weakness`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from difflib import SequenceMatcher

from undersign.catalogs.weaknesses import Weakness, Weaknesses, ids_in
from undersign.checks.spec import DoesNotApply
from undersign.records.candidate import Candidate
from undersign.records.finding import Fault, Seen, Severity

_WRITTEN = re.compile(r"(?i)CWE[-_ ]?0*\d+\s*[:(]\s*([^)\n;,]{4,80})")
_ALIKE = 0.5


def unknown_weakness(candidate: Candidate, weaknesses: Weaknesses) -> Iterator[Fault | Seen]:
    """Report a CWE id that does not exist, is withdrawn, is no weakness, or has another name."""
    if not candidate.cwe:
        raise DoesNotApply
    for written in candidate.cwe:
        ids = ids_in(written)
        if not ids:
            yield Fault(f"{written!r} is no CWE id")
        for one in ids:
            yield from _judged(one, weaknesses)
        if len(ids) == 1 and ids[0] in weaknesses.entries:
            yield from _named(written, weaknesses.entries[ids[0]])


def _judged(id_: str, weaknesses: Weaknesses) -> Iterator[Fault | Seen]:
    entry = weaknesses.entries.get(id_)
    newest = f"CWE {weaknesses.edition}"
    known = any(id_ in c.cwe for c in weaknesses.categories.values())
    if entry is None and known:
        yield Seen(f"{id_} is newer than {newest}")
    elif entry is None:
        yield Fault(f"{id_} is not in {newest}")
    elif entry.status in ("Deprecated", "Obsolete"):
        yield Fault(f"{id_} is {entry.status.lower()}")
    elif entry.abstraction in ("Category", "View"):
        kind = entry.abstraction.lower()
        yield Fault(
            f"{id_} ({entry.name}) is a {kind} and not a weakness", severity=Severity.WARNING
        )
    elif entry.mapping in ("Prohibited", "Discouraged"):
        yield Fault(
            f"{id_} ({entry.name}) is too general: MITRE advises against naming it",
            severity=Severity.NOTE,
        )
    else:
        yield Seen(f"{id_} is {entry.name}")


def _named(written: str, entry: Weakness) -> Iterator[Fault]:
    found = _WRITTEN.search(written)
    if found is None:
        return
    said = found[1].strip().lower()
    real = entry.name.lower()
    inner = re.findall(r"'([^']+)'", real)
    alike = max(SequenceMatcher(None, said, name).ratio() for name in (real, *inner))
    if alike < _ALIKE and said not in real:
        yield Fault(f"{entry.id} is {entry.name}, not {found[1].strip()}")
