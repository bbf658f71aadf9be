"""Windows events, however they travelled, to one flat form under the names of the event schema.

Ways known here: the `evtx` crate's JSON and our own XML reader (`Event.System`, `EventData`,
`UserData`), Winlogbeat and Elastic Agent (`winlog.*`, nested or dotted), and flat exports
(NXLog, Log Analytics, Splunk), which need little more than the aliases of `_windows.toml`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from undersign.telemetry.shape.flatten import flatten, put

_ATTRIBUTES = "#attributes"
_TEXT = "#text"
_SYSTEM = {
    ("Provider", "Name"): "Provider_Name",
    ("Provider", "Guid"): "ProviderGuid",
    ("TimeCreated", "SystemTime"): "SystemTime",
    ("Security", "UserID"): "UserID",
    ("EventID", "Qualifiers"): "Qualifiers",
}
"""Attribute of a System element -> field; others are joined: `Execution_ProcessID`."""
_WINLOG = {
    "winlog.event_id": "EventID",
    "winlog.channel": "Channel",
    "winlog.provider_name": "Provider_Name",
    "winlog.provider_guid": "ProviderGuid",
    "winlog.computer_name": "Computer",
    "winlog.record_id": "EventRecordID",
    "winlog.task": "Task",
    "winlog.opcode": "Opcode",
    "winlog.version": "Version",
    "winlog.keywords": "Keywords",
    "winlog.process.pid": "Execution_ProcessID",
    "winlog.process.thread.id": "Execution_ThreadID",
    "winlog.user.identifier": "UserID",
    "winlog.activity_id": "Correlation_ActivityID",
    "@timestamp": "SystemTime",
    "log.level": "Level",
    "message": "Message",
}
_WINLOG_DATA = ("winlog.event_data.", "winlog.user_data.")
_WINLOG_SPARE = (
    ("EventID", "event.code"),
    ("Computer", "host.name"),
    ("Provider_Name", "event.provider"),
)
_EVENT_ID = {"eventid", "event_id", "eventcode"}
_COMPANY = {"channel", "logname", "provider_name", "sourcename", "computer", "computername"}
_COMPANY |= {"hostname", "eventlog", "eventsourcename"}
_NXLOG = {"ProcessID": "Execution_ProcessID", "ThreadID": "Execution_ThreadID"}

Unfold = Callable[[Mapping[str, Any]], Mapping[str, Any] | None]


def way(keys: tuple[str, ...]) -> Unfold | None:
    """Tell from a record's top-level keys how to flatten it; None when it is no Windows event."""
    names = {k.lower() for k in keys}
    if not names & _EVENT_ID and ("Event" in keys or "System" in keys):
        return _native
    if "winlog" in keys or any(k.startswith("winlog.") for k in keys):
        return _winlog
    if not (names & _EVENT_ID and names & _COMPANY):
        return None
    header_clash = "SourceModuleType" in keys and "ExecutionProcessID" not in keys
    return _nxlog if header_clash and "ThreadID" in keys else flatten


def _nxlog(data: Mapping[str, Any]) -> Mapping[str, Any]:
    """Flatten; NXLog's own `ProcessID` is not the `ProcessId` that the event may carry."""
    return {_NXLOG.get(k, k): v for k, v in flatten(data).items()}


def _native(data: Mapping[str, Any]) -> Mapping[str, Any] | None:
    event = data.get("Event", data)
    if not isinstance(event, dict) or not isinstance(event.get("System"), dict):
        return None
    flat: dict[str, Any] = {}
    for name, value in event["System"].items():
        _system(flat, name, value)
    for name, value in _content(event):
        if isinstance(value, dict):
            for key, inner in flatten(value, f"{name}.").items():
                put(flat, key, inner)
        elif value is not None:
            put(flat, name, value)
    return flat


def _system(flat: dict[str, Any], name: str, value: Any) -> None:
    """Add an element of the System part: its text by its name, its attributes by theirs."""
    base = name.removesuffix("_attributes")
    attributes: Any = value if base != name else None
    if isinstance(value, dict) and attributes is None:
        attributes = value.get(_ATTRIBUTES, {} if _TEXT in value else value)
        value = value.get(_TEXT)
    if isinstance(attributes, dict):
        for key, inner in attributes.items():
            if inner is not None:
                put(flat, _SYSTEM.get((base, key), f"{base}_{key}"), inner)
    if base == name and value not in (None, ""):
        put(flat, name, value)


def _content(event: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Yield name and value of everything beside the System part."""
    for part in ("EventData", "UserData", "ProcessingErrorData"):
        content = event.get(part)
        if isinstance(content, dict):
            yield from _event_data(content) if part == "EventData" else _user_data(content)
        elif content not in (None, ""):
            yield "Data", content
    rendering = event.get("RenderingInfo")
    message = _text_of(rendering.get("Message")) if isinstance(rendering, dict) else None
    if isinstance(message, str):
        yield "Message", message


def _text_of(value: Any) -> Any:
    """Return an element's text, without its attributes."""
    if isinstance(value, dict) and (_TEXT in value or _ATTRIBUTES in value):
        return value.get(_TEXT)
    return value


def _event_data(content: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Yield named values by name, unnamed `Data` elements as one list."""
    for name, value in content.items():
        if name == "Data":
            yield from _data(value if isinstance(value, list) else [value])
        elif name != _ATTRIBUTES:
            yield name, _text_of(value)


def _data(items: list[Any]) -> Iterator[tuple[str, Any]]:
    texts: list[Any] = []
    for item in items:
        attributes = item.get(_ATTRIBUTES) if isinstance(item, dict) else None
        label = attributes.get("Name") if isinstance(attributes, dict) else None
        text = _text_of(item)
        if label:
            yield str(label), "" if text is None else text
        elif isinstance(text, list):
            texts += text
        elif text is not None:
            texts.append(text)
    if texts:
        yield "Data", texts


def _user_data(content: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Yield the children of UserData's one element, whatever it is called."""
    for name, inner in content.items():
        if name == _ATTRIBUTES:
            continue
        if isinstance(inner, dict) and _TEXT not in inner:
            for key, value in inner.items():
                if not key.endswith("attributes"):
                    yield key, _text_of(value)
        else:
            yield name, _text_of(inner)


def _winlog(data: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """Rename ECS names; the event's own fields lose their prefix, the rest keep their names."""
    named: dict[str, Any] = {}
    own: dict[str, Any] = {}
    for name, value in flatten(data).items():
        prefix = next((p for p in _WINLOG_DATA if name.startswith(p)), None)
        if prefix:
            own[name.removeprefix(prefix)] = value
        elif value is not None:
            put(named, _WINLOG.get(name, name), value)
    for canonical, spare in _WINLOG_SPARE:
        if canonical not in named and spare in named:
            named[canonical] = named[spare]
    if "EventID" not in named:
        return None
    for name, value in own.items():
        put(named, name, value)
    return named
