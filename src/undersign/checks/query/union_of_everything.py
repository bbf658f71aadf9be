"""The check `union-of-everything`."""

from __future__ import annotations

from collections.abc import Iterator

from undersign.checks.reading.query_text import text_at
from undersign.checks.reading.wording import quoted
from undersign.records.finding import Fault
from undersign.records.query import Query
from undersign.records.visible import Visible


def union_of_everything(query: Query, visible: Visible | None) -> Iterator[Fault]:
    """Report a query that reads every table there is."""
    told = set()
    for pipeline in query.pipelines():
        for source in pipeline.sources:
            if source.kind != "wildcard" or source.span in told:
                continue
            told.add(source.span)
            count = len(visible.tables) if visible else 0
            every = f"all {count:,} tables" if count else "every table"
            written = text_at(query, source.span) or source.name
            yield Fault(
                f"{quoted(written)} reads {every}; a field means something else in each",
                source.span,
                {"source": source.name, "tables": count},
                "name the tables that can hold the answer",
            )
