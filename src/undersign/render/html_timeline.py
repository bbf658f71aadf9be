"""A timeline as one HTML page that needs nothing else: every sentence opens its raw lines."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from undersign import __version__
from undersign.records.claim import Claim, Entry
from undersign.records.evidence import Evidence
from undersign.records.timeline import Timeline
from undersign.render import timeline_words as words
from undersign.render.page import environment, ours, style
from undersign.render.svg import Words
from undersign.render.svg_lanes import lanes
from undersign.render.terminal import counted

MOST_ENTRIES = 5_000
_MOST_RAW = 4_000
"""Characters of one raw line that the page shows."""


def render(
    timeline: Timeline,
    evidence: Mapping[str, Evidence],
    said: Mapping[str, str],
    *,
    signed: str = "",
) -> str:
    """Write the whole page; the same timeline gives the same bytes.

    `said` is claim id -> its sentence in plain text; `signed` says in words who signed it. Every
    text of a log or a message is of others and is escaped; nothing in it becomes a link.
    """
    shown = timeline.entries[:MOST_ENTRIES]
    return (
        environment()
        .get_template("timeline.html.j2")
        .render(
            timeline=timeline,
            signed=signed,
            picture=ours(_picture(timeline)),
            milestones=[(m, words.milestone(m)) for m in timeline.milestones],
            measures=words.measures(timeline),
            days=_days([_entry(one, evidence, said) for one in shown]),
            more=len(timeline.entries) - len(shown),
            others=[_claim(one, evidence, said) for one in words.inferences(timeline)],
            sources=[(one, words.source(one)) for one in timeline.sources.values()],
            gaps=[words.gap(one) for one in timeline.gaps],
            warnings=list(words.warnings(timeline)),
            counts=_counts(timeline),
            version=__version__,
            style=style(),
        )
    )


def _picture(timeline: Timeline) -> str:
    said = f"{counted(len(timeline.entries), 'entry', 'entries')} over {len(timeline.sources)}"
    return lanes(timeline, Words("lanes", f"Timeline of {timeline.title}", f"{said} sources"))


def _counts(timeline: Timeline) -> str:
    lines = sum(one.lines for one in timeline.sources.values())
    parts = [
        counted(lines, "line read", "lines read"),
        counted(len(timeline.entries), "entry", "entries"),
        counted(timeline.duplicates, "line told once for several", "lines told once for several"),
    ]
    return ", ".join(parts)


def _entry(one: Entry, evidence: Mapping[str, Evidence], said: Mapping[str, str]) -> dict[str, Any]:
    return {**_claim(one.claim, evidence, said), "entry": one, "clock": f"{one.start:%H:%M:%S}"}


def _claim(one: Claim, evidence: Mapping[str, Evidence], said: Mapping[str, str]) -> dict[str, Any]:
    return {
        "claim": one,
        "said": said.get(one.id, ""),
        "raw": [
            (address, _raw(evidence[address]), _remarks(evidence[address]))
            for address in one.evidence
            if address in evidence
        ],
        "missing": [address for address in one.evidence if address not in evidence],
    }


def _raw(one: Evidence) -> str:
    text = one.raw
    return text if len(text) <= _MOST_RAW else text[:_MOST_RAW] + " [cut]"


def _remarks(one: Evidence) -> str:
    told = [
        ("edited after it was posted", one.edited),
        ("deleted later", one.deleted),
        ("read from a picture, not confirmed", not one.confirmed),
    ]
    return ", ".join(words for words, so in told if so)


def _days(entries: list[dict[str, Any]]) -> list[tuple[str, list[dict[str, Any]]]]:
    days: dict[str, list[dict[str, Any]]] = {}
    for one in entries:
        days.setdefault(f"{one['entry'].start:%A %Y-%m-%d}", []).append(one)
    return list(days.items())
