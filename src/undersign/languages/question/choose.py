"""Which tables a question is about: by name, by words of the log source, by what they hold."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from math import log10

from undersign.languages.question.names import Named, Names, columns_of_role, stems_of
from undersign.languages.question.synonyms import CALL, GENERIC, ROLE_STEMS, ROLE_WORDS
from undersign.languages.question.tokens import SYNONYM, Token, piece_of, same
from undersign.records.question import Link, Piece, Question
from undersign.records.visible import Visible, VisibleTable

ENOUGH = 0.3
"""Score from which words may name a table."""
_PERSON_OR_PLACE = 0.3
"""The same for users and hosts in the name of a table: every table has some."""
_KINDS_OF_ROWS = 0.15
_MUCH = 1.5
"""What the columns named must tell in sum to count in full."""
_UNSAID = 0.3
"""How much another word that could name a table speaks against this one."""


def tables_of(
    question: Question, row: Sequence[Token], names: Names, visible: Visible
) -> list[Link]:
    """Return the tables, best first; when none is named, the likeliest with a low score."""
    naming = _naming(question, row, names)
    hints = _column_hints(row, names)
    roles = {r for w in question.words if (r := ROLE_WORDS.get(w.text.lower()))}
    found: list[Link] = []
    for name, named in names.tables.items():
        table = visible.tables[name]
        said = [_exact(question, name), _by_words(question, row, table)]
        said.append(_by_name(question, naming, named, names))
        best = max((one for one in said if one), key=lambda one: one.score, default=None)
        score = (best.score if best else 0.0) + 0.3 * hints.get(name, 0.0)
        score += _value_hint(question, names, name) + _kind_hint(question, table)
        score += _role_hint(roles, table)
        if score <= 0:
            continue
        # A table with events is worth more than one that is known by name alone.
        score -= 0.05 if table.imported else 0.0
        score += _suffix_hint(question, name)
        piece, why = (best.piece, best.why) if best else (Piece(0, 0, ""), "its columns")
        found.append(Link(piece, name, score=max(score, 0.01), why=why))
    found = [_headed(one, found, question.text) for one in found]
    found.sort(key=lambda one: (-one.score, len(one.table), one.table))
    # When nothing names a table, the likeliest one is a guess that its low score shows.
    kept = [one for one in found if one.score >= ENOUGH] or found[:2]
    return [replace(one, score=min(1.0, one.score)) for one in kept]


def _headed(one: Link, others: Sequence[Link], text: str) -> Link:
    """Prefer the noun to the word before it: `powershell processes` are processes."""
    before = text[: one.piece.start].rstrip()
    if one.piece.end and any(
        o.piece.end == len(before) and o.piece.end > o.piece.start and o.table != one.table
        for o in others
    ):
        return replace(one, score=one.score + _KINDS_OF_ROWS)
    return one


def _suffix_hint(question: Question, table: str) -> float:
    """Prefer tables of events, and tables of facts when these are asked for."""
    low, said = table.lower(), question.text.lower()
    if low.endswith("info"):
        facts = re.search(r"\b(?:info|information|details)\b", said)
        return 0.06 if facts and not re.search(r"\bevents?\b|\blogs?\b", said) else 0.0
    return 0.03 if low.endswith(("events", "logs")) else 0.0


def _naming(question: Question, row: Sequence[Token], names: Names) -> list[Token]:
    """Return the words that may name a table: not those that name a column or a grouping."""
    # `top users by failed logons` says with `by` what is looked at, not how it is grouped.
    ranked = question.output in ("top", "bottom")
    other = [] if ranked else [group.piece for group in question.groups]
    for word in question.words:
        low = word.text.lower()
        for name in (low, low.removesuffix("s")):
            places = names.exact.get(name, ())
            if places and all(column is not None for _, column in places):
                other += [word]
    for value in question.values:
        before = [t for t in row if value.piece.start - 30 <= t.start < value.piece.start][-3:]
        for noun, mark in pairwise(before):
            if mark.stem in _MARKS_COLUMN and mark.start - noun.end <= 1:
                other += [Piece(noun.start, mark.end, "")]
    kept = [t for t in row if not any(o.start <= t.start < o.end for o in other)]
    return kept or list(row)


_MARKS_COLUMN = frozenset(("id", "name", "address", "port", "hash", "number"))


def _role_hint(roles: set[str], table: VisibleTable) -> float:
    """Return a bonus for every role the question speaks of and the table has, a malus if not."""
    told = roles - {"action"}
    held = sum(bool(columns_of_role(table, role)) for role in told)
    return 0.04 * held - 0.08 * (len(told) - held)


_KIND_COLUMNS = {
    "address": re.compile(r"ip\b|ipaddr|_ip|IP|addr", re.IGNORECASE),
    "port": re.compile("port(?!al|s?_?id)", re.IGNORECASE),
    "email": re.compile("mail|sender|recipient|upn|principalname", re.IGNORECASE),
    "hash": re.compile("sha1|sha256|md5|hash", re.IGNORECASE),
    "file": re.compile("file_?name|image|process_?name|command", re.IGNORECASE),
    "path": re.compile("path|image|file_?name", re.IGNORECASE),
    "registry": re.compile("registry|targetobject", re.IGNORECASE),
    "event_id": re.compile("event_?id|event_?code", re.IGNORECASE),
    "url": re.compile("url|uri", re.IGNORECASE),
    "domain": re.compile("url|domain|dns|query|mail", re.IGNORECASE),
}
"""Kind of a stated value -> names of columns that could hold it."""


def _kind_hint(question: Question, table: VisibleTable) -> float:
    """Return a bonus for a table that could hold the stated values, a malus for one that cannot."""
    wanted = [_KIND_COLUMNS[v.kind] for v in question.values if v.kind in _KIND_COLUMNS]
    if not wanted:
        return 0.0
    held = sum(any(pattern.search(column) for column in table.columns) for pattern in wanted)
    return 0.12 if held == len(wanted) else -0.12


def _exact(question: Question, name: str) -> Link | None:
    low = question.text.lower()
    at = low.find(name.lower())
    while at >= 0:
        end = at + len(name)
        bounded = not low[max(0, at - 1) : at].isalnum() and not low[end : end + 1].isalnum()
        # A single English word such as `Event` or `Heartbeat` needs its capital or the word table.
        telling = not name.isalpha() or name[1:] != name[1:].lower() or _called(low, end)
        if bounded and telling:
            return Link(Piece(at, end, question.text[at:end]), name, score=1.0, why="name")
        at = low.find(name.lower(), end)
    return None


def _called(low: str, end: int) -> bool:
    return low[end:].lstrip().startswith("table")


def _by_words(question: Question, row: Sequence[Token], table: VisibleTable) -> Link | None:
    best: Link | None = None
    for word in table.words:
        run = _consecutive(row, stems_of(word))
        if run:
            score = min(0.95, 0.72 + 0.06 * len(run))
            if best is None or score > best.score:
                best = Link(piece_of(question, run), table.name, score=score, why="log source")
    return best


def _consecutive(row: Sequence[Token], stems: tuple[str, ...]) -> list[Token]:
    """Find these stems in this order, stop words aside."""
    telling = [t for t in row if not t.stop or t.stem in stems]
    size = len(stems)
    for index in range(len(telling) - size + 1):
        run = telling[index : index + size]
        if all(same(t.stem, s) == 1 for t, s in zip(run, stems, strict=True)):
            return run
    return []


def _by_name(question: Question, row: Sequence[Token], named: Named, names: Names) -> Link | None:
    """Score by how much of the name is said, and how much of what is said is in the name."""
    used: list[Token] = []
    said = total = 0.0
    for one, weight in zip(named.stems, named.weights, strict=True):
        total += weight
        near = _PERSON_OR_PLACE if one in ROLE_STEMS else SYNONYM
        hits = [(same(t.stem, one, near), -i, t) for i, t in enumerate(row)]
        matches = [hit for hit in hits if hit[0]]
        if matches:
            how, _, token = max(matches, key=lambda m: (m[0], m[1]))
            said += weight * how
            if one not in GENERIC:
                used.append(token)
    if not used or not total:
        return None
    precision = said / total
    recall = said / (said + _UNSAID * _other(row, used, names))
    score = 0.9 * precision * (0.45 + 0.55 * recall)
    score += _KINDS_OF_ROWS if _before_rows(used, row) else 0.0
    return Link(piece_of(question, _close(used)), named.name, score=score, why="parts of the name")


def _before_rows(used: list[Token], row: Sequence[Token]) -> bool:
    """Tell whether the words stand before `events` or `logs`: `image load events`."""
    last = max(t.end for t in used)
    return any(t.stem in _ROW_WORDS and 0 < t.start - last <= 2 for t in row)


_ROW_WORDS = frozenset(("event", "log", "record", "entr"))


def _other(row: Sequence[Token], used: list[Token], names: Names) -> float:
    """Return how much the other words tell that could name a table."""
    taken = {t.stem for t in used}
    left = {t.stem for t in row if not t.stop} - taken
    return sum(names.telling.get(stem, 0.0) for stem in left)


def _close(used: list[Token]) -> list[Token]:
    """Return the tokens that stand together with the first one."""
    ordered = sorted(used, key=lambda t: t.start)
    run = [ordered[0]]
    for token in ordered[1:]:
        if token.start - run[-1].end > 12:
            break
        run.append(token)
    return run


def _column_hints(row: Sequence[Token], names: Names) -> Mapping[str, float]:
    """Return per table how well its columns answer to the question, 0 to 1."""
    said = {t.stem for t in row if not t.stop}
    holders: dict[str, float] = defaultdict(float)
    count: dict[frozenset[str], int] = defaultdict(int)
    hits: list[tuple[str, frozenset[str], float]] = []
    for table, columns in names.columns.items():
        for column in columns:
            telling = frozenset(s for s in column.stems if s not in GENERIC)
            if telling and telling <= said:
                count[telling] += 1
                hits.append((table, telling, sum(column.weights)))
    for table, telling, weight in hits:
        holders[table] += weight * len(telling) / (1 + 0.2 * count[telling])
    top = max((*holders.values(), _MUCH))
    # A table of hundreds of columns has some word of any question among them.
    return {
        table: value / top / (1 + max(0.0, log10(len(names.columns[table]) / 60)))
        for table, value in holders.items()
    }


_TELLING = re.compile(r"[a-z][A-Z]|\d[A-Za-z]|[A-Za-z]\d")
"""A word that is no plain English: `GetObject`, `S3`."""


def _value_hint(question: Question, names: Names, table: str) -> float:
    """Return a bonus for a table in which a telling word of the question was really seen."""
    for word in question.words:
        low = word.text.lower()
        if not _TELLING.search(word.text):
            continue
        if any(place[0] == table for place in names.literal.get(low, ())):
            return 0.8
    called = any(CALL.match(word.text) for word in question.words)
    return 0.35 if called and _KEEPS_CALLS.search(",".join(_column_names(names, table))) else 0.0


_KEEPS_CALLS = re.compile(r"(?:^|,)(?:event_?name|operation_?name)(?=,|$)", re.I)


def _column_names(names: Names, table: str) -> list[str]:
    return [column.name for column in names.columns[table]]
