"""What is written so that people read it and a pattern does not: found all the same."""

from __future__ import annotations

import random
import string

import pytest

from undersign.policy.detect import detector
from undersign.policy.detect.disguise import plain, with_more
from undersign.records.ruling import Spotted

KEY = "ghp_" + "".join(random.Random(5).choices(string.ascii_letters + string.digits, k=36))
CARD = "4111 1111 1111 1111"


def wide(text: str) -> str:
    return "".join(chr(ord(one) + 0xFEE0) if one != " " else "\u3000" for one in text)


def bold(text: str) -> str:
    upper, lower = string.ascii_uppercase, string.ascii_lowercase
    table = {c: chr(0x1D400 + n) for n, c in enumerate(upper + lower)}
    return "".join(table.get(one, one) for one in text)


DISGUISES = {
    "zero-width space": KEY[:9] + "\u200b" + KEY[9:],
    "soft hyphens": "\u00ad".join(KEY),
    "word joiner and byte order mark": KEY[:2] + "\u2060\ufeff" + KEY[2:],
    "full width": wide(KEY),
    "full width in part": wide(KEY[:3]) + KEY[3:],
    "mathematical": bold(KEY),
    "tags": "".join(chr(0xE0000 + ord(one)) for one in KEY),
    "no-break spaces": CARD.replace(" ", "\u00a0"),
    "a wide card": wide(CARD),
}


@pytest.mark.parametrize("value", DISGUISES.values(), ids=DISGUISES)
@pytest.mark.parametrize("around", ["{}", "é\u200b {} \u200bü", "\u00a0so {}, \U0001f600 so"])
def test_the_whole_of_it_is_spotted(value: str, around: str) -> None:
    text = around.format(value)
    (found,) = detector().spot(text)
    assert text[found.start : found.end] == value
    assert found.data_class in ("secrets", "regulated")


def test_a_word_of_the_workspace_is_spotted() -> None:
    spots = detector(words={"customer": ["Example Bank"]}).spot("the Exam\u00adple\u00a0Bank case")
    assert [(one.start, one.end, one.data_class) for one in spots] == [(4, 17, "customer")]


def test_what_is_found_as_it_stands_is_found_once() -> None:
    text = f"a\u00a0{KEY} and {CARD}\u200b, {KEY}"
    assert len(detector().spot(text)) == 3


def test_a_text_without_a_disguise_is_not_read_twice() -> None:
    assert plain("plain") is None
    assert plain("Grüße, 漢字 und \U0001f600") is None


def test_of_others_only_what_stands_beside_is_added() -> None:
    def piece(start: int, end: int, rule: str) -> Spotted:
        return Spotted(start, end, "secrets", rule, "TOKEN")

    known = (piece(2, 4, "a"), piece(6, 8, "b"))
    more = iter([piece(0, 1, "x"), piece(3, 10, "y"), piece(6, 8, "z")])
    found = [(one.start, one.end, one.rule) for one in with_more(known, more)]
    assert found == [(0, 1, "x"), (2, 4, "a"), (4, 6, "y"), (6, 8, "b"), (8, 10, "y")]
