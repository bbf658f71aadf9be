"""The check `source-not-queried`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from undersign.checks.reading.entities import split_name
from undersign.checks.reading.sources import leaves, open_ended
from undersign.checks.reading.wording import listed, quoted
from undersign.records.finding import Fault, Severity
from undersign.records.query import Query
from undersign.records.question import Link, Links
from undersign.records.visible import Visible

MEANT = 0.8
"""From this score on, words of a log source are known to mean its table."""


def source_not_queried(query: Query, links: Links, visible: Visible) -> Iterator[Fault]:
    """Report a source that the question names and the query does not read."""
    if open_ended(query):
        return
    read = {leaf.name.lower(): leaf.name for leaf in leaves(query, visible)}
    by_piece: dict[tuple[int, int], list[Link]] = defaultdict(list)
    for link in links.tables:
        by_piece[link.piece.start, link.piece.end].append(link)
    satisfied = [link.score for link in links.tables if link.table.lower() in read]
    for named in by_piece.values():
        if any(link.table.lower() in read for link in named):
            continue
        sure = [link for link in named if _very_name(link)]
        likely = [
            link
            for link in named
            if link.why == "log source"
            and link.score >= MEANT
            and not _same_logs(link, query, visible)
        ]
        if sure or (likely and max(satisfied, default=0.0) < MEANT):
            yield _fault(query, sure or likely, list(read.values()), sure=bool(sure))


def _same_logs(link: Link, query: Query, visible: Visible) -> bool:
    """Say whether a table that is read shows the same logs in another shape."""
    meant = visible.find(link.table)
    read = [leaf.table for leaf in leaves(query, visible) if leaf.table]
    return meant is not None and any(set(meant.sources) & set(t.sources) for t in read)


def _very_name(link: Link) -> bool:
    """Say whether the words are the table's own name, and that is no ordinary word."""
    return link.why == "name" and len(split_name(link.table)) > 1


def _fault(query: Query, meant: list[Link], read: list[str], *, sure: bool) -> Fault:
    tables = list(dict.fromkeys(link.table for link in meant))[:3]
    words = meant[0].piece.text
    named = f" ({listed(tables, 'or')})" if words not in tables else ""
    span = next((s.span for p in query.pipelines() for s in p.sources), query.main.span)
    return Fault(
        f"the question names {quoted(words)}{named}; the query reads"
        f" {listed(dict.fromkeys(read)) if read else 'no table'}",
        span,
        {"words": words, "tables": tables, "read": read, "score": meant[0].score},
        f"read {listed(tables, 'or')}",
        None if sure else Severity.NOTE,
    )
