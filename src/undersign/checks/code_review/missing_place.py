"""The check `missing-place`."""

from __future__ import annotations

from collections.abc import Iterator

from undersign.checks.spec import CannotRun
from undersign.records.candidate import Candidate
from undersign.records.change import Change, FileStatus
from undersign.records.code import Code
from undersign.records.finding import Fault, Seen

_NEAR = 3


def missing_place(
    candidate: Candidate, code: Code, change: Change | None
) -> Iterator[Fault | Seen]:
    """Report a candidate whose file or line does not exist at head."""
    one = change.file(candidate.file) if change else None
    if one is not None and one.status is FileStatus.DELETED:
        yield Fault(f"{candidate.file} is deleted by this change")
        return
    if candidate.file not in code.paths:
        yield Fault(f"there is no file {candidate.file}", evidence={"near": _near(candidate, code)})
        return
    file = code.file(candidate.file)
    if file is None:
        raise CannotRun("the file", code.unread.get(candidate.file, "it was not read"))
    lines = len(file.text.splitlines())
    if candidate.line < 1:
        raise CannotRun("a line", "it names the file and no line of it")
    if candidate.line > max(lines, 1):
        yield Fault(
            f"{candidate.file} has {lines:,} lines, and it speaks of line {candidate.line:,}",
            evidence={"lines": lines},
        )
        return
    yield Seen(f"{candidate.file}:{candidate.line} exists")


def _near(candidate: Candidate, code: Code) -> list[str]:
    name = candidate.file.rpartition("/")[2]
    same = sorted(p for p in code.paths if p.rpartition("/")[2] == name)
    if same:
        return same[:_NEAR]
    from difflib import get_close_matches

    return get_close_matches(candidate.file, sorted(code.paths)[:5_000], n=_NEAR, cutoff=0.6)
