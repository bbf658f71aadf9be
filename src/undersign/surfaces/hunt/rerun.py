"""A journalled query run again: the same rows, or how many more or fewer."""

from __future__ import annotations

from undersign.records.hunt import Entry, Ran, Rerun


def compare(entry: Entry, on: str, ran: Ran) -> Rerun:
    """Compare what running an entry's query again gave with what the journal has of it.

    Equal counts without digests are `not run`: the rows might still be others.
    """
    was = entry.shown
    before = was.rows if was else None
    if ran.refused or ran.rows is None:
        return not_run(entry, on, ran.refused or "it gave no rows to count")
    if was is None or before is None:
        return not_run(entry, on, "the journal has no rows to compare with", ran.rows)
    if ran.rows != before:
        return Rerun(entry.nth, entry.query, before, on, "changed", ran.rows)
    if not was.digest or not ran.digest:
        return not_run(entry, on, "as many rows, but no digest says whether the same", ran.rows)
    if was.truncated or ran.truncated:
        return not_run(entry, on, "stopped at a limit: only a part can be compared", ran.rows)
    outcome = "same" if was.digest == ran.digest else "changed"
    return Rerun(entry.nth, entry.query, before, on, outcome, ran.rows)


def not_run(entry: Entry, on: str, why: str, rows: int | None = None) -> Rerun:
    """Say that an entry's rows could not be read again, or not be compared."""
    before = entry.shown.rows if entry.shown else None
    return Rerun(entry.nth, entry.query, before, on, "not run", rows, why)
