"""Values that are secret for the word before them: `ADOBE_KEY=...`, `"password": "..."`.

One look at an assignment serves all words: the rules of `[assigned]` compare its value with their
shapes, and where none fits the words for passwords and for secrets judge it by how it looks.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import product
from string import ascii_lowercase
from typing import NamedTuple

from undersign.policy.detect.doubt import entropy, is_sample
from undersign.policy.detect.found import Anchor, Hit, Meaning, Rank, since, until
from undersign.policy.detect.late import Late
from undersign.policy.detect.looks import (
    has_operator,
    is_called,
    is_counted,
    is_no_name,
    is_password,
    is_random,
)
from undersign.policy.detect.shapes import alternatives, exact
from undersign.policy.detect.tokens import meaning_of, table

PASSWORD = Meaning("password", "credentials", "PASSWORD", Rank.GENERIC)
SECRET = Meaning("generic-secret", "secrets", "SECRET", Rank.GENERIC)
COOKIE = Meaning("session-cookie", "credentials", "COOKIE", Rank.GENERIC)

WORDS: Mapping[str, Meaning] = {
    "password": PASSWORD, "passwd": PASSWORD, "passphrase": PASSWORD, "passwort": PASSWORD,
    "contrase": PASSWORD, "pwd": PASSWORD, "userpass": PASSWORD, "_pass": PASSWORD,
    "pgpass": PASSWORD, "sshpass": PASSWORD, "dbpass": PASSWORD,
    "secret": SECRET, "token": SECRET, "api.key": SECRET, "access.key": SECRET,
    "auth.key": SECRET, "private.key": SECRET, "encryption.key": SECRET, "signing.key": SECRET,
    "account.key": SECRET, "shared.key": SECRET, "master.key": SECRET, "license.key": SECRET,
    "storage.key": SECRET, "subscription.key": SECRET, "consumer.key": SECRET,
    "service.key": SECRET, "deploy.key": SECRET, "webhook.key": SECRET, "credential": SECRET,
    "authorization": SECRET, "x.api": SECRET, "client.key": SECRET, "app.key": SECRET,
    "jsessionid": COOKIE, "phpsessid": COOKIE, "asp.net.sessionid": COOKIE, "sessionid": COOKIE,
    "session.id": COOKIE, "connect.sid": COOKIE, "laravel.session": COOKIE,
    "session.token": SECRET,
}  # fmt: skip
"""Words whose value is judged by how it looks; `.` is one of `. _ -`, a blank, or nothing."""

_BEFORE = 24
_WINDOW = 192
_LONGEST = 4096
_ENDS = {3: rb'[^"\\\r\n\x00]', 4: rb"[^'\\\r\n\x00]", 5: rb"[^`\\\r\n\x00]",
         6: rb"[^\s'\"`,;<>&(){}\[\]\\|\x00]"}  # fmt: skip
"""Group of `_TAIL` -> what its value is made of: in three sorts of quotes, and bare."""

_TAIL = rb"""(?s)^
([ \t\w.\-]{0,24})
(?:
  [ \t'"\]\\`)]{0,4}
  (?:[,;]?\s{0,40}["'\\]{0,2}(?:[Vv]alue|VALUE)["'\\]{0,2}[ \t]{0,2}
    |</\w{1,20}>\s{0,40}<\w{1,20}
  )?
  ([ \t]{0,24}(?:=>|:=|:{1,3}=?|[?]=|={1,3}|>|\|\|)
  |[?]?:[ \t]?[A-Za-z][\w.\[\]|?<>\x20]{0,30}?[ \t]{0,24}=)
 |['"`]\\?[)]?[ ]?,
 |[ \t]
)
[ \t]{0,24}\\{0,3}
(?:
 [fbruFBRU@$]{0,2}(?:"SCHEME(ENDS3+)|'SCHEME(ENDS4+)|`SCHEME(ENDS5+))|SCHEME(ENDS6+)
)
"""
_SCHEME = b"(?:(?:Bearer|bearer|Basic|basic|Token|token|ApiKey|Bot|Splunk|GenieKey|Key)[ ]{1,2})?"


class Assignment(NamedTuple):
    """A word with a value."""

    before: bytes
    """Up to 24 bytes before the word, on its line."""
    word: bytes
    rest: bytes
    """What follows the word before the operator: `_id`, `name`."""
    operator: bool
    """Whether it is `=`, `:` or the like; not a blank or a comma."""
    quoted: bool
    value: bytes
    after: bytes
    """Up to 8 bytes after the value."""


@dataclass(frozen=True, slots=True)
class Shaped:
    """A rule of `[assigned]`."""

    meaning: Meaning
    expressions: tuple[Late, ...]
    least: float

    def length(self, value: bytes) -> int:
        """Return how much of a value's beginning fits; 0 for nothing."""
        for expression in self.expressions:
            found = expression.match(value)
            if found is not None and entropy(found.group(1)) >= self.least:
                return len(found.group(1))
        return 0


@dataclass(frozen=True, slots=True)
class Assigned:
    """Looks at what stands behind the words of `[assigned]` and of `WORDS`."""

    anchors: tuple[Anchor, ...]
    shaped: Mapping[bytes, tuple[Shaped, ...]]
    judged: Mapping[bytes, Meaning]
    tail: Late
    more: Mapping[int, Late]
    """Group of `tail` -> an expression for the rest of its value."""

    @property
    def meanings(self) -> tuple[Meaning, ...]:
        """Return what it may find."""
        shaped = (rule.meaning for rules in self.shaped.values() for rule in rules)
        return tuple({*shaped, *self.judged.values()})

    @property
    def window(self) -> tuple[int, int]:
        """Return how many bytes before and after an anchor decide."""
        return _BEFORE, _WINDOW

    def glance(self, data: bytes, start: int, end: int) -> bool:
        """Say whether the word may be the name of a value, by what stands around it."""
        if has_operator(data, end) or is_called(_line(data, start)):
            return not is_no_name(data, end) or data[start:end].lower() in self.shaped
        return data[start:end].lower() in self.shaped

    def find(self, data: bytes, start: int, end: int) -> Iterator[Hit]:
        """Yield the value, named by the most telling rule."""
        word = data[start:end].lower()
        shaped, meaning = self.shaped.get(word, ()), self.judged.get(word)
        line = _line(data, start)
        if not shaped and is_counted(line):
            return
        piece = until(data, end, end + _WINDOW)
        found = self.tail.match(piece)
        if found is None:
            return
        last = found.end()
        quote = next(group for group in _ENDS if found.start(group) >= 0)
        first = found.start(quote)
        text = piece[first:last]
        at = end + first
        for rule in shaped:
            length = rule.length(text)
            if length and not is_sample(text[:length]):
                yield Hit(at, at + length, rule.meaning)
        if meaning is None:
            return
        rest = piece[: found.end(1)]
        after = piece[last : last + 8]
        whole = Assignment(line, word, rest, found.start(2) >= 0, quote < 6, text, after)
        length = (is_password if meaning is PASSWORD else is_random)(whole)
        if length and length == len(text) and not after:
            # The value goes on behind the window: it was judged by its beginning.
            length += self.more[quote].match(until(data, at + length, at + _LONGEST)).end()
        if length:
            yield Hit(at, at + length, meaning)


def _line(data: bytes, start: int) -> bytes:
    """Return up to 24 bytes before a word, on its line."""
    return since(data, start - _BEFORE, start).rpartition(b"\n")[2]


@lru_cache(maxsize=1)
def assigned() -> Assigned:
    """Return the finder for all assignments."""
    shaped: dict[bytes, tuple[Shaped, ...]] = {}
    for name, rule in table()["assigned"].items():
        expressions = tuple(
            Late(("(?i)" + exact(pieces) + _CLOSED).encode())
            for shape in rule["shape"]
            for pieces in alternatives(shape)
        )
        meaning = meaning_of(name, rule, Rank.ASSIGNED)
        one = Shaped(meaning, expressions, rule.get("entropy", 0.0))
        for word in (w for near in rule["near"] for w in spellings(near)):
            shaped[word] = (*shaped.get(word, ()), one)
    judged = {w: meaning for word, meaning in WORDS.items() for w in spellings(word)}
    words = sorted({*shaped, *judged})
    return Assigned(
        tuple(anchor_of(word) for word in words),
        shaped,
        judged,
        Late(_tail()),
        {group: Late(inside + b"*") for group, inside in _ENDS.items()},
    )


def _tail() -> bytes:
    tail = b"".join(line.strip(b" ") for line in _TAIL.splitlines()).replace(b"SCHEME", _SCHEME)
    for group, inside in _ENDS.items():
        tail = tail.replace(b"ENDS%d" % group, inside)
    return tail


_CLOSED = r"(?:[^A-Za-z0-9_+/=\-]|$)"
"""What must follow a value of a rule of `[assigned]`."""


def spellings(word: str) -> tuple[bytes, ...]:
    """Return the ways to write a word whose `.` are one of `. _ -`, a blank, or nothing."""
    parts = word.split(".")
    gaps = product(("", ".", "_", "-", " "), repeat=len(parts) - 1)
    return tuple(
        "".join(p + g for p, g in zip(parts, (*gap, ""), strict=True)).encode() for gap in gaps
    )


def anchor_of(word: bytes) -> Anchor:
    """Return the anchor of a word in any case."""
    letters = word.decode().translate(_EITHER_CASE)
    return Anchor(letters, len(word), word, caseless=True)


_EITHER_CASE = (
    {ord(c): f"[{c}{c.upper()}]" for c in ascii_lowercase}
    | {ord(c): f"[{c}]" for c in "_ :"}
    | {ord("."): r"\."}
)
