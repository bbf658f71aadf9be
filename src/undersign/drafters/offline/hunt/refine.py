"""Edit a query by an instruction in English; what the instruction does not speak of stays."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any

from undersign.drafters.offline.hunt import place
from undersign.drafters.offline.hunt.ask import WRITERS, unused
from undersign.drafters.offline.hunt.desk import Desk
from undersign.drafters.offline.hunt.plan import Addresses, Condition, Hours, Test
from undersign.errors import BadInput
from undersign.languages.question import link
from undersign.records.artifact import Span
from undersign.records.drafting import QueryDraft
from undersign.records.estate import Estate
from undersign.records.query import Comparison, Pipeline, Query, Stage, comparisons
from undersign.records.question import Links, Question
from undersign.records.visible import Visible, VisibleTable

_REMOVE = re.compile(
    r"\b(?:remove|drop|delete|lift|forget|take\s+(?:out|away)|get\s+rid\s+of|without)\b.{0,40}"
    r"\b(?:filter|condition|restriction|limit|window|constraint|exclusion)s?\b",
    re.IGNORECASE,
)
_INSTEAD = re.compile(r"\b(?:instead|change|replace|switch|rather|make\s+(?:it|that))\b", re.I)
_STEPS = ("filter",)


@dataclass(frozen=True, slots=True)
class _Edit:
    """Characters of the query and what stands there afterwards."""

    start: int
    end: int
    text: str


@dataclass(slots=True)
class _Edits:
    """What changes, as text and as a person reads it."""

    text: str
    lines: list[int]
    """Where every line begins."""
    edits: list[_Edit] = field(default_factory=list)
    added: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    changed: list[tuple[str, str]] = field(default_factory=list)

    def places(self, span: Span) -> tuple[int, int]:
        """Return the characters of a span, half-open."""
        start = self.lines[span.line - 1] + span.column - 1
        return start, self.lines[span.end_line - 1] + span.end_column - 1

    def shown(self, span: Span) -> str:
        """Return a span as written."""
        start, end = self.places(span)
        return self.text[start:end]

    def replace(self, span: Span, text: str) -> None:
        """Put other words in the place of these."""
        self.edits.append(_Edit(*self.places(span), text))


def refine(  # noqa: PLR0913 - what a drafter stands on, as `ask`, and the query
    text: str,
    bound: Query,
    instruction: Question,
    links: Links,
    visible: Visible,
    estate: Estate | None = None,
) -> QueryDraft:
    """Edit a bound query: add, replace or remove filters, window, limit.

    Everything the instruction does not speak of stays byte for byte.

    Raises:
        BadInput: The query cannot be read, or reads no table that is here.
    """
    if bound.unreadable:
        raise BadInput("a query that cannot be read cannot be edited", hint="check the query first")
    leaves = [(p, t) for p in bound.pipelines() if (t := _table(p, visible))]
    if not leaves:
        raise BadInput("the query reads no table that is here, so there is nothing to narrow")
    desk = _desk(instruction, links, visible, estate, leaves[0][1])
    desk.preferred = _columns(bound)
    writer = import_module(WRITERS[bound.language])
    done = _Edits(text, [0, *(m.end() for m in re.finditer("\n", text))])
    if _REMOVE.search(instruction.text):
        _remove(desk, bound, done)
    else:
        _apply(desk, bound, leaves, writer, done)
    if not done.edits:
        desk.ask("nothing of the instruction could be placed in this query, so it is unchanged")
    return QueryDraft(
        text=_edited(text, done.edits),
        language=bound.language,
        understood={"table": desk.table.name, "edits": len(done.edits)},
        open_questions=(*instruction.notes, *desk.open),
        unused_words=unused(desk),
        sources=tuple(dict.fromkeys(desk.sources)),
        added=tuple(done.added),
        removed=tuple(done.removed),
        changed=tuple(done.changed),
    )


def _table(pipeline: Pipeline, visible: Visible) -> VisibleTable | None:
    names = [s.table for s in pipeline.sources if s.table]
    return visible.find(names[0]) if names else None


def _desk(
    instruction: Question,
    links: Links,
    visible: Visible,
    estate: Estate | None,
    table: VisibleTable,
) -> Desk:
    """Lay out the instruction for the table of the query, whatever its words may name besides."""
    if not any(one.table == table.name for one in links.columns):
        links = link(instruction, Visible(visible.language, {table.name: table}))
    return Desk(instruction, links, visible, estate, table)


def _columns(bound: Query) -> frozenset[str]:
    """Return the columns that the query filters or groups by."""
    found: set[str] = set()
    for stage in _stages(bound):
        found |= {c.table_column or c.column for c in comparisons(stage.condition)}
        found |= {group.column for group in stage.groups}
        found |= {column for one in stage.assigned for column in one.columns}
    return frozenset(found)


def _apply(
    desk: Desk,
    bound: Query,
    leaves: Sequence[tuple[Pipeline, VisibleTable]],
    writer: Any,
    done: _Edits,
) -> None:
    span = place.span(desk)
    conditions = place.conditions(desk)
    if len(leaves) > 1 and conditions:
        desk.ask(
            f"the query reads {len(leaves)} times, and all of them are narrowed; is that meant?"
        )
    for pipeline, table in leaves:
        time = writer.name(table.time) if table.time and bound.language != "spl" else None
        said = [_said(one, time, writer) for one in conditions]
        if span is not None and table.time:
            _window(bound, pipeline, table, writer.window(*_of_time(time, span)), done)
        for one, text in zip(conditions, said, strict=True):
            if text:
                _place(desk, bound, pipeline, one, text, done)
    if span is not None and len(re.findall(r"ago\(|relative_time\(|now\(\) -", bound.text)) > 1:
        desk.ask("the query speaks of other times as well, such as a baseline; these are unchanged")
    if desk.question.limit is not None:
        desk.use(desk.question.output_piece)
        _limit(bound, desk.question.limit, done)
    desk.use(desk.question.output_piece)


def _of_time(time: str | None, span: Any) -> tuple[Any, ...]:
    """Return what a writer's `window` takes: in SPL a time is no column."""
    return (span,) if time is None else (time, span)


def _said(one: Condition, time: str | None, writer: Any) -> str:
    return str(writer.condition(one) if time is None else writer.condition(one, time))


def _filters(pipeline: Pipeline) -> list[Stage]:
    """Return the filters that stand before anything that changes the rows' columns."""
    found: list[Stage] = []
    for stage in pipeline.stages:
        if stage.kind not in _STEPS:
            break
        found.append(stage)
    return found


def _place(  # noqa: PLR0913 - one condition, and everywhere it might go
    desk: Desk, bound: Query, pipeline: Pipeline, one: Condition, text: str, done: _Edits
) -> None:
    old = _same_column(pipeline, one) if _INSTEAD.search(desk.question.text) else None
    if old is not None:
        done.replace(old.span, text)
        done.changed.append((done.shown(old.span), text))
        return
    if any(text in stage.text for stage in pipeline.stages):
        desk.ask(f"the query has the filter already: {text}")
        return
    _insert(bound, pipeline, text, done)
    done.added.append(text)


def _same_column(pipeline: Pipeline, one: Condition) -> Comparison | None:
    if isinstance(one, Hours):
        return None
    names = {one.column.name} if isinstance(one, Addresses) else {c.name for c in one.columns}
    negated = isinstance(one, Test) and one.negated
    for stage in _filters(pipeline):
        for old in comparisons(stage.condition):
            if old.column in names and old.negated == negated:
                return old
    return None


def _insert(bound: Query, pipeline: Pipeline, text: str, done: _Edits) -> None:
    """Add a filter after the last one that stands before the first change of columns."""
    filters = _filters(pipeline)
    if bound.language == "sql":
        _insert_sql(bound, pipeline, filters, text, done)
        return
    places = [done.places(one.span) for one in filters] or [done.places(pipeline.sources[-1].span)]
    at = places[-1][1]
    lead = _indent(bound.text, places[0][0] if filters else at)
    done.edits.append(_Edit(at, at, f"{lead}| where {text}"))


def _indent(text: str, at: int) -> str:
    """Return what stands between two stages here: a new line and its blanks, or one blank."""
    line = text.rfind("\n", 0, at) + 1
    before = text[line:at]
    if before.strip() in ("", "|"):
        return "\n" + before[: len(before) - len(before.lstrip())]
    following = re.compile(r"\n([ \t]*)\|").search(text, at)
    return "\n" + following.group(1) if following else " "


def _insert_sql(
    bound: Query, pipeline: Pipeline, filters: list[Stage], text: str, done: _Edits
) -> None:
    if filters:
        at = done.places(filters[-1].span)[1]
        done.edits.append(_Edit(at, at, f"\n  AND {text}"))
        return
    at = done.places(pipeline.sources[-1].span)[1]
    alias = re.compile(
        r"\s+(?:AS\s+)?(?!(?:WHERE|GROUP|ORDER|LIMIT|HAVING|JOIN|LEFT|INNER|UNION)\b)[A-Za-z_]\w*",
        re.IGNORECASE,
    ).match(bound.text, at)
    at = alias.end() if alias else at
    done.edits.append(_Edit(at, at, f"\nWHERE {text}"))


def _window(bound: Query, pipeline: Pipeline, table: VisibleTable, text: str, done: _Edits) -> None:
    """Replace the time that is read, or state one."""
    if not text:
        return
    if bound.language == "spl":
        _window_spl(bound, pipeline, text, done)
        return
    old = [
        one
        for stage in _filters(pipeline)
        for one in comparisons(stage.condition)
        if (one.table_column or one.column) == table.time and one.op != "exists"
    ]
    if not old:
        _insert(bound, pipeline, text, done)
        done.added.append(text)
        return
    done.replace(old[0].span, text)
    done.changed.append((done.shown(old[0].span), text))
    for more in old[1:]:
        # A second edge of the old time would cut the new one.
        done.replace(more.span, text)


_SPL_TIME = re.compile(
    r"\b(?:earliest|latest)=(?:\"[^\"\n]*\"|\S+)(?:\s+latest=(?:\"[^\"\n]*\"|\S+))?"
)


def _window_spl(bound: Query, pipeline: Pipeline, text: str, done: _Edits) -> None:
    start, end = done.places(pipeline.span)
    old = _SPL_TIME.search(bound.text, start, end)
    if old:
        done.edits.append(_Edit(*old.span(), text))
        done.changed.append((old.group(), text))
        return
    at = done.places(pipeline.stages[0].span)[1] if pipeline.stages else end
    done.edits.append(_Edit(at, at, f" {text}"))
    done.added.append(text)


def _limit(bound: Query, limit: int, done: _Edits) -> None:
    last = next((s for s in reversed(bound.main.stages) if s.limit is not None), None)
    if last is not None:
        old = re.compile(rf"\b{last.limit}\b").search(bound.text, *done.places(last.span))
        if old:
            done.edits.append(_Edit(*old.span(), str(limit)))
            done.changed.append((last.text, last.text.replace(old.group(), str(limit), 1)))
        return
    at = len(bound.text.rstrip("\n\r\t ;"))
    word = {"kql": "| take", "spl": "| head", "sql": "LIMIT"}[bound.language]
    lead = "\n" if "\n" in bound.text.strip() else " "
    done.edits.append(_Edit(at, at, f"{lead}{word} {limit}"))
    done.added.append(f"{word} {limit}".lstrip("| "))


def _remove(desk: Desk, bound: Query, done: _Edits) -> None:
    """Take out the filters on the columns, or of the values, that the instruction names."""
    low = desk.question.text.lower()
    time = desk.table.time if re.search(r"\btime|window|hours|days", low) else None
    wanted = {one.column for one in desk.columns() if one.score >= 0.6} | (
        {time} if time else set()
    )
    words = {w.text.lower() for w in desk.question.words}
    values = {v.value.lower() for v in desk.question.values}
    for stage in _stages(bound):
        found = list(comparisons(stage.condition))
        if stage.kind == "limit" and "limit" in low:
            _take_out(bound, stage.span, done)
            continue
        hit = [
            one
            for one in found
            if (one.table_column or one.column) in wanted
            or any(str(v.value).lower() in values | words for v in one.values)
        ]
        if not hit:
            continue
        if len(hit) == len(found):
            _take_out(bound, stage.span, done)
            desk.use(desk.question.output_piece)
        else:
            desk.ask(f"only a part of '{stage.text}' was meant; it is left as it is")
    for one in desk.columns():
        if one.column in wanted and done.edits:
            desk.use(one.piece)


def _stages(bound: Query) -> Iterator[Stage]:
    for pipeline in bound.pipelines():
        yield from pipeline.stages


def _take_out(bound: Query, span: Span, done: _Edits) -> None:
    start, end = done.places(span)
    if bound.language == "sql":
        joined = re.compile(r"\s*\bAND\s+\Z", re.IGNORECASE).search(bound.text[:start])
        after = re.compile(r"\s*AND\s+", re.IGNORECASE).match(bound.text, end)
        where = re.compile(r"\s*\bWHERE\s+\Z", re.IGNORECASE).search(bound.text[:start])
        if joined:
            start = joined.start()
        elif after:
            end = after.end()
        elif where:
            start = where.start()
    else:
        pipe = bound.text.rfind("|", 0, start + 1)
        start = len(bound.text[:pipe].rstrip()) if pipe >= 0 else start
    done.removed.append(done.shown(span))
    done.edits.append(_Edit(start, end, ""))


def _edited(text: str, edits: Sequence[_Edit]) -> str:
    """Apply the edits from the end, so that places stay right; at one place in their order."""
    ordered = sorted(enumerate(edits), key=lambda e: (e[1].start, e[1].end, e[0]), reverse=True)
    for _, edit in ordered:
        text = text[: edit.start] + edit.text + text[edit.end :]
    return text
