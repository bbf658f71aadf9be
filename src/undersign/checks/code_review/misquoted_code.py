"""The check `misquoted-code`."""

from __future__ import annotations

from collections.abc import Iterator

from undersign.checks.spec import CannotRun, DoesNotApply
from undersign.records.candidate import Candidate
from undersign.records.code import Code
from undersign.records.finding import Fault, Seen, Severity

_LOOSE = 3
"""Lines by which a quote may stand away from the line that is named: models count badly."""


def misquoted_code(candidate: Candidate, code: Code) -> Iterator[Fault | Seen]:
    """Report a quote that does not stand in the file, or stands elsewhere.

    Compared line by line, without the ends of lines and the blanks at their ends; nothing else is
    levelled.
    """
    wanted = _lines(candidate.quote)
    if not any(wanted):
        raise DoesNotApply
    file = code.file(candidate.file)
    if file is None:
        raise CannotRun("the file", code.unread.get(candidate.file, "there is no such file"))
    lines = _lines(file.text)
    places = _places(wanted, lines)
    if not places:
        yield from _nowhere(wanted, lines)
        return
    near = min(places, key=lambda place: abs(place - candidate.line))
    within = near - _LOOSE <= candidate.line <= near + len(wanted) - 1 + _LOOSE
    if candidate.line and not within:
        yield Fault(
            f"the quote stands at line {near}, not at line {candidate.line}",
            evidence={"lines": places[:10]},
            severity=Severity.WARNING,
        )
        return
    yield Seen(f"the quote stands verbatim at line {near}", evidence={"line": near})


def _lines(text: str) -> list[str]:
    """Return the lines of a text without blank ones around it."""
    plain = text.replace("\r\n", "\n").replace("\r", "\n")
    return [line.rstrip() for line in plain.split("\n")]


def _places(wanted: list[str], lines: list[str]) -> list[int]:
    """Return the lines at which a quote begins; its first line may begin within a line."""
    while wanted and not wanted[0]:
        wanted = wanted[1:]
    while wanted and not wanted[-1]:
        wanted = wanted[:-1]
    if len(wanted) == 1:
        text = wanted[0].strip()
        return [n for n, line in enumerate(lines, 1) if text in line]
    first, rest = wanted[0].lstrip(), wanted[1:]
    return [
        n + 1
        for n in range(len(lines) - len(rest))
        if lines[n].endswith(first) and lines[n + 1 : n + 1 + len(rest)] == rest
    ]


def _nowhere(wanted: list[str], lines: list[str]) -> Iterator[Fault]:
    squeezed = "".join("".join(wanted).split())
    whole = "".join("".join(lines).split())
    if squeezed and squeezed in whole:
        yield Fault(
            "the quote stands in the file with other blanks or line ends",
            severity=Severity.WARNING,
        )
        return
    yield Fault("the quote stands nowhere in the file")
