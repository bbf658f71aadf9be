"""Regular expressions of a search, which are PCRE, as RE2, which DuckDB runs in linear time.

What RE2 has not (look-around, back references, possessive repeats) is refused, never approximated.
"""

from __future__ import annotations

import re

from undersign.telemetry.translate.spl.values import Unsaid

_GROUP = re.compile(r"\(\?<([A-Za-z_]\w*)>")
_NAMED = re.compile(r"\(\?P<([A-Za-z_]\w*)>")
_SED = re.compile(r"s(.)")
MAX_PATTERN = 5_000


def checked(pattern: str) -> str:
    """Return a pattern in RE2's writing; raises Unsaid."""
    import re2

    if len(pattern) > MAX_PATTERN:
        raise Unsaid("a regular expression that long")
    written = _GROUP.sub(r"(?P<\1>", pattern)
    options = re2.Options()
    options.log_errors = False
    try:
        re2.compile(written, options=options)
    except re2.error as error:
        raise Unsaid(
            "a regular expression with look-around, a back reference or a fault"
        ) from error
    return written


def groups(pattern: str) -> list[tuple[str, int]]:
    """Return the named groups of a checked pattern with their numbers."""
    import re2

    found: dict[str, int] = re2.compile(pattern).groupindex
    return sorted(found.items(), key=lambda g: g[1])


def only_group(pattern: str, name: str) -> tuple[str, int]:
    """Return a pattern in which of the named groups only one captures, and that one's number.

    DuckDB can ask for the first nine groups.
    """
    import re2

    kept = _NAMED.sub(lambda found: found[0] if found[1] == name else "(?:", pattern)
    place: int = re2.compile(kept).groupindex[name]
    if place > 9:
        raise Unsaid("a regular expression with so many groups")
    return kept, place


def replacement(text: str) -> str:
    r"""Return what replaces a match in DuckDB's writing: `\1` is a group there too."""
    return re.sub(r"\$(\d)", r"\\\1", text)


def sed(script: str) -> tuple[str, str, bool]:
    """Read `s/pattern/replacement/flags`; returns pattern, replacement, everywhere or first.

    Raises Unsaid for anything else.
    """
    head = _SED.match(script.strip())
    if head is None:
        raise Unsaid("rex mode=sed with anything but s/pattern/replacement/")
    mark = head[1]
    parts: list[str] = [""]
    at = 2
    text = script.strip()
    while at < len(text):
        if text[at] == "\\" and text[at + 1 : at + 2] == mark:
            parts[-1] += mark
            at += 2
        elif text[at] == mark:
            parts.append("")
            at += 1
        else:
            step = 2 if text[at] == "\\" else 1
            parts[-1] += text[at : at + step]
            at += step
    if len(parts) != 3 or parts[2] not in ("", "g"):
        raise Unsaid("this script of rex mode=sed")
    return checked(parts[0]), replacement(parts[1]), parts[2] == "g"
