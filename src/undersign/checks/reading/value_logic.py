"""What one comparison says about another on the same value: covers it, excludes it, or neither.

Both answers are one-sided: True is certain, False means "not known". A value here is a single one;
a field that holds a list may satisfy two comparisons that exclude each other.
"""

from __future__ import annotations

import re
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network

from undersign.languages.sigma.tree import (
    Boolean,
    Cidr,
    Compare,
    Exists,
    Null,
    Number,
    Pattern,
    Place,
    Regex,
    Test,
    Text,
)
from undersign.languages.sigma.wildcard import fits

_Interval = tuple[float, bool, float, bool]
"""Low, low included, high, high included."""


def covers(wide: Test, narrow: Test) -> bool:
    """Say whether every value that satisfies `narrow` satisfies `wide` too."""
    if wide == narrow:
        return True
    if isinstance(wide, Exists) and wide.expected:
        return not isinstance(narrow, Null | Exists)
    if isinstance(wide, Null) or isinstance(narrow, Null):
        return _absent(wide) and _absent(narrow)
    if isinstance(wide, Text | Pattern) and isinstance(narrow, Text | Pattern):
        return _text_covers(wide, narrow)
    if isinstance(wide, Cidr):
        return _network_covers(wide, narrow)
    if isinstance(wide, Number | Compare) and isinstance(narrow, Number | Compare):
        return _within(_interval(narrow), _interval(wide))
    return False


def excludes(one: Test, other: Test) -> bool:
    """Say whether no single value can satisfy both comparisons."""
    if _absent(one) or _absent(other):
        return _absent(one) != _absent(other)
    if isinstance(one, Text | Pattern) and isinstance(other, Text | Pattern):
        return _texts_exclude(one, other)
    if isinstance(one, Number | Compare) and isinstance(other, Number | Compare):
        return _apart(_interval(one), _interval(other))
    if isinstance(one, Boolean) and isinstance(other, Boolean):
        return one.value != other.value
    if isinstance(one, Cidr) and isinstance(other, Cidr):
        return _networks_apart(one, other)
    return _mixed_exclude(one, other) or _mixed_exclude(other, one)


def _absent(test: Test) -> bool:
    return isinstance(test, Null) or (isinstance(test, Exists) and not test.expected)


def _mixed_exclude(one: Test, other: Test) -> bool:
    """Compare a fixed text with a test of another kind."""
    if not isinstance(one, Text) or one.place is not Place.EQUALS:
        return False
    if isinstance(other, Number | Compare):
        number = as_number(one.value)
        return number is None or not _within((number, True, number, True), _interval(other))
    if isinstance(other, Boolean):
        return one.value.lower() != str(other.value).lower()
    if isinstance(other, Cidr):
        return not _network_covers(other, one)
    return False


def as_number(text: str) -> float | None:
    """Read a text as a number the way a comparison does; hexadecimal and blanks are text."""
    if not re.fullmatch(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?", text):
        return None
    return float(text)


# Text


def _text_covers(wide: Text | Pattern, narrow: Text | Pattern) -> bool:
    if wide.cased and not narrow.cased and _has_letters(wide):
        return False
    return _parts_cover(_parts(wide, wide.cased), _parts(narrow, wide.cased))


def _texts_exclude(one: Text | Pattern, other: Text | Pattern) -> bool:
    cased = one.cased and other.cased
    left, right = _parts(one, cased), _parts(other, cased)
    if not _wild(left):
        return not fits(right, "".join(p or "" for p in left))
    if not _wild(right):
        return not fits(left, "".join(p or "" for p in right))
    return not (_ends_agree(_head(left), _head(right)) and _tails_agree(left, right))


def _tails_agree(left: tuple[str | None, ...], right: tuple[str | None, ...]) -> bool:
    return _ends_agree(_head(left[::-1])[::-1], _head(right[::-1])[::-1])


def _ends_agree(one: str, other: str) -> bool:
    return one.startswith(other) or other.startswith(one)


def _head(parts: tuple[str | None, ...]) -> str:
    """Return the literal text before the first wildcard."""
    return parts[0] if parts and parts[0] else ""


def _parts(test: Text | Pattern, cased: bool) -> tuple[str | None, ...]:
    """Return a text test as parts of `tree.Pattern`; the empty text has none."""
    if isinstance(test, Pattern):
        return tuple(p if p is None or cased else p.lower() for p in test.parts)
    value = (test.value if cased else test.value.lower(),) if test.value else ()
    before = (None,) if test.place in (Place.CONTAINS, Place.ENDSWITH) else ()
    after = (None,) if test.place in (Place.CONTAINS, Place.STARTSWITH) else ()
    return (*before, *value, *after)


def _wild(parts: tuple[str | None, ...]) -> bool:
    return None in parts or "" in parts


def _has_letters(test: Text | Pattern) -> bool:
    text = test.value if isinstance(test, Text) else "".join(p or "" for p in test.parts)
    return text.lower() != text.upper()


_ANY_RUN = "\ue000"
"""Stands for `*` of the narrower pattern: only a `*` of the wider one may take it in."""
_ANY_ONE = "\ue001"


def _parts_cover(wide: tuple[str | None, ...], narrow: tuple[str | None, ...]) -> bool:
    """Match the wider pattern against the narrower one, taken as a text with two odd letters."""
    if "" in wide and None in narrow:
        return False
    return fits(wide, "".join(_ANY_RUN if p is None else p or _ANY_ONE for p in narrow))


# Numbers and addresses


def _interval(test: Number | Compare) -> _Interval:
    value = float(test.value)
    if isinstance(test, Number) or test.operator == "==":
        return (value, True, value, True)
    if test.operator in (">", ">="):
        return (value, test.operator == ">=", float("inf"), True)
    return (float("-inf"), True, value, test.operator == "<=")


def _within(inner: _Interval, outer: _Interval) -> bool:
    low = inner[0] > outer[0] or (inner[0] == outer[0] and (outer[1] or not inner[1]))
    high = inner[2] < outer[2] or (inner[2] == outer[2] and (outer[3] or not inner[3]))
    return low and high


def _apart(one: _Interval, other: _Interval) -> bool:
    low, high = max(one, other, key=lambda i: i[0]), min(one, other, key=lambda i: i[2])
    if low[0] > high[2]:
        return True
    touching = max(one[0], other[0]) == min(one[2], other[2])
    point = max(one[0], other[0])
    return touching and not all(_holds(i, point) for i in (one, other))


def _holds(interval: _Interval, point: float) -> bool:
    return _within((point, True, point, True), interval)


def _network(test: Cidr) -> IPv4Network | IPv6Network | None:
    try:
        return ip_network(test.network, strict=False)
    except ValueError:
        return None


def _network_covers(wide: Cidr, narrow: Test) -> bool:
    net = _network(wide)
    if net is None:
        return False
    if isinstance(narrow, Cidr):
        inner = _network(narrow)
        return inner is not None and _subnet(inner, net)
    if isinstance(narrow, Text) and narrow.place is Place.EQUALS:
        try:
            return ip_address(narrow.value) in net
        except ValueError:
            return False
    return False


def _subnet(inner: IPv4Network | IPv6Network, outer: IPv4Network | IPv6Network) -> bool:
    same = inner.version == outer.version and inner.prefixlen >= outer.prefixlen
    return same and inner.supernet(new_prefix=outer.prefixlen) == outer


def _networks_apart(one: Cidr, other: Cidr) -> bool:
    left, right = _network(one), _network(other)
    if left is None or right is None or left.version != right.version:
        return left is not None and right is not None
    return not left.overlaps(right)


def always(test: Test) -> bool:
    """Say whether a comparison holds for every value that is present."""
    if isinstance(test, Regex):
        return test.pattern in ("", ".*", "^.*$", "(.*)", ".+")
    if isinstance(test, Pattern):
        return all(p is None for p in test.parts)
    if isinstance(test, Exists):
        return test.expected
    return isinstance(test, Text) and not test.value and test.place is not Place.EQUALS
