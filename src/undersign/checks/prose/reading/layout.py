"""What a document of any layout says when: labelled times, labelled lengths, timed lines."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from undersign.languages.markdown import plain
from undersign.languages.when import Length, When, lengths, times
from undersign.records.document import Block, Document

_I = re.IGNORECASE
BEGAN, DETECTED, DECLARED = "began", "detected", "declared"
REPAIRED, RESOLVED = "repaired", "resolved"
TITLE = "the time in its title"
"""Many titles begin with when it began."""
_LABELS = (
    (RESOLVED, r"\b(?:incident )?(?:resolved|resolution|closed)\b|\bincident end(?:ed)?\b"),
    (REPAIRED, r"\b(?:repaired|mitigated|recovered|restored)\b"),
    (DECLARED, r"\b(?:incident )?declared\b"),
    (DETECTED, r"\b(?:first )?(?:detected|detection|noticed|reported)\b"),
    (BEGAN, r"\b(?:impact|incident|outage|issue|disruption)\s+(?:began|begins|start(?:ed|s)?)\b|"
            r"^\W*(?:start(?:ed)?|began)\b"),
)  # fmt: skip
_LABEL = re.compile("|".join(f"(?P<{name}>{pattern})" for name, pattern in _LABELS), _I)
_REACH = 44
_MEASURES = (
    (RESOLVED, r"\btime (?:to|of) (?:resolve|resolution|full resolution|close)\b|\bTTR\b"),
    (REPAIRED, r"\btime to (?:repair|recover(?:y)?|mitigat(?:e|ion)|restor(?:e|ation)|fix)\b|"
               r"\bTTM\b"),
    (DETECTED, r"\btime to (?:detect(?:ion)?|notice)\b|\bTTD\b"),
    ("any", r"\b(?:outage|downtime|incident|impact|disruption)(?: total)? (?:duration|length|"
            r"lasted)\b|"
            r"^\W*duration\b|\blasted (?:for )?"),
)  # fmt: skip
_MEASURE = re.compile("|".join(f"(?P<{name}>{pattern})" for name, pattern in _MEASURES), _I)
_NOT_THIS = re.compile(
    r"\b(?:mean|average|median|MTTR|MTTD|quarter(?:ly)?|target|SLA|objective|goal)\b", _I
)
_HOURS_COUNTED = re.compile(
    r"\b(?:support|business|working|office|work) (?:hours?|time|days?)\b", _I
)
_LINE_START = re.compile(r"[\s*_`~\[(|>-]*")
_TIMELINE = re.compile(
    r"\b(?:time\s?line|chronolog|sequence of events|context|what happened|log)\b", _I
)


@dataclass(frozen=True, slots=True)
class Labelled:
    """A time with the word before it that says of what it is."""

    label: str
    when: When
    local: datetime
    """Without a zone, as written."""
    block: Block
    start: int
    """Offset in the document."""
    end: int


@dataclass(frozen=True, slots=True)
class Measured:
    """A length of time with the words before it that say of what it is."""

    label: str
    length: Length
    block: Block
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class TimedLine:
    """One line of a timeline."""

    local: datetime
    block: Block
    when: When
    start: int
    end: int


def labelled_times(document: Document) -> Iterator[Labelled]:
    """Yield the times whose label stands before them, in lists, tables, bold keys and prose."""
    for block in document.blocks:
        if block.kind in ("code", "html"):
            continue
        text = block.text
        behind = 0
        for when in times(text):
            before = text[max(behind, when.start - _REACH) : when.start]
            behind = when.end
            label = TITLE if block.kind == "heading" else _last_label(before)
            local = when.local
            if label is None or local is None or not when.year_known:
                continue
            start = block.start + when.start
            yield Labelled(label, when, local, block, start, block.start + when.end)


def measured_lengths(document: Document) -> Iterator[Measured]:
    """Yield the stated lengths of this incident; averages and counted support hours are none."""
    for block in document.blocks:
        if block.kind in ("code", "html", "heading") or _NOT_THIS.search(" ".join(block.section)):
            continue
        text = block.text
        found = lengths(text)
        for match in _MEASURE.finditer(text):
            one = next((x for x in found if x.start >= match.end()), None)
            if one is None or one.start - match.end() > 40:
                continue
            around = text[max(0, match.start() - 24) : one.end + 60]
            if _NOT_THIS.search(text[max(0, match.start() - 24) : match.end()]):
                continue
            if _HOURS_COUNTED.search(around) or one.approximate:
                continue
            label = match.lastgroup or "any"
            yield Measured(label, one, block, block.start + one.start, block.start + one.end)


def around(block: Block, labelled: Sequence[Labelled]) -> dict[str, Labelled]:
    """Return label -> time of the incident that a block speaks of.

    The times of its own section count, else those of the section around it; a label that stands
    there twice with two times tells of two incidents and is left out.
    """
    for depth in range(len(block.section), -1, -1):
        prefix = block.section[:depth]
        near = [one for one in labelled if _place(one.block)[:depth] == prefix]
        found: dict[str, Labelled] = {}
        twice = set()
        for one in near:
            if one.label in found and found[one.label].local != one.local:
                twice.add(one.label)
            found.setdefault(one.label, one)
        if len(found.keys() - {TITLE}) >= 2:
            return {label: one for label, one in found.items() if label not in twice}
    return {}


def _place(block: Block) -> tuple[str, ...]:
    """Return the section a block belongs to; a heading belongs to the one that it opens."""
    return (*block.section, plain(block.text)) if block.kind == "heading" else block.section


def timelines(document: Document) -> Iterator[list[TimedLine]]:
    """Yield runs of lines that begin with a time: lists and tables of one section."""
    run: list[TimedLine] = []
    key: tuple[object, ...] | None = None
    for block in document.blocks:
        here = (block.section, block.kind, block.level if block.kind == "item" else 0)
        line = _timed(block, run if here == key else []) if block.kind in ("item", "row") else None
        if line is None:
            if block.kind != "item" or here[:2] != (key or ())[:2]:
                if len(run) >= 3:
                    yield run
                run, key = [], None
            continue
        if here != key:
            if len(run) >= 3:
                yield run
            run, key = [], here
        run.append(line)
    if len(run) >= 3:
        yield run


def _timed(block: Block, run: Sequence[TimedLine]) -> TimedLine | None:
    text, base = (
        block.cells[0] if block.kind == "row" and block.cells else (block.text, block.start)
    )
    if block.kind == "row" and (block.level or not block.cells):
        return None
    lead = _LINE_START.match(text)
    start = lead.end() if lead else 0
    when = next((w for w in times(text) if w.start <= start + 1), None)
    if when is None or when.time is None:
        return None
    day = when.date if when.year_known else None
    if day is None:
        if not run:
            day = datetime(2000, 1, 1).date()
        else:
            last = run[-1].local
            day = last.date()
            if last - datetime.combine(day, when.time) > timedelta(hours=12):
                day += timedelta(days=1)  # past midnight
    local = datetime.combine(day, when.time)
    return TimedLine(local, block, when, base + when.start, base + when.end)


def _last_label(before: str) -> str | None:
    found = None
    for match in _LABEL.finditer(before):
        found = match.lastgroup
        if re.search(r"[.;]\s", before[match.end() :]):
            found = None
    return found
