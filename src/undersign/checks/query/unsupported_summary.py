"""The check `unsupported-summary`."""

from __future__ import annotations

import re
from collections.abc import Iterator

from undersign.checks.reading.wording import listed, quoted
from undersign.checks.spec import CannotRun
from undersign.records.finding import Fault
from undersign.records.hunt import Summary
from undersign.records.query import Query
from undersign.records.query_run import QueryRun

_CLAIM = re.compile(
    r"`([^`]{1,200})`|\"([^\"]{1,200})\"|([\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63})+)"
    r"|(?<![\w.])(\d{1,3}(?:\.\d{1,3}){3})(?![\w.]?\w)|(?<![\w.,-])(\d[\d,]{0,18})(?![\w.,-]?\w)"
)
"""What a reader can look up: quoted texts, mail addresses, IPv4 addresses, whole numbers."""


def unsupported_summary(query: Query, run: QueryRun, summary: Summary | None) -> Iterator[Fault]:
    """Report names and numbers of a summary that are neither in the rows nor among their counts."""
    if summary is None:
        return
    said = dict.fromkeys(
        next(part for part in m.groups() if part) for m in _CLAIM.finditer(summary.text)
    )
    absent = [claim for claim in said if not _supported(claim, run, query)]
    if not absent:
        return
    if run.rows is None or run.rows > len(run.sample):
        raise CannotRun(
            "History",
            f"only {len(run.sample)} of the rows are at hand to look for {quoted(absent[0])}",
        )
    yield Fault(
        f"the summary by {summary.by} says {listed(map(quoted, absent[:5]))};"
        " no row and no count does",
        query.main.span,
        {"claims": absent, "rows": run.rows},
        "strike it, or show the rows it comes from",
    )


def _supported(claim: str, run: QueryRun, query: Query) -> bool:
    plain = claim.replace(",", "") if claim[0].isdigit() else claim.lower()
    counts = {str(run.rows), *(str(stage.rows) for stage in run.stages)}
    if plain in counts or plain in query.text.lower():
        return True
    cells = (str(value).lower() for row in run.sample for value in row.values())
    return any(plain == cell if plain.isdigit() else plain in cell for cell in cells)
