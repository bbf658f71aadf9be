"""The check `invisible-characters`."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from undersign.checks.reading.wording import quoted
from undersign.checks.reading.written import written_values
from undersign.languages.sigma.document import SigmaFile
from undersign.records.artifact import Span
from undersign.records.finding import Fault, Severity

_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2069"
    "\u206a-\u206f\u3164\ufeff\uffa0\ufff9-\ufffb\U000e0000-\U000e007f"
    "\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f]"
)
_ODD_SPACE = re.compile("[\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]")
_WORD = re.compile(r"[^\W\d_]{2,}")


_JOINER = "\u200d"


def invisible_characters(file: SigmaFile) -> Iterator[Fault]:
    """Report characters a reader cannot see, and words that mix look-alike alphabets."""
    text = file.text.removeprefix("\ufeff")
    shift = len(file.text) - len(text)
    for number, line in enumerate(text.split("\n"), 1):
        if line.isascii() and line.isprintable():
            continue
        offset = shift if number == 1 else 0
        for match in _first_of_each(_INVISIBLE, line):
            yield _fault(match.group(), number, match.start() + offset, None)
        for match in _first_of_each(_ODD_SPACE, line):
            yield _fault(match.group(), number, match.start() + offset, Severity.WARNING)
    yield from _mixed_words(file)


def _first_of_each(pattern: re.Pattern[str], line: str) -> Iterator[re.Match[str]]:
    """Yield the first match of each character in a line; joiners inside emoji are left out."""
    seen: set[str] = set()
    for match in pattern.finditer(line):
        if match.group() not in seen and not _joins_emoji(line, match.start()):
            seen.add(match.group())
            yield match


def _joins_emoji(line: str, at: int) -> bool:
    after = line[at + 1 : at + 2]
    return line[at] == _JOINER and bool(after) and unicodedata.category(after) == "So"


def _fault(character: str, line: int, offset: int, severity: Severity | None) -> Fault:
    code = f"U+{ord(character):04X}"
    name = unicodedata.name(character, "a control character")
    return Fault(
        f"{code} ({name.capitalize()}) stands here and cannot be seen",
        Span(line, offset + 1, line, offset + 2),
        {"character": code},
        "delete it; write it as an escape in double quotes if it is what the rule looks for",
        severity,
    )


def _mixed_words(file: SigmaFile) -> Iterator[Fault]:
    """Find words of a detection that mix Latin with Greek or Cyrillic letters."""
    for value in written_values(file):
        if not isinstance(value.value, str) or value.value.isascii():
            continue
        for word in _WORD.findall(value.value):
            scripts = {s for s in map(_script, word) if s}
            if "LATIN" in scripts and len(scripts) > 1:
                foreign = [c for c in word if _script(c) not in ("LATIN", "")]
                yield Fault(
                    f"{quoted(word)} mixes Latin with {quoted(foreign[0])}"
                    f" ({unicodedata.name(foreign[0]).capitalize()})",
                    value.span,
                    {"word": word, "scripts": sorted(scripts)},
                    "type the word anew; it will not match what it looks like",
                )


def _script(character: str) -> str:
    if character.isascii():
        return "LATIN" if character.isalpha() else ""
    name = unicodedata.name(character, "")
    return next((s for s in ("LATIN", "CYRILLIC", "GREEK") if name.startswith(s)), "")
