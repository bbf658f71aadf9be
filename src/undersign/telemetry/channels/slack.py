"""Slack exports, zip or folder: `channels.json`, `users.json`, `CHANNEL/2026-03-04.json`.

Fields: https://slack.com/help/articles/220556107 and https://api.slack.com/events/message.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any

from undersign.errors import BadInput
from undersign.telemetry.channels.archive import Archive
from undersign.telemetry.channels.channel import Findings, Message, first_of

_DAY = re.compile(r"(?:.*/)?(?P<channel>[^/]+)/\d{4}-\d\d-\d\d\.json")
_STAMP = re.compile(r"(\d{9,11})\.(\d{1,6})")
_REFERENCE = re.compile(r"<([@#!]?)([^<>|]{1,2000})(?:\|([^<>]{0,2000}))?>")
_JOINS = frozenset({
    "channel_join", "channel_leave", "group_join", "group_leave", "channel_topic",
    "channel_purpose", "channel_name", "bot_add", "bot_remove", "pinned_item",
})  # fmt: skip
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LONGEST = 40_000
"""Characters of a message, as Slack allows them."""


def is_slack(names: tuple[str, ...]) -> bool:
    """Tell an export by the names of its members."""
    return any(_DAY.fullmatch(name) for name in names)


def read(archive: Archive) -> Findings:
    """Read every channel of an export; a member that is broken is rejected, the others are read."""
    found = Findings()
    users = _users(archive, found)
    days = [name for name in archive.names if _DAY.fullmatch(name)]
    channels = {m["channel"] for name in days if (m := _DAY.fullmatch(name))}
    if len(channels) > 1:
        found.warnings.append(f"it holds {len(channels)} channels, read as one")
    for number, name in enumerate(days, 1):
        messages = _load(archive, name, found, number)
        if messages is None:
            continue
        if not isinstance(messages, list):
            found.reject(number, f"{name}: no list of messages")
            continue
        for one in messages:
            found.messages += _messages(one, users, found, number, name)
    for why in archive.refused:
        found.reject(0, why)
    return found


def _load(archive: Archive, name: str, found: Findings, number: int) -> Any:
    try:
        return json.loads(archive.read(name).decode("utf-8", "replace"))
    except BadInput as error:
        found.reject(number, error.message)
    except (ValueError, RecursionError) as error:
        found.reject(number, f"{name}: no JSON: {error}")
    return None


def _users(archive: Archive, found: Findings) -> dict[str, str]:
    users: dict[str, str] = {}
    for name in archive.names:
        if name.rpartition("/")[2] not in ("users.json", "org_users.json"):
            continue
        listed = _load(archive, name, found, 0)
        for one in listed if isinstance(listed, list) else ():
            if isinstance(one, Mapping) and isinstance(one.get("id"), str):
                users[one["id"]] = _name(one) or one["id"]
    return users


def _name(user: Mapping[str, Any]) -> str:
    profile = user.get("profile")
    inner = profile if isinstance(profile, Mapping) else {}
    return first_of(
        (inner.get("display_name"), user.get("name"), inner.get("real_name"), user.get("real_name"))
    )


def _messages(
    one: object, users: Mapping[str, str], found: Findings, number: int, name: str
) -> Iterator[Message]:
    if not isinstance(one, Mapping):
        found.reject(number, f"{name}: something that is no message")
        return
    subtype = one.get("subtype")
    if subtype in _JOINS:
        return
    inner = one.get("message") if subtype == "message_changed" else None
    said: Mapping[str, Any] = inner if isinstance(inner, Mapping) else one
    deleted = subtype in ("message_deleted", "tombstone") or one.get("hidden") is True
    if subtype == "message_deleted" and isinstance(one.get("previous_message"), Mapping):
        said = one["previous_message"]
    stamp = said.get("ts", one.get("ts"))
    author = _author(said, users)
    text = _text(said, users)
    if len(text) > _LONGEST:
        text = text[:_LONGEST]
        found.warnings.append(
            "a message longer than 40,000 characters was cut; its raw form is not"
        )
    thread = said.get("thread_ts")
    yield Message(
        time=_time(stamp),
        author=author,
        text=text,
        raw=json.dumps(one, ensure_ascii=False, sort_keys=True),
        key=stamp if isinstance(stamp, str) else "",
        replies_to=thread if isinstance(thread, str) else "",
        edited=isinstance(said.get("edited"), Mapping) or subtype == "message_changed",
        deleted=deleted,
        order=len(found.messages),
    )


def _time(stamp: object) -> datetime | None:
    match = _STAMP.fullmatch(stamp) if isinstance(stamp, str) else None
    if match is None:
        return None
    micro = int(match[2].ljust(6, "0"))
    return _EPOCH + timedelta(seconds=int(match[1]), microseconds=micro)


def _author(said: Mapping[str, Any], users: Mapping[str, str]) -> str:
    user = said.get("user")
    known = users.get(user, user) if isinstance(user, str) else None
    profile = said.get("user_profile")
    shown = profile.get("display_name") if isinstance(profile, Mapping) else None
    return first_of((said.get("username"), known, shown, said.get("bot_id"))) or "somebody"


def _text(said: Mapping[str, Any], users: Mapping[str, str]) -> str:
    text = said.get("text")
    parts = [text] if isinstance(text, str) and text.strip() else list(_block_texts(said))
    files = said.get("files")
    for one in files if isinstance(files, list) else ():
        if isinstance(one, Mapping):
            parts.append(
                f"(file {first_of((one.get('name'), one.get('title'))) or 'without name'})"
            )
    return _plain("\n".join(parts), users)


def _block_texts(said: Mapping[str, Any]) -> Iterator[str]:
    for key in ("attachments", "blocks"):
        for one in said.get(key) or () if isinstance(said.get(key), list) else ():
            yield from _inner_texts(one, 0)


def _inner_texts(one: object, depth: int) -> Iterator[str]:
    if depth > 8:
        return
    if isinstance(one, Mapping):
        for key in ("pretext", "title", "text", "fallback", "fields", "elements", "value"):
            value = one.get(key)
            if isinstance(value, str) and value.strip():
                yield value
                if key == "text":
                    return
            elif isinstance(value, Mapping | list):
                yield from _inner_texts(value, depth + 1)
    elif isinstance(one, list):
        for inner in one[:200]:
            yield from _inner_texts(inner, depth + 1)


def _plain(text: str, users: Mapping[str, str]) -> str:
    def shown(match: re.Match[str]) -> str:
        kind, target, label = match.groups()
        if kind == "@":
            return f"@{label or users.get(target, target)}"
        if kind == "#":
            return f"#{label or target}"
        if kind == "!":
            return f"@{label or target}"
        return f"{label} ({target})" if label and label != target else target

    return unescape(_REFERENCE.sub(shown, text))
