"""Regular expressions as trees: can one be compiled, and can it explode on a hostile value.

Nothing is ever matched here: the pattern is hostile text, and so is what it would be run on.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib import import_module
from typing import Any

from undersign.checks.reading.written import Written, written_values
from undersign.languages.sigma.document import SigmaFile
from undersign.languages.sigma.tree import Regex

MAX_PATTERN = 10_000
"""Characters; a longer pattern is refused unread."""
_ALL = (1 << 256) - 1
_CATEGORIES = {
    "CATEGORY_DIGIT": r"\d",
    "CATEGORY_NOT_DIGIT": r"\D",
    "CATEGORY_SPACE": r"\s",
    "CATEGORY_NOT_SPACE": r"\S",
    "CATEGORY_WORD": r"\w",
    "CATEGORY_NOT_WORD": r"\W",
}
_Piece = tuple[Any, Any]


def written_regexes(file: SigmaFile) -> Iterator[tuple[Written, Regex]]:
    """Yield every regular expression as written, those that pySigma refuses too."""
    for value in written_values(file):
        if "re" in value.modifiers and isinstance(value.value, str):
            ignore_case, multiline, dotall = (flag in value.modifiers for flag in "ims")
            yield value, Regex(value.value, ignore_case, multiline, dotall)


@dataclass(frozen=True, slots=True)
class Compiled:
    """Whether the two engines take a pattern; None means yes, otherwise what they say."""

    re2: str | None
    python: str | None


def flags_of(regex: Regex) -> int:
    """Return Python's flags for a Sigma regex."""
    chosen = re.IGNORECASE if regex.ignore_case else 0
    chosen |= re.MULTILINE if regex.multiline else 0
    return int(chosen | (re.DOTALL if regex.dotall else 0))


def compiled(regex: Regex) -> Compiled:
    """Try a pattern in RE2 and in Python's `re`."""
    if len(regex.pattern) > MAX_PATTERN:
        too_long = f"longer than {MAX_PATTERN:,} characters"
        return Compiled(too_long, too_long)
    return Compiled(_by_re2(regex), _by_python(regex))


def _by_re2(regex: Regex) -> str | None:
    import re2

    options = re2.Options()
    options.log_errors = False
    options.case_sensitive = not regex.ignore_case
    try:
        re2.compile(regex.pattern, options)
    except re2.error as error:
        told = error.args[0] if error.args else "refused"
        return told.decode("utf-8", "replace") if isinstance(told, bytes) else str(told)
    return None


def _by_python(regex: Regex) -> str | None:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            re.compile(regex.pattern, flags_of(regex))
    # Besides re.error, hostile patterns raise OverflowError (huge repeats) and RecursionError.
    except (re.error, OverflowError, RecursionError) as error:
        return " ".join(str(error).split())
    return None


def explosive_part(regex: Regex) -> str | None:
    """Describe the part of a pattern that takes exponential time to fail, or return None.

    Looks for a repeat that can take in the same text in more than one way: an unbounded repeat
    within an unbounded repeat with nothing in between to tell their rounds apart, or a repeated
    choice whose alternatives overlap. Sound enough for people to look at, not a proof.
    """
    if len(regex.pattern) > MAX_PATTERN or _by_python(regex) is not None:
        return None
    parser = import_module("re._parser")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        tree = parser.parse(regex.pattern, flags_of(regex))
    return next(_explosions(list(tree)), None)


def _explosions(pieces: Sequence[_Piece]) -> Iterator[str]:
    for operator, argument in pieces:
        if _unbounded(operator, argument):
            body = list(argument[2])
            if _ambiguous_repeat(body):
                yield "a repeat inside a repeat that can share the same text"
            if _overlapping_choice(body):
                yield "a repeated choice whose alternatives match the same text"
        for inner in _children(operator, argument):
            yield from _explosions(inner)


def _unbounded(operator: Any, argument: Any) -> bool:
    return str(operator) in ("MAX_REPEAT", "MIN_REPEAT") and int(argument[1]) > 100


def _children(operator: Any, argument: Any) -> Iterator[list[_Piece]]:
    name = str(operator)
    if name in ("MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT"):
        yield list(argument[2])
    elif name == "SUBPATTERN":
        yield list(argument[3])
    elif name == "BRANCH":
        yield from (list(branch) for branch in argument[1])
    elif name in ("ASSERT", "ASSERT_NOT"):
        yield list(argument[1])
    elif name == "ATOMIC_GROUP":
        yield list(argument)


def _flat(pieces: Sequence[_Piece]) -> list[_Piece]:
    """Take groups off, so that `((a+))` reads as `a+`."""
    found: list[_Piece] = []
    for operator, argument in pieces:
        if str(operator) == "SUBPATTERN":
            found += _flat(list(argument[3]))
        else:
            found.append((operator, argument))
    return found


def _ambiguous_repeat(body: Sequence[_Piece]) -> bool:
    """Say whether an unbounded repeat in a repeated body can swallow a whole round of the body."""
    flat = _flat(body)
    if len(flat) == 1 and str(flat[0][0]) == "BRANCH":
        return any(_ambiguous_repeat(list(branch)) for branch in flat[0][1][1])
    for index, (operator, argument) in enumerate(flat):
        if _unbounded(operator, argument):
            inner = _letters(list(argument[2]))
            rest = [*flat[:index], *flat[index + 1 :]]
            if inner and all(_optional(piece) or _letters([piece]) & inner for piece in rest):
                return True
    return False


def _overlapping_choice(body: Sequence[_Piece]) -> bool:
    flat = _flat(body)
    if len(flat) != 1 or str(flat[0][0]) != "BRANCH":
        return False
    branches = [_flat(list(branch)) for branch in flat[0][1][1]]
    single = [_letters(branch) for branch in branches if len(branch) == 1]
    seen = 0
    for letters in single:
        if letters & seen:
            return True
        seen |= letters
    longer = (branch for branch in branches if len(branch) > 1)
    return any(all(_letters([piece]) & seen for piece in branch) for branch in longer)


def _optional(piece: _Piece) -> bool:
    name = str(piece[0])
    if name in ("MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT"):
        return int(piece[1][0]) == 0
    return name in ("AT", "ASSERT", "ASSERT_NOT")


def _letters(pieces: Sequence[_Piece]) -> int:
    """Return the Latin-1 characters a piece may begin with, as bits; 0 when it is not known."""
    for operator, argument in _flat(pieces):
        name = str(operator)
        if name in ("MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT"):
            return _letters(list(argument[2]))
        if name == "BRANCH":
            return _any_of(_letters(list(branch)) for branch in argument[1])
        if name in ("AT", "ASSERT", "ASSERT_NOT"):
            continue
        return _one(name, argument)
    return 0


def _any_of(masks: Iterator[int]) -> int:
    total = 0
    for mask in masks:
        total |= mask
    return total


def _one(name: str, argument: Any) -> int:
    if name == "LITERAL":
        return 1 << argument if argument < 256 else 0
    if name == "NOT_LITERAL":
        return _ALL & ~(1 << argument) if argument < 256 else _ALL
    if name == "ANY":
        return _ALL & ~(1 << 10)
    return _set(argument) if name == "IN" else 0


def _set(items: Sequence[_Piece]) -> int:
    mask, negated = 0, False
    for operator, argument in items:
        name = str(operator)
        if name == "NEGATE":
            negated = True
        elif name == "RANGE":
            low, high = argument[0], min(argument[1], 255)
            mask |= ((1 << (high + 1)) - 1) & ~((1 << low) - 1) if low <= high else 0
        elif name == "CATEGORY":
            mask |= _category(str(argument))
        elif name == "LITERAL" and argument < 256:
            mask |= 1 << argument
    return _ALL & ~mask if negated else mask


@lru_cache(maxsize=16)
def _category(name: str) -> int:
    pattern = re.compile(_CATEGORIES.get(name, r"\b\B"))
    return sum(1 << code for code in range(256) if pattern.match(chr(code)))
