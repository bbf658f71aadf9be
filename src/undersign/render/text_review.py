"""A review for a person at a terminal: the queue by evidence, then what nobody looked at."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby

from undersign.records.candidate import Step
from undersign.records.finding import Outcome, Status
from undersign.records.review import Area, Examined, FileState, Review, Standing
from undersign.render.review_words import (
    counts_line,
    is_note,
    lookers_line,
    open_areas,
    verdict_words,
    way_of,
)
from undersign.render.terminal import Paint, clip, counted, pad, safe

_COLUMNS = 110
_MOST_STEPS = 12
_MOST_FILES = 30

TITLES = {
    Standing.SUPPORTED: "Supported by the code",
    Standing.STANDS: "Nothing speaks against it, nothing was shown for it",
    Standing.NOT_SHOWN: "Looked for in the code and not shown",
    Standing.DOUBTFUL: "Something it says is wrong",
    Standing.REFUTED: "Refuted: something it rests on is not so",
}
_MARKS = {Status.CLEAN: "pass", Status.FOUND: "FAIL", Status.NOT_RUN: "?   "}


def render(review: Review, path: str | None = None, *, colour: bool = False) -> str:
    """Write the candidates in their order with code, evidence and verdict, and the coverage.

    `path` is where the review is kept; it makes the commands at the end ready to be typed.
    """
    paint = Paint(colour)
    lines = [_head(review, paint), ""]
    for title, group in groupby(review.findings, key=title_of):
        found = list(group)
        lines += [paint.bold(f"{title} ({len(found)})"), ""]
        for one in found:
            lines += [*_finding(one, paint), ""]
    lines += _coverage(review, path, paint)
    lines.append(counts_line(review))
    return "\n".join(lines) + "\n"


def title_of(one: Examined) -> str:
    """Return the heading under which a candidate stands."""
    return "Said before, by another origin" if one.duplicate_of else TITLES[one.standing]


def _head(review: Review, paint: Paint) -> str:
    since = f"since {review.base} " if review.base else "of the whole tree "
    return paint.bold(f"Review {safe(since)}at {safe(review.head or 'no commit')}")


def _finding(one: Examined, paint: Paint) -> list[str]:
    candidate = one.candidate
    place = safe(candidate.file) + (f":{candidate.line}" if candidate.line else "")
    name = candidate.category or candidate.rule or "uncategorised"
    severity = f" {candidate.severity}" if candidate.severity else ""
    said = f" (says {safe(', '.join((candidate.origin, *one.also)))}{safe(severity)})"
    lines = [f"{paint.bold(place)} {paint.cyan(safe(name))}{said} {paint.dim(f'[{one.id}]')}"]
    lines += [f"    {part}" for part in _wrapped(candidate.message)]
    lines += [f"  {line}" for line in _code(one, paint)]
    lines.append(f"    {_why(one, paint)}")
    lines += [f"      {line}" for line in _way(way_of(one), paint)]
    lines += [f"      {line}" for line in _checks(one.outcomes, paint)]
    labels = [
        *one.labels,
        *(["in the target branch already"] if one.baseline == "unchanged" else []),
    ]
    if labels:
        lines.append(f"    {paint.dim('label: ' + safe(', '.join(labels)))}")
    if candidate.suppressed:
        lines.append(
            f"    {paint.yellow('its origin would hide it:')} {safe(candidate.suppressed)}"
        )
    if one.duplicate_of:
        lines.append(f"    {paint.dim('says the same as ' + one.duplicate_of)}")
    if one.judged:
        lines.append(f"    {paint.green(safe(verdict_words(one.judged)))}")
    return lines


def _wrapped(message: str) -> list[str]:
    """Break a message of others into printable lines, and no more than four of them."""
    from textwrap import wrap

    return wrap(safe(message), _COLUMNS, max_lines=4, placeholder=" …") or [""]


def _code(one: Examined, paint: Paint) -> list[str]:
    first, last = one.candidate.line, one.candidate.last_line
    gutter = len(str(one.code_start + len(one.code)))
    lines = []
    for number, text in enumerate(one.code, one.code_start):
        mark = ">" if first <= number <= last else " "
        shown = clip(safe(text.expandtabs(4)), _COLUMNS)
        margin = paint.dim(f"{mark} {number:>{gutter}} |")
        lines.append(f"{margin} {paint.bold(shown) if mark == '>' else shown}")
    return lines


def _why(one: Examined, paint: Paint) -> str:
    colour = {
        Standing.SUPPORTED: paint.red,
        Standing.REFUTED: paint.green,
        Standing.DOUBTFUL: paint.yellow,
    }.get(one.standing, paint.cyan)
    return f"{colour(one.standing.value)}: {safe(one.why)}"


def _way(steps: Sequence[Step], paint: Paint) -> Iterable[str]:
    for number, step in enumerate(steps[:_MOST_STEPS], 1):
        place = f"{safe(step.file)}:{step.line}"
        yield f"{number}. {paint.dim(place)} {safe(step.what)}: {clip(safe(step.text), 70)}"
    if len(steps) > _MOST_STEPS:
        yield f"... {len(steps) - _MOST_STEPS} more steps"


def _checks(outcomes: Sequence[Outcome], paint: Paint) -> Iterable[str]:
    """Write what checks say: the faults, what could not be told, and in one line what passed."""
    passed = [o for o in outcomes if o.status is Status.CLEAN]
    yield from (_check(o, paint) for o in outcomes if o.status is not Status.CLEAN)
    if passed:
        yield f"{paint.dim('pass')} {', '.join(o.check for o in passed)}"


def _check(outcome: Outcome, paint: Paint) -> str:
    said = outcome.words
    mark = "note" if is_note(outcome) else _MARKS[outcome.status]
    mark = paint.red(mark) if mark == _MARKS[Status.FOUND] else paint.dim(mark)
    line = f"{mark} {outcome.check}"
    return f"{line}: {clip(safe(said), _COLUMNS)}" if said else line


def _coverage(review: Review, path: str | None, paint: Paint) -> list[str]:
    lines = [paint.bold("What was looked at, and what was not"), ""]
    lines += [f"  {line}" for line in lookers_line(review)]
    lines += ["", *_files(review, paint), "", *_categories(review, paint), ""]
    lines += _areas(review, path, paint)
    lines += [f"  {paint.yellow('note')}: {safe(one)}" for one in review.remarks]
    return [*lines, ""]


def _files(review: Review, paint: Paint) -> list[str]:
    files = review.coverage.files
    whole = sum(one.state is FileState.ASSESSED for one in files)
    lines = [f"  {counted(len(files), 'file', 'files')}: {whole:,} assessed"]
    others = [one for one in files if one.state is not FileState.ASSESSED]
    for one in others[:_MOST_FILES]:
        by = f" by {one.by}" if one.by else ""
        why = f": {one.why}" if one.why else ""
        lines.append(f"    {paint.yellow(one.state.value)}{safe(by)} {safe(one.path)}{safe(why)}")
    if len(others) > _MOST_FILES:
        rest = len(others) - _MOST_FILES
        lines.append(f"    and {rest:,} more that were not assessed: --json lists them all")
    return lines


def _categories(review: Review, paint: Paint) -> list[str]:
    blind = [one for one in review.coverage.categories if not one.looked]
    seen = [one for one in review.coverage.categories if one.looked]
    lines = [f"  {len(seen)} categories some check looked for; {len(blind)} that none did:"]
    by_name = sorted(blind, key=lambda one: one.id)
    wide = max((len(one.id) for one in by_name), default=0)
    for one in by_name:
        note = f" ({one.note})" if one.note else ""
        lines.append(f"    {paint.yellow(pad(safe(one.id), wide))} {safe(one.name + note)}")
    asked = sorted({name for one in blind for name in one.asked})
    if asked:
        lines.append(f"    asked about these, which is not looking: {safe(', '.join(asked))}")
    return lines


def _areas(review: Review, path: str | None, paint: Paint) -> list[str]:
    lines = []
    for area in review.coverage.areas:
        if area.statement:
            lines.append(f"  {paint.green('looked at')} {safe(area.title)}:")
            lines.append(f"    {safe(verdict_words(area.statement))}")
    left = open_areas(review)
    if left:
        lines.append(
            f"  {paint.yellow('Not assessed by machine, and no person has said anything:')}"
        )
        lines += [f"    {_area(area)}" for area in left]
        example = f"undersign triage '{path or 'REVIEW'}#{left[0].key}' looked --reason \"...\""
        lines.append(f"  Say what you looked at: {safe(example)}")
    return lines


def _area(area: Area) -> str:
    return clip(safe(f"{area.key}: {area.title}; {area.why}"), _COLUMNS + 30)
