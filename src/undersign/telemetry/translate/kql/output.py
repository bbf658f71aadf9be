"""A last look at the SQL that came out: one SELECT, and no function that reads files."""

from __future__ import annotations

import re

from undersign.errors import QueryRefused

_QUOTED = re.compile(r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"")
_READS = re.compile(
    r"\b(read_\w+|glob|sniff_csv|\w+_scan|getenv|getvariable|query|query_table|which_secret"
    r"|current_setting|duckdb_\w+|pragma_\w+|install|load|attach|copy)\s*\(",
    re.IGNORECASE,
)


def refuse_unsafe(sql: str) -> None:
    """Raise `QueryRefused` when SQL is not exactly one SELECT over relations and pure functions.

    The translation never makes such SQL; this is the second lock on the same door.
    """
    import duckdb

    plain = _QUOTED.sub("''", sql)
    found = _READS.search(plain)
    if found:
        raise QueryRefused(
            f"the translation calls {found.group(1)}, which may not run", operator=found.group(1)
        )
    if "$kql" in plain:
        raise QueryRefused("a value that the query declares was never given")
    try:
        statements = duckdb.extract_statements(sql)
    except duckdb.Error as error:
        raise QueryRefused("the translation is no valid SQL") from error
    if len(statements) != 1 or statements[0].type != duckdb.StatementType.SELECT:
        raise QueryRefused("the translation is not one SELECT")
