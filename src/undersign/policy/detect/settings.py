"""Passwords without quotes where a person sets them: `.env`, INI, YAML, URLs, command lines.

`password=hunter` in code names a variable, in a configuration it is the password. So the lines
around it decide, or the form of the line itself; what `assigned` takes anyway is taken there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from undersign.policy.detect.assigned import PASSWORD, WORDS, anchor_of, spellings
from undersign.policy.detect.doubt import is_placeholder
from undersign.policy.detect.found import Anchor, Hit, Meaning, since, until
from undersign.policy.detect.looks import is_counted, is_no_secret, is_path

_AROUND = 400
"""Bytes before and after that are read for the lines around."""

_NEAR = 24
"""Bytes before the word that may make it the name of something else."""
_ENOUGH = 120
"""Bytes of the same line before the name that are looked at."""

_VALUE = rb"[^\s'\"`,;<>&(){}\[\]\\|$%]{4,64}+"
_SET = re.compile(
    rb"(?P<rest>[\w.\-]{0,24}+)[\"']?(?P<gap>[ \t]{0,8}+)(?P<sign>[=:]?)(?P<blank>[ \t]{0,8}+)"
    rb"(?P<value>" + _VALUE + rb")(?P<after>[ \t]*+(?:#[^\r\n]*)?\r?(?:\n|\Z)|[ \t;&]|(?=['\"]))"
)
_NAME = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-"
_PREFIX = re.compile(rb"(?i)(?:\A[ \t]*(?:export|set|env|arg|-)|\s(?:-e|--env))[ \t]+\Z|\$env:\Z")
_OPTION = re.compile(rb"(?:\A|\s)(?:--?|/)\Z")
_OTHER_OPTION = re.compile(rb"(?:\A|\s)(?:--?[A-Za-z]|/[A-Za-z]+[: ])")
_CODE = re.compile(rb"[()\[\]{},;=<>+*|\\]")
_DECLARED = frozenset(
    b"let const var val my our public private protected local final static readonly string String "
    b"and or not if while return assert def auto char int char* str".split()
)
_PAIR_BEFORE = re.compile(rb"[\w]=[^\s=;&]+(?:[;&] ?|[ \t])[\w. \-]{0,40}\Z|[?&]\Z")
_PAIR_AFTER = re.compile(rb"[;& \t]{1,2}[\w. \-]{1,40}=[^=\s]")
_SETTING = re.compile(
    rb"\s*(?:[#;!][^\r\n]*|\[[\w .:\"/-]+\]|---|(?:export |- )?[\"']?[\w./-]+[\"']?"
    rb"[ \t]*[=:](?:[ \t]*|[ \t]*[^\s(){}\[\],;=][^(){}\[\],;=]*)|- [\w./:=-]+)\s*"
)
_TYPED = re.compile(rb"[:=][ \t]*(?:str|int|bool|float|bytes|string|number|boolean|None)\s*\Z")
_TYPE = re.compile(
    rb"[A-Z]\w*[a-z][A-Z]\w*|Secret|String|Text|Any|Password|Token|Bool\w*|Callable|Field|type|"
    rb"varchar|binary|prompt|ask|yes|no|on|off|pass\w*|\w*passw\w*|\w*pwd\w*|(?i:redacted|n/a)|"
    rb"[A-Z_]*(?:PASS|PW|SECRET|KEY|TOKEN)[A-Z_]*|self\..*|this\..*|args\..*|config\..*"
)
_PROSE = frozenset(
    b"option options flag flags argument arguments parameter value values file files with when "
    b"from that this will must should instead before after only into over then than have been "
    b"which where while also both used using given unless without prompt stdin input".split()
)


class _Line(NamedTuple):
    """A line with a word for passwords and what may be its value."""

    lead: bytes
    """What stands before the name."""
    name: bytes
    found: re.Match[bytes]
    above: bytes
    below: bytes


@dataclass(frozen=True, slots=True)
class Settings:
    """Finds passwords without quotes."""

    anchors: tuple[Anchor, ...]
    window: None = None
    meanings: tuple[Meaning, ...] = (PASSWORD,)

    def glance(self, data: bytes, _start: int, end: int) -> bool:
        """Say whether a bare value follows the word."""
        return _SET.match(data, end) is not None

    def find(self, data: bytes, start: int, end: int) -> Iterator[Hit]:
        """Yield the value, where it is set and not only named."""
        found = _SET.match(until(data, end, end + _AROUND))
        if found is None:
            return
        above, _, before = since(data, start - _AROUND, start).rpartition(b"\n")
        head = before[len(before.rstrip(_NAME)) :].lstrip(b"-.")
        lead = before[: len(before) - len(head)]
        whole = head + data[start:end] + found["rest"]
        below = until(data, end + found.end(), end + found.end() + _AROUND)
        line = _Line(lead[-_ENOUGH:], whole, found, above, below)
        if not is_counted(before[-_NEAR:]) and _may_be(found) and _is_set(line):
            yield Hit(end + found.start("value"), end + found.end("value"), PASSWORD)


def settings() -> Settings:
    """Return the finder."""
    words = [w for word, meaning in WORDS.items() if meaning is PASSWORD for w in spellings(word)]
    return Settings(tuple(map(anchor_of, sorted(set(words)))))


def _may_be(found: re.Match[bytes]) -> bool:
    """Say whether a value may be a password at all: no type, no variable, no name of one."""
    value, rest = found["value"], found["rest"]
    if is_no_secret(rest) or rest[:1].isalpha():
        return False
    if value.startswith(b"=") or is_path(value) or is_placeholder(value) or _TYPE.fullmatch(value):
        return False
    return not (value.isdigit() and len(value) < 6)


def _is_set(line: _Line) -> bool:
    found = line.found
    sign, tight = found["sign"], not found["gap"] and not found["blank"]
    if _OPTION.search(line.lead):
        return _is_option(line)
    if sign == b"=" and tight and (_is_pair(line) or _is_told(line)):
        return True
    if not sign or not (found["after"].endswith(b"\n") or not line.below):
        return False
    if _PREFIX.search(line.lead) and sign == b"=" and tight:
        return True
    if line.lead.strip(b" \t-\"'"):
        return False
    return (sign == b"=" and tight and line.name.isupper()) or _is_among_settings(line)


def _is_option(line: _Line) -> bool:
    """Say whether it is an option of a command that is called, not one that is explained."""
    value = line.found["value"]
    if value.lower() in _PROSE or value.isupper() or value.startswith(b"-"):
        return False
    if line.lead.endswith(b"/") and line.found["sign"] != b":":
        return False
    rest_of_line = (line.found["after"] + line.below).partition(b"\n")[0]
    command = line.lead.rstrip(b"-/")
    return bool(_OTHER_OPTION.search(command) or _OTHER_OPTION.search(rest_of_line))


def _is_pair(line: _Line) -> bool:
    """Say whether it is one of several pairs: of a query, a connection string, a log line."""
    if _PREFIX.search(line.lead):
        return True
    after = line.found["after"] + line.below
    free = not line.lead or line.lead[-1:] in b" \t;&?"
    return free and bool(_PAIR_BEFORE.search(line.lead) or _PAIR_AFTER.match(after))


def _is_told(line: _Line) -> bool:
    """Say whether it stands at the end of words, as in a message; no statement of code."""
    words = line.lead.split()
    return (
        bool(words)
        and line.lead[-1:].isspace()
        and words[-1] not in _DECLARED
        and not _CODE.search(line.lead)
        and line.found["after"][:1] in b" \t\r\n"
    )


def _is_among_settings(line: _Line) -> bool:
    """Say whether the lines around are settings too; a text of one line has none that are not."""
    if line.found["sign"] == b":" and not line.found["blank"]:
        return False
    above = [one for one in line.above.split(b"\n")[1:] if one.strip()][-2:]
    if not above:
        above = [one for one in line.above.split(b"\n") if one.strip()][-1:]
    below = [one for one in line.below.split(b"\n") if one.strip()][:2]
    around = [*above, *below]
    return all(_SETTING.fullmatch(one) and not _TYPED.search(one) for one in around)
