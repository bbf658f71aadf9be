"""Whether a filter keeps what failed or what succeeded."""

from __future__ import annotations

import re

from undersign.checks.reading.query_filters import Filter

_FAILED = re.compile(
    r"(?<![a-z])(?:fail(?:ed|ure|s)?|den(?:y|ied)|block(?:ed)?|reject(?:ed)?|unauthori[sz]ed"
    r"|accessdenied|invalid|logonfailed|logon_failed|drop(?:ped)?|quarantined?)(?![a-z])"
    r"|(?<=[a-z])(?:Failed|Failure|Denied|Blocked|Rejected)",
)
_SUCCEEDED = re.compile(
    r"(?<![a-z])(?:success(?:ful(?:ly)?)?|succeeded|allow(?:ed)?|permit(?:ted)?|accept(?:ed)?|"
    r"granted|logonsuccess)(?![a-z])|(?<=[a-z])(?:Success|Succeeded|Allowed|Accepted)",
)
_CODE_COLUMN = re.compile(r"result_?(?:type|code|value)?$|error_?code|status_?code|^status$", re.I)
_BINARY = re.compile(r"fail(?:ed|ure)?|denied|blocked", re.IGNORECASE)
"""Of these there is one opposite."""
_EVENTS = {"4625": True, "4771": True, "4776": True, "4624": False, "4634": False}
"""Windows event ids that are one outcome only: True for failed."""
_DEFINITE = re.compile(r"event_?(?:id|code)|eventid", re.IGNORECASE)


def keeps_failed(one: Filter) -> bool | None:
    """Return True if the filter keeps failures, False for successes, None for neither."""
    answers = {_literal_failed(one, text) for text in one.texts}
    if len(answers) != 1 or None in answers:
        return None
    failed = answers.pop()
    if failed and one.excludes and not all(_BINARY.fullmatch(t) for t in one.texts):
        return None  # one kind of failure is thrown out, others may be left
    return (not failed if one.excludes else failed) if failed is not None else None


def _literal_failed(one: Filter, text: str) -> bool | None:
    column = one.comparison.column
    if _DEFINITE.search(column):
        return _EVENTS.get(text) if text != "4776" else None
    if _CODE_COLUMN.search(column) and re.fullmatch(r"0+|0x0+", text):
        return False
    if _CODE_COLUMN.search(column) and re.fullmatch(r"-?\d+|0x[0-9a-fA-F]+", text):
        return None if re.fullmatch(r"[23]\d\d", text) else True
    failed, succeeded = _said(_FAILED, text), _said(_SUCCEEDED, text)
    return failed if failed != succeeded else None


def _said(pattern: re.Pattern[str], text: str) -> bool:
    return any(pattern.search(form) for form in (text, text.lower()))
