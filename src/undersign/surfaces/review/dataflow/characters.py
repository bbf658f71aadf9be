"""Which characters a pattern lets through, and for which categories these are harmless."""

from __future__ import annotations

import re
import string

LETTERS = frozenset(string.ascii_letters)
DIGITS = frozenset(string.digits)
WORD = LETTERS | DIGITS | {"_"}
SPACE = frozenset(" \t\n\r\x0b\x0c")
_CLASSES = {"d": DIGITS, "w": WORD, "s": SPACE}
_LONGEST = 300
_QUANTIFIER = re.compile(r"[*+?]\??|\{\d*,?\d*\}\??")
_SPECIAL = frozenset(".^$*+?{}[]\\|()")

_LAST = "\x85"
"""Stands for one newline at the very end, before which `$` matches."""
_HARMFUL = {
    "sql-injection": "'\"`;\\()=<>/*#, \t\n\r",
    "command-injection": " \t\r;|&$`<>()'\"\\*?[]{}~!#",
    "path-traversal": "/\\",
    "cross-site-scripting": "<>&\"'",
    "template-injection": "{}%$#<",
    "ldap-injection": "()*\\&|=,",
    "xpath-injection": "'\"()[]/@=| ",
    "nosql-injection": "${}",
    "header-injection": "\r\n" + _LAST,
    "log-injection": "\r\n" + _LAST,
    "regex-denial": ".*+?()[]{}|\\^$",
    "open-redirect": "/\\:.@",
    "code-injection": string.ascii_letters + "_\"'",
    "server-side-request-forgery": string.ascii_letters,
    "unsafe-deserialization": string.ascii_letters,
    "xml-external-entity": "<&",
    "excessive-agency": string.ascii_letters,
}
"""What a value must not hold to be harmless, wherever in a text it is put."""
CATEGORIES = frozenset(_HARMFUL)


def harmless(characters: frozenset[str]) -> frozenset[str]:
    """Return the categories for which a text of these characters does no harm."""
    return frozenset(key for key, bad in _HARMFUL.items() if not characters & set(bad))


def let_through(pattern: str, *, whole: bool, search: bool = False) -> frozenset[str] | None:
    """Return every character that a text may hold which matches; None when that is not clear.

    `whole` is `re.fullmatch`; `search` is `re.search`, which anchors nothing. Only plain patterns
    are read: literals, classes, groups, repetition.
    """
    if len(pattern) > _LONGEST:
        return None
    body, extra = pattern, frozenset[str]()
    if not whole:
        begins = pattern.startswith("^")
        if search and not begins:
            return None
        if pattern.endswith(r"\Z"):
            body = pattern[:-2]
        elif pattern.endswith("$") and not pattern.endswith(r"\$"):
            body, extra = pattern[:-1], frozenset(_LAST)
        else:
            return None
    found = _Reader(body, bar_at_top=whole).read()
    return None if found is None else found | extra


class _Reader:
    def __init__(self, text: str, *, bar_at_top: bool) -> None:
        self.text = text
        self.at = 0
        self.depth = 0
        self.bar_at_top = bar_at_top

    def read(self) -> frozenset[str] | None:
        found: set[str] = set()
        while self.at < len(self.text):
            more = self._one()
            if more is None:
                return None
            found |= more
        return frozenset(found) if not self.depth else None

    def _one(self) -> frozenset[str] | None:
        text, at = self.text, self.at
        mark = text[at]
        quantifier = _QUANTIFIER.match(text, at)
        if quantifier is not None and at:
            self.at = quantifier.end()
            return frozenset()
        self.at += 1
        if mark == "[":
            return self._class()
        if mark == "\\":
            return self._escaped()
        if mark in "()|^$":
            return self._structure(mark)
        return None if mark in _SPECIAL else frozenset(mark)

    def _structure(self, mark: str) -> frozenset[str] | None:
        if mark == "(":
            self.depth += 1
            if self.text.startswith("?:", self.at):
                self.at += 2
            elif self.text.startswith("?", self.at):
                return None
        elif mark == ")":
            self.depth -= 1
            return None if self.depth < 0 else frozenset()
        elif mark == "|" and not self.depth and not self.bar_at_top:
            return None
        return frozenset()

    def _escaped(self) -> frozenset[str] | None:
        mark = self.text[self.at : self.at + 1]
        self.at += 1
        if mark in _CLASSES:
            return _CLASSES[mark]
        return frozenset(mark) if mark and not mark.isalnum() else None

    def _class(self) -> frozenset[str] | None:
        if self.text.startswith(("^", "]"), self.at):
            return None
        found: set[str] = set()
        while self.at < len(self.text) and self.text[self.at] != "]":
            low = self._member()
            if low is None:
                return None
            if self.text.startswith("-", self.at) and not self.text.startswith("-]", self.at):
                self.at += 1
                high = self._member()
                if high is None or len(low) != 1 or len(high) != 1:
                    return None
                first, last = ord(min(low)), ord(min(high))
                found |= {chr(n) for n in range(first, min(last, first + 300) + 1)}
                if last - first > 256:
                    return None
            else:
                found |= low
        self.at += 1
        return frozenset(found) if self.at <= len(self.text) else None

    def _member(self) -> frozenset[str] | None:
        if self.at >= len(self.text):
            return None
        mark = self.text[self.at]
        self.at += 1
        if mark == "[":
            return None
        return self._escaped() if mark == "\\" else frozenset(mark)
