"""Candidates of a model: the code goes through the guarded door, in bundles of bounded size."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from undersign.errors import BadInput, DrafterFailed, PolicyRefused, UndersignError
from undersign.records.candidate import Candidate
from undersign.records.change import FileStatus
from undersign.records.code import SourceFile
from undersign.records.exchange import Passage, Prompt, Reply
from undersign.records.review import Looker
from undersign.surfaces import prompts
from undersign.surfaces.review.reply import at_their_quotes, candidates_of
from undersign.workspace.modelling.drafter_line import Line, Reach, open_line
from undersign.workspace.reviewing.checkout import Taken
from undersign.workspace.reviewing.gathering import Gathered
from undersign.workspace.workspace import Workspace

PURPOSE = "review"
MOST_BUNDLES = 20
"""Questions of one review; what does not fit into them is named in the coverage."""
_MOST_OF_A_FILE = 60_000
_MOST_OF_A_BUNDLE = 120_000
"""Characters: what a model reads at once with care is less than what it accepts."""
_CONTEXT = 60
"""Lines shown around new ones of a file that is too long to be sent whole."""
_LAST = ("generated", "vendored")
"""Labels of files that are sent after all others; they are sent all the same."""


@dataclass(frozen=True, slots=True)
class _Shown:
    """One file as a drafter is shown it."""

    path: str
    text: str
    numbered: bool
    """Whether the door numbers its lines; a file that is cut has its own numbers in its text."""
    about: str
    """One JSON object: what the drafter is told of it."""


@dataclass
class _Answers:
    """What came back, bundle by bundle."""

    candidates: list[Candidate] = field(default_factory=list)
    shown: list[str] = field(default_factory=list)
    troubles: list[UndersignError] = field(default_factory=list)
    answered_by: list[str] = field(default_factory=list)
    hidden: int = 0


def draft(  # noqa: PLR0913 - a call of a model has these parts
    workspace: Workspace,
    taken: Taken,
    drafter: str,
    found: Gathered,
    *,
    reach: Reach,
    now: datetime,
) -> None:
    """Ask a model for candidates and add them; every file that it was not shown is told.

    A bundle that is refused or not answered is told, and the others are asked; a drafter that
    cannot be reached is not asked again.

    Raises NoWorkspace and UsageError as `open_line` does; PolicyRefused, DrafterFailed or BadInput
    when no bundle at all was answered.
    """
    line = open_line(workspace, drafter, PURPOSE, reach, now)
    bundles = list(_bundles(taken, found))
    answers = _Answers()
    for number, bundle in enumerate(bundles, 1):
        why = _why_not(number, answers)
        if why:
            _not_shown(bundle, line, why, found)
            continue
        reach.progress(f"asking {line.drafter}, {number:,} of {len(bundles):,}")
        _ask(line, taken, bundle, answers, found)
    if answers.troubles and not answers.shown:
        raise answers.troubles[0]
    candidates, moved = at_their_quotes(answers.candidates, taken.code)
    failed = "; ".join(dict.fromkeys(one.message for one in answers.troubles))[:500]
    version = ", ".join(dict.fromkeys(answers.answered_by))
    found.add(Looker(line.drafter, version, 0, failed, True), candidates, answers.shown)
    found.remarks += _remarks(line.drafter, answers.hidden, moved)


def _why_not(number: int, answers: _Answers) -> str:
    if any(isinstance(one, DrafterFailed) for one in answers.troubles):
        return "could not be reached"
    return f"is asked {MOST_BUNDLES} questions at most" if number > MOST_BUNDLES else ""


def _ask(
    line: Line, taken: Taken, bundle: Sequence[_Shown], answers: _Answers, found: Gathered
) -> None:
    """Ask about one bundle; a trouble is kept, with the files it concerns."""
    mode = "review-change" if taken.change else "review-tree"
    told = prompts.read("review", ("review", mode), "review")
    prompt = Prompt("review", PURPOSE, told.text, tuple(_passages(bundle)), told.reply_schema)
    try:
        reply = line.talk(prompt, None)
    except (PolicyRefused, DrafterFailed, BadInput) as trouble:
        answers.troubles.append(trouble)
        _not_shown(bundle, line, f"gave no answer: {trouble.message}", found)
        return
    _take(reply, line, bundle, answers, found)


def _take(
    reply: Reply, line: Line, bundle: Sequence[_Shown], answers: _Answers, found: Gathered
) -> None:
    answers.candidates += candidates_of(reply.slots, line.drafter)
    answers.shown += [one.path for one in bundle]
    answers.hidden += reply.redacted
    answers.answered_by += [reply.answered_by] if reply.answered_by else []
    found.remarks += [
        f"{line.drafter} says that it did not look at: {one}"
        for one in reply.slots.get("not_looked_at", ())
    ]


def _not_shown(bundle: Sequence[_Shown], line: Line, why: str, found: Gathered) -> None:
    for one in bundle:
        found.failed[one.path].append(f"{line.drafter} did not look at it: it {why}")


def _remarks(drafter: str, hidden: int, moved: int) -> Iterator[str]:
    if hidden:
        yield f"{drafter} was not shown {hidden:,} values that the policy hides"
    if moved:
        yield f"{drafter} miscounted lines in {moved:,} findings; they stand where their quote is"


def _passages(bundle: Sequence[_Shown]) -> Iterator[Passage]:
    listed = "\n".join(f'{{"number": {n}, {one.about}}}' for n, one in enumerate(bundle, 1))
    yield Passage("files", listed, "source-code")
    for number, one in enumerate(bundle, 1):
        yield Passage(f"file {number}", one.text, "source-code", span_needed=one.numbered)


def _bundles(taken: Taken, found: Gathered) -> Iterator[list[_Shown]]:
    bundle: list[_Shown] = []
    size = 0
    for source in sorted(_sources(taken), key=_rank):
        one, cut = _shown(source, taken)
        if cut and _hides_worse(source.text, one.text):
            found.failed[source.path].append(
                "no drafter was shown it: it is long and holds secrets"
            )
            continue
        if cut:
            found.failed[source.path].append(f"a drafter was shown {cut} of it")
        if size + len(one.text) > _MOST_OF_A_BUNDLE and bundle:
            yield bundle
            bundle, size = [], 0
        bundle.append(one)
        size += len(one.text)
    if bundle:
        yield bundle


def _sources(taken: Taken) -> Iterator[SourceFile]:
    for path in taken.under_review:
        if source := taken.code.file(path):
            yield source


def _rank(source: SourceFile) -> tuple[bool, bool, str]:
    """Order files: code first, what a machine wrote last."""
    return (any(one in source.labels for one in _LAST), not source.language, source.path)


def _shown(source: SourceFile, taken: Taken) -> tuple[_Shown, str]:
    """Return a file as it is shown, and which part of it when not all is."""
    change = taken.change.file(source.path) if taken.change else None
    about: dict[str, object] = {"path": source.path}
    if change is not None:
        about["new_lines"] = list(change.added)
        about["removed"] = change.removed
        if change.status is not FileStatus.MODIFIED:
            about["status"] = change.status.value
    whole = len(source.text) <= _MOST_OF_A_FILE
    text, cut = (source.text, "") if whole else _cut(source, change.added if change else ())
    about |= {"part": cut} if cut else {}
    told = json.dumps(about, ensure_ascii=False)[1:-1]
    return _Shown(source.path, text, whole, told), cut


def _hides_worse(whole: str, cut: str) -> bool:
    """Say whether a secret of a file would go unseen in a part of it: half a key is no key."""
    from undersign.policy.detect import detector

    in_whole, in_cut = (
        {text[one.start : one.end] for one in spots}
        for text, spots in zip((whole, cut), detector().spot_all([whole, cut]), strict=True)
    )
    return any("\n" in value or (value in cut and value not in in_cut) for value in in_whole)


def _cut(source: SourceFile, runs: Sequence[tuple[int, int]]) -> tuple[str, str]:
    """Return the new lines of a long file and those around them, each with its number.

    Without new lines its beginning is returned, as much as fits.
    """
    lines = source.text.split("\n")
    every = range(1, len(lines) + 1)
    wanted = {n for low, high in runs for n in range(low - _CONTEXT, high + _CONTEXT + 1)}
    numbers = [n for n in every if n in wanted] if runs else every
    rows: list[str] = []
    used = 0
    for number in numbers:
        row = f"{number}| {lines[number - 1]}"
        if used + len(row) > _MOST_OF_A_FILE:
            break
        rows.append(row)
        used += len(row) + 1
    return "\n".join(rows), f"{len(rows):,} of {len(lines):,} lines"
