"""Timelines of a document: runs of lines that begin with a time, in any layout."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from undersign.languages.when import When, times
from undersign.records.document import Block, Document

_LEAD = re.compile(r"[\s*_`~\[(|>#-]*")
_TIMELINE = re.compile(
    r"\b(?:time\s?line|chronolog|sequence of events|events|what happened|log)", re.IGNORECASE
)
_NUMBERED = re.compile(r"\W{0,4}\d{0,4}\W{0,4}")
_HALF_DAY = timedelta(hours=12)
_LEAST = 3
"""Timed lines that make a timeline."""


@dataclass(frozen=True, slots=True)
class TimedLine:
    """One line of a timeline."""

    local: datetime
    """As written, without a zone; without a written date that of the line before, or 2000."""
    moment: datetime
    """To compare with: in UTC where the line names a zone, else as written."""
    block: Block
    when: When
    start: int
    """Offset of the time in the document."""
    end: int
    rest: str
    """The words behind the time."""


def timelines(document: Document) -> Iterator[list[TimedLine]]:
    """Yield runs of at least three lines that begin with a time, each of one section.

    Lines are list items, table rows, lines of a paragraph, and headings below one of a timeline.
    """
    runs: dict[tuple[object, ...], list[TimedLine]] = {}
    tables = 0
    for block in document.blocks:
        if block.kind == "row" and block.level:
            tables += 1
            continue
        level = block.level if block.kind == "item" else tables if block.kind == "row" else 0
        key = (block.section, block.kind, level)
        for text, start in _lines(block):
            line = _timed(text, start, block, runs.get(key, []))
            if line is not None:
                runs.setdefault(key, []).append(line)
    yield from (run for run in runs.values() if len(run) >= _LEAST)


def _lines(block: Block) -> Iterator[tuple[str, int]]:
    """Yield the pieces of a block that may begin with a time, with their offsets."""
    if block.kind in ("paragraph", "quote"):
        at = block.start
        for line in block.text.splitlines(keepends=True):
            yield line, at
            at += len(line)
    elif block.kind == "item" or (block.kind == "heading" and is_in_a_timeline(block)):
        yield block.text, block.start
    elif block.kind == "row" and block.cells:
        yield _row(block)


def is_in_a_timeline(block: Block) -> bool:
    """Tell whether a block stands below a heading of a timeline."""
    return bool(block.section) and _TIMELINE.search(block.section[-1]) is not None


def _row(block: Block) -> tuple[str, int]:
    """Return a row without a first cell that is empty or only numbers it."""
    (first, _), *others = block.cells
    if others and _NUMBERED.fullmatch(first):
        start = others[0][1]
        return block.text[start - block.start :], start
    return block.text, block.start


def _timed(text: str, base: int, block: Block, run: list[TimedLine]) -> TimedLine | None:
    lead = _LEAD.match(text)
    begin = lead.end() if lead else 0
    found = times(text)
    when = next((one for one in found if one.start <= begin + 1), None)
    if when is None or when.placeholder or when.impossible or when.ambiguous:
        return None
    end, time = when.end, when.time
    if time is None and when.date is not None:
        # Date and time in two cells of a row.
        behind = next((one for one in found if one.start > when.end), None)
        if behind is None or re.fullmatch(r"[\s|*_`]+", text[when.end : behind.start]) is None:
            return None
        end, time = behind.end, behind.time
    if time is None:
        return None
    local = datetime.combine(_day(when, run), time)
    if when.date is None and run and run[-1].local - local > _HALF_DAY:
        local += timedelta(days=1)  # past midnight
    moment = local if when.offset is None else local - timedelta(minutes=when.offset)
    return TimedLine(local, moment, block, when, base + when.start, base + end, text[end:])


def _day(when: When, run: list[TimedLine]) -> date:
    if when.date is None:
        return run[-1].local.date() if run else date(2000, 1, 1)
    if when.year_known or not run:
        return when.date
    # A day without a year is of the year that brings it nearest to the line above.
    last = run[-1].local.date()
    near = [_in_year(when.date, last.year + n) for n in (-1, 0, 1)]
    return min(near, key=lambda day: abs((day - last).days))


def _in_year(day: date, year: int) -> date:
    try:
        return day.replace(year=year)
    except ValueError:  # 29 February
        return day.replace(year=year, day=28)
