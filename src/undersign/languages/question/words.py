"""The words of a question: where they stand, their stems, and which of them carry no meaning."""

from __future__ import annotations

import re
from functools import lru_cache

from undersign.records.question import Piece

_WORD = re.compile(r"[^\W_](?:[\w$.:/\\@+*'\u2019-]{0,200}[\w$*])?")
_PART = re.compile(r"[A-Z]+s?(?![a-z])|[A-Z]?[a-z]+|\d+")
_ENDINGS = ("ications", "ication", "ations", "ation", "ings", "ing", "ed", "es", "s", "e")
_STOP_TEXT = (
    "a about account's actually after again all also an and any anybody anyone anything are as "
    "at be because been being but by can case cases could did do does doing done each either "
    "every everything find for from gave get gets give given had happen happened happening has "
    "have having here hunt i if in into is it its itself just kind kindly let like list look "
    "looking made make many me might more most must my need needs now of off on one only or "
    "other our out over own particular per please possible possibly pull related respective "
    "return retrieve said same search see seen shall should show so some somebody someone "
    "something such take taken tell than that the their them then there these they thing this "
    "those through to too try up us use used using via want wants was we were what when where "
    "whether which while who whom whose will with within would you your display fetch provide "
    "report table tables data log logs event events record records entry entries detail "
    "details information info row rows result results query queries item items occurrence "
    "pattern patterns behavior behaviour behaviors behaviours attempt attempts usage "
    "exclude excluding exclusion narrow restrict remove drop filter filters condition "
    "instead change "
    "check during between and/or etc available entire associated involving regarding based "
    "contain contains containing include includes including equal equals match matches "
    "matching ends starts end start ending starting name named called type types value values"
)
STOP = frozenset(_STOP_TEXT.split())
"""Words that shape nothing on their own; a name made of them is still found."""


def telling(text: str) -> tuple[Piece, ...]:
    """Return every word of a text that is no stop word, in order."""
    found = []
    for match in _WORD.finditer(text):
        word = match.group().strip("'\u2019.:")
        if word and word.lower() not in STOP:
            found.append(Piece(match.start(), match.start() + len(word), word))
    return tuple(found)


def parts(name: str) -> tuple[str, ...]:
    """Split a name or phrase into lower-case words: `SourceIpAddress` into source, ip, address."""
    return tuple(part.lower() for part in _PART.findall(name))


@lru_cache(maxsize=16384)
def stem(word: str) -> str:
    """Cut a common English ending, so that `requests` and `requesting` are one word."""
    low = word.lower()
    if len(low) <= 3 or not low.isalpha():
        return low.removesuffix("s") if low in {"ips", "ids", "pcs", "vms"} else low
    if low.endswith(("ss", "us")):
        return low
    if low.endswith("ies") and len(low) > 4:
        return low[:-3] + "i"
    for ending in _ENDINGS:
        if low.endswith(ending) and len(low) - len(ending) >= (4 if len(ending) > 4 else 3):
            low = low[: -len(ending)]
            break
    if len(low) > 3 and low[-1] == low[-2] and low[-1] not in "ls":
        low = low[:-1]
    if len(low) > 4 and low.endswith("e"):
        low = low[:-1]
    return low[:-1] + "i" if len(low) > 3 and low.endswith("y") else low


def stems(text: str) -> tuple[str, ...]:
    """Return the stems of the words of a name or phrase, in order."""
    return tuple(stem(part) for part in parts(text))
