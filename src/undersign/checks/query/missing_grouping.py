"""The check `missing-grouping`."""

from __future__ import annotations

from collections.abc import Iterator

from undersign.checks.reading.entities import entity_of, entity_of_word, speaks_of
from undersign.checks.reading.outputs import stages
from undersign.checks.reading.wording import listed, quoted
from undersign.records.finding import Fault, Severity
from undersign.records.query import Query, Stage
from undersign.records.question import Grouping, Links, Question


def missing_grouping(query: Query, question: Question, links: Links | None) -> Iterator[Fault]:
    """Report `per user` or `for each host` that no aggregate of the query groups by."""
    grouping = [s for s in stages(query) if s.kind in ("aggregate", "distinct", "window")]
    keys = list(dict.fromkeys(_keys(grouping)))
    ranked = question.output in ("top", "bottom")
    asked = [
        g
        for g in question.groups
        if not g.bin_seconds
        and entity_of_word(g.word) != "time"
        # `top ten users by failures` ranks by failures and groups by users.
        and not (ranked and entity_of_word(g.word) is None)
    ]
    for group in asked:
        if not grouping or any(_fits(group, key, links) for key in keys):
            continue
        by = f"groups by {listed(map(quoted, keys))}" if keys else "groups by nothing"
        yield Fault(
            f"the question says {quoted(group.piece.text)}; the query {by}",
            grouping[-1].span,
            {"asked": group.word, "keys": keys},
            f"group by what holds the {group.word}",
            None if entity_of_word(group.word) else Severity.NOTE,
        )


def _keys(grouping: list[Stage]) -> Iterator[str]:
    for stage in grouping:
        for key in stage.groups:
            yield from (n for n in (key.column, key.name) if n)
        if stage.kind == "distinct" and not stage.groups:
            yield from (c.name for c in stage.columns or ())


def _fits(group: Grouping, key: str, links: Links | None) -> bool:
    linked = {
        link.column.lower()
        for link in (links.columns if links else ())
        if link.column and group.piece.start <= link.piece.start < group.piece.end
    }
    entity = entity_of_word(group.word)
    same = entity is not None and entity_of(key) == entity
    return key.lower() in linked or same or speaks_of(group.word, (key,))
