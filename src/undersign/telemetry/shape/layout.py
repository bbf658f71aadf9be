"""What becomes of a record's keys: columns in their declared spelling, none lost, none twice."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from undersign.catalogs.log_sources import Field, LogSource
from undersign.records.event import RESERVED_COLUMNS
from undersign.telemetry.shape.flatten import MAX_FIELDS, free_name
from undersign.telemetry.shape.values import CONVERT, Misfit, Value, free

MAX_NAME = 256
_SIMPLE = {str, int, float, bool}


class Unshapeable(ValueError):
    """A record that cannot be kept as an event; the message is the reason, one line."""


@dataclass(frozen=True, slots=True)
class Layout:
    """The columns of records with exactly certain keys, in their order."""

    columns: tuple[str, ...]
    typed: tuple[tuple[str, str], ...]
    """Columns declared other than text, with their type."""
    times: tuple[str, ...]
    """Columns to look for the time in, best first."""

    def values(self, flat: Mapping[str, Any]) -> dict[str, Value]:
        """Return column -> value in its declared type; nulls are left out.

        Raises:
            Unshapeable: A value does not fit its declared type.
        """
        raw = dict(zip(self.columns, flat.values(), strict=True))
        typed = {c: _typed(c, kind, raw[c]) for c, kind in self.typed}
        if _SIMPLE.issuperset(map(type, flat.values())):
            raw.update(typed)
            if None in typed.values():
                return {c: v for c, v in raw.items() if v is not None}
            return raw
        chosen = ((c, typed[c] if c in typed else free(v)) for c, v in raw.items())
        return {c: v for c, v in chosen if v is not None}


def lay_out(source: LogSource, names: Mapping[str, Field], keys: tuple[str, ...]) -> Layout:
    """Give every key its column: declared spelling, clashes numbered, reserved names moved.

    `names` maps lower-case names and aliases to the source's fields.

    Raises:
        Unshapeable: Too many keys, or a name that is too long or has control characters.
    """
    if len(keys) > MAX_FIELDS:
        raise Unshapeable(f"more than {MAX_FIELDS} fields")
    present = {k.lower() for k in keys}
    taken: dict[str, str] = {}
    typed: list[tuple[str, str]] = []
    for key in keys:
        check_name(key)
        declared = _declared(names, key, present | taken.keys())
        column = declared.name if declared else key
        column = f"{column}_" if column.lower() in RESERVED_COLUMNS else column
        free_one = free_name(taken, column.lower())
        name = column + free_one[len(column) :]
        taken[free_one] = name
        if declared and name == column and declared.type not in ("string", "timestamp"):
            typed.append((name, declared.type))
    times = tuple(taken[t.lower()] for t in source.time if t.lower() in taken)
    return Layout(tuple(taken.values()), tuple(typed), times)


def _declared(names: Mapping[str, Field], key: str, present: set[str]) -> Field | None:
    """Return the field a key stands for; an alias stands aside for the field's own name."""
    declared = names.get(key.lower())
    if declared and declared.name.lower() != key.lower() and declared.name.lower() in present:
        return None
    return declared


def check_name(name: str) -> None:
    """Refuse a hostile field name.

    Raises:
        Unshapeable: It is empty, too long, or has control characters.
    """
    if not name:
        raise Unshapeable("a field has no name")
    if len(name) > MAX_NAME:
        raise Unshapeable(f"the field name {shown(name)} is longer than {MAX_NAME} characters")
    if not name.isprintable():
        raise Unshapeable(f"the field name {shown(name)} has control characters")


def _typed(name: str, kind: str, raw: object) -> Value | None:
    if raw is None:
        return None
    try:
        return CONVERT[kind](raw)
    except Misfit as error:
        raise Unshapeable(f"{name}: {shown(raw)} {error}") from error


def shown(value: object) -> str:
    """Quote a hostile value: short, one line, printable."""
    text = ascii(value[:80]) if isinstance(value, str) else ascii(value)
    return text if len(text) <= 80 else f"{text[:77]}..."
