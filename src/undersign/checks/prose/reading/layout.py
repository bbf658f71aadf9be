"""What a document of any layout says when: labelled times and lengths, ranges with lengths."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import NamedTuple

from undersign.checks.prose.reading.runs import is_in_a_timeline
from undersign.languages.markdown import plain
from undersign.languages.when import Length, When, lengths, times
from undersign.records.document import Block, Document

_I = re.IGNORECASE
BEGAN, DETECTED, DECLARED = "began", "detected", "declared"
REPAIRED, RESOLVED = "repaired", "resolved"
TITLE = "the time in its title"
"""Many titles begin with when it began."""
ANY = "any"
_LABELS = (
    (RESOLVED, r"\b(?:incident )?(?:resolved|resolution|closed)\b|"
               r"\b(?:incident|outage) end(?:ed|s)?\b"),
    (REPAIRED, r"\b(?:repaired|mitigated|recovered|restored|fixed)\b"),
    (DECLARED, r"\b(?:incident )?declared\b"),
    (DETECTED, r"\b(?:first )?(?:detected|detection|noticed|reported)\b"),
    (BEGAN, r"\b(?:impact|incident|outage|issue|disruption)\s+(?:began|begins|start(?:ed|s)?)\b|"
            r"^\W*(?:start(?:ed)?|began)\b"),
)  # fmt: skip
_LABEL = re.compile("|".join(f"(?P<{name}>{pattern})" for name, pattern in _LABELS), _I)
_LABEL_BEHIND = re.compile(
    r"[\s\W]{0,8}(?:the )?(?:incident|outage)\s+(?:was |is |has been |had been )?(?:declared )?"
    r"(?:(?P<resolved>resolved|closed)|(?P<repaired>repaired|mitigated|restored|fixed)|"
    r"(?P<declared>declared))\b", _I
)  # fmt: skip
_NOT_YET = re.compile(
    r"\b(?:not|never|expected|should|will|would|until|before|hope[ds]?|aim(?:ed)?|estimated|eta|"
    r"again|partly|partially|planned|if|when)\b[^.;:\n]{0,24}$", _I
)  # fmt: skip
_REACH = 44
_MOST = 12
"""Different times of one label in one incident."""
_MEASURES = (
    (RESOLVED, r"\btime (?:to|of) (?:full )?(?:resolve|resolution|close)\b|\bTTR\b"),
    (REPAIRED, r"\btime to (?:repair|recover(?:y)?|mitigat(?:e|ion)|restor(?:e|ation)|fix)\b|"
               r"\bTTM\b"),
    (DETECTED, r"\btime to (?:detect(?:ion)?|notice)\b|\bTTD\b"),
    (ANY, r"\b(?:outage|downtime|incident|impact|disruption)(?: total)? (?:duration|length|"
          r"lasted)\b|^\W*(?:total )?duration\b"),
)  # fmt: skip
_MEASURE = re.compile("|".join(f"(?P<{name}>{pattern})" for name, pattern in _MEASURES), _I)
_TOOK = re.compile(
    r"\b(?:incident|outage|issue) (?:was |had been |got )?(?:fully )?"
    r"(?:(?P<resolved>resolved|closed)|"
    r"(?P<repaired>repaired|mitigated|restored|fixed)) (?:after|in) $|\bit took $", _I
)  # fmt: skip
_TO = re.compile(
    r" to (?:(?P<resolved>resolve)|(?P<repaired>repair|mitigate|fix))"
    r"(?: (?:the|this) (?:incident|outage|issue|problem))?(?=[.,;)]|$)", _I
)  # fmt: skip
_NOT_THIS = re.compile(
    r"\b(?:mean|average|median|MTTR|MTTD|quarter(?:ly)?|target|SLA|SLO|objective|goal)\b", _I
)
_HOURS_COUNTED = re.compile(
    r"\b(?:support|business|working|office|work) (?:hours?|time|days?)\b", _I
)
_TO_THE_END = r"\s*(?:-|\u2013|\u2014|to|until|till)\s*"
_RANGE = re.compile(rf"{_TO_THE_END}|\s+and\s+", _I)
_IN_BRACKETS = re.compile(
    r"\s*(?:UTC|GMT|[A-Z]{2,4}T)?\s*(?:\(|,\s+|for\s+)(?:a total of |total:? )?", _I
)
_SHORT_HEADING = 4


@dataclass(frozen=True, slots=True)
class Labelled:
    """A time with the words beside it that say of what it is."""

    label: str
    when: When
    local: datetime
    """As written, without a zone; of a time without a date, on the date last named above it."""
    moment: datetime
    """To compare with: in UTC where a zone is written, else as written."""
    dated: bool
    """Whether its own date is written; else it may be of a later day."""
    block: Block
    start: int
    """Offset in the document."""
    end: int


@dataclass(frozen=True, slots=True)
class Measured:
    """A length of time with the words beside it that say of what it is."""

    label: str
    length: Length
    block: Block
    start: int
    end: int


class Range(NamedTuple):
    """A start, an end and a length that one sentence states together."""

    first: datetime
    last: datetime
    dated: bool
    length: Length
    exact: bool
    """Whether the length is that of the range; else it lies within it."""
    start: int
    """Offset of the length in the document."""


class Piece(NamedTuple):
    """A block, or a cell of one."""

    text: str
    start: int
    key: str
    """What stands before it and says what it is: the cell before, the column, the item above."""
    block: Block


def pieces(document: Document) -> Iterator[Piece]:
    """Yield the texts of a document that state something, each with its key."""
    above = ""
    for block in document.blocks:
        if block.kind in ("code", "html"):
            continue
        if block.kind != "row":
            yield Piece(block.text, block.start, above if block.kind != "heading" else "", block)
            above = block.text if block.kind in ("heading", "item") and _is_short(block) else ""
        elif not block.level:
            yield from _cells(block)
        if block.kind == "row":
            above = ""


def _is_short(block: Block) -> bool:
    return len(block.text.split()) <= _SHORT_HEADING and not times(block.text)


def _cells(block: Block) -> Iterator[Piece]:
    before = ""
    for n, (cell, start) in enumerate(block.cells):
        header = block.header[n] if n < len(block.header) else ""
        if n + 1 < len(block.cells) and _is_date(cell) and times(block.cells[n + 1][0]):
            # Date and time in two cells are one.
            following, at = block.cells[n + 1]
            text = block.text[start - block.start : at - block.start + len(following)]
            yield Piece(text.replace("|", " "), start, f"{header} {before}", block)
            before = ""
            continue
        if n and _is_date(block.cells[n - 1][0]) and times(cell):
            continue
        yield Piece(cell, start, before or header, block)
        before = "" if times(cell) or lengths(cell) else cell


def _is_date(text: str) -> bool:
    found = times(text)
    return len(found) == 1 and found[0].date is not None and found[0].time is None


def labelled_times(document: Document) -> Iterator[Labelled]:
    """Yield the times whose label stands beside them, in lists, tables, bold keys and prose."""
    day = date(2000, 1, 1)
    for piece in pieces(document):
        behind = 0
        found = times(piece.text)
        for n, when in enumerate(found):
            before = piece.text[max(behind, when.start - _REACH) : when.start]
            behind = when.end
            if when.date is not None and when.year_known:
                day = when.date
            until = found[n + 1].start if n + 1 < len(found) else len(piece.text)
            label = _label(piece, before, piece.text[when.end : until])
            if label is None or when.time is None or when.ambiguous or not when.year_known:
                continue
            local = datetime.combine(when.date or day, when.time)
            moment = local if when.offset is None else local - timedelta(minutes=when.offset)
            yield Labelled(
                label, when, local, moment, when.date is not None, piece.block,
                piece.start + when.start, piece.start + when.end,
            )  # fmt: skip


def _label(piece: Piece, before: str, behind: str) -> str | None:
    if piece.block.kind == "heading":
        return None if is_in_a_timeline(piece.block) else TITLE
    found = None
    for match in _LABEL.finditer(before):
        planned = _NOT_YET.search(before, 0, match.start())
        ended = re.search(r"[.;]\s", before[match.end() :])
        found = None if planned or ended else match.lastgroup
    if found is None and not before.strip(" *_`~([>-"):
        after = _LABEL_BEHIND.match(behind)
        found = after.lastgroup if after else None
        if found is None and piece.key:
            match_ = _LABEL.search(piece.key)
            found = match_.lastgroup if match_ else None
    return found


def measured_lengths(document: Document) -> Iterator[Measured]:
    """Yield the stated lengths of this incident; averages and counted support hours are none."""
    for piece in pieces(document):
        if piece.block.kind == "heading":
            continue
        text = piece.text
        for one in lengths(text):
            label = None if one.approximate else _measure(piece, one)
            if label is None or _HOURS_COUNTED.search(text, one.end, one.end + 60):
                continue
            yield Measured(label, one, piece.block, piece.start + one.start, piece.start + one.end)


def _measure(piece: Piece, one: Length) -> str | None:
    """Return of what a length is, from the words before it, behind it, or from its key."""
    text = piece.text
    begin = max(0, one.start - 80)
    before = text[begin : one.start]
    last = None
    for match in _MEASURE.finditer(before):
        last = match
    if last is not None:
        gap = before[last.end() :]
        around = before[max(0, last.start() - 24) :] + text[one.end : one.end + 4]
        if len(gap) > 40 or lengths(gap) or _NOT_THIS.search(around):
            return None
        return None if re.search(r"[.;]\s", gap) else last.lastgroup
    took = _TOOK.search(before)
    if took is not None:
        to = took if took.lastgroup else _TO.match(text, one.end)
        return to.lastgroup if to else None
    if piece.key and not before.strip(" *_`~([>-:") and not _NOT_THIS.search(piece.key):
        match_ = _MEASURE.search(piece.key)
        return match_.lastgroup if match_ else None
    return None


@dataclass(frozen=True, slots=True)
class Scopes:
    """The labelled times of a document, by the sections that hold them."""

    by_section: Mapping[tuple[str, ...], Mapping[str, Mapping[datetime, Labelled]]]

    def around(self, block: Block) -> tuple[tuple[str, ...], dict[str, list[Labelled]]]:
        """Return the section of the incident that a block speaks of, and label -> its times.

        The times of the block's own section count, else those of the section around it. A label
        that stands there with many different times tells of many things, and is left out.
        """
        for depth in range(len(block.section), -1, -1):
            found = self.by_section.get(block.section[:depth], {})
            if len(found.keys() - {TITLE}) >= 2:
                few = {label: list(same.values()) for label, same in found.items()}
                return block.section[:depth], {k: v for k, v in few.items() if len(v) <= _MOST}
        return (), {}


def scopes(document: Document) -> Scopes:
    """Read the labelled times of a document once, for every block that is held against them."""
    found: dict[tuple[str, ...], dict[str, dict[datetime, Labelled]]] = {}
    for one in labelled_times(document):
        place = _place(one.block)
        for depth in range(len(place) + 1):
            labels = found.setdefault(place[:depth], {})
            labels.setdefault(one.label, {}).setdefault(one.moment, one)
    return Scopes(found)


def _place(block: Block) -> tuple[str, ...]:
    """Return the section a block belongs to; a heading belongs to the one that it opens."""
    return (*block.section, plain(block.text)) if block.kind == "heading" else block.section


def stated_ranges(document: Document) -> Iterator[Range]:
    """Yield `from 10:15 to 12:38 (2h 23m)` and `for 3 hours between 10:15 and 13:15`."""
    for piece in pieces(document):
        found = times(piece.text)
        for first, last in pairwise(found):
            joined = _RANGE.fullmatch(piece.text, first.end, last.start)
            if joined is not None and first.time is not None and last.time is not None:
                yield from _range(piece, first, last)


def _range(piece: Piece, first: When, last: When) -> Iterator[Range]:
    if first.ambiguous or last.ambiguous or first.time is None or last.time is None:
        return
    day = first.date or date(2000, 1, 1)
    begin = datetime.combine(day, first.time)
    end = datetime.combine(last.date or day, last.time)
    if first.offset is not None and last.offset is not None:
        end -= timedelta(minutes=last.offset - first.offset)
    dated = last.date is not None
    bracket = _IN_BRACKETS.match(piece.text, last.end)
    for one in lengths(piece.text):
        if one.approximate:
            continue
        is_behind = bracket is not None and one.start == bracket.end()
        between = piece.text[one.end : first.start].strip().casefold()
        if is_behind or (
            one.end <= first.start and between in ("between", "from", "(", "from the")
        ):
            yield Range(begin, end, dated, one, is_behind, piece.start + one.start)
