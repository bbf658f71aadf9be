"""The check `mistyped-value`."""

from __future__ import annotations

from collections.abc import Iterator

from undersign.catalogs.log_sources import LogSources
from undersign.checks.reading.answers import tables_of
from undersign.checks.reading.trees import atoms
from undersign.checks.reading.value_logic import as_number
from undersign.checks.reading.wording import quoted
from undersign.languages.sigma.document import SigmaFile
from undersign.languages.sigma.tree import Boolean, Cidr, Compare, Number, Place, Test, Text
from undersign.records.finding import Fault

_BOOLEANS = frozenset({"true", "false"})


def mistyped_value(file: SigmaFile, sources: LogSources) -> Iterator[Fault]:
    """Report a value that a field of its declared type can never hold."""
    for rule in file.rules:
        tables = tables_of(rule.logsource, sources)
        for selection in rule.selections.values():
            for atom in atoms(selection):
                types = tables.declared(atom.field) if atom.field else set()
                if types and all(_never(kind, atom.test) for kind in types):
                    yield Fault(
                        f"{quoted(atom.field)} is a {' or '.join(sorted(types))},"
                        f" so {quoted(atom.written)} never matches",
                        atom.span,
                        {"field": atom.field, "types": sorted(types)},
                    )


def _never(kind: str, test: Test) -> bool:
    if kind in ("long", "double"):
        text = isinstance(test, Text) and test.place is Place.EQUALS
        return isinstance(test, Boolean | Cidr) or (text and not _number(test))
    if kind == "boolean":
        return isinstance(test, Number | Compare | Cidr) or (
            isinstance(test, Text)
            and test.place is Place.EQUALS
            and test.value.lower() not in _BOOLEANS
        )
    return False


def _number(test: Test) -> bool:
    return isinstance(test, Text) and as_number(test.value) is not None
