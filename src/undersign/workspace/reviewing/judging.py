"""A person's word on a review, written into it, so that the signature covers it."""

from __future__ import annotations

import fnmatch
from collections.abc import Mapping
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from undersign.errors import BadInput, UsageError
from undersign.ledger.canonical import rfc3339
from undersign.records.finding import Severity
from undersign.records.review import Judged, Review
from undersign.records.work import Decision, Verdict, Work
from undersign.surfaces.review import review_file, verdicts
from undersign.workspace import files, ledgerbook
from undersign.workspace.workspace import Workspace


def review_with(workspace: Workspace, target: str) -> tuple[Path, str] | None:
    """Return the review that has a candidate or area of this name, and the name within it.

    `target` is a candidate's id, `PATH#ID` or `PATH#AREA`. None when it is none of them. Of several
    reviews in `reviews/` that have a candidate, the newest counts.
    """
    path, mark, name = target.partition("#")
    if mark:
        found = next((p for p in (workspace.root / path, Path(path)) if p.is_file()), None)
        if found is None or found.suffix != ".sarif":
            return None
        review = review_file.read(files.read_text(found)).review
        known = review is not None and (review.found(name) or _keys(review, name))
        return (found, name) if known else None
    folder = workspace.root / "reviews"
    kept = sorted(folder.glob("*.sarif"), key=lambda p: p.stat().st_mtime, reverse=True)
    return next(((one, target) for one in kept if _has(one, target)), None)


def _has(path: Path, id_: str) -> bool:
    try:
        text = files.read_text(path)
    except BadInput:
        return False  # a damaged review must not keep people from judging another one
    review = review_file.read(text).review if f'"{id_}"' in text else None
    return review is not None and review.found(id_) is not None


def refuse_own_checks(work: Work, target: str) -> None:
    """Raise UsageError for a verdict on what a check says of a review as a whole.

    `untriaged-candidate` is answered by a verdict on the candidate, not by dismissing the check.
    """
    errors = {f.id: f for o in work.outcomes for f in o.findings if f.severity is Severity.ERROR}
    if work.artifact.kind == "review" and target in errors:
        one = errors[target]
        raise UsageError(
            f"{one.check} cannot be waived: {one.message}",
            hint=one.suggestion or "give a verdict on the candidate or area itself",
        )


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
    body = {"subject": shown, "artifact_digest": before, "target": target}
    body |= {"decision": word.decision, "reason": word.reason, "person": word.person}
    files.write_all(
        {path: review_file.write(made)}, lambda: ledgerbook.note(workspace, "triage", body, now=now)
    )
    return _verdict(target, word, before), _open(made, shown)


def _keys(review: Review, pattern: str) -> list[str]:
    """Return the areas of a pattern: `design`, or `file:*.md` for many files at once.

    A file whose name looks like a pattern (`pages/[id].ts`) is found by its name.
    """
    known = [area.key for area in review.coverage.areas]
    return [pattern] if pattern in known else fnmatch.filter(known, pattern)


def _verdict(target: str, word: Judged, digest: str) -> Verdict:
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
    """Say which verdicts of a review this ledger does not know: given elsewhere, or typed in.

    A verdict that was carried over may have been given under another id, so that the person, the
    word and the reason tell it; any other has its target, too.
    """
    bodies = [entry.body for entry in workspace.ledger.entries("triage")]
    said = [(one.id, one.judged) for one in review.findings]
    said += [(f"{path}#{area.key}", area.statement) for area in review.coverage.areas]
    return tuple(
        f"the verdict of {word.person} on {target} is not in this ledger"
        for target, word in said
        if word is not None and not any(_notes(body, target, word) for body in bodies)
    )


def _notes(body: Mapping[str, Any], target: str, word: Judged) -> bool:
    told = (body.get("person"), body.get("decision"), body.get("reason"))
    if told != (word.person, word.decision, word.reason):
        return False
    noted = str(body.get("target"))
    if word.carried_from or noted == target:
        return True
    return "#" in target and fnmatch.fnmatchcase(target.partition("#")[2], noted.partition("#")[2])
