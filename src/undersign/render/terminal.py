"""Text for a terminal: nothing an attacker wrote may move the cursor, and columns line up.

Rules, log lines and file names come from others. Whatever is not printable (control characters,
escape sequences, bidirectional and zero-width marks) is shown as its escape, never sent.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

TAB = 4
ELLIPSIS = "…"


def safe(text: str) -> str:
    """Return the text on one line with everything unprintable written as an escape."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else _escape(c) for c in text)


def safe_lines(text: str) -> str:
    """Return the text with its newlines kept and everything else unprintable escaped."""
    return "\n".join(safe(line) for line in text.replace("\r\n", "\n").split("\n"))


def counted(number: int, one: str, many: str) -> str:
    """Write a number with its noun: `1 check`, `2,000 checks`."""
    return f"{number:,} {one if number == 1 else many}"


def width(text: str) -> int:
    """Count the terminal columns of printable text: wide characters take two, marks none."""
    if text.isascii():
        return len(text)
    return sum(_width(c) for c in text)


def pad(text: str, columns: int, *, right: bool = False) -> str:
    """Fill printable text up to a width; `right` puts the text on the right."""
    fill = " " * max(0, columns - width(text))
    return fill + text if right else text + fill


def clip(text: str, columns: int) -> str:
    """Cut printable text to a width, the cut shown by an ellipsis."""
    if width(text) <= columns:
        return text
    kept, used = [], 0
    for character in text:
        used += _width(character)
        if used > columns - 1:
            break
        kept.append(character)
    return "".join(kept) + ELLIPSIS


def _width(character: str) -> int:
    if unicodedata.category(character) in ("Mn", "Me"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in ("W", "F") else 1


def _escape(character: str) -> str:
    known = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}.get(character)
    if known:
        return known
    code = ord(character)
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


@dataclass(frozen=True, slots=True)
class Paint:
    """Colours when asked for, plain text when not. Its own codes are the only escapes printed."""

    on: bool = False

    def bold(self, text: str) -> str:
        """Make text bold."""
        return self._wrap("1", text)

    def dim(self, text: str) -> str:
        """Make text stand back."""
        return self._wrap("2", text)

    def red(self, text: str) -> str:
        """Colour an error."""
        return self._wrap("1;31", text)

    def yellow(self, text: str) -> str:
        """Colour a warning."""
        return self._wrap("33", text)

    def green(self, text: str) -> str:
        """Colour what is fine."""
        return self._wrap("32", text)

    def cyan(self, text: str) -> str:
        """Colour a place or a name."""
        return self._wrap("36", text)

    def _wrap(self, code: str, text: str) -> str:
        return f"\x1b[{code}m{text}\x1b[0m" if self.on and text else text
