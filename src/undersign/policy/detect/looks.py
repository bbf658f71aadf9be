"""Judges a value by how it looks, when only the word before it says that it may be secret."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from undersign.policy.detect.doubt import entropy

if TYPE_CHECKING:
    from undersign.policy.detect.assigned import Assignment

_RANDOM = re.compile(rb"[A-Za-z0-9_.=+/~!@#$%^*:\-]{10,400}")
_HEX = re.compile(rb"[0-9a-fA-F-]+")
_PATH = re.compile(rb"(?i)\A(?:https?://|file:|s3://|arn:|\.{0,2}/|~/|[a-z]:\\)|://")
_NO_SECRET = re.compile(
    rb"(?i)(?:name|type|url|uri|path|file|header|field|param|prefix|suffix|length|size|count|"
    rb"limit|index|format|class|method|style|regex|pattern|expir\w*|ttl|timeout|version|hash"
    rb"|endpoint|policy|provider|label|hint|id)[\W_]*\Z"
)
_BEFORE = re.compile(
    rb"(?i)(?:max|min|num|next|page|continuation|pagination|stop|start|end|eos|bos|pad|unk|csrf|"
    rb"cancel\w*|sync|public|primary|foreign|sort|no|has|is|total|used|reset|forgot|change)[\W_]*\Z"
)
_CALL = re.compile(rb"\A[([.{]|\A\s*\(")
_IDENTIFIER = re.compile(rb"[A-Za-z_][\w.\-]*")
_WORDS = re.compile(rb"[A-Z]?[a-z]+|[A-Z]+|\d{1,4}")


def is_random(found: Assignment) -> int:
    """Return how much of a value looks like a generated secret; 0 for none."""
    if _NO_SECRET.search(found.rest) or _BEFORE.search(found.before):
        return 0
    match = _RANDOM.match(found.value)
    if match is None or (not found.operator and not found.quoted and not _flag(found)):
        return 0
    value = match.group().rstrip(b".:")
    if _PATH.search(value) or (not found.quoted and _CALL.search(found.after)):
        return 0
    if _HEX.fullmatch(value):
        return len(value) if len(value) >= 16 and entropy(value) >= 2.8 and _mixed(value) else 0
    return len(value) if entropy(value) >= 3.2 and _mixed(value) and not _wordy(value) else 0


def is_password(found: Assignment) -> int:
    """Return how much of a value looks like a password that somebody set; 0 for none."""
    value = found.value
    if _NO_SECRET.search(found.rest) or _BEFORE.search(found.before):
        return 0
    if len(value) < 4 or len(value) > 128 or _PATH.search(value):
        return 0
    if found.quoted:
        return 0 if b" " in value else _set(found, value)
    if not found.operator and not _flag(found):
        return 0
    if _CALL.search(found.after) or (b"." in value and _IDENTIFIER.fullmatch(value)):
        return 0
    return len(value) if _kinds(value) > 1 and not _wordy(value) else 0


def _set(found: Assignment, value: bytes) -> int:
    """Judge a quoted password: a lower-case word alone may be a label or the name of a field."""
    if not found.operator and not _flag(found) and _kinds(value) < 2:
        return 0
    return 0 if _kinds(value) < 2 and _IDENTIFIER.fullmatch(value) else len(value)


def _flag(found: Assignment) -> bool:
    """Say whether the word is an option of a command: `--password x`."""
    return found.before.endswith(b"-")


def _kinds(value: bytes) -> int:
    """Return how many of lower case, upper case, digits and others a value has."""
    kinds = (
        any(97 <= b <= 122 for b in value),
        any(65 <= b <= 90 for b in value),
        any(48 <= b <= 57 for b in value),
        any(b < 48 or b in b":;<=>?@[\\]^`{|}~" or b > 122 for b in value),
    )
    return sum(kinds)


def _mixed(value: bytes) -> bool:
    """Say whether a value has both letters and digits."""
    digits = sum(48 <= b <= 57 for b in value)
    return digits > 0 and any(b > 64 for b in value)


def _wordy(value: bytes) -> bool:
    """Say whether a value is made of words and short numbers: `access_token_v2`."""
    parts = _WORDS.findall(value)
    if not parts or not re.fullmatch(rb"[\w.\-/:]+", value):
        return False
    longer = sum(len(p) for p in parts if len(p) > 2 and not p[:1].isdigit())
    return longer >= 0.75 * len(value.replace(b"_", b"").replace(b"-", b"").replace(b".", b""))
