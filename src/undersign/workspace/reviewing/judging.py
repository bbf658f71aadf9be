"""A person's word on a review, written into it, so that the signature covers it."""

from __future__ import annotations

import fnmatch
from datetime import datetime
from hashlib import sha256
from pathlib import Path

from undersign.errors import BadInput, UsageError
from undersign.ledger.canonical import rfc3339
from undersign.records.review import Judged, Review
from undersign.records.work import Verdict
from undersign.surfaces.review import review_file, verdicts
from undersign.workspace import files, ledgerbook
from undersign.workspace.workspace import Workspace


def review_with(workspace: Workspace, target: str) -> tuple[Path, str] | None:
    """Return the review that has a candidate or area of this name, and the name within it.

    `target` is a candidate's id, or `PATH#AREA`. None when it is neither. The newest review counts
    when several have a candidate.
    """
    path, mark, key = target.partition("#")
    if mark:
        found = next((p for p in (workspace.root / path, Path(path)) if p.is_file()), None)
        if found is None or found.suffix != ".sarif":
            return None
        review = review_file.read(files.read_text(found)).review
        known = [area.key for area in review.coverage.areas] if review else []
        return (found, key) if fnmatch.filter(known, key) else None
    folder = workspace.root / "reviews"
    kept = sorted(folder.glob("*.sarif"), key=lambda p: p.stat().st_mtime, reverse=True)
    for one in kept:
        text = files.read_text(one)
        review = review_file.read(text).review if f'"{target}"' in text else None
        if review is not None and review.found(target) is not None:
            return one, target
    return None


def judged(
    workspace: Workspace, path: Path, name: str, word: Judged, *, now: datetime
) -> tuple[Verdict, tuple[str, ...]]:
    """Write a verdict or a statement into a review; return it and what is still open.

    Raises UsageError as `verdicts` does, and BadInput for a review that was edited by hand.
    """
    text = files.read_text(path)
    read = review_file.read(text)
    if read.review is None or read.problems:
        raise BadInput(
            read.problems[0].message, path=str(path), hint="make it anew: undersign review"
        )
    is_candidate = read.review.found(name) is not None
    made = verdicts.judge(read.review, name, word) if is_candidate else read.review
    keys = [] if is_candidate else _keys(read.review, name)
    for key in keys:
        made = verdicts.state(made, key, word)
    shown = files.relative(path, workspace.root)
    before = sha256(text.encode()).hexdigest()
    target = name if is_candidate else f"{shown}#{name}"
    body = {
        "subject": shown,
        "artifact_digest": before,
        "target": target,
        "decision": word.decision,
        "reason": word.reason,
        "person": word.person,
    }
    files.write_all(
        {path: review_file.write(made)}, lambda: ledgerbook.note(workspace, "triage", body, now=now)
    )
    return _verdict(target, word, before), _open(made, shown)


def _keys(review: Review, pattern: str) -> list[str]:
    """Return the areas of a pattern: `design`, or `file:*.md` for many files at once."""
    return fnmatch.filter([area.key for area in review.coverage.areas], pattern)


def _verdict(target: str, word: Judged, digest: str) -> Verdict:
    from undersign.records.work import Decision

    return Verdict(target, Decision(word.decision), word.reason, word.person, word.at, digest)


def _open(review: Review, path: str) -> tuple[str, ...]:
    done = {f.id for f in review.findings if f.judged}
    left = [
        f.id for f in review.findings
        if not verdicts.is_closed(f) and f.duplicate_of not in done
    ]  # fmt: skip
    left += [f"{path}#{a.key}" for a in review.coverage.areas if a.statement is None]
    return tuple(left)


def word_of(decision: str, reason: str, person: str, now: datetime) -> Judged:
    """Return a person's word, made now; UsageError for an empty reason."""
    if not reason.strip():
        raise UsageError("a verdict needs a reason", hint='--reason "why"')
    return Judged(decision, reason.strip(), person.strip(), rfc3339(now))


def unnoted(workspace: Workspace, review: Review, path: str) -> tuple[str, ...]:
    """Say which verdicts of a review this ledger does not know: given elsewhere, or typed in."""
    entries = workspace.ledger.entries("triage")
    noted = {(e.body.get("person"), e.body.get("reason")) for e in entries}
    said = [(f.id, f.judged) for f in review.findings]
    said += [(f"{path}#{a.key}", a.statement) for a in review.coverage.areas]
    return tuple(
        f"the verdict of {word.person} on {target} is not in this ledger"
        for target, word in said
        if word is not None and (word.person, word.reason) not in noted
    )
