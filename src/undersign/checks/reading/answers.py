"""From a rule's log source and field names to the tables and columns that answer them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from undersign.catalogs.log_sources import Answer, LogSources
from undersign.checks.reading.trees import atoms
from undersign.languages.sigma.document import LogSource, Rule
from undersign.languages.sigma.tree import FieldRef
from undersign.records.artifact import Span
from undersign.telemetry.schema import FieldStats, Schema, TableSchema

OVERFLOW_COLUMN = "_more"
"""Holds the fields that did not fit into a table; what is in it cannot be looked up by name."""


@dataclass(frozen=True, slots=True)
class NamedField:
    """A field that a document names, and where it does so first."""

    name: str
    span: Span | None


@dataclass(frozen=True, slots=True)
class Tables:
    """The tables and log sources that answer one logsource."""

    answers: tuple[Answer, ...]
    tables: tuple[TableSchema, ...]
    """Those of the answering sources that are in the lake, with or without rows."""

    @property
    def rows(self) -> int:
        """Events in all answering tables together."""
        return sum(table.rows for table in self.tables)

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the tables in the lake."""
        return tuple(table.name for table in self.tables)

    def columns(self, field: str) -> set[str]:
        """Return the columns a Sigma field may stand for, lower-cased: itself and its renames."""
        lowered = field.lower()
        renamed = {
            column.lower()
            for answer in self.answers
            for name, column in answer.route.rename.items()
            if name.lower() == lowered
        }
        return renamed | {lowered}

    def seen(self, field: str) -> FieldStats | None:
        """Return what the lake holds of a field, the fullest column when there are several."""
        found = [t.find(c) for t in self.tables for c in self.columns(field)]
        return max((f for f in found if f), key=lambda f: f.fill, default=None)

    def declared(self, field: str) -> set[str]:
        """Return the types that the answering log sources declare for a field."""
        found = (a.source.column(c) for a in self.answers for c in self.columns(field))
        return {f.type for f in found if f}

    def knows(self, field: str) -> bool:
        """Say whether an answering table has the field, or its log source declares it."""
        return self.seen(field) is not None or bool(self.declared(field))

    def all_names(self) -> set[str]:
        """Return every field name that the tables have or the log sources declare."""
        declared = {f.name for a in self.answers for f in a.source.fields.values()}
        renamed = {name for a in self.answers for name in a.route.rename}
        return declared | renamed | {f for t in self.tables for f in t.fields}

    @property
    def overflowing(self) -> bool:
        """Say whether a table has more fields than it can name."""
        return any(table.find(OVERFLOW_COLUMN) for table in self.tables)


def tables_of(source: LogSource, sources: LogSources, schema: Schema | None = None) -> Tables:
    """Return the tables that answer a logsource."""
    answers = sources.answers(source.product, source.category, source.service)
    names = dict.fromkeys(a.source.name for a in answers)
    held = schema.tables.values() if schema else ()
    return Tables(answers, tuple(t for t in held if t.source in names or t.name in names))


def fields_of(rule: Rule) -> Iterator[NamedField]:
    """Yield every field a rule's selections name, each once, at its first value."""
    seen: set[str] = set()
    for selection in rule.selections.values():
        for atom in atoms(selection):
            other = atom.test.other if isinstance(atom.test, FieldRef) else None
            for name in filter(None, (atom.field, other)):
                if name.lower() not in seen:
                    seen.add(name.lower())
                    yield NamedField(name, atom.span)
