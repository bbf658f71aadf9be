"""The check `missing-place`."""

from __future__ import annotations

from collections.abc import Iterator

from undersign.checks.reading.lines import lines_of
from undersign.checks.reading.wording import did_you_mean, plural, quoted
from undersign.checks.spec import CannotRun
from undersign.records.candidate import Candidate
from undersign.records.change import Change, FileStatus
from undersign.records.code import Code, unsafe
from undersign.records.finding import Fault, Seen

_NEAR = 3
_ALIKE = 70
"""Of 100: so alike are paths when one is the other with a slip."""


def missing_place(
    candidate: Candidate, code: Code, change: Change | None
) -> Iterator[Fault | Seen]:
    """Report a candidate whose file or line does not exist at head."""
    name = quoted(candidate.file)
    if why := unsafe(candidate.file):
        yield Fault(f"{name} is no file of the project: {why}")
        return
    if candidate.file not in code.paths:
        yield _absent(candidate, code, change)
        return
    if candidate.line < 1:
        raise CannotRun("a line", "it names the file and no line of it")
    file = code.file(candidate.file)
    if file is None:
        raise CannotRun("the file", code.unread.get(candidate.file, "it was not read"))
    lines = len(lines_of(file.text))
    if candidate.last_line <= max(lines, 1):
        yield Seen(f"{name} has line {candidate.last_line:,}", evidence={"lines": lines})
        return
    past = max(candidate.line, candidate.last_line)
    yield Fault(
        f"{name} has {plural(lines, 'line')}, and it speaks of line {past:,}",
        evidence={"lines": lines},
    )


def _absent(candidate: Candidate, code: Code, change: Change | None) -> Fault:
    name = quoted(candidate.file)
    one = change.file(candidate.file) if change else None
    if one is not None and one.status is FileStatus.DELETED:
        return Fault(f"{name} is deleted by this change", evidence={"status": "deleted"})
    moved = (
        next((f for f in change.files if f.old_path == candidate.file), None) if change else None
    )
    if moved is not None:
        return Fault(
            f"{name} is {quoted(moved.path)} since this change", evidence={"now": moved.path}
        )
    near = _near(candidate.file, code)
    return Fault(f"there is no file {name}", evidence={"near": near}, suggestion=did_you_mean(near))


def _near(path: str, code: Code) -> list[str]:
    """Return the likeliest paths: of the same name, or else written alike."""
    name = path.rpartition("/")[2].lower()
    same = sorted(p for p in code.paths if p.rpartition("/")[2].lower() == name)
    if same:
        return same[:_NEAR]
    from rapidfuzz import fuzz, process

    found = process.extract(
        path, sorted(code.paths), scorer=fuzz.ratio, limit=_NEAR, score_cutoff=_ALIKE
    )
    return [one[0] for one in found]
