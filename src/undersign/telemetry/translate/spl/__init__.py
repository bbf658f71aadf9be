"""SPL into DuckDB SQL over the visible tables; what cannot be said exactly is refused.

The heavy library is only imported when a search is translated.
"""

from __future__ import annotations

import datetime as dt

from undersign.errors import QueryRefused
from undersign.languages.spl import DEFAULT, Macros, tree
from undersign.records.query import Query
from undersign.records.visible import Visible
from undersign.telemetry.translate import StageSql, Translated


def translate(
    query: Query, visible: Visible, now: dt.datetime, macros: Macros = DEFAULT
) -> Translated:
    """Return a search as SQL; `now` without a zone is UTC, `macros` as it was parsed with.

    Raises:
        QueryRefused: The operator that cannot be said exactly, or may never run, and its place.
    """
    from undersign.telemetry.translate.spl.engine import Search

    search = Search(tree(query.text, macros), visible, _utc(now))
    found = search.run()
    sql = found.final(ordered=True)
    return Translated(sql, tuple(search.stages), tuple(search.tables))


def stages(
    query: Query, visible: Visible, now: dt.datetime, macros: Macros = DEFAULT
) -> tuple[StageSql, ...]:
    """Return the SQL of every command up to the one that is refused, which says why."""
    from undersign.telemetry.translate.spl.engine import Search

    search = Search(tree(query.text, macros), visible, _utc(now))
    try:
        search.run(partly=True)
    except QueryRefused as error:
        return (*search.stages, search.refused(error))
    return tuple(search.stages)


def _utc(now: dt.datetime) -> dt.datetime:
    return now.replace(tzinfo=dt.UTC) if now.tzinfo is None else now.astimezone(dt.UTC)
