"""Which form an export has, told by its content, and its reader."""

from __future__ import annotations

import json
from pathlib import Path

from undersign.errors import BadInput
from undersign.records.evidence import Medium, Source
from undersign.telemetry.channels import screenshot, slack, teams, transcript
from undersign.telemetry.channels.archive import Archive, digest_of
from undersign.telemetry.channels.channel import Channel, ChannelTold, Findings, channel_of

CHANNELS = (
    "Slack export", "Microsoft Teams export", "transcript", "on-call notes", "screenshot"
)  # fmt: skip
"""Forms that are read."""

_PICTURES = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF8", b"BM", b"II*\0", b"MM\0*")
_MOST = 256 << 20
_ENOUGH = 0.3


def read_channel(path: Path, told: ChannelTold) -> Channel:
    """Read a channel: an export as a zip or a folder, a file of messages, a picture.

    Raises BadInput when it is in no form known, or cannot be opened. A picture without the program
    that reads it is a channel without messages that says so in `not_run`.
    """
    if path.is_dir() or _head(path).startswith(b"PK\x03\x04"):
        return _archive(path, told)
    head = _head(path)
    if head.startswith(_PICTURES) or head[8:12] == b"WEBP":
        found, not_run = screenshot.read(path, told)
        made = channel_of(_source(path, told, "screenshot"), found, Medium.SCREENSHOT)
        warnings = (*made.source.warnings, *([not_run] if not_run else ()))
        return _with(made, warnings, not_run)
    return _text(path, told)


def _with(made: Channel, warnings: tuple[str, ...], not_run: str) -> Channel:
    from dataclasses import replace

    return Channel(replace(made.source, warnings=warnings), made.evidence, not_run)


def _archive(path: Path, told: ChannelTold) -> Channel:
    archive = Archive(path)
    try:
        if slack.is_slack(archive.names):
            found = slack.read(archive)
            if not found.messages:
                why = found.rejected[0][1] if found.rejected else "it holds no message"
                raise BadInput(why, path=str(path))
            return channel_of(_source(path, told, "Slack export"), found, Medium.MESSAGE)
        for name in archive.names:
            data = _json(archive.read(name)) if name.endswith(".json") else None
            if teams.is_teams(data):
                found = teams.read(data)
                source = _source(path, told, "Microsoft Teams export")
                return channel_of(source, found, Medium.MESSAGE)
    finally:
        archive.close()
    raise BadInput(
        "no export of a channel that is known here",
        path=str(path),
        hint=f"known: {', '.join(CHANNELS)}",
    )


def _text(path: Path, told: ChannelTold) -> Channel:
    raw = _bytes(path)
    data = _json(raw) if raw.lstrip()[:1] in (b"[", b"{") else None
    if teams.is_teams(data):
        source = _source(path, told, "Microsoft Teams export")
        return channel_of(source, teams.read(data), Medium.MESSAGE)
    text = raw.removeprefix(b"\xef\xbb\xbf").decode("utf-8", "replace")
    if raw[:2] in (b"\xff\xfe", b"\xfe\xff"):
        text = raw.decode("utf-16", "replace")
    if transcript.looks_timed(text) < _ENOUGH:
        raise BadInput(
            "no channel that is known here: few of its lines begin with a time",
            path=str(path),
            hint=f"known: {', '.join(CHANNELS)}",
        )
    found = transcript.read(text, told)
    if "\ufffd" in text:
        found.warnings.append("some of its bytes are no UTF-8; they are shown as \ufffd")
    named = sum(bool(one.author) for one in found.messages)
    is_notes = named * 2 < len(found.messages)  # a transcript says who speaks
    form, medium = ("on-call notes", Medium.NOTE) if is_notes else ("transcript", Medium.MESSAGE)
    return channel_of(_source(path, told, form, _is_zoned(found)), found, medium)


def _is_zoned(found: Findings) -> bool:
    return not any("no zone" in one for one in found.warnings)


def _source(path: Path, told: ChannelTold, form: str, zoned: bool = True) -> Source:
    return Source(
        name=told.name,
        path=str(path),
        digest=digest_of(path),
        format=form,
        zone=told.zone or "UTC",
        zone_known="written" if zoned and not told.zone else "stated" if told.zone else "assumed",
    )


def _head(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(64)
    except OSError as error:
        raise BadInput(f"cannot be read: {error.strerror}", path=str(path)) from error


def _bytes(path: Path) -> bytes:
    with path.open("rb") as file:
        raw = file.read(_MOST + 1)
    if len(raw) > _MOST:
        raise BadInput(f"larger than {_MOST >> 20} MiB, the most that is read", path=str(path))
    return raw


def _json(raw: bytes) -> object:
    try:
        return json.loads(raw.decode("utf-8", "replace"))
    except (ValueError, RecursionError):
        return None
