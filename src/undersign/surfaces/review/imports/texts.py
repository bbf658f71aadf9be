"""Single values of others: text, line, path, severity. Nothing here raises."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from undersign.records.code import unsafe

MOST_TEXT = 4_000
"""Characters of one text of a finding that are kept."""
_LAST_LINE = 10_000_000
_SEVERITIES = {
    "critical": "critical", "blocker": "critical", "high": "high", "error": "high", "major": "high",
    "medium": "medium", "moderate": "medium", "warning": "medium", "low": "low", "minor": "low",
    "note": "low", "info": "info", "informational": "info", "information": "info", "none": "info",
}  # fmt: skip
_SCORES = ((9.0, "critical"), (7.0, "high"), (4.0, "medium"), (0.1, "low"), (0.0, "info"))
"""From which score of CVSS 3.1 on a severity begins (section 5 of its specification)."""


def text_of(value: Any, most: int = MOST_TEXT) -> str:
    """Return a text of others, cut, without half characters; empty for anything that is none."""
    if not isinstance(value, str):
        return ""
    return value[:most].encode("utf-8", "replace").decode()


def line_of(value: Any) -> int:
    """Return a line or column number, 0 for anything that is none."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    whole = isinstance(value, int) and not isinstance(value, bool)
    return value if whole and 0 < value < _LAST_LINE else 0


def path_of(written: str) -> tuple[str, str]:
    """Return a path that may be looked up, and why it may not when it may not."""
    path = written.replace("\\", "/")
    while path.startswith("./"):
        path = path[2:].lstrip("/")
    return path, unsafe(path)


def severity_of(word: Any) -> str:
    """Return a severity in our words; empty when it is none we know."""
    return _SEVERITIES.get(word.strip().lower(), "") if isinstance(word, str) else ""


def scored(score: Any) -> str:
    """Return the severity of a CVSS score, a number or a text of one; empty when it is none."""
    if isinstance(score, bool) or not isinstance(score, str | int | float):
        return ""
    try:
        number = float(score)
    except (ValueError, OverflowError):
        return ""
    return next((word for least, word in _SCORES if least <= number <= 10.0), "")


def at(value: Any, *keys: str) -> Mapping[str, Any]:
    """Return the object at a chain of keys; an empty one where there is none."""
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return value if isinstance(value, dict) else {}


def items(value: Any) -> list[Any]:
    """Return a list, empty for anything that is none."""
    return value if isinstance(value, list) else []


def objects(value: Any) -> list[Mapping[str, Any]]:
    """Return the objects of a list."""
    return [one for one in items(value) if isinstance(one, dict)]
