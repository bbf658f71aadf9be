"""The check `unknown-field`."""

from __future__ import annotations

from collections.abc import Iterator

from undersign.catalogs.log_sources import LogSources
from undersign.checks.reading.answers import NamedField, Tables, fields_of, tables_of
from undersign.checks.reading.measured import settled
from undersign.checks.reading.wording import did_you_mean, listed, nearest, quoted
from undersign.languages.sigma.document import Correlation, Document, Rule, SigmaFile
from undersign.records.finding import Fault
from undersign.telemetry.schema import Schema


def unknown_field(file: SigmaFile, schema: Schema, sources: LogSources) -> Iterator[Fault]:
    """Report a field that no table answering the rule's log source has or declares."""
    faults: list[Fault] = []
    blocked: list[str] = []
    answering = {id(r): tables_of(r.logsource, sources, schema) for r in file.rules}
    for rule in file.rules:
        tables = answering[id(rule)]
        reason = _no_answer(rule, tables)
        if reason:
            blocked.append(reason)
        elif tables.overflowing and (hidden := _unplaced(list(fields_of(rule)), tables)):
            blocked.append(f"{listed(tables.names)} has more fields than columns: {hidden}")
        else:
            faults += _faults(list(fields_of(rule)), tables)
    for correlation in file.correlations:
        members = [r for r in file.rules if {r.name, r.id} & set(correlation.rules)]
        for rule in members:
            if answering[id(rule)].tables:
                faults += _faults(_correlated(correlation), answering[id(rule)])
    yield from settled(_once(faults), "Schema", blocked)


def _no_answer(rule: Document, tables: Tables) -> str:
    if not isinstance(rule, Rule):
        return ""
    if not tables.answers:
        return f"no table here answers {quoted(rule.logsource)}: import its schema or ingest logs"
    if not tables.tables:
        names = listed(dict.fromkeys(a.source.name for a in tables.answers), "or")
        return f"no events of {names} were ingested yet, so its fields are not known"
    return ""


def _unplaced(fields: list[NamedField], tables: Tables) -> str:
    return listed(quoted(f.name) for f in fields if not tables.knows(f.name))


def _faults(fields: list[NamedField], tables: Tables) -> Iterator[Fault]:
    for field in fields:
        if tables.knows(field.name):
            continue
        near = nearest(field.name, tables.all_names())
        where = listed(tables.names)
        yield Fault(
            f"{where} has no field {quoted(field.name)}",
            field.span,
            {"field": field.name, "tables": list(tables.names), "nearest": near},
            did_you_mean(near),
        )


def _correlated(correlation: Correlation) -> list[NamedField]:
    """Return the fields a correlation groups by or counts, aliases left out."""
    named = [
        NamedField(name, correlation.span("correlation", "group-by", index))
        for index, name in enumerate(correlation.group_by)
    ]
    if correlation.field:
        named.append(NamedField(correlation.field, correlation.span("correlation", "condition")))
    return [field for field in named if field.name not in correlation.aliases]


def _once(faults: list[Fault]) -> Iterator[Fault]:
    seen = set()
    for fault in faults:
        key = (fault.message, fault.span)
        if key not in seen:
            seen.add(key)
            yield fault
