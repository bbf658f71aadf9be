"""The check `one-sided-window`."""

from __future__ import annotations

from collections.abc import Iterator

from undersign.checks.reading.time_windows import windows
from undersign.checks.reading.wording import listed
from undersign.records.finding import Fault
from undersign.records.query import Query
from undersign.records.visible import Visible

_SIDE = {
    "main": "the main side", "join": "the other side of the join",
    "union": "a branch of the union", "beside": "a let",
}  # fmt: skip


def one_sided_window(query: Query, visible: Visible) -> Iterator[Fault]:
    """Report a table without a time limit in a query that limits the time of another one."""
    read = windows(query, visible)
    # A time that is only compared with another side's is no limit by itself.
    limited = [w for w in read if w.lower is not None]
    for window in read:
        if window.bounded or not limited or window.leaf.table is None:
            continue
        others = dict.fromkeys(w.leaf.name for w in limited)
        yield Fault(
            f"only {listed(others)} is limited in time; {window.leaf.name}"
            f" ({_SIDE[window.leaf.side]}) is read from its beginning",
            window.leaf.source.span,
            {"limited": list(others), "table": window.leaf.name, "side": window.leaf.side},
            "put the same time limit on both, or say why the past is wanted",
        )
