"""Windows events, however they travelled, to one flat form under the names of the event schema.

Ways known here: the `evtx` crate's JSON and our own XML reader (`Event.System`, `EventData`,
`UserData`), Winlogbeat and Elastic Agent (`winlog.*`, nested or dotted), and flat exports
(NXLog, Log Analytics), which need no more than the aliases of `_windows.toml`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from undersign.telemetry.shape.flatten import flatten, put

_SYSTEM_TEXT = {"EventID", "Channel", "Computer", "EventRecordID", "Level", "Task", "Opcode"}
_SYSTEM_TEXT |= {"Keywords", "Version"}
_SYSTEM_PARTS = {
    ("Provider", "Name"): "Provider_Name",
    ("Provider", "Guid"): "ProviderGuid",
    ("Provider", "EventSourceName"): "Provider_EventSourceName",
    ("TimeCreated", "SystemTime"): "SystemTime",
    ("Execution", "ProcessID"): "Execution_ProcessID",
    ("Execution", "ThreadID"): "Execution_ThreadID",
    ("Security", "UserID"): "UserID",
    ("Correlation", "ActivityID"): "Correlation_ActivityID",
    ("Correlation", "RelatedActivityID"): "Correlation_RelatedActivityID",
    ("EventID", "Qualifiers"): "Qualifiers",
}
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
    "event.created": "event.created",
    "log.level": "Level",
    "message": "Message",
}
_WINLOG_DATA = ("winlog.event_data.", "winlog.user_data.")
_EVENT_ID = {"eventid", "event_id", "eventcode"}
_COMPANY = {"channel", "logname", "provider_name", "sourcename", "computer", "computername"}
_COMPANY |= {"hostname", "winlog.channel", "eventlog", "eventsourcename"}


def claims(keys: Iterable[str]) -> bool:
    """Tell from a record's top-level keys whether it can be a Windows event."""
    names = {k.lower() for k in keys}
    if "event" in names or "winlog" in names or any(n.startswith("winlog.") for n in names):
        return True
    if "system" in names and names & {"eventdata", "userdata"}:
        return True
    return bool(names & _EVENT_ID and names & _COMPANY)


def unfold(data: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return the event under flat names, or None when it turns out not to be one."""
    event = data.get("Event", data)
    if isinstance(event, dict) and isinstance(event.get("System"), dict):
        return _native(event)
    if "winlog" in data or any(k.startswith("winlog.") for k in data):
        return _winlog(flatten(data))
    names = {k.lower() for k in data}
    if not (names & _EVENT_ID and names & _COMPANY):
        return None
    return _exported(data)


def _exported(data: Mapping[str, Any]) -> dict[str, Any]:
    """Flatten what is nested, and undo the clash of NXLog's own `ProcessID` with the event's."""
    flat = flatten(data)
    if "SourceModuleType" in flat and "ExecutionProcessID" not in flat and "ThreadID" in flat:
        return {_NXLOG.get(k, k): v for k, v in flat.items()}
    return flat


_NXLOG = {"ProcessID": "Execution_ProcessID", "ThreadID": "Execution_ThreadID"}


def _native(event: Mapping[str, Any]) -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for name, value in event["System"].items():
        _system(flat, name, value)
    for part, content in event.items():
        if part == "EventData":
            _event_data(flat, content)
        elif part in ("UserData", "ProcessingErrorData"):
            _user_data(flat, content)
        elif part == "RenderingInfo" and isinstance(content, dict):
            _rendering(flat, content)
    return flat


def _system(flat: dict[str, Any], name: str, value: Any) -> None:
    """Add one element of the System part: its text, and its attributes under their own names."""
    base, _, tail = name.partition("_attributes")
    if isinstance(value, dict):
        attributes = value.get("#attributes", value if base != name and not tail else {})
        if base == name and "#attributes" not in value and "#text" not in value:
            attributes = value
        for key, inner in attributes.items():
            known = _SYSTEM_PARTS.get((base, key), f"{base}_{key}")
            if inner is not None:
                put(flat, known, inner)
        value = value.get("#text")
    if value is not None and value != "" and (name in _SYSTEM_TEXT or not isinstance(value, dict)):
        put(flat, name, value)


def _text_of(value: Any) -> Any:
    """Return an element's text, without its attributes."""
    if isinstance(value, dict) and "#text" in value:
        return value["#text"]
    return value


def _event_data(flat: dict[str, Any], content: Any) -> None:
    """Add EventData: named values by name, unnamed `Data` as one value or a list."""
    if not isinstance(content, dict):
        if content not in (None, ""):
            put(flat, "Data", content)
        return
    for name, value in content.items():
        if name == "#attributes" or value is None:
            continue
        if name == "Data":
            _unnamed(flat, value)
        else:
            _one(flat, name, _text_of(value))


def _unnamed(flat: dict[str, Any], value: Any) -> None:
    """Add `Data` elements; one with a Name attribute is a named value after all."""
    texts: list[Any] = []
    for item in value if isinstance(value, list) else [value]:
        label = item.get("#attributes", {}).get("Name") if isinstance(item, dict) else None
        text = _text_of(item)
        if label:
            _one(flat, str(label), "" if text is item else text)
        elif isinstance(text, list):
            texts += text
        elif text is not None and not isinstance(text, dict):
            texts.append(text)
    if texts:
        put(flat, "Data", texts[0] if len(texts) == 1 else texts)


def _one(flat: dict[str, Any], name: str, value: Any) -> None:
    if isinstance(value, dict):
        for key, inner in flatten(value, f"{name}.").items():
            put(flat, key, inner)
    elif value is not None:
        put(flat, name, value)


def _user_data(flat: dict[str, Any], content: Any) -> None:
    """Add UserData: one element with any name, whose children are the fields."""
    if not isinstance(content, dict):
        return
    for name, inner in content.items():
        if name == "#attributes":
            continue
        if not isinstance(inner, dict):
            _one(flat, name, inner)
            continue
        for key, value in inner.items():
            if not key.endswith("attributes"):
                _one(flat, key, _text_of(value))


def _rendering(flat: dict[str, Any], content: Mapping[str, Any]) -> None:
    message = _text_of(content.get("Message"))
    if isinstance(message, str):
        put(flat, "Message", message)


def _winlog(flat: dict[str, Any]) -> dict[str, Any]:
    """Rename ECS names; fields of the event itself lose their prefix, the rest keep their names."""
    named: dict[str, Any] = {}
    late: dict[str, Any] = {}
    for name, value in flat.items():
        data = next((name[len(p) :] for p in _WINLOG_DATA if name.startswith(p)), None)
        if data is not None:
            late[data] = value
        else:
            put(named, _WINLOG.get(name, name), value)
    for canonical, spare in (("EventID", "event.code"), ("Computer", "host.name")):
        if canonical not in named and spare in named:
            named[canonical] = named[spare]
    if "Provider_Name" not in named and "event.provider" in named:
        named["Provider_Name"] = named["event.provider"]
    for name, value in late.items():
        put(named, name, value)
    return named
