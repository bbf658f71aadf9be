"""`undersign scorecard`: what this workspace's ledger says of its drafters."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Any

from undersign.errors import UsageError
from undersign.records.artifact import Draft
from undersign.records.scorecard import Scorecard
from undersign.workspace import files
from undersign.workspace.workspace import Workspace

DRAFTS = "drafts"
"""In the state folder: the text of every draft under its digest, to be compared when signed."""


def scorecard(  # noqa: PLR0913 - what a person narrows the page by
    workspace: Workspace,
    *,
    by: str = "all",
    since: datetime | None = None,
    until: datetime | None = None,
    kind: str | None = None,
    drafter: str | None = None,
) -> Scorecard:
    """Add up what the ledger says of drafts, of one kind and drafter if named.

    Raises NoWorkspace in a folder without a ledger to keep, UsageError for a `by` that is none.
    """
    from undersign.workflow.lives import READ_KINDS, lives
    from undersign.workflow.scoring import PERIODS
    from undersign.workflow.scoring import scorecard as add_up

    if by not in PERIODS:
        raise UsageError(f"no period is called {by!r}", hint=f"one of {', '.join(PERIODS)}")
    workspace.require_declared()
    if not (workspace.state / "ledger.db").exists():
        return add_up((), by=by, since=since, until=until)
    told = lives(e for e in workspace.ledger_to_read.entries() if e.kind in READ_KINDS)
    chosen = (
        life
        for life in told
        if (kind is None or life.kind == kind) and (drafter is None or life.drafter == drafter)
    )
    return add_up(chosen, by=by, since=since, until=until)


def document(card: Scorecard) -> dict[str, Any]:
    """Return the JSON of a scorecard; None (null) is what was not measured or is too little."""
    told = asdict(card)
    for key in ("since", "until"):
        told[key] = told[key] and told[key].strftime("%Y-%m-%dT%H:%M:%SZ")
    return told


def edited(workspace: Workspace, draft: Draft | None, signed: str) -> dict[str, Any]:
    """Return how far a signed text is from its draft, for the `sign` entry.

    `edit_distance`: Levenshtein distance over the longer text's length, 0 to 1; `lines_changed`:
    lines removed or added. Empty when nobody drafted it or the draft's text was not kept.
    """
    if draft is None:
        return {}
    kept = workspace.state / DRAFTS / draft.artifact_digest
    if not kept.is_file():
        return {}
    from difflib import SequenceMatcher

    from rapidfuzz.distance import Levenshtein

    before = files.read_text(kept)
    pieces = SequenceMatcher(None, before.splitlines(), signed.splitlines(), autojunk=False)
    changed = sum(
        max(a_end - a, b_end - b)
        for tag, a, a_end, b, b_end in pieces.get_opcodes()
        if tag != "equal"
    )
    distance = Levenshtein.normalized_distance(before, signed)
    return {"edit_distance": round(distance, 4), "lines_changed": changed}
