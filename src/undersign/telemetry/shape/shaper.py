"""Recognise a record's log source and write it under canonical names and types."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from undersign.catalogs.log_sources import Field, LogSource, LogSources
from undersign.records.event import Event, Record, Reject
from undersign.telemetry.shape.families import FAMILIES, Unfold
from undersign.telemetry.shape.flatten import TooLarge, flatten
from undersign.telemetry.shape.layout import Layout, Unshapeable, lay_out, shown
from undersign.telemetry.shape.recognition import Recognition
from undersign.telemetry.shape.times import Moment, read_time, zone
from undersign.telemetry.shape.values import Value

GENERIC = "generic"
"""Table of records that no log source recognises."""
MAX_REMEMBERED = 20_000
_TIME_NAMES = ("@timestamp", "timestamp", "time", "eventTime", "TimeGenerated", "ts", "datetime")
_ENVELOPES = ("result", "_source")


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
            f.name: tuple(s for s in sources.sources if s.family == f.name) for f in FAMILIES
        }
        self._names = {s.name: _names(s) for s in (*sources.sources, generic)}
        self._ways: dict[tuple[str, ...], tuple[tuple[str, Unfold], ...]] = {}
        self._recognitions: dict[str, dict[tuple[str, ...], Recognition]] = {
            f.name: {} for f in FAMILIES
        }
        self._layouts: dict[str, dict[tuple[str, ...], Layout]] = {n: {} for n in self._names}

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
            source, flat, keys = self._recognise(data)
        except TooLarge as error:
            raise Unshapeable(str(error)) from error
        known = self._layouts[source.name]
        layout = known.get(keys)
        if layout is None:
            layout = lay_out(source, self._names[source.name], keys)
            _remember(known, keys, layout)
        values = layout.values(flat)
        return Event(source.name, self._time(source, layout, values), values, line, raw)

    def _recognise(
        self, data: Mapping[str, Any]
    ) -> tuple[LogSource, Mapping[str, Any], tuple[str, ...]]:
        """Return the log source, the record under flat, not yet canonical, names, and these."""
        keys = tuple(data)
        ways = self._ways.get(keys)
        if ways is None:
            offered = ((f.name, f.way(keys)) for f in FAMILIES if self._wanted(f.name))
            ways = tuple((name, way) for name, way in offered if way is not None)
            _remember(self._ways, keys, ways)
        for family, way in ways:
            flat = way(data)
            if flat is None:
                continue
            names = keys if flat is data else tuple(flat)
            source = self._assumed or self._source(family, flat, names)
            if source is not None:
                return source, flat, names
        flat = flatten(data)
        return self._assumed or self._generic, flat, tuple(flat)

    def _wanted(self, family: str) -> bool:
        """Tell whether a family can lead anywhere: to the assumed source's way, or any source."""
        if self._assumed is not None:
            return family == self._assumed.family
        return bool(self._by_family[family])

    def _source(
        self, family: str, flat: Mapping[str, Any], keys: tuple[str, ...]
    ) -> LogSource | None:
        """Return the first source of the family that recognises the record."""
        known = self._recognitions[family]
        recognition = known.get(keys)
        if recognition is None:
            recognition = Recognition(self._by_family[family], keys)
            _remember(known, keys, recognition)
        return recognition.source(flat)

    def _time(
        self, source: LogSource, layout: Layout, values: Mapping[str, Value]
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
                unread = unread or f"{column}: {shown(value)} is no time that can be read"
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
    if len(store) >= MAX_REMEMBERED:
        store.clear()
    store[key] = value


def _names(source: LogSource) -> dict[str, Field]:
    """Return lower-case name or alias -> field."""
    names = {a.lower(): f for f in source.fields.values() for a in f.aliases}
    return names | {f.name.lower(): f for f in source.fields.values()}


def shape_record(shaper: Shaper, record: Record, path: str = "") -> Event | Reject:
    """Shape one record; what cannot be kept becomes a located Reject."""
    try:
        return shaper.shape(record.data, record.line, record.raw)
    except Unshapeable as error:
        return Reject(path, record.line, str(error))
