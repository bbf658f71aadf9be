"""Put plain words on columns: values really seen, names of calls, `severity is high`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from undersign.drafters.offline.hunt.desk import Desk, seen
from undersign.drafters.offline.hunt.plan import Condition, Test
from undersign.languages.question.synonyms import CALL, ROLE_WORDS
from undersign.records.question import Link, Piece

_LEVELS = re.compile(
    r"\b(critical|high|medium|low|informational|info|warning|error|verbose)\b[-\s]*\Z", re.I
)
_IS = re.compile(
    r"\s*(?P<op>is|are|was|were|equals?(?:\s+to)?|of|=|==|:|set\s+to|"
    r"contain(?:s|ing)?|contaning|has|have|includ(?:es?|ing)|starts?\s+with|starting\s+with"
    r"|ends?\s+with|ending\s+with|like)\s+"
    r"(?P<not>not\s+|isn't\s+)?(?:either\s+|a\s+|an\s+|the\s+|word\s+|set\s+to\s+)*"
    r"(?P<value>[-\w][\w.$@-]*)",
    re.IGNORECASE,
)
_LOGICAL_TEXT = "is are was were not and or of the a an in on for with by to from that"
_LOGICAL = frozenset(_LOGICAL_TEXT.split())


def linked_values(desk: Desk, stated: Sequence[Condition]) -> list[Condition]:
    """Use the words that are values really seen in this table; each word once, the surest first.

    A column that a stated value holds already is left to it: two words are no list.
    """
    taken = {ref for one in stated if isinstance(one, Test) for ref in one.columns}
    mine = [v for v in desk.links.values if v.table == desk.table.name and v.column and v.value]
    mine.sort(key=lambda v: _rank(desk, v))
    found: list[Condition] = []
    for one in mine:
        if (
            (desk.is_used(one.piece) and not _names_table_too(desk, one.piece))
            or _names_a_column(desk, one.piece)
            or (one.piece.text.islower() and one.score < 0.75)
            or desk.ref(one.column or "") in taken
        ):
            continue
        desk.use(one.piece)
        ref = desk.ref(one.column or "")
        desk.sources.append(f"'{one.piece.text}': {ref.name} = {one.value} (value seen)")
        found.append(Test((ref,), "==", (one.value or "",), _negated(desk, one.piece)))
    return found


_TELLING = re.compile(r"\d[A-Za-z]|[A-Za-z]\d|[a-z][A-Z]")


def _names_table_too(desk: Desk, piece: Piece) -> bool:
    """Tell a word like `S3` that names the log source and stands for one of its values."""
    first = desk.used[0] if desk.used else None
    others = any(p.start < piece.end and piece.start < p.end for p in desk.used[1:])
    same = first is not None and first.start <= piece.start and piece.end <= first.end
    return same and not others and _TELLING.search(piece.text) is not None


_NO_PROGRAM = frozenset(
    ("child", "parent", "new", "running", "malicious", "unsigned", "other", "remote", "local")
)


def programs(desk: Desk) -> list[Condition]:
    """Read `powershell processes` where the programs seen are not listed: the word is a part."""
    process = desk.role("process")
    if process is None or desk.column(process).examples:
        return []
    found: list[Condition] = []
    for word, noun in pairwise(desk.question.words):
        apart = noun.start - word.end != 1 or ROLE_WORDS.get(noun.text.lower()) != "process"
        if apart or not word.text.isalpha() or word.text.lower() in _NO_PROGRAM:
            continue
        if desk.is_used(word) or _means_more(desk, word) or word == desk.question.output_piece:
            continue
        desk.use(word)
        desk.ask(f"'{word.text}' is taken as a part of {process.name}; is that what was meant?")
        found.append(Test((process,), "contains", (word.text,), _negated(desk, word)))
    return found


def calls(desk: Desk) -> list[Condition]:
    """Use names of calls, `GetObject`, that were never seen here: as written, and said so."""
    action = desk.role("action")
    found: list[Condition] = []
    for word in desk.question.words:
        if action is None or desk.is_used(word) or not CALL.match(word.text):
            continue
        if _names_a_column(desk, word) or desk.best_in(word.start, word.end, 0.95):
            continue
        desk.use(word)
        desk.ask(f"'{word.text}' was never seen in {action.name} here; it is used as written")
        found.append(Test((action,), "==", (word.text,), _negated(desk, word)))
    return found


_META = frozenset(("host", "source", "sourcetype", "index"))
"""Fields that Splunk gives every event; the event's own field says it better."""


def _rank(desk: Desk, link: Link) -> tuple[int, float, int, int, int]:
    """Order: most words, surest, the action first, plain columns before nested, short values."""
    action = desk.role("action")
    process = desk.role("process")
    nested = (link.column or "").count(".") + ((link.column or "") in _META)
    first = 0 if link.column in {ref.name for ref in (action, process) if ref} else 1
    return (
        link.piece.start - link.piece.end, -link.score, first, nested, len(link.value or "")
    )  # fmt: skip


def _names_a_column(desk: Desk, piece: Piece) -> bool:
    best = desk.best_in(piece.start, piece.end, 0.9)
    return best is not None and best.piece.end - best.piece.start > piece.end - piece.start


def _negated(desk: Desk, piece: Piece) -> bool:
    return any(
        n.what.start <= piece.start < n.what.end or n.piece.end == piece.start
        for n in desk.question.negations
    )


def booleans(desk: Desk) -> list[Condition]:
    """Use words that name a column of yes and no: `managed`, `non-interactive`."""
    found: list[Condition] = []
    for one in desk.columns():
        column = desk.table.columns[one.column or ""]
        if column.type == "boolean" and one.score >= 0.8 and not desk.is_used(one.piece):
            desk.use(one.piece)
            found.append(Test((desk.ref(column.name),), "true", (), _negated(desk, one.piece)))
    return found


def named_values(desk: Desk) -> list[Condition]:
    """Read `severity is high`, `user type of member` and `high severity`: column and word."""
    found: list[Condition] = []
    text = desk.question.text
    asked = {(p.start, p.end) for p in desk.question.columns}
    for one in desk.columns():
        column = desk.table.columns[one.column or ""]
        if column.type not in ("string", "dynamic") or one.score < 0.5 or desk.is_used(one.piece):
            continue
        if any(a <= one.piece.start and one.piece.end <= b for a, b in asked):
            continue
        value = _beside(desk, text, one.piece)
        if value is None:
            continue
        desk.use(one.piece)
        desk.use(value)
        said, known = seen(column, value.text)
        negated = _negated(desk, value) or _negated(desk, one.piece)
        op = _said_op(text, one.piece, value) if value.start > one.piece.start else "=="
        ref = desk.ref(column.name)
        found.append(Test((ref,), op, (said,), negated, any_case=not known))  # type: ignore[arg-type]
    return found


def _beside(desk: Desk, text: str, piece: Piece) -> Piece | None:
    level = _LEVELS.search(text[: piece.start])
    if level and not desk.is_used(_at(text, *level.span(1))):
        return _at(text, *level.span(1))
    after = _IS.match(text, piece.end)
    if after is None:
        return None
    value = _at(text, *after.span("value"))
    if value.text.lower() in _LOGICAL or desk.is_used(value):
        return None
    if desk.best_in(value.start, value.end, 0.6) or _means_more(desk, value):
        return None
    start = value.start + len(value.text) - len(value.text.lstrip("-"))
    return value if any(w.start == start for w in desk.question.words) else None


def _means_more(desk: Desk, value: Piece) -> bool:
    """Tell whether a word says something by itself: failed, external, except, last week."""
    asked = desk.question
    pieces: list[Piece] = [one.piece for one in asked.polarity]
    for told in (asked.network, asked.negations, asked.groups, asked.thresholds):
        pieces += [one.piece for one in told]
    pieces += [one.piece for one in (asked.window, asked.within) if one]
    return any(p.start < value.end and value.start < p.end for p in pieces)


def _said_op(text: str, piece: Piece, value: Piece) -> str:
    """Return the comparison the words between a column and its value ask for."""
    between = text[piece.end : value.start].lower()
    if re.search(r"\bend", between):
        return "endswith"
    if re.search(r"\bstart", between):
        return "startswith"
    return "contains" if re.search(r"conta|has|have|includ|like", between) else "=="


def _at(text: str, start: int, end: int) -> Piece:
    return Piece(start, end, text[start:end])
