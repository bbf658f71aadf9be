"""Recorded exchanges: a file of JSON lines that answers the same prompts again, byte for byte.

A line holds `reply`, a text or an object, and may hold `prompt`, the digest it answers. Lines with
a digest answer that prompt; the last one counts. Lines without are answers in order: the first to
the first message that goes through a door, the second to the second. Values that the policy hid
stay hidden: they stand as numbered tokens, in the order in which the prompt shows them.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from io import FileIO
from pathlib import Path
from typing import Any

from undersign.drafters.message import Message
from undersign.errors import BadInput, StorageError
from undersign.records.exchange import Said


def require_writable(path: Path) -> None:
    """Raise StorageError when a recording cannot be written: before an answer is paid for."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("ab"):
            pass
    except OSError as error:
        raise StorageError(f"cannot record to {path}: {error.strerror}") from error


def append(path: Path, message: Message, said: Said, drafter: str) -> None:
    """Add an exchange to a recording, whole or not at all; StorageError when that cannot be."""
    line = {
        "drafter": drafter,
        "prompt": message.digest,
        "reply": message.to_record(said.text),
        "answered_by": said.answered_by,
        "usage": asdict(said.usage),
        "sent": message.to_record(message.text),
    }
    text = json.dumps(line, ensure_ascii=False, sort_keys=True) + "\n"
    try:
        with path.open("ab", buffering=0) as file:
            _write_whole(file, text.encode("utf-8", "replace"))
    except OSError as error:
        raise StorageError(f"cannot record to {path}: {error.strerror}") from error


def _write_whole(file: FileIO, raw: bytes) -> None:
    # Half a line would make every exchange before it unreadable, too.
    before = file.tell()
    try:
        while raw:
            raw = raw[file.write(raw) :]
    except OSError:
        file.truncate(before)
        raise


def recorded_drafter(path: Path) -> str:
    """Return who answered in a recording, or an empty text where no line says so.

    The last line counts: what is sent to its drafter is what a replay must be asked, too. A file
    that cannot be read says so when it is asked for an answer.
    """
    try:
        drafters = [line["drafter"] for line in _lines(path) if "drafter" in line]
    except BadInput:
        return ""
    return str(drafters[-1]) if drafters else ""


def find(path: Path, message: Message) -> Said:
    """Return what was recorded for a message.

    Raises:
        BadInput: The file cannot be read as a recording, or holds nothing for this message.
    """
    in_order: list[dict[str, Any]] = []
    found: dict[str, Any] | None = None
    others = 0
    for line in _lines(path):
        others += "prompt" in line
        if "prompt" not in line:
            in_order.append(line)
        elif line["prompt"] == message.digest:
            found = line
    if found is None and message.turn < len(in_order):
        found = in_order[message.turn]
    if found is None:
        more = f"; it answers {others} others, made of other words, tables or rules" * bool(others)
        raise BadInput(
            f"nothing is recorded for the prompt {message.digest[:12]}{more}",
            path=str(path),
            hint="record it with a drafter that answers: --with DRAFTER --record FILE",
        )
    reply = found["reply"]
    text = reply if isinstance(reply, str) else json.dumps(reply, ensure_ascii=False)
    return Said(text=message.from_record(text), answered_by=str(found.get("answered_by", "")))


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    try:
        texts = path.read_text(encoding="utf-8").split("\n")
    except OSError as error:
        raise BadInput(f"cannot be read: {error.strerror}", path=str(path)) from error
    except UnicodeDecodeError as error:
        raise BadInput("is not UTF-8 text", path=str(path)) from error
    for number, text in enumerate(texts, start=1):
        if text.strip():
            yield _line(text, str(path), number)


def _line(text: str, path: str, number: int) -> dict[str, Any]:
    try:
        line = json.loads(text)
    except (ValueError, RecursionError):
        raise BadInput("is no JSON", path=path, line=number) from None
    if not isinstance(line, dict) or not isinstance(line.get("reply"), str | dict):
        raise BadInput("a recording's line must hold a `reply`", path=path, line=number)
    return line
