"""The check `misquoted-code`."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import accumulate

from undersign.checks.reading.lines import lines_of
from undersign.checks.reading.wording import quoted
from undersign.checks.spec import CannotRun, DoesNotApply
from undersign.records.candidate import Candidate
from undersign.records.code import Code
from undersign.records.finding import Fault, Seen, Severity

_NEAR = 3
"""Lines by which models count wrong; such a slip is told, and is no reason for doubt."""
_TOLD = 10
_ALIKE = 60
"""Of 100: below this the nearest line has nothing to do with the quote."""
_AROUND, _WIDE = 2_000, 500
"""Lines on either side, and characters of each, in which the nearest one is looked for."""


def misquoted_code(candidate: Candidate, code: Code) -> Iterator[Fault | Seen]:
    """Report a quote that does not stand verbatim at its lines.

    CRLF and CR are read as LF, blanks at the ends of lines and empty lines around the quote are cut
    on both sides, and the quote may begin and end within a line; nothing else is levelled.
    """
    wanted = _trimmed(lines_of(candidate.quote))
    if not wanted:
        raise DoesNotApply
    file = code.file(candidate.file)
    if file is None:
        raise CannotRun("the file", code.unread.get(candidate.file, "there is no such file"))
    lines = [line.rstrip() for line in lines_of(file.text)]
    places = list(_places(wanted, lines))
    if places:
        yield from _placed(candidate, places, len(wanted))
    else:
        yield _nowhere(candidate, wanted, lines)


def _placed(candidate: Candidate, places: list[int], height: int) -> Iterator[Fault | Seen]:
    def away(place: int) -> int:
        last = place + height - 1
        return max(place - candidate.last_line, candidate.line - last, 0)

    near = min(places, key=away)
    evidence = {"lines": places[:_TOLD]}
    if not candidate.line or away(near) == 0:
        yield Seen(f"the quote stands verbatim at line {near:,}", evidence=evidence)
        return
    yield Fault(
        f"the quote stands at line {near:,}, not at line {candidate.line:,}",
        evidence=evidence,
        severity=Severity.NOTE if away(near) <= _NEAR else Severity.WARNING,
    )


def _trimmed(lines: Sequence[str]) -> list[str]:
    """Cut blanks at the ends of lines, empty lines around, and the first line's indentation."""
    found = [line.rstrip() for line in lines]
    while found and not found[0]:
        del found[0]
    while found and not found[-1]:
        del found[-1]
    return [found[0].lstrip(), *found[1:]] if found else []


def _places(wanted: list[str], lines: list[str]) -> Iterator[int]:
    """Yield the lines at which the quote begins."""
    first, *rest = wanted
    if not rest:
        yield from (n for n, line in enumerate(lines, 1) if first in line)
        return
    *middle, last = rest
    for n, line in enumerate(lines[: len(lines) - len(rest)]):
        if (
            line.endswith(first)
            and lines[n + 1 : n + 1 + len(middle)] == middle
            and lines[n + len(rest)].startswith(last)
        ):
            yield n + 1


def _nowhere(candidate: Candidate, wanted: list[str], lines: list[str]) -> Fault:
    """Tell a quote with other blanks from one that is nowhere."""
    squeezed = ["".join(line.split()) for line in lines]
    at = "".join(squeezed).find("".join("".join(wanted).split()))
    if at >= 0:
        place = bisect_right(list(accumulate(map(len, squeezed))), at) + 1
        return Fault(
            f"the quote stands at line {place:,} with other blanks or line ends",
            evidence={"lines": [place]},
            severity=Severity.NOTE,
        )
    near = _nearest(candidate, max(wanted, key=len).strip(), lines)
    if not near:
        return Fault("the quote stands nowhere in the file")
    return Fault(
        f"the quote stands nowhere in the file; nearest is line {near:,}: "
        f"{quoted(lines[near - 1].strip())}",
        evidence={"nearest": near},
    )


def _nearest(candidate: Candidate, text: str, lines: list[str]) -> int:
    """Return the line most like this text around the one it names; 0 when none is alike."""
    from rapidfuzz import fuzz, process

    start = max(candidate.line - 1 - _AROUND, 0)
    around = [line[:_WIDE] for line in lines[start : start + 2 * _AROUND]]
    found = process.extract(text[:_WIDE], around, scorer=fuzz.ratio, limit=5, score_cutoff=_ALIKE)
    alike = [(-score, abs(start + n + 1 - candidate.line), start + n + 1) for _, score, n in found]
    return min(alike)[2] if alike else 0
