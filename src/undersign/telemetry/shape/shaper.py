"""Recognise a record's log source and write it under canonical names and types."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from undersign.catalogs.log_sources import Field, LogSource, LogSources
from undersign.records.event import RESERVED_COLUMNS, Event, Record, Reject
from undersign.telemetry.shape.families import FAMILIES, Family
from undersign.telemetry.shape.flatten import MAX_FIELDS, TooLarge, flatten, free_name
from undersign.telemetry.shape.times import Moment, read_time, zone
from undersign.telemetry.shape.values import CONVERT, Misfit, Value, free

GENERIC = "generic"
"""Table of records that no log source recognises."""
MAX_NAME = 256
MAX_LAYOUTS = 20_000
_TIME_NAMES = ("@timestamp", "timestamp", "time", "eventTime", "TimeGenerated", "ts", "datetime")
_ENVELOPES = ("result", "_source")
_PLAIN = (str, int, float, bool)


class Unshapeable(ValueError):
    """A record that cannot be kept as an event; the message is the reason, one line."""


@dataclass(frozen=True, slots=True)
class _Layout:
    """What becomes of records with exactly these keys, in this order."""

    columns: tuple[tuple[str, str | None], ...]
    """Column and declared type (None: text or undeclared) for each key."""
    clash: bool
    """Some keys fell on one column, so that absent values matter."""
    times: tuple[str, ...]
    """Columns to look for the time in, best first."""


class Shaper:
    """Shapes records; remembers what it learned about their keys, so keep one for a whole file."""

    def __init__(
        self, sources: LogSources, assumed: str | None = None, time_zone: str | None = None
    ) -> None:
        """Prepare; `assumed` names the log source, `time_zone` (IANA) overrides the source's.

        Raises:
            ValueError: No log source has the assumed name.
        """
        generic = LogSource(
            GENERIC, "Anything else", "flat", (), _TIME_NAMES, "UTC", (), (), (), {}, ()
        )
        self._generic = generic
        self._assumed: LogSource | None = None
        if assumed is not None:
            self._assumed = generic if assumed == GENERIC else sources.by_name(assumed)
            if self._assumed is None:
                raise ValueError(f"no log source is named {assumed}")
        self._time_zone = time_zone
        self._by_family = {
            f.name: tuple(_Recogniser(s) for s in sources.sources if s.family == f.name)
            for f in FAMILIES
        }
        self._names = {s.name: _names(s) for s in (*sources.sources, generic)}
        self._families: dict[tuple[str, ...], tuple[Family, ...]] = {}
        self._layouts: dict[tuple[str, ...], _Layout] = {}
        self._folded: dict[tuple[str, ...], dict[str, str]] = {}

    def shape(self, data: Mapping[str, Any], line: int = 1, raw: str = "") -> Event:
        """Return the event of one record.

        Raises:
            Unshapeable: A declared field does not hold its type, no time can be read, a name is
                hostile, or the record is too deep or too wide.
        """
        for name in _ENVELOPES:
            inner = data.get(name)
            if isinstance(inner, dict) and inner:
                data = inner
        try:
            source, flat = self._recognise(data)
        except TooLarge as error:
            raise Unshapeable(str(error)) from error
        layout = self._layout(source, flat)
        values = _values(layout, flat)
        return Event(source.name, self._time(source, layout, values), values, line, raw)

    def _recognise(self, data: Mapping[str, Any]) -> tuple[LogSource, Mapping[str, Any]]:
        keys = tuple(data)
        families = self._families.get(keys)
        if families is None:
            families = tuple(f for f in FAMILIES if f.claims(keys))
            _remember(self._families, keys, families)
        for family in families:
            if not self._by_family[family.name] and family.name != "flat":
                continue
            flat = family.unfold(data)
            if flat is None:
                continue
            if self._assumed is not None:
                return self._assumed, flat
            folded = self._fold(flat)
            for recogniser in self._by_family[family.name]:
                if recogniser.recognises(flat, folded):
                    return recogniser.source, flat
        return self._assumed or self._generic, flatten(data)

    def _fold(self, flat: Mapping[str, Any]) -> dict[str, str]:
        """Return lower-case key -> key."""
        keys = tuple(flat)
        folded = self._folded.get(keys)
        if folded is None:
            folded = {k.lower(): k for k in reversed(keys)}
            _remember(self._folded, keys, folded)
        return folded

    def _layout(self, source: LogSource, flat: Mapping[str, Any]) -> _Layout:
        keys = (source.name, *flat)
        layout = self._layouts.get(keys)
        if layout is None:
            layout = _lay_out(source, self._names[source.name], tuple(flat))
            _remember(self._layouts, keys, layout)
        return layout

    def _time(
        self, source: LogSource, layout: _Layout, values: Mapping[str, Value]
    ) -> datetime | None:
        """Return the best time field's moment in UTC; one with a zone goes before one without.

        Raises:
            Unshapeable: Time fields are there and none can be read.
        """
        local: Moment | None = None
        unread = None
        for column in layout.times:
            value = values.get(column)
            if value is None or value in ("", "-"):
                continue
            moment = read_time(value, source.time_formats)
            if moment is None:
                unread = unread or f"{column}: {_shown(value)} is no time that can be read"
            elif moment.zoned:
                return moment.when
            elif column in source.utc:
                return moment.when.replace(tzinfo=UTC)
            else:
                local = local or moment
        if local is not None:
            there = zone(self._time_zone or source.time_zone)
            return _to_utc(local.when.replace(tzinfo=there))
        if unread:
            raise Unshapeable(unread)
        return None


def _to_utc(when: datetime) -> datetime:
    try:
        return when.astimezone(UTC)
    except OverflowError as error:
        raise Unshapeable(f"{when.isoformat()} is outside the calendar") from error


def _remember(store: dict[Any, Any], key: Any, value: Any) -> None:
    """Keep what was learned, but never more than a hostile file can make us hold."""
    if len(store) >= MAX_LAYOUTS:
        store.clear()
    store[key] = value


class _Recogniser:
    """Tells whether a flat record is of one log source."""

    def __init__(self, source: LogSource) -> None:
        self.source = source
        self._alternatives = tuple(
            tuple(_test(source, name, values) for name, values in alternative.items())
            for alternative in source.detect
        )

    def recognises(self, flat: Mapping[str, Any], folded: Mapping[str, str]) -> bool:
        """Tell whether all fields of some alternative hold."""
        for alternative in self._alternatives:
            for names, accepted in alternative:
                if not _holds(flat, folded, names, accepted):
                    break
            else:
                return True
        return False


def _test(
    source: LogSource, name: str, values: tuple[str, ...]
) -> tuple[tuple[str, ...], frozenset[str] | None]:
    declared = source.fields.get(name)
    names = (name.lower(), *(a.lower() for a in declared.aliases)) if declared else (name.lower(),)
    return names, None if values == ("*",) else frozenset(v.lower() for v in values)


def _holds(
    flat: Mapping[str, Any],
    folded: Mapping[str, str],
    names: tuple[str, ...],
    accepted: frozenset[str] | None,
) -> bool:
    for name in names:
        key = folded.get(name)
        value = flat[key] if key is not None else None
        if value is not None:
            if accepted is None:
                return value != ""
            return isinstance(value, _PLAIN) and str(value).lower() in accepted
    return False


def _names(source: LogSource) -> dict[str, Field]:
    """Return lower-case name or alias -> field."""
    names = {a.lower(): f for f in source.fields.values() for a in f.aliases}
    return names | {f.name.lower(): f for f in source.fields.values()}


def _lay_out(source: LogSource, names: Mapping[str, Field], keys: tuple[str, ...]) -> _Layout:
    """Give every key its column: declared spelling, clashes numbered, reserved names moved.

    Raises:
        Unshapeable: Too many keys, or a name that is too long or has control characters.
    """
    if len(keys) > MAX_FIELDS:
        raise Unshapeable(f"more than {MAX_FIELDS} fields")
    present = {k.lower() for k in keys}
    taken: dict[str, str] = {}
    columns: list[tuple[str, str | None]] = []
    for key in keys:
        _check_name(key)
        declared = names.get(key.lower())
        if declared is not None and declared.name.lower() != key.lower():
            by_name = declared.name.lower() in present or declared.name.lower() in taken
            declared = None if by_name else declared
        column = declared.name if declared else key
        column = f"{column}_" if column.lower() in RESERVED_COLUMNS else column
        free_one = free_name(taken, column.lower())
        name = column + free_one[len(column) :]
        taken[free_one] = name
        kind = declared.type if declared and name == column else None
        columns.append((name, None if kind in ("string", "timestamp") else kind))
    clash = len({k.lower() for k in keys}) < len(keys)
    times = [taken[t.lower()] for t in source.time if t.lower() in taken]
    return _Layout(tuple(columns), clash, tuple(times))


def _check_name(name: str) -> None:
    if not name:
        raise Unshapeable("a field has no name")
    if len(name) > MAX_NAME:
        raise Unshapeable(f"the field name {_shown(name)} is longer than {MAX_NAME} characters")
    if not name.isprintable():
        raise Unshapeable(f"the field name {_shown(name)} has control characters")


def _values(layout: _Layout, flat: Mapping[str, Any]) -> dict[str, Value]:
    values: dict[str, Value] = {}
    for (name, kind), raw in zip(layout.columns, flat.values(), strict=True):
        if kind is None:
            if type(raw) is str:
                values[name] = raw
                continue
            value = free(raw)
        else:
            value = _typed(name, kind, raw)
        if value is not None:
            values[name] = value
    return values


def _typed(name: str, kind: str, raw: object) -> Value | None:
    if raw is None:
        return None
    try:
        return CONVERT[kind](raw)
    except Misfit as error:
        raise Unshapeable(f"{name}: {_shown(raw)} {error}") from error


def _shown(value: object) -> str:
    """Quote a hostile value: short, one line, printable."""
    text = ascii(value)
    return text if len(text) <= 80 else f"{text[:77]}..."


def shape_record(shaper: Shaper, record: Record, path: str = "") -> Event | Reject:
    """Shape one record; what cannot be kept becomes a located Reject."""
    try:
        return shaper.shape(record.data, record.line, record.raw)
    except Unshapeable as error:
        return Reject(path, record.line, str(error))
