"""Credentials with a shape of their own: key blocks, passwords in URLs and commands, hashes."""

from __future__ import annotations

import re
from base64 import b64decode
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from undersign.policy.detect.doubt import entropy, is_placeholder, is_sample
from undersign.policy.detect.found import Anchor, Finder, Hit, Meaning, Rank, until
from undersign.policy.detect.late import Late
from undersign.policy.detect.pattern import Pattern, literal

_HASHES = """
    $1$ $5$ $6$ $7$ $y$ $2a$ $2b$ $2x$ $2y$ $argon2i$ $argon2d$ $argon2id$ $scrypt$ $krb5tgs$
    $krb5asrep$ $krb5pa$ $DCC2$ $ml$ $apr1$ $sha1$ $NT$ $pbkdf2
"""


def _meaning(rule: str, data_class: str, label: str, rank: Rank = Rank.EXACT) -> Meaning:
    return Meaning(rule, data_class, label, rank)


def _set(value: bytes) -> bool:
    return not is_placeholder(value)


def _basic(value: bytes) -> bool:
    """Say whether it is base64 of a name and a password, or long and random."""
    try:
        plain = b64decode(value + b"=" * (-len(value) % 4), validate=True)
    except ValueError:
        plain = b""
    named = b":" in plain[:-1] and all(31 < b < 127 for b in plain)
    return named or (len(value) >= 16 and _random(value))


def _random(value: bytes) -> bool:
    return entropy(value) >= 3.0 and not is_sample(value) and any(48 <= b <= 57 for b in value)


def _cookie(value: bytes) -> bool:
    return re.search(rb"=[^;\s]{12,}", value) is not None and not is_sample(value)


_KEY_MEANING = _meaning("private-key", "credentials", "KEY")


@dataclass(frozen=True, slots=True)
class KeyBlock:
    """A private key in PEM or PGP armour, whole or cut off, line by line or escaped in JSON."""

    anchors: tuple[Anchor, ...] = (literal("-----BEGIN"),)
    window: None = None
    glance: None = None
    meanings: tuple[Meaning, ...] = (_KEY_MEANING,)

    def find(self, data: bytes, start: int, end: int) -> Iterator[Hit]:
        """Yield the block with its first and last line; the body alone where the end is missing."""
        piece = until(data, start, start + _KEY)
        head = _HEAD.match(piece)
        if head is None:
            return
        other = piece.find(b"-----BEGIN", head.end())
        close = _FOOT.search(piece, head.end(), other if other > 0 else len(piece))
        body = close or _BODY.match(piece, head.end())
        length = body.end() if body else 0
        if length - head.end() >= 40:
            yield Hit(start, start + length, _KEY_MEANING)


_KEY = 1 << 15
_HEAD = re.compile(rb"-----BEGIN[ A-Z0-9_-]{0,60}PRIVATE KEY(?: BLOCK)?-----")
_FOOT = re.compile(rb"-----END[ A-Z0-9_-]{0,60}PRIVATE KEY(?: BLOCK)?-----")
_BODY = re.compile(rb"(?:[A-Za-z0-9+/=\\\s\"',+]|[A-Za-z-]{3,20}: [^\r\n\\]{1,80})*")


@lru_cache(maxsize=64)
def _named(rule: str) -> Meaning:
    """Return what findings of a rule of `_KINDS` are called."""
    return _meaning(rule, *_KINDS[rule], Rank.GENERIC if rule in _WEAK else Rank.EXACT)


def credentials() -> tuple[Finder, ...]:
    """Return the finders."""

    def one(rule: str, anchors: list[Anchor], expression: bytes, **more: object) -> Pattern:
        return Pattern(tuple(anchors), _named(rule), Late(expression), **more)  # type: ignore[arg-type]

    patterns = (
        one("url-password", [literal("://")],
            rb"://[^\s:/@'\"<>]{0,128}:([^\s/'\"<>\\]{1,256})@[\w\[.$%-]",
            ahead=320, check=_set, needs=b"@"),
        one("curl-user", [literal("curl", free=True)],
            rb"(?s)curl(?:\.exe)?\s.{0,700}?\s(?:-u|--user|--proxy-user)[ =]?['\"]?"
            rb"[^\s'\":]{0,64}:([^\s'\"]{3,128})", ahead=1024, check=_set),
        one("curl-user", [literal("curl", free=True)],
            rb"(?s)curl(?:\.exe)?\s.{0,700}?\s(?:-u|--user|--proxy-user)[ =]?['\"]?"
            rb"([^\s'\":]{8,128}):['\"]?(?:\s|$)", ahead=1024, check=_random),
        one("basic-auth", [literal(f"basic{gap}", caseless=True, free=True) for gap in " \t"],
            rb"(?i)basic[ \t]{1,4}([A-Za-z0-9+/]{8,1000}={0,2})", ahead=1100, check=_basic),
        one("registry-auth", [literal('auth"'), literal("_auth")],
            rb"_?auth\"?\s{0,2}[:=]\s{0,2}\"?([A-Za-z0-9+/]{8,600}={0,2})", check=_basic),
        one("bearer-token", [literal("bearer ", caseless=True, free=True)],
            rb"(?i)bearer ([A-Za-z0-9_.=~+/-]{16,})", ahead=4096, check=_random),
        one("cookie-header", [literal("cookie:", caseless=True)],
            rb"(?i)cookie: ?([^\r\n'\"\\]{8,900})", ahead=1024, check=_cookie),
        one("signed-url", [literal("sig=", free=True), literal("Signature=")],
            rb"(?:sig|Signature)=([A-Za-z0-9%+/_=-]{40,700})", ahead=800, check=_random),
        one("teams-webhook", [literal("webhook.office.com/")],
            rb"webhook\.office\.com/(webhookb2/[\w@/-]{60,400})"),
        one("ntlm-hash", [Anchor(r":[0-9a-fA-F]{32}:[0-9a-fA-F]{32}\b", 66)],
            rb":([0-9a-fA-F]{32}:[0-9a-fA-F]{32})"),
        one("netntlm-hash", [Anchor(":[0-9a-fA-F]{16}:[0-9a-fA-F]{32}:", 51)],
            rb":([0-9a-fA-F]{16}:[0-9a-fA-F]{32}:[0-9a-fA-F]{32,1000})", ahead=1100),
        one("password-hash", [literal(h) for h in _HASHES.split()],
            rb"(\$[\w-]{1,20}\$[A-Za-z0-9./+=,$*@_-]{20,1000})", ahead=1100),
        one("netrc-password", [literal("machine ", free=True)],
            rb"machine\s+\S{1,200}\s+login\s+\S{1,200}\s+password\s+(\S{1,128})", check=_set),
        one("command-password",
            [literal("net user ", caseless=True), literal("net1 user ", caseless=True)],
            rb"(?i)net1? user [\"']?[^\s/\"']{1,64}[\"']? [\"']?([^\s/\"'*\\][^\s\"'\\]{2,64})",
            check=_set),
        one("command-password", [literal("ClearTextPassword", caseless=True)],
            rb"(?i)ClearTextPassword\"\s{1,8}value=\"([^\"\r\n]{3,200})\"", check=_set),
        one("command-password", [literal("sshpass -p")],
            rb"sshpass -p ?['\"]?([^\s'\"]{1,128})", check=_set),
        one("command-password", [literal("convertto-securestring ", caseless=True)],
            rb"(?i)convertto-securestring (?:-string |-asplaintext )?\\?['\"]([^'\"\\]{3,128})",
            check=_set),
        one("command-password", [literal("psexec", caseless=True), literal("xfreerdp")],
            rb"(?i)(?:psexec|xfreerdp)[^\r\n]{0,300}?\s[-/]p[ :]\\?['\"]?([^\s'\"\\]{3,128})",
            check=_set),
    )  # fmt: skip
    return (KeyBlock(), *patterns)


_WEAK = frozenset({"bearer-token", "cookie-header", "signed-url", "command-password"})
_KINDS = {
    "url-password": ("credentials", "PASSWORD"),
    "curl-user": ("credentials", "PASSWORD"),
    "basic-auth": ("credentials", "PASSWORD"),
    "registry-auth": ("credentials", "PASSWORD"),
    "bearer-token": ("secrets", "TOKEN"),
    "cookie-header": ("credentials", "COOKIE"),
    "signed-url": ("secrets", "SIGNED"),
    "teams-webhook": ("secrets", "WEBHOOK"),
    "ntlm-hash": ("credentials", "HASH"),
    "netntlm-hash": ("credentials", "HASH"),
    "password-hash": ("credentials", "HASH"),
    "netrc-password": ("credentials", "PASSWORD"),
    "command-password": ("credentials", "PASSWORD"),
}
"""Rule -> data class and label."""
