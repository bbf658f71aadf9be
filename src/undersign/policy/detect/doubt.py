"""What looks like a secret and is none: placeholders, variables, words. And the entropy."""

from __future__ import annotations

import math
import re
from collections import Counter
from functools import lru_cache

_SAMPLES = tuple(
    b"example xxxxxx *** .... 000000000000 1234567890 abcdefghij placeholder redacted dummy "
    b"changeme change_me change-me changeit your_ your- insert_ insert- replace_ replace-".split()
)
_HERE = re.compile(rb"[_-]here\b")
_VARIABLE = re.compile(
    rb"\$[A-Za-z_]\w*|\$?\{\{?[^}]*\}?\}|\$\([^)]*\)|%[A-Za-z_]\w*%|<[^>]*>?|\[[^\]]*\]?|@\w+@|"
    rb"#\{[^}]*\}|%[sdr]|%%\d+|%\(\w+\)[sd]|\{\d*\}|!\w+|&\w+|\*\w*"
)
_NOTHING = frozenset(
    b"none null nil true false undefined empty default string str int bool boolean object any "
    b"bytes text password passwd pass pwd secret token key apikey api_key test testing optional "
    b"required unknown hidden masked private public user username admin root value "
    b"secretstr secretbytes".split()
)


def entropy(value: bytes) -> float:
    """Return Shannon's entropy of the bytes, in bits each."""
    size = len(value)
    if not size:
        return 0.0
    # Counting each byte apart is the faster way for long values, as a table is for short ones.
    counts = Counter(value).values() if size < 256 else map(value.count, set(value))
    return math.log2(size) - sum(map(_weight, counts)) / size


@lru_cache(maxsize=4096)
def _weight(count: int) -> float:
    return count * math.log2(count)


def is_sample(value: bytes) -> bool:
    """Say whether a token is plainly made up: `...EXAMPLE`, `xxxxxx`, `1234567890`."""
    lower = value.lower()
    # Searches for single texts: in a long value far faster than one expression for all.
    return any(one in lower for one in _SAMPLES) or (
        b"here" in lower and _HERE.search(lower) is not None
    )


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
