"""A timeline as Markdown: milestones, measures, every entry with what it cites."""

from __future__ import annotations

from collections.abc import Mapping

from undersign.records.timeline import Timeline
from undersign.render import timeline_words as words


def render(timeline: Timeline, said: Mapping[str, str], escape: Mapping[str, str]) -> str:
    """Write the whole timeline.

    `said` is claim id -> its sentence, safe in Markdown; `escape` maps every other text of others
    that is shown (title, names of sources, warnings) to its safe form.
    """

    def safe(text: str) -> str:
        return escape.get(text, "?")

    lines = [f"# {safe(timeline.title)}", "", "All times are UTC.", ""]
    lines += ["| Milestone | When |", "|---|---|"]
    lines += [f"| {m.mark} | {safe(words.milestone(m))} |" for m in timeline.milestones]
    lines += [f"| {name} | {size} [{c.id}] |" for name, size, c in words.measures(timeline)]
    lines += ["", "## Timeline", ""]
    lines += [f"- {entry.claim.id}: {said[entry.claim.id]}" for entry in timeline.entries]
    if inferred := words.inferences(timeline):
        lines += ["", "## Inferences and judgements", ""]
        lines += [f"- {claim.id}: {said[claim.id]}" for claim in inferred]
    lines += ["", "## Sources", ""]
    lines += [f"- {safe(one.name)}: {safe(words.source(one))}" for one in timeline.sources.values()]
    told = [*map(words.gap, timeline.gaps), *words.warnings(timeline)]
    if told:
        lines += ["", "## What a reader must know", "", *(f"- {safe(one)}" for one in told)]
    return "\n".join(lines) + "\n"


def texts(timeline: Timeline) -> list[str]:
    """Return every text of others that `render` shows and that must be made safe for it."""
    return [
        timeline.title,
        *map(words.milestone, timeline.milestones),
        *(text for one in timeline.sources.values() for text in (one.name, words.source(one))),
        *map(words.gap, timeline.gaps),
        *words.warnings(timeline),
    ]
