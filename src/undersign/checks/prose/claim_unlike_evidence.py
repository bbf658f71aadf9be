"""claim-unlike-evidence: a claim whose slots are not in the evidence that it cites."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from undersign.records.claim import Claim, ClaimKind, Entry
from undersign.records.evidence import ROLES, CaseFile, Evidence
from undersign.records.finding import Fault
from undersign.records.timeline import Timeline, TimelineFile

_SHOWN = 3
_CUT = "..."


def claim_unlike_evidence(file: TimelineFile, case: CaseFile) -> Iterator[Fault]:
    """Hold every observed claim against its evidence and compute every derived one again."""
    timeline = file.timeline
    entries = {entry.claim.id: entry for entry in timeline.entries}
    for claim in timeline.every_claim():
        unknown = [one for one in claim.evidence if case.get(one) is None]
        for address in unknown:
            yield Fault(f"{claim.id} cites {address}, which is not in evidence.jsonl")
        if unknown:
            continue
        if claim.kind is ClaimKind.OBSERVED:
            cited = [one for one in map(case.get, claim.evidence) if one is not None]
            yield from _observed(claim, cited, entries.get(claim.id))
        if claim.kind is ClaimKind.DERIVED:
            yield from _derived(claim, timeline)


def _observed(claim: Claim, cited: Sequence[Evidence], entry: Entry | None) -> Iterator[Fault]:
    if not cited:
        yield Fault(f"{claim.id} is told as observed and cites nothing")
        return
    if claim.text:
        yield Fault(f"{claim.id} is told as observed in free words: {claim.text[:80]!r}")
    for role in ROLES:
        if role in claim.slots:
            known = {value for one in cited for value in one.facts.get(role, ())}
            yield from _unlike(claim, role, claim.slots[role], known)
    if "author" in claim.slots:
        yield from _unlike(claim, "author", claim.slots["author"], {one.author for one in cited})
    if "outcome" in claim.slots:
        yield from _unlike(claim, "outcome", claim.slots["outcome"], {one.outcome for one in cited})
    if quote := claim.slots.get("quote"):
        yield from _quoted(claim, quote, cited)
    if entry is not None:
        yield from _timed(claim, entry, cited)


def _unlike(claim: Claim, role: str, said: str, known: set[str]) -> Iterator[Fault]:
    if said not in known:
        real = sorted(known - {""})[:_SHOWN]
        shown = ", ".join(map(repr, real)) or f"no {role}"
        yield Fault(
            f"{claim.id} says {role} {said!r}, and its evidence says {shown}",
            evidence={"claim": claim.id, "evidence": list(claim.evidence)},
            suggestion=real[0] if len(real) == 1 else None,
        )


def _quoted(claim: Claim, quote: str, cited: Sequence[Evidence]) -> Iterator[Fault]:
    wanted = " ".join(quote.removesuffix(_CUT).removesuffix("…").split())
    if not any(wanted in " ".join(one.text.split()) for one in cited):
        yield Fault(f"{claim.id} quotes words that its evidence does not have: {quote[:80]!r}")


def _timed(claim: Claim, entry: Entry, cited: Sequence[Evidence]) -> Iterator[Fault]:
    times = [one.time for one in cited]
    for name, said in (("begins", entry.start), ("ends", entry.end)):
        if said is not None and said not in times:
            real = ", ".join(_clock(t) for t in times[:_SHOWN] if t) or "no time"
            yield Fault(f"{claim.id} {name} at {_clock(said)}, and its evidence is of {real}")
    written = claim.slots.get("time")
    if written is not None and written not in {_clock(t) for t in times if t}:
        yield Fault(f"{claim.id} says {written}, and none of its evidence is of that time")
    if entry.count < len(set(claim.evidence)) and entry.count > 1:
        yield Fault(
            f"{claim.id} stands for {entry.count} lines and cites {len(set(claim.evidence))}"
        )


def _derived(claim: Claim, timeline: Timeline) -> Iterator[Fault]:
    if "measure" not in claim.slots:
        return
    times = [timeline.time_of(one) for one in claim.claims]
    first, last = (times[0], times[-1]) if len(times) == 2 else (None, None)
    if first is None or last is None:
        yield Fault(f"{claim.id} is derived from claims that say no time: {list(claim.claims)}")
        return
    seconds = (last - first).total_seconds()
    if claim.slots.get("seconds") not in {str(seconds), str(round(seconds)), f"{seconds:.0f}"}:
        yield Fault(
            f"{claim.id} says {claim.slots.get('seconds')} s of {claim.slots['measure']}, and "
            f"from {claim.claims[0]} to {claim.claims[1]} it is {seconds:.0f} s"
        )


def _clock(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")
