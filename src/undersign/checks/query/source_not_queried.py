"""The check `source-not-queried`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from undersign.checks.reading.sources import leaves, open_ended
from undersign.checks.reading.wording import listed, quoted
from undersign.records.finding import Fault, Severity
from undersign.records.query import Query
from undersign.records.question import Link, Links
from undersign.records.visible import Visible

NAMED = 0.95
"""From this score on, the words are the table's own name."""
MEANT = 0.8
"""From this score on, the words are known to mean the table."""


def source_not_queried(query: Query, links: Links, visible: Visible) -> Iterator[Fault]:
    """Report a source that the question names and the query does not read."""
    if open_ended(query):
        return
    read = {leaf.name.lower(): leaf.name for leaf in leaves(query, visible)}
    by_piece: dict[tuple[int, int], list[Link]] = defaultdict(list)
    for link in links.tables:
        by_piece[link.piece.start, link.piece.end].append(link)
    for named in by_piece.values():
        best = max(link.score for link in named)
        meant = [link for link in named if link.score >= min(best, NAMED)]
        if best < MEANT or any(link.table.lower() in read for link in named):
            continue
        tables = list(dict.fromkeys(link.table for link in meant))[:3]
        piece = meant[0].piece
        span = next((s.span for p in query.pipelines() for s in p.sources), query.main.span)
        reads = listed(read.values()) if read else "no table"
        yield Fault(
            f"the question names {quoted(piece.text)} ({listed(tables, 'or')}); the query reads"
            f" {reads}",
            span,
            {"words": piece.text, "tables": tables, "read": list(read.values()), "score": best},
            f"read {listed(tables, 'or')}",
            None if best >= NAMED else Severity.NOTE,
        )
