"""The check `unused-part`."""

from __future__ import annotations

import re
from collections.abc import Iterator

from undersign.checks.reading.query_text import code_of
from undersign.checks.reading.wording import quoted
from undersign.records.finding import Fault
from undersign.records.query import Query


def unused_part(query: Query) -> Iterator[Fault]:
    """Report a let or CTE that the rest of the query never reads."""
    code = code_of(query)
    for name, pipeline in query.named.items():
        if name and len(re.findall(rf"(?<!\w){re.escape(name)}(?!\w)", code)) == 1:
            yield Fault(
                f"{quoted(name)} is prepared and never used",
                pipeline.span,
                {"name": name},
                "join it, filter by it, or remove it",
            )
