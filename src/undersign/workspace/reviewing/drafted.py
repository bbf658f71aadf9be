"""Candidates of a model: the code goes through the guarded door, in bundles of bounded size."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from undersign.records.code import SourceFile
from undersign.records.exchange import Passage, Prompt
from undersign.records.review import Looker
from undersign.surfaces import prompts
from undersign.surfaces.review.reply import candidates_of
from undersign.workspace.modelling.drafter_line import Reach, open_line
from undersign.workspace.reviewing.checkout import Taken
from undersign.workspace.reviewing.gathering import Gathered
from undersign.workspace.workspace import Workspace

_MOST_OF_A_FILE = 60_000
_MOST_OF_A_BUNDLE = 120_000
"""Characters: what a model reads at once with care is less than what it accepts."""
_CONTEXT = 60
"""Lines shown around new ones of a file that is too long to be sent whole."""


def draft(  # noqa: PLR0913 - a call of a model has these parts
    workspace: Workspace,
    taken: Taken,
    drafter: str,
    found: Gathered,
    *,
    reach: Reach,
    now: datetime,
) -> None:
    """Ask a model for candidates and add them; what it was not shown is told.

    Raises NoWorkspace, PolicyRefused, DrafterFailed and BadInput as the door does.
    """
    line = open_line(workspace, drafter, "review", reach, now)
    instructions = prompts.read("review", ("review",))
    shown: list[str] = []
    candidates = []
    for bundle in _bundles(taken, found):
        passages = tuple(passage for _, passage in bundle)
        reach.progress(f"asking {line.drafter} about {len(bundle):,} files")
        prompt = Prompt("review", "review", instructions.text, passages, instructions.reply_schema)
        reply = line.talk(prompt, None)
        candidates += candidates_of(reply.slots, line.drafter)
        shown += [path for path, _ in bundle]
        found.remarks += [
            f"{line.drafter} says that it did not look at: {one}"
            for one in reply.slots.get("not_looked_at", ())
        ]
    found.add(Looker(line.drafter, by_drafter=True), candidates, shown)


def _bundles(taken: Taken, found: Gathered) -> Iterator[list[tuple[str, Passage]]]:
    bundle: list[tuple[str, Passage]] = []
    size = 0
    for path in taken.under_review:
        source = taken.code.file(path)
        if source is None:
            continue
        text, cut = _shown(source, taken)
        if cut:
            found.failed[path].append(
                "a drafter was shown its new lines and those around them alone"
            )
        if size + len(text) > _MOST_OF_A_BUNDLE and bundle:
            yield bundle
            bundle, size = [], 0
        said = f"file: {path}\n{text}"
        bundle.append((path, Passage("changed file", said, "source-code", span_needed=True)))
        size += len(text)
    if bundle:
        yield bundle


def _shown(source: SourceFile, taken: Taken) -> tuple[str, bool]:
    """Return a file with line numbers, `+` before new lines; and whether some of it is left out."""
    change = taken.change.file(source.path) if taken.change else None
    lines = source.text.split("\n")
    wanted = set(range(1, len(lines) + 1))
    cut = len(source.text) > _MOST_OF_A_FILE
    if cut:
        runs = change.added if change else ((1, 400),)
        wanted = {n for low, high in runs for n in range(low - _CONTEXT, high + _CONTEXT + 1)}
    rows, used = [], 0
    for number, line in enumerate(lines, 1):
        if number in wanted and used < _MOST_OF_A_FILE:
            mark = "+" if change is not None and change.has(number, number) else " "
            rows.append(f"{number:>5}{mark} {line.rstrip()}")
            used += len(rows[-1])
    return "\n".join(rows) + "\n", cut
