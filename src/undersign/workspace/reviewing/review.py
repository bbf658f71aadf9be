"""The verb `review`: take the code, gather candidates, verify each, order them, say what is blind.

Steps, each a room of its own: `checkout` reads, `gathering` asks everything that finds candidates,
`grounding` brings what the checks hold them against, and the surface orders and writes.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from pathlib import Path

from undersign.catalogs import owasp, weaknesses
from undersign.errors import BadInput, UsageError
from undersign.ledger.canonical import rfc3339
from undersign.records.candidate import Candidate
from undersign.records.finding import Outcome
from undersign.records.others import Others
from undersign.records.review import Examined, Review, Standing
from undersign.surfaces.review import fingerprint, review_file
from undersign.surfaces.review.carrying import carried
from undersign.surfaces.review.coverage import coverage
from undersign.surfaces.review.standing import ordered, standing
from undersign.workflow.verify import verify
from undersign.workspace import files, ledgerbook
from undersign.workspace.modelling.drafter_line import OFFLINE, Reach, in_effect
from undersign.workspace.reviewing.apis import apis_of
from undersign.workspace.reviewing.checkout import Scope, Taken, take
from undersign.workspace.reviewing.drafted import draft
from undersign.workspace.reviewing.gathering import Gathered, gather
from undersign.workspace.reviewing.grounding import Known, known
from undersign.workspace.reviewing.judging import unnoted
from undersign.workspace.reviewing.looked import file_coverage
from undersign.workspace.workspace import Workspace

_CONTEXT = 3
"""Lines shown above and below the place of a candidate."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What a person asked for on the command line."""

    base: str | None = None
    head: str | None = None
    diff: bytes | None = None
    findings: tuple[Path, ...] = ()
    drafter: str = "offline"
    exclude: tuple[str, ...] = ()
    environments: tuple[Path, ...] = ()
    output: Path | None = None
    where: Path = field(default_factory=Path.cwd)
    """The folder the command runs in; the code under review is the repository around it."""


@dataclass(frozen=True, slots=True)
class Done:
    """A review that was made."""

    review: Review
    path: str | None
    """Where it is kept; None when there is no workspace and nobody named a place."""
    notes: tuple[str, ...] = ()
    """For the person at the terminal: what to do next, what was not kept."""


def review(workspace: Workspace, asked: Asked, *, reach: Reach, now: datetime) -> Done:
    """Make a review, carry over what people said of the same code, and keep it.

    Nothing of the code is imported or run, and nothing is sent anywhere unless a drafter is named.

    Raises UsageError for a revision, file or drafter that is none; PolicyRefused and DrafterFailed
    as a drafter's door does; BadInput, located, for findings of others that cannot be read.
    """
    drafter = in_effect(asked.drafter)
    reach.progress("reading the code")
    taken = take(asked.where, _scope(workspace, asked))
    facts = known(taken, asked.environments, workspace)
    reach.progress("looking for candidates")
    found = gather(taken, facts, asked.findings)
    if drafter != OFFLINE:
        draft(workspace, taken, drafter, found, reach=reach, now=now)
    reach.progress(f"verifying {len(found.candidates):,} candidates")
    made = _examined(taken, facts, found, rfc3339(now))
    return _kept(workspace, asked, taken, made, now)


def kept(path: Path) -> Review:
    """Read a review that was kept; BadInput, located, for a file that holds none."""
    read = review_file.read(files.read_text(path))
    if read.review is None:
        first = read.problems[0] if read.problems else None
        raise BadInput(
            first.message if first else "no review of Undersign",
            path=str(path),
            line=first.span.line if first and first.span else None,
            column=first.span.column if first and first.span else None,
        )
    return read.review


def _scope(workspace: Workspace, asked: Asked) -> Scope:
    left = tuple((pattern, "--exclude") for pattern in asked.exclude)
    if workspace.declared:
        left += tuple((pattern, "undersign.toml") for pattern in workspace.config.review_exclude)
    return Scope(base=asked.base, head=asked.head, diff=asked.diff, exclude=left)


def _examined(taken: Taken, facts: Known, found: Gathered, at: str) -> Review:
    texts = {path: one.text for path, one in taken.code.files.items()}
    ids = fingerprint.ids(found.candidates, texts)
    grounds = facts.grounds(apis_of(facts, found.candidates))
    # By file: only what is in the same one can be said twice.
    before: dict[str, list[tuple[str, Candidate]]] = {}
    examined = []
    for id_, candidate in zip(ids, found.candidates, strict=True):
        others = before.setdefault(candidate.file, [])
        outcomes = verify(candidate, facts.beside(grounds, Others(tuple(others))))
        examined.append(_one(id_, candidate, (outcomes, *standing(candidate, outcomes)), taken))
        others.append((id_, candidate))
    findings = ordered(fingerprint.told_once(examined))
    looked = {path: tuple(names) for path, names in found.read_by.items()}
    failed = {path: "; ".join(why) for path, why in found.failed.items()}
    nothing = {p for p, m in facts.modules.items() if m.unread and not m.tree.body}
    files_looked = file_coverage(taken, looked, failed, nothing)
    lists = (weaknesses.load(), owasp.load())
    return Review(
        base=taken.base,
        head=taken.head,
        made_at=at,
        findings=findings,
        coverage=coverage(files_looked, found.lookers, findings, lists),
        lookers=tuple(found.lookers),
        remarks=(*taken.remarks, *found.remarks),
    )


def _one(
    id_: str,
    candidate: Candidate,
    verified: tuple[tuple[Outcome, ...], Standing, str],
    taken: Taken,
) -> Examined:
    source = taken.code.file(candidate.file)
    text = source.text if source else ""
    start, code = _around(text, candidate)
    outcomes, stands, why = verified
    return Examined(
        id=id_,
        candidate=candidate,
        outcomes=outcomes,
        standing=stands,
        why=why,
        labels=source.labels if source else (),
        baseline=_baseline(taken, candidate, text),
        line_hash=fingerprint.line_hash(text, candidate.line) if candidate.line else "",
        code=code,
        code_start=start,
    )


def _around(text: str, candidate: Candidate) -> tuple[int, tuple[str, ...]]:
    """Return the lines around a candidate's place, at most seven, and the number of the first."""
    if not candidate.line or candidate.origin == "secrets":
        return 0, ()  # a secret is never shown
    lines = text.split("\n")
    first = max(candidate.line - _CONTEXT, 1)
    last = min(candidate.line + _CONTEXT, len(lines))
    return first, tuple(line.rstrip("\r")[:400] for line in lines[first - 1 : last])


def _baseline(taken: Taken, candidate: Candidate, text: str) -> str:
    """Say whether the line stood in the target branch already."""
    if taken.change is None or not candidate.line:
        return "unknown"
    if candidate.file not in taken.before:
        return "new" if taken.change.file(candidate.file) else "unchanged"
    lines = text.split("\n")
    if candidate.line > len(lines):
        return "unknown"
    one = taken.change.file(candidate.file)
    return "new" if one and one.has(candidate.line, candidate.last_line) else "unchanged"


def _kept(workspace: Workspace, asked: Asked, taken: Taken, made: Review, now: datetime) -> Done:
    path = asked.output or _place(workspace, taken)
    if path is None:
        return Done(made, None, ("not kept: no undersign.toml here; undersign init, or -o PATH",))
    notes: list[str] = []
    if path.exists():
        made = carried(kept(path), made)
        count = sum(bool(one.judged and one.judged.carried_from) for one in made.findings)
        notes += [f"{count:,} verdicts carried over: their code is the same"] if count else []
        notes += _strange(workspace, made, files.relative(path, workspace.root))
    text = review_file.write(made)
    if len(text) > files.MAX_REVIEW_BYTES:
        raise UsageError(
            f"{len(made.findings):,} candidates are more than one review can hold",
            hint="review a part: --base REV, or --exclude GLOB",
        )
    shown = files.relative(path, workspace.root)
    if text == (files.read_text(path) if path.exists() else None):
        return Done(made, shown, tuple(notes))
    files.write_all({path: text}, lambda: _note(workspace, shown, text, made, now))
    return Done(made, shown, (*notes, f"kept in {shown}"))


def _strange(workspace: Workspace, made: Review, path: str) -> list[str]:
    """Say of what came along whether this ledger knows it: the file may be of the author's hand."""
    return list(unnoted(workspace, made, path)) if workspace.declared else []


def _place(workspace: Workspace, taken: Taken) -> Path | None:
    if not workspace.declared:
        return None
    slug = re.sub(r"[^A-Za-z0-9._-]+", "-", taken.name).strip("-.") or "review"
    return workspace.root / "reviews" / f"{slug}.sarif"


def _note(workspace: Workspace, path: str, text: str, made: Review, now: datetime) -> None:
    if not workspace.declared:
        return
    standings: dict[str, int] = {}
    for one in made.findings:
        standings[one.standing.value] = standings.get(one.standing.value, 0) + 1
    body = {
        "subject": path,
        "artifact_digest": sha256(text.encode()).hexdigest(),
        "base": made.base,
        "head": made.head,
        "lookers": [f"{one.name} {one.version}".strip() for one in made.lookers],
        "standings": standings,
        "files": len(made.coverage.files),
    }
    ledgerbook.note(workspace, "review", body, now=now)
