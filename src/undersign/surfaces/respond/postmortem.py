"""A postmortem in Markdown: what claims show is told, what nobody said is asked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from undersign.records.claim import Claim, ClaimKind, Entry
from undersign.records.evidence import Evidence, Medium
from undersign.records.timeline import Mark, Milestone, Timeline
from undersign.surfaces.respond.filled import NOTHING, Action, Filled, Point, Why
from undersign.surfaces.respond.wording import MEASURES, at, escaped, length, sentence

UNSAID = "Nobody has said yet"
"""With these words begins what is still to be said; a check finds them."""
_MOST = 60
"""Lines of the timeline; the rest is counted, and stands in timeline.json."""
_ASKED = {
    "Impact": "who noticed what, for how long, and which data or money is concerned",
    "Contributing factors": "what let it happen, and what let it go on",
    "What went well": "what kept it from getting worse",
    "What was difficult": "what cost time, and what nobody could see",
}


def postmortem(
    timeline: Timeline,
    evidence: Mapping[str, Evidence],
    timeline_digest: str,
    filled: Filled = NOTHING,
) -> str:
    """Return the postmortem of an incident.

    `timeline_digest` is the hex SHA-256 of the timeline.json it is written from. Words of a drafter
    are marked as inference; the others are rendered from claims.
    """
    parts = [
        *_front(timeline, timeline_digest, filled),
        f"# Postmortem: {escaped(timeline.title)}",
        "",
        "All times are UTC. What stands in brackets is the evidence: open it with "
        f"`undersign respond evidence {timeline.incident} ADDRESS`.",
        *_section("Summary", [*_summary(timeline), *_points(filled.summary, filled.by)], ""),
        *_section("Impact", [*_points(filled.impact, filled.by)], _ASKED["Impact"]),
        *_section("Timeline", [*_timeline(timeline)], "nothing stands at a time"),
        *_milestones(timeline),
    ]
    for title, points in (
        ("Contributing factors", filled.factors),
        ("Five whys", ()),
        ("What went well", filled.well),
        ("What was difficult", filled.difficult),
    ):
        if title == "Five whys":
            parts += _whys(filled.whys, filled.by)
        else:
            parts += _section(title, [*_points(points, filled.by)], _ASKED[title])
    parts += _actions(filled.actions)
    parts += _section("Open questions", [*_questions(timeline, evidence, filled)], "")
    parts += _section("Sources", [*_sources(timeline)], "")
    return "\n".join(parts) + "\n"


def notable(timeline: Timeline, most: int) -> list[Entry]:
    """Return the entries worth a reader's time, in order: milestones, messages, rare log lines.

    Failures come before successes, single lines before runs of many.
    """
    if len(timeline.entries) <= most:
        return list(timeline.entries)
    marks = {m.claim for m in timeline.milestones}
    ranked = sorted(
        timeline.entries,
        key=lambda e: (
            e.claim.id not in marks,
            "author" not in e.claim.slots,
            e.claim.slots.get("outcome") != "failure",
            e.count,
            e.start,
        ),
    )
    kept = {entry.claim.id for entry in ranked[:most]}
    return [entry for entry in timeline.entries if entry.claim.id in kept]


def _front(timeline: Timeline, digest: str, filled: Filled) -> Iterator[str]:
    yield "---"
    yield "kind: postmortem"
    yield f"incident: {timeline.incident}"
    yield f"timeline_sha256: {digest}"
    yield f'drafter: "{filled.by}"'
    yield "time_zone: UTC"
    yield "---"


def _section(title: str, lines: Sequence[str], asked: str) -> Iterator[str]:
    yield ""
    yield f"## {title}"
    yield ""
    if lines:
        yield from (f"- {line}" for line in lines)
    elif asked:
        yield f"{UNSAID}: {asked}."
    else:
        yield "None."


def _points(points: Sequence[Point], by: str) -> Iterator[str]:
    for one in points:
        cites = ", ".join(one.cites)
        yield f"{escaped(one.text.rstrip('. ') + '.')} {_inferred(one, by)} [{cites}]"


def _inferred(one: Point, by: str) -> str:
    """Say that something is concluded, from whose words if from words alone, and by whom."""
    heard = f" from what {escaped(', '.join(one.heard))} wrote" if one.heard else ""
    return f"(inference{heard}, by {escaped(by)})"


def _summary(timeline: Timeline) -> Iterator[str]:
    for one in timeline.milestones:
        claim = timeline.claim(one.claim) if one.claim else None
        if claim is not None and one.mark in (Mark.DETECTED, Mark.MITIGATED, Mark.RESOLVED):
            yield f"{str(one.mark).capitalize()}: {sentence(claim)}"
    yield from (sentence(claim) for claim in _measures(timeline))
    judged = (c for c in timeline.claims if c.kind is ClaimKind.JUDGEMENT)
    yield from (sentence(claim) for claim in judged)


def _measures(timeline: Timeline) -> Iterator[Claim]:
    return (c for c in timeline.claims if c.kind is ClaimKind.DERIVED)


def _timeline(timeline: Timeline) -> Iterator[str]:
    shown = notable(timeline, _MOST)
    yield from (sentence(entry.claim) for entry in shown)
    left = len(timeline.entries) - len(shown)
    if left:
        yield f"and {left:,} more entries, in timeline.json"


def _milestones(timeline: Timeline) -> Iterator[str]:
    yield from ("", "## Milestones and measures", "", "| What | When, how long | Shown by |")
    yield "|---|---|---|"
    for one in timeline.milestones:
        yield f"| {one.mark} | {_when(one)} | {_shown_by(one)} |"
    for claim in _measures(timeline):
        seconds = float(claim.slots.get("seconds", "0"))
        name = MEASURES.get(claim.slots.get("measure", ""), "Counted")
        yield f"| {name} | {length(seconds)} | [{claim.id}] |"


def _when(one: Milestone) -> str:
    return at(one.time) if one.time is not None and one.claim else "not named"


def _shown_by(one: Milestone) -> str:
    return f"[{one.claim}]" if one.claim else escaped(one.reason)


def _whys(whys: Sequence[Why], by: str) -> Iterator[str]:
    yield from ("", "## Five whys", "")
    if not whys:
        yield f"{UNSAID}: why it happened, asked until the answer is a system or a process."
    for one in whys:
        indent = "   " * (one.depth - 1)
        answer = f"{escaped(one.because.text.rstrip('. ') + '.')} {_inferred(one.because, by)}"
        cites = ", ".join(one.because.cites)
        yield f"{indent}1. {escaped(one.question).rstrip('?')}? Because: {answer} [{cites}]"


def _actions(actions: Sequence[Action]) -> Iterator[str]:
    yield from ("", "## Action items", "", "| Action | Type | Owner | Due |", "|---|---|---|---|")
    for one in actions:
        cells = (one.what, one.kind or "TBD", one.owner or "TBD", one.due or "TBD")
        yield f"| {' | '.join(map(escaped, cells))} |"
    if not actions:
        yield f"| {UNSAID}: what is done so that this cannot happen again | TBD | TBD | TBD |"


def _questions(
    timeline: Timeline, evidence: Mapping[str, Evidence], filled: Filled
) -> Iterator[str]:
    for one in timeline.milestones:
        if one.claim is None:
            asked = "did it begin" if one.mark is Mark.BEGAN else f"was it {one.mark}"
            yield f"When {asked}? Nothing named it: {escaped(one.reason)}."
    for gap in timeline.gaps:
        silent = length((gap.end - gap.start).total_seconds())
        who = escaped(gap.source) or "every source"
        yield f"What happened while {who} said nothing, for {silent} from {at(gap.start)}?"
    unread = [one.id for one in evidence.values() if not one.confirmed]
    if unread:
        yield f"Who compares what was read from pictures? [{', '.join(unread[:5])}]"
    edited = [one.id for one in evidence.values() if one.edited and one.medium is not Medium.LOG]
    for address in edited[:5]:
        yield f"What did {address} say before it was edited? [{address}]"
    for said in timeline.warnings[:10]:
        yield f"Is this so: {escaped(said)}?"
    yield from (f"{escaped(one)} (asked by {escaped(filled.by)})" for one in filled.questions)
    if filled.struck:
        yield (
            f"{filled.struck} more things were drafted and struck: they cite nothing that is "
            f"there, "
            "or say what their evidence does not."
        )


def _sources(timeline: Timeline) -> Iterator[str]:
    for one in timeline.sources.values():
        clock = f"zone {escaped(one.zone)} ({one.zone_known})"
        read = f"{escaped(one.format)}, {one.lines:,} lines, {clock}"
        yield f"{escaped(one.name)}: {read}, sha256 {one.digest[:16]}"
