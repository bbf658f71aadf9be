"""The check `field-absent-in-history`."""

from __future__ import annotations

from collections.abc import Iterator

from undersign.catalogs.log_sources import LogSources
from undersign.checks.reading.answers import Tables, fields_of, tables_of
from undersign.checks.reading.measured import settled
from undersign.checks.reading.wording import listed, plural, quoted
from undersign.languages.sigma.document import Rule, SigmaFile
from undersign.records.finding import Fault
from undersign.telemetry.schema import Schema


def field_absent_in_history(
    file: SigmaFile, schema: Schema, sources: LogSources
) -> Iterator[Fault]:
    """Report a declared field that no event of the log source ever carried here."""
    faults: list[Fault] = []
    blocked: list[str] = []
    for rule in file.rules:
        tables = tables_of(rule.logsource, sources, schema)
        if tables.rows:
            faults += _absent(rule, tables)
        else:
            blocked.append(f"there are no events of {quoted(rule.logsource)} to look at")
    yield from settled(faults, "Schema", blocked)


def _absent(rule: Rule, tables: Tables) -> Iterator[Fault]:
    for field in fields_of(rule):
        seen = tables.seen(field.name)
        known = seen is not None or bool(tables.declared(field.name))
        if known and (seen is None or seen.fill == 0):
            looked_at = f"{plural(tables.rows, 'event')} of {listed(tables.names)}"
            yield Fault(
                f"{quoted(field.name)} is in none of {looked_at}:"
                " silence about it is unmeasured, not a zero",
                field.span,
                {"field": field.name, "tables": list(tables.names), "events": tables.rows},
                "turn on the logging that writes it, or ingest history that has it",
            )
