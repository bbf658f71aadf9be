"""Names of packages made to be taken for another: one slip, one affix, one homoglyph away.

Compared with the packages that a project uses already, and with the standard library. A name that
is alike need not be an imitation; it is worth a person's look before it is installed.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection
from functools import lru_cache

from undersign.catalogs import import_names
from undersign.records.packages import key_of

_SPLIT = re.compile(r"[-_.]+")
_SPLIT_OWNER = {"go": re.compile("/"), "maven": re.compile(":")}
_AFFIXES = frozenset(
    ["py", "python", "python2", "python3", "js", "node", "nodejs", "lib", "dev", "official", "npm",
     "pypi", "pip"]
)  # fmt: skip
_OF_OWNERS = {"go", "golang", "java", "io", "team", "inc", "org"}
_GLUED = ("python3", "python", "py", "nodejs", "node", "js", "lib")
_GLYPHS = str.maketrans(
    {
        # Letters of Cyrillic and Greek that look like Latin ones (Unicode TR 39).
        "а": "a", "е": "e", "о": "o", "р": "p", "с": "c", "у": "y", "х": "x", "і": "i", "ј": "j",
        "ѕ": "s", "ԁ": "d", "һ": "h", "к": "k", "м": "m", "т": "t", "п": "n", "г": "r", "ӏ": "l",
        "ν": "v", "ο": "o", "ρ": "p", "α": "a", "ι": "i", "κ": "k", "τ": "t", "υ": "u",
        "0": "o", "1": "l", "i": "l", "|": "l", "5": "s",
    }
)  # fmt: skip
_PAIRS = (("rn", "m"), ("vv", "w"), ("cl", "d"), ("nn", "m"))
WORD_ADDED = "one is the other with a word such as `python` or a number added"
"""How names differ that honest packages have as well: `tree-sitter` and `tree-sitter-python`."""
_SHORTEST = 5
"""Letters of a name that one slip away from another is a slip; shorter ones are all alike."""
_LONG = 11
"""Letters from which two slips still make one name of another."""
_DIGITS = "0123456789"
_FAR = 9
"""Letters: the longest word that is added, with its separator."""
_MOST = 200
"""Characters of a name that is compared."""


def alike(name: str, known: Collection[str], ecosystem: str) -> tuple[str, str] | None:
    """Return the known name that this one may be taken for, and how they differ; None for none.

    A known name of the same package is no finding, and neither is a pair that the catalog calls
    genuine on both sides.
    """
    key = key_of(name, ecosystem)
    if key in known or len(key) > _MOST:
        return None
    genuine = import_names.load().genuine.get(ecosystem, frozenset())
    for other in sorted(known, key=lambda k: (abs(len(k) - len(key)), k)):
        how = _how(key, other, ecosystem)
        if how and frozenset((key, other)) not in genuine:
            return other, how
    return None


def of_standard_library(name: str, ecosystem: str) -> tuple[str, str] | None:
    """Return the module of the standard library that a package's name may be taken for."""
    key = key_of(name, ecosystem)
    catalog = import_names.load()
    modules = {m for m in catalog.modules.get(ecosystem, ()) if not m.startswith("_")}
    if ecosystem not in ("pypi", "npm") or len(key) > _MOST:
        return None
    genuine = catalog.genuine.get(ecosystem, frozenset())
    if key.replace("-", "_") in modules and len(key) > 2 and frozenset((key,)) not in genuine:
        return key, "it has the very name of a module of the standard library"
    bare = _bare(key)
    for module in sorted(modules):
        if len(module) < _SHORTEST or frozenset((key, module)) in genuine:
            continue
        if bare == module or (_bare(module) == key and len(key) >= _SHORTEST):
            return module, WORD_ADDED
        if key == f"{module}s" or f"{key}s" == module:
            return module, "one of them is the plural"
        if len(module) > _SHORTEST and _one_slip(key, module):
            return module, "it is one slip away"
    return None


def _how(key: str, other: str, ecosystem: str) -> str:
    """Say how a name was made of another; empty when it was not."""
    if ecosystem in ("go", "maven"):
        return _coordinates(key, other, ecosystem)
    if key.startswith("@") or other.startswith("@"):
        return _scoped(key, other)
    return _plain(key, other)


def _plain(key: str, other: str) -> str:
    if key == other or _unlike(key, other):
        return ""
    if _joined(key) == _joined(other):
        return "they differ in separators alone"
    if _skeleton(key) == _skeleton(other):
        return "some of its letters only look like the other's"
    words, others = _words(key), _words(other)
    if len(words) > 1 and sorted(words) == sorted(others):
        return "its words are the other's, swapped"
    if not _editions(key, other) and (_bare(key) in (other, _bare(other)) or key == _bare(other)):
        return WORD_ADDED
    if f"{key}s" == other or key == f"{other}s":
        return "one of them is the plural"
    return _slip(words, others, key, other)


def _slip(words: list[str], others: list[str], key: str, other: str) -> str:
    """Say that one slip makes one name of the other: in the one word in which they differ."""
    if len(words) == len(others) and len(words) > 1:
        differ = [(a, b) for a, b in zip(words, others, strict=True) if a != b]
        if len(differ) != 1:
            return ""
        one, two = differ[0]
        if min(len(one), len(two)) < _SHORTEST - 1 or one.isdigit() or two.isdigit():
            return ""
        return "it is one slip away" if _one_slip(one, two) else ""
    fewer = min(len(words), len(others))
    if len(words) != len(others) and words[:fewer] == others[:fewer]:
        return ""  # a word is added
    one, two = _joined(key), _joined(other)
    if _one_slip(one, two):
        return "it is one slip away"
    long = len(words) == len(others) and min(len(one), len(two)) >= _LONG
    if long and one[:2] == two[:2] and _distance(one, two) == 2:
        return "it is two slips away"
    return ""


def _one_slip(one: str, two: str) -> bool:
    """Say whether one letter is more, less, another, or two have changed places.

    Nobody mistakes the first letter for any other: `socket` is not `rocket`.
    """
    if min(len(one), len(two)) < _SHORTEST - 1 or _distance(one, two) != 1:
        return False
    if one[-1:].isdigit() and two[-1:].isdigit() and one[:-1] == two[:-1]:
        return False  # editions: `h2` and `h3`
    if len(one) == len(two) and one[0] != two[0]:
        return sorted(one[:2]) == sorted(two[:2])
    if len(one) != len(two) and one[0] != two[0]:
        return min(len(one), len(two)) > _SHORTEST
    return min(len(one), len(two)) >= _SHORTEST or sorted(one) == sorted(two)


def _distance(one: str, two: str) -> int:
    """Return how many slips apart two words are; a swap of neighbours is one, 3 is many."""
    from rapidfuzz.distance import OSA

    return int(OSA.distance(one, two, score_cutoff=2))


def _editions(key: str, other: str) -> bool:
    """Say whether only the numbers at their ends differ, and both have one."""
    one, two = key.rstrip(_DIGITS), other.rstrip(_DIGITS)
    return one == two and len(one) < min(len(key), len(other))


def _unlike(key: str, other: str) -> bool:
    """Say whether two names are too short, or too far apart in length, to be compared."""
    return min(len(key), len(other)) < 4 or abs(len(key) - len(other)) > _FAR


def _words(key: str) -> list[str]:
    return [word for word in _SPLIT.split(key) if word]


def _joined(key: str) -> str:
    return _SPLIT.sub("", key)


@lru_cache(maxsize=20_000)
def _skeleton(key: str) -> str:
    """Return a name with each letter as the one that it looks like."""
    plain = unicodedata.normalize("NFKC", key).lower().translate(_GLYPHS)
    for two, one in _PAIRS:
        plain = plain.replace(two, one)
    return _SPLIT.sub("-", plain)


@lru_cache(maxsize=20_000)
def _bare(key: str) -> str:
    """Return a name without one word that says nothing: `python-`, `-py`, `py`, an edition."""
    words = _words(key)
    if len(words) > 1 and words[-1] in _AFFIXES:
        return "-".join(words[:-1])
    if len(words) > 1 and words[0] in _AFFIXES:
        return "-".join(words[1:])
    for glued in _GLUED:
        if key.startswith(glued) and len(key) - len(glued) >= _SHORTEST:
            return key.removeprefix(glued)
        if key.endswith(glued) and len(key) - len(glued) >= _SHORTEST:
            return key.removesuffix(glued)
    if key[-1:] in "23" and len(key) > _SHORTEST:
        return key[:-1].rstrip("-")
    return key


def _scoped(key: str, other: str) -> str:
    """Compare names of npm of which one has a scope: whoever owns a scope owns all names in it."""
    scope, _, name = key.rpartition("/")
    scope2, _, name2 = other.rpartition("/")
    if scope == scope2:
        return ""
    if not scope or not scope2:
        with_scope, without = (key, other) if scope else (other, key)
        whole = _words(with_scope.lstrip("@").replace("/", "-"))
        # `types-node` is made of `@types/node`; a fork in a scope keeps its bare name.
        if without == key and len(whole) > 1 and whole == _words(without):
            return "it is the other's scope and name as one word"
        return ""
    if name != name2 and not _plain(name, name2):
        return ""
    one, two = scope.lstrip("@"), scope2.lstrip("@")
    how = _plain(one, two)
    if not how and min(len(one), len(two)) >= _LONG and _distance(_joined(one), _joined(two)) <= 2:
        how = "it is two slips away"
    return f"its scope is not the same: {how}" if how else ""


def _coordinates(key: str, other: str, ecosystem: str) -> str:
    """Compare names that begin with an owner: one part differs, and by a slip or an affix."""
    parts, others = (_SPLIT_OWNER[ecosystem].split(k) for k in (key, other))
    if len(parts) != len(others):
        return ""
    differ = [(n, a, b) for n, (a, b) in enumerate(zip(parts, others, strict=True)) if a != b]
    if len(differ) != 1:
        return ""
    position, one, two = differ[0]
    if position == len(parts) - 1 and ecosystem == "maven":
        return ""  # of one group, which one owner has
    if position == 0 and ecosystem == "maven" and one.partition(".")[2] == two.partition(".")[2]:
        return "its group begins in another domain"
    how = _plain(one, two) if len(one) > 3 and len(two) > 3 else ""
    if not how and {*_words(one)} ^ {*_words(two)} <= _AFFIXES | _OF_OWNERS:
        how = WORD_ADDED
    return how if position or ecosystem == "maven" else ""
