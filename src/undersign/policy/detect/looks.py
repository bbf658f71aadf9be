"""Judges a value by how it looks, when only the word before it says that it may be secret."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from undersign.policy.detect.doubt import entropy, is_placeholder

if TYPE_CHECKING:
    from undersign.policy.detect.assigned import Assignment

_RANDOM = re.compile(rb"[A-Za-z0-9_.=+/~!@#$%^*:\-]{10,400}")
_HEX = re.compile(rb"[0-9a-fA-F-]+")
_PATH = re.compile(rb"(?i)(?:file:|arn:|\.{1,2}/|~/|[a-z]:\\|/[a-z_.-]+(?:/|\Z))")
_NO_SECRET = re.compile(
    rb"(?i)(?:name|type|url|uri|path|file|header|field|param|prefix|suffix|length|size|count|"
    rb"limit|index|format|class|method|style|regex|pattern|expir\w*|ttl|timeout|version|hash"
    rb"|endpoint|policy|provider|label|hint|id|manager|last.?set|age|history|complexity|date|time"
    rb"|properties|status|state|reset|rotation|enabled|required|changed)[\W_]*\Z"
)
_BEFORE = re.compile(
    rb"(?i)(?:max|min|num|next|public.?key|page|continuation|pagination|stop|start|end|eos|bos|pad|unk|csrf|"
    rb"cancel\w*|sync|public|primary|foreign|sort|no|has|is|total|used|reset|forgot|change)[\W_]*\Z"
)
_FLAG = re.compile(rb"(?:\A|[\s\"'\[,])--?[\w-]*\Z")
_CALLED = re.compile(rb"\(\s*[\"'`][\w.-]*\Z")
_REST = re.compile(rb"([\w.\-]{0,23}+)[^ \t]")
"""What of a name stands behind its word, where it ends there without doubt."""
_OPERATED = re.compile(
    rb"[ \t\w.\-]{24}|[ \t\w.\-]{0,23}+[ \t'\"\]\\`)]{0,4}+"
    rb"(?:[ \t]*+[=:?>|]|[,;]?\s{0,40}+[\"'\\]{0,2}+[vV]|</|['\"\\`\])])"
)
"""Where a name may be followed by an operator; possessive, so that no text makes it slow."""
_CALL = re.compile(rb"\A[([.{]|\A\s*\(")
_ATTRIBUTE = re.compile(rb"[a-z_]{2,}(?:\.[A-Za-z_]\w*)+")
_EXPRESSION = re.compile(rb"\(\?|\[\^|\][+*{]|\\[dws]")
_IDENTIFIER = re.compile(rb"[A-Za-z_][\w.\-]*")
_WORDS = re.compile(rb"[A-Z]?[a-z]{3,}|[A-Z]{4,}|[a-z]{4,}")
_TOKEN_OF = re.compile(rb"(?i)(?:access|auth|bearer|refresh|api|bot|personal|session)[_\-]?\Z")
_GRAPHIC = re.compile(rb"[!-~]{8,400}")
_NAMED = re.compile(rb"(?i)secret|token|passw|key|client|sample|test|demo|value|default|fake|mock")
_DIGIT = re.compile(rb"[0-9]")
_TO_AT = bytes(range(65))
_SIGNS = bytes(range(48)) + b":;<=>?@"
_TO_AND_FRO = re.compile(rb"[a-z][A-Z]")
_ALL_KINDS = 4
_VOWELS = re.compile(rb"(?i)[aeiouy]")
_HARD = re.compile(rb"(?i)[^aeiouy]{5}")


def has_operator(data: bytes, end: int) -> bool:
    """Say whether an operator may follow the name that holds the word which ends at `end`."""
    return _OPERATED.match(data, end) is not None


def is_no_name(data: bytes, end: int) -> bool:
    """Say whether the word that ends at `end` is without doubt a part of the name of no secret.

    A quick look that says so only where `is_random` and `is_password` find nothing either.
    """
    rest = _REST.match(data, end)
    return rest is not None and is_no_secret(rest.group(1))


# What stands around words repeats itself, in logs above all.
@lru_cache(maxsize=4096)
def is_called(before: bytes) -> bool:
    """Say whether the word is an option of a command or the first argument of a call."""
    return _FLAG.search(before) is not None or _CALLED.search(before) is not None


@lru_cache(maxsize=4096)
def is_counted(before: bytes) -> bool:
    """Say whether what stands before the word makes it the name of no secret: `max_tokens`."""
    found = _BEFORE.search(before)
    if found is None:
        return False
    first, left = found.group()[:1], before[: found.start()][-1:]
    # A word of its own, or a hump: `max_`, `pageMax`; not the end of `admin` or `this`.
    return not left.isalpha() or (first.isupper() and left.islower())


@lru_cache(maxsize=4096)
def is_no_secret(rest: bytes) -> bool:
    """Say whether what stands behind the word makes it the name of no secret: `token_url`."""
    return _NO_SECRET.search(rest) is not None


def is_random(found: Assignment) -> int:
    """Return how much of a value looks like a generated secret; 0 for none."""
    if _names_something_else(found):
        return 0
    if found.quoted and found.operator and _is_unambiguous(found):
        return len(found.value) if _is_likely(found.value) else 0
    match = _RANDOM.match(found.value)
    if match is None:
        return 0
    value = match.group().rstrip(b".:")
    if not _mixed(value) or is_path(value) or (not found.quoted and _is_code(value, found.after)):
        return 0
    if _HEX.fullmatch(value):
        random = len(value) >= 16 and entropy(value) >= 2.6
    else:
        random = not _wordy(value) and entropy(value) >= (2.8 if len(value) < 16 else 3.1)
    return len(value) if random and not is_placeholder(found.value) else 0


def _is_unambiguous(found: Assignment) -> bool:
    """Say whether the name can only be a secret's: `client_secret`, `api_key`; not `token`."""
    if found.rest.strip(b" \t").lower() not in (b"", b"_key", b"-key", b"key"):
        return False
    if found.word == b"token":
        return _TOKEN_OF.search(found.before) is not None
    return found.word == b"secret" or found.word.endswith(b"key")


def _is_likely(value: bytes) -> bool:
    """Judge a quoted value of such a name: rather hide too much than too little."""
    if not _GRAPHIC.fullmatch(value) or is_path(value) or _EXPRESSION.search(value):
        return False
    if is_placeholder(value) or _NAMED.search(value):
        return False
    if _DIGIT.search(value):
        return value.isalnum() or not _wordy(value)
    return value.isalpha() and len(value) >= 10 and len(set(value)) > 5


def is_password(found: Assignment) -> int:
    """Return how much of a value looks like a password that somebody set; 0 for none."""
    value = found.value
    if _names_something_else(found):
        return 0
    if len(value) < 4 or len(value) > 128 or is_path(value) or is_placeholder(value):
        return 0
    if found.quoted:
        return 0 if b" " in value else _set(found, value)
    if _is_code(value, found.after):
        return 0
    # `Kitchen99!` is a word, and no name of anything: signs, digits and both cases at once.
    kinds = _kinds(value)
    return len(value) if kinds == _ALL_KINDS or (kinds > 1 and not _wordy(value)) else 0


def _names_something_else(found: Assignment) -> bool:
    """Say whether the word is not the name of the value, or the name of no secret."""
    if is_no_secret(found.rest) or is_counted(found.before):
        return True
    if found.word in (b"pwd", b"_pass") and found.rest[:1].isalnum():
        return True
    # Without an operator it is an option of a command, or the first argument of a call.
    called = found.quoted and _CALLED.search(found.before) is not None
    return not (found.operator or called or _FLAG.search(found.before))


def is_path(value: bytes) -> bool:
    """Say whether a value is a path, an address of the web or the name of a resource."""
    return b"://" in value or _PATH.match(value) is not None


def _is_code(value: bytes, after: bytes) -> bool:
    """Say whether a bare value is a call or an attribute of code."""
    return _CALL.search(after) is not None or _ATTRIBUTE.fullmatch(value) is not None


def _set(found: Assignment, value: bytes) -> int:
    """Judge a quoted password: a short lower-case word may be the name of a field."""
    if _EXPRESSION.search(value):
        return 0
    letters = _IDENTIFIER.fullmatch(value) is not None and not re.search(rb"\d", value)
    if letters and (found.word in value.lower() or (_kinds(value) < 2 and len(value) < 6)):
        return 0
    return len(value) if found.operator or not letters else 0


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
    """Say whether a value has both letters and digits, or letters whose case goes to and fro."""
    if not value.translate(None, _TO_AT):
        return False
    return _DIGIT.search(value) is not None or len(_TO_AND_FRO.findall(value)) > len(value) // 8


def _wordy(value: bytes) -> bool:
    """Say whether a value is made of words that can be spoken: `access_token_v2`."""
    spoken = sum(len(w) for w in _WORDS.findall(value) if _is_spoken(w))
    return spoken >= 0.75 * len(value.translate(None, _SIGNS))


def _is_spoken(word: bytes) -> bool:
    """Say whether letters have vowels and consonants as words have them."""
    vowels = len(_VOWELS.findall(word))
    return 0.2 <= vowels / len(word) <= 0.7 and _HARD.search(word) is None
