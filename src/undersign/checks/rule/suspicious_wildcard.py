"""The check `suspicious-wildcard`."""

from __future__ import annotations

import re
from collections.abc import Iterator

from undersign.checks.reading.wording import quoted
from undersign.checks.reading.written import Written, written_values
from undersign.languages.sigma.document import SigmaFile
from undersign.records.finding import Fault, Severity

_LEADING = re.compile(r"\*+")
_TRAILING = re.compile(r"(?<!\\)(?:\\\\)*(\*+)$")
_DOUBLE = re.compile(r"(?<!\\)\*\*")
_REGEX_LOOK = re.compile(
    r"\\[dwsDWS][+*{]|\[[a-zA-Z0-9]-[a-zA-Z0-9][^\]\s]{0,20}\][+*{]|\(\?[:=!i<]"
    r"|^\^.*[^\\]\$$|\.\*\.\*|\.\+\w|\.\{\d+,?\d*\}"
)
_URL_QUERY = re.compile(r"[\w/]\?[\w%.-]+=")


def suspicious_wildcard(file: SigmaFile) -> Iterator[Fault]:
    """Report wildcards that do nothing, undo their modifier, or look like something else."""
    for value in written_values(file):
        text = value.text
        if text is not None:
            yield from _faults(value, text)


def _faults(value: Written, text: str) -> Iterator[Fault]:
    before, after = bool(_LEADING.match(text)), bool(_TRAILING.search(text))
    alone = not text.strip("*")
    if text and alone:
        yield _alone(value)
        return
    if before or after:
        yield from _at_the_edge(value, before, after)
    if _REGEX_LOOK.search(text):
        message = f"{quoted(text)} reads like a regular expression but is compared as plain text"
        yield _fault(value, message, "add the modifier `re` if a pattern is meant")
    if _DOUBLE.search(text):
        message = f"`**` in {quoted(text)} means the same as `*`"
        yield _fault(value, message, "write a single `*`", Severity.NOTE)
    if _URL_QUERY.search(text):
        message = f"`?` in {quoted(text)} stands for any one character, not for a question mark"
        yield _fault(value, message, "write `\\?` for a question mark", Severity.NOTE)


def _alone(value: Written) -> Fault:
    if value.field is None:
        return _fault(value, "the keyword `*` matches every event", None)
    message = f"{quoted(value.key)} is `*`: any value at all, so only presence is asked for"
    hint = f"write `{value.field}|exists: true` if presence is meant"
    return _fault(value, message, hint, Severity.NOTE)


def _at_the_edge(value: Written, before: bool, after: bool) -> Iterator[Fault]:
    modifiers = value.modifiers
    written = quoted(value.value)
    if "contains" in modifiers:
        message = f"`contains` needs no `*` at the edge of {written}"
        yield _fault(value, message, "leave the `*` out", Severity.NOTE)
    elif ("startswith" in modifiers and before) or ("endswith" in modifiers and after):
        named = "startswith" if "startswith" in modifiers else "endswith"
        message = f"the `*` in {written} undoes `{named}`: it may now stand anywhere"
        yield _fault(value, message, "use `contains` if that is meant")
    elif "startswith" in modifiers or "endswith" in modifiers:
        named = "startswith" if "startswith" in modifiers else "endswith"
        message = f"`{named}` needs no `*` at the edge of {written}"
        yield _fault(value, message, "leave the `*` out", Severity.NOTE)


def _fault(
    value: Written, message: str, hint: str | None, severity: Severity | None = None
) -> Fault:
    return Fault(message, value.span, {"value": str(value.value)}, hint, severity)
