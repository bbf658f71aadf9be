"""Microsoft Teams: chat messages as Microsoft Graph returns and exports them, in JSON.

Fields: https://learn.microsoft.com/graph/api/resources/chatmessage.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from html.parser import HTMLParser
from typing import Any

from undersign.telemetry.channels.channel import Findings, Message, first_of

_HIDDEN = ("script", "style", "head", "title")
_BREAKS = ("p", "div", "br", "li", "tr")


def is_teams(data: object) -> bool:
    """Tell an export by its first message."""
    listed = _listed(data)
    first = listed[0] if listed else None
    return isinstance(first, Mapping) and "createdDateTime" in first and "body" in first


def read(data: object) -> Findings:
    """Read chat messages: a list, or an object whose `value` or `messages` is one."""
    found = Findings()
    for number, one in enumerate(_listed(data), 1):
        if not isinstance(one, Mapping):
            found.reject(number, "something that is no message")
            continue
        found.messages.append(_message(one, number))
        replies = one.get("replies")
        for reply in replies if isinstance(replies, list) else ():
            if isinstance(reply, Mapping):
                made = _message(reply, number)
                found.messages.append(made)
    return found


def html_text(html: str) -> str:
    """Return the words of an HTML body; scripts and styles are left out, nothing is fetched."""
    reader = _Words()
    reader.feed(html)
    reader.close()
    return "\n".join(" ".join(line.split()) for line in "".join(reader.parts).split("\n")).strip()


class _Words(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._hidden = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._hidden += tag in _HIDDEN
        if tag in _BREAKS:
            self.parts.append("\n")
        if tag in ("img", "attachment"):
            self.parts.append(f"({tag} {dict(attrs).get('alt') or dict(attrs).get('id') or ''})")

    def handle_endtag(self, tag: str) -> None:
        self._hidden -= tag in _HIDDEN and self._hidden > 0

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.parts.append(data)


def _listed(data: object) -> list[Any]:
    if isinstance(data, Mapping):
        data = next((data[k] for k in ("value", "messages") if isinstance(data.get(k), list)), [])
    return data if isinstance(data, list) else []


def _message(one: Mapping[str, Any], number: int) -> Message:
    body = one.get("body")
    content = body.get("content") if isinstance(body, Mapping) else ""
    is_html = isinstance(body, Mapping) and body.get("contentType") == "html"
    text = content if isinstance(content, str) else ""
    subject = one.get("subject")
    words = html_text(text) if is_html else text.strip()
    return Message(
        time=_time(one.get("createdDateTime")),
        author=_author(one.get("from")),
        text=f"{subject}: {words}" if isinstance(subject, str) and subject.strip() else words,
        raw=json.dumps(one, ensure_ascii=False, sort_keys=True),
        key=str(one.get("id") or ""),
        replies_to=str(one.get("replyToId") or ""),
        edited=bool(one.get("lastEditedDateTime")),
        deleted=bool(one.get("deletedDateTime")),
        order=number,
    )


def _author(sender: object) -> str:
    return next(_names(sender), "somebody")


def _names(sender: object) -> Iterator[str]:
    if not isinstance(sender, Mapping):
        return
    for kind in ("user", "application", "device"):
        inner = sender.get(kind)
        if isinstance(inner, Mapping) and (name := first_of((inner.get("displayName"),
                                                             inner.get("id")))):  # fmt: skip
            yield name


def _time(written: object) -> datetime | None:
    try:
        found = datetime.fromisoformat(written) if isinstance(written, str) else None
    except ValueError:
        return None
    if found is None:
        return None
    return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
