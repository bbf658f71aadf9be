"""The kinds of the respond surface: what is known, and what is written from it."""

from __future__ import annotations

from undersign.surfaces.respond.clocks_file import is_clocks
from undersign.surfaces.respond.clocks_file import read as read_clocks
from undersign.surfaces.respond.timeline_file import is_timeline
from undersign.surfaces.respond.timeline_file import read as read_timeline
from undersign.workflow.kind import Kind


def _any_text(text: str) -> bool:
    return True


def _parse_document(text: str) -> object:
    from undersign.languages.markdown import parse

    return parse(text)


RESPOND_KINDS = (
    Kind(
        "timeline",
        "respond",
        ("timeline.json",),
        is_timeline,
        read_timeline,
        "incidents/{slug}/timeline.json",
    ),
    Kind(
        "clocks",
        "respond",
        ("clocks.json",),
        is_clocks,
        read_clocks,
        "incidents/{slug}/clocks.json",
    ),
    Kind(
        "postmortem",
        "respond",
        ("postmortem.md",),
        _any_text,
        _parse_document,
        "incidents/{slug}/postmortem.md",
    ),
    Kind(
        "notice",
        "respond",
        (".notice.md",),
        _any_text,
        _parse_document,
        "incidents/{slug}/comms/{slug}.notice.md",
    ),
)
"""Markdown of any other name is read by `respond lint` alone."""
