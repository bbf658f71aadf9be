"""A timeline for other tools, and the sentences that pages and documents are made of."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from undersign.errors import UsageError
from undersign.records.timeline import Timeline
from undersign.surfaces.respond import wording
from undersign.workspace.responding.folder import Case
from undersign.workspace.workspace import Workspace


def plain_sentences(timeline: Timeline) -> dict[str, str]:
    """Return claim id -> its sentence as plain text; it must still be escaped where it is shown."""
    return {claim.id: wording.plain(claim) for claim in timeline.every_claim()}


def sentences(timeline: Timeline) -> dict[str, str]:
    """Return claim id -> its sentence, safe in Markdown."""
    return {claim.id: wording.sentence(claim) for claim in timeline.every_claim()}


def escaped_texts(texts: Iterable[str]) -> dict[str, str]:
    """Return text -> its form that is safe in Markdown."""
    return {text: wording.escaped(text) for text in texts}


def for_tool(case: Case, tool: str, path: Path) -> str:
    """Return a timeline for `timesketch`, as CSV or JSON lines by the path's suffix, or `plaso`.

    Raises UsageError for a suffix that the tool does not read.
    """
    from undersign.surfaces.respond.exchange.plaso import plaso_jsonl
    from undersign.surfaces.respond.exchange.timesketch import timesketch_csv, timesketch_jsonl

    if tool == "plaso":
        return plaso_jsonl(case.timeline)
    forms = {".csv": timesketch_csv, ".jsonl": timesketch_jsonl}
    if path.suffix not in forms:
        raise UsageError(f"{path}: Timesketch reads .csv and .jsonl")
    return forms[path.suffix](case.timeline)


def signed_words(workspace: Workspace, paper: Path) -> str:
    """Say who signed exactly this paper; empty when nobody did, or nobody may sign here."""
    from undersign.workspace.signoff import verify

    try:
        (found,) = verify(workspace, [paper], None)
    except UsageError:
        return ""
    return f"Signed by {found.signer}" if found.valid else ""
