"""The check `outside-the-change`."""

from __future__ import annotations

from collections.abc import Iterator

from undersign.checks.reading.wording import quoted
from undersign.checks.spec import CannotRun
from undersign.records.candidate import Candidate
from undersign.records.change import Change
from undersign.records.finding import Fault, Seen


def outside_the_change(candidate: Candidate, change: Change) -> Iterator[Fault | Seen]:
    """Report a candidate about lines that the change did not touch."""
    one = change.file(candidate.file)
    if one is None:
        yield _elsewhere(candidate, change)
    elif one.remark and not one.added:
        raise CannotRun("its lines", one.remark)
    elif not one.added:
        yield Fault(f"the change adds no line to {quoted(one.path)}")
    elif candidate.line < 1:
        raise CannotRun("a line", "it names the file and no line of it")
    elif one.has(candidate.line, candidate.last_line):
        yield Seen(f"{_lines(candidate.line, candidate.last_line)} new")
    else:
        near = min(one.added, key=lambda run: _away(run, candidate))
        yield Fault(
            f"{_lines(candidate.line, candidate.last_line)} not new; "
            f"the nearest new one is {near[0] if candidate.line < near[0] else near[1]:,}",
            evidence={"nearest": list(near)},
        )


def _elsewhere(candidate: Candidate, change: Change) -> Fault:
    renamed = next((f for f in change.files if f.old_path == candidate.file), None)
    if renamed is not None:
        return Fault(
            f"{quoted(candidate.file)} is {quoted(renamed.path)} since this change",
            evidence={"now": renamed.path},
        )
    return Fault(f"{quoted(candidate.file)} is not in this change")


def _away(run: tuple[int, int], candidate: Candidate) -> int:
    return max(run[0] - candidate.last_line, candidate.line - run[1], 0)


def _lines(first: int, last: int) -> str:
    return f"line {first:,} is" if first == last else f"lines {first:,} to {last:,} are"
