"""Whether a record says that what was tried succeeded; an empty text when it does not say."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from undersign.telemetry.logbook.structured.shape import Record, text, value_at

_GOOD = {"success", "succeeded", "successful", "allow", "allowed", "ok", "true", "passed", "0"}
_BAD = {
    "failure", "failed", "fail", "deny", "denied", "error", "false", "blocked", "block", "drop",
    "dropped", "unauthenticated", "interrupted", "challenge",
}  # fmt: skip

_ALWAYS_FAILURES, _ALWAYS_SUCCESSES = (4625, 4771, 4777), (4624, 4648, 4672)
"""Security events that are one or the other. Microsoft, Windows security audit events."""
_AUDIT_FAILURE, _AUDIT_SUCCESS = 0x0010000000000000, 0x0020000000000000


def never(record: Record) -> str:
    """Say nothing."""
    return ""


def by_words(*paths: str) -> Callable[[Record], str]:
    """Read a word such as `Success` or `DENY` at the first of these paths that has one."""

    def outcome(record: Record) -> str:
        for path in paths:
            word = text(value_at(record, path)).lower()
            if word:
                return "success" if word in _GOOD else "failure" if word in _BAD else ""
        return ""

    return outcome


def by_absence(path: str) -> Callable[[Record], str]:
    """Read an error: there it is a failure, not there a success."""

    def outcome(record: Record) -> str:
        return "failure" if text(value_at(record, path)) else "success"

    return outcome


def by_code(*paths: str) -> Callable[[Record], str]:
    """Read an error's code at the first of these paths: 0, or none at all, is a success."""

    def outcome(record: Record) -> str:
        words = (text(value_at(record, path)) for path in paths)
        return "success" if next(filter(None, words), "0") == "0" else "failure"

    return outcome


def by_status(path: str) -> Callable[[Record], str]:
    """Read a response's number: below 400 a success."""

    def outcome(record: Record) -> str:
        value = value_at(record, path)
        try:
            return "failure" if int(value) >= 400 else "success"
        except (TypeError, ValueError):
            return ""

    return outcome


def of_cloudtrail(record: Record) -> str:
    """Read CloudTrail: an error code is a failure, and a console login says so itself."""
    login = text(value_at(record, "responseElements.ConsoleLogin")).lower()
    if login in ("success", "failure"):
        return login
    return by_absence("errorCode")(record)


def of_windows(record: Record) -> str:
    """Read a Windows event: its audit keywords, or an event that is always one of the two."""
    keywords = value_at(record, "Keywords")
    bits = _number(keywords)
    if bits is not None and bits & _AUDIT_FAILURE:
        return "failure"
    if bits is not None and bits & _AUDIT_SUCCESS:
        return "success"
    word = text(keywords).lower()
    if "audit failure" in word or "audit success" in word:
        return "failure" if "failure" in word else "success"
    event = _number(value_at(record, "EventID"))
    if event in _ALWAYS_FAILURES:
        return "failure"
    return "success" if event in _ALWAYS_SUCCESSES else ""


def _number(value: Any) -> int | None:
    if isinstance(value, int) and not isinstance(value, bool):
        return value & 0xFFFFFFFFFFFFFFFF
    if isinstance(value, str):
        try:
            return int(value, 16 if value.lower().startswith("0x") else 10) & 0xFFFFFFFFFFFFFFFF
        except ValueError:
            return None
    return None
