"""What looks like a secret and is none: placeholders, variables, words. And the entropy."""

from __future__ import annotations

import math
import re

_SAMPLE = re.compile(
    rb"(?i)example|x{6}|\*{3}|\.{4}|0{12}|1234567890|abcdefghij|placeholder|redacted|dummy|"
    rb"changeme|change_me|change-me|changeit|your[_-]|_here\b|-here\b|insert[_-]|replace[_-]"
)
_VARIABLE = re.compile(
    rb"\$[A-Za-z_]\w*|\$?\{\{?[^}]*\}?\}|\$\([^)]*\)|%[A-Za-z_]\w*%|<[^>]*>?|\[[^\]]*\]?|@\w+@|"
    rb"#\{[^}]*\}|%[sdr]|%%\d+|%\(\w+\)[sd]|\{\d*\}|!\w+|&\w+|\*\w*"
)
_NOTHING = frozenset(
    b"none null nil true false undefined empty default string str int bool boolean object any "
    b"bytes text password passwd pass pwd secret token key apikey api_key test testing optional "
    b"required unknown hidden masked private public user username admin root value".split()
)


def entropy(value: bytes) -> float:
    """Return Shannon's entropy of the bytes, in bits each."""
    size = len(value)
    counts = (value.count(b) for b in set(value))
    return sum(n / size * math.log2(size / n) for n in counts) if size else 0.0


def is_sample(value: bytes) -> bool:
    """Say whether a token is plainly made up: `...EXAMPLE`, `xxxxxx`, `1234567890`."""
    return _SAMPLE.search(value) is not None


def is_placeholder(value: bytes) -> bool:
    """Say whether a value only stands for one: a variable, a word for nothing, asterisks."""
    bare = value.strip(b" \t'\"`")
    return (
        bare.lower() in _NOTHING
        or len(set(bare)) < 3
        or _VARIABLE.fullmatch(bare) is not None
        or b"${" in bare
        or b"{{" in bare
        or b"$(" in bare
        or is_sample(bare)
    )
