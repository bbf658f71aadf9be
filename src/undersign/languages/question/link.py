"""Tie the words of a question to tables, columns and values that are really there."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from math import log10

from undersign.languages.question.names import Named, Names, columns_of_role, names_of, stems_of
from undersign.languages.question.synonyms import CALL, GENERIC, NEAR, ROLE_STEMS, ROLE_WORDS
from undersign.languages.question.tokens import Token, tokens
from undersign.records.question import Link, Links, Piece, Question
from undersign.records.visible import Visible, VisibleTable

TABLES = 6
"""Tables of which columns and values are linked."""
ENOUGH = 0.3
"""Score from which words may name a table."""
_SYNONYM = 0.75
"""How much a synonym counts beside the word itself."""
_PERSON_OR_PLACE = 0.3
"""The same for users and hosts in the name of a table: every table has some."""
_KINDS_OF_ROWS = 0.15
_MUCH = 1.5
"""What the columns named must tell in sum to count in full."""
_UNSAID = 0.3
"""How much another word that could name a table speaks against this one."""
_TIED = 0.04


def link(question: Question, visible: Visible) -> Links:
    """Say what the words of a question mean in one workspace and language.

    Tables come best first. Columns and values are linked for the best tables only.
    """
    names = names_of(visible)
    row = tokens(question, names.vocabulary)
    tables = _tables(question, row, names, visible)
    chosen = list(dict.fromkeys(one.table for one in tables))[:TABLES]
    columns = [one for table in chosen for one in _columns(question, row, names, table)]
    columns += [one for t in chosen for one in _roles(question, row, visible.tables[t], columns)]
    values = _values(question, row, names, chosen)
    return Links(
        question=question,
        tables=tuple(tables[: TABLES * 2]),
        columns=tuple(columns),
        values=tuple(values),
        ambiguous=_ambiguous(tables),
    )


def _piece(question: Question, run: Sequence[Token]) -> Piece:
    start, end = min(t.start for t in run), max(t.end for t in run)
    return Piece(start, end, question.text[start:end])


def _tables(question: Question, row: Sequence[Token], names: Names, visible: Visible) -> list[Link]:
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
        # A table with events is worth more than one that is known by name alone.
        score -= 0.05 if table.imported else 0.0
        score += 0.03 if name.lower().endswith(("events", "logs")) else 0.0
        piece, why = (best.piece, best.why) if best else (Piece(0, 0, ""), "its columns")
        if score > 0.05:
            found.append(Link(piece, name, score=score, why=why))
    found.sort(key=lambda one: (-one.score, len(one.table), one.table))
    # When nothing names a table, the likeliest one is a guess that its low score shows.
    kept = [one for one in found if one.score >= ENOUGH] or found[:2]
    return [replace(one, score=min(1.0, one.score)) for one in kept]


def _naming(question: Question, row: Sequence[Token], names: Names) -> list[Token]:
    """Return the words that may name a table: not those that name a column or a grouping."""
    other = [group.piece for group in question.groups]
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
                best = Link(_piece(question, run), table.name, score=score, why="log source")
    return best


def _consecutive(row: Sequence[Token], stems: tuple[str, ...]) -> list[Token]:
    """Find these stems in this order, stop words aside."""
    telling = [t for t in row if not t.stop or t.stem in stems]
    size = len(stems)
    for index in range(len(telling) - size + 1):
        run = telling[index : index + size]
        if all(_same(t.stem, s) == 1 for t, s in zip(run, stems, strict=True)):
            return run
    return []


def _same(word: str, stem: str, near: float = _SYNONYM) -> float:
    if word == stem:
        return 1.0
    return near if stem in NEAR.get(word, ()) else 0.0


def _by_name(question: Question, row: Sequence[Token], named: Named, names: Names) -> Link | None:
    """Score by how much of the name is said, and how much of what is said is in the name."""
    used: list[Token] = []
    said = total = 0.0
    for one, weight in zip(named.stems, named.weights, strict=True):
        total += weight
        near = _PERSON_OR_PLACE if one in ROLE_STEMS else _SYNONYM
        hits = [(_same(t.stem, one, near), -i, t) for i, t in enumerate(row)]
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
    return Link(_piece(question, _close(used)), named.name, score=score, why="parts of the name")


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


def _value_hint(question: Question, names: Names, table: str) -> float:
    """Return a bonus for a table in which a telling word of the question was really seen."""
    for word in question.words:
        low = word.text.lower()
        if word.text[1:] == word.text[1:].lower() and stems_of(low)[-1:] not in ((), ("",)):
            continue
        if any(place[0] == table for place in names.literal.get(low, ())):
            return 0.8
    called = any(CALL.match(word.text) for word in question.words)
    return 0.35 if called and _KEEPS_CALLS.search(",".join(_column_names(names, table))) else 0.0


_KEEPS_CALLS = re.compile(r"(?:^|,)(?:event_?name|operation_?name)(?=,|$)", re.I)


def _column_names(names: Names, table: str) -> list[str]:
    return [column.name for column in names.columns[table]]


def _columns(question: Question, row: Sequence[Token], names: Names, table: str) -> list[Link]:
    """Link words to the columns of a table, each word to the column it says most of."""
    candidates: list[tuple[float, int, Link, frozenset[int]]] = []
    for column in names.columns[table]:
        for run in _runs(row, column.stems):
            score = _coverage(column, run)
            if score >= 0.5:
                places = frozenset(t.start for t in run)
                said = Link(_piece(question, run), table, column.name, score=score, why="name")
                candidates.append((score, len(run), said, places))
    candidates.sort(key=lambda c: (-c[1] * c[0], -c[0], len(c[2].column or "")))
    taken: set[int] = set()
    found = []
    for _, _, said, places in candidates:
        if not places & taken:
            taken |= places
            found.append(said)
    return found


def _runs(row: Sequence[Token], stems: tuple[str, ...]) -> Iterable[list[Token]]:
    """Yield the runs of words, at most one word apart, that belong to these stems."""
    run: list[Token] = []
    gap = 0
    for token in row:
        if any(_same(token.stem, s) for s in stems) and token.stem not in {t.stem for t in run}:
            run.append(token)
            gap = 0
        elif run:
            gap += 1
            if gap > 1 or not token.stop:
                yield run
                run, gap = [], 0
                if any(_same(token.stem, s) for s in stems):
                    run = [token]
    if run:
        yield run


def _coverage(column: Named, run: Sequence[Token]) -> float:
    said = total = 0.0
    for one, weight in zip(column.stems, column.weights, strict=True):
        total += weight
        said += weight * max((_same(t.stem, one) for t in run), default=0.0)
    if all(t.stop or t.stem in GENERIC for t in run) and len(run) < len(column.stems):
        return 0.0
    return said / total if total else 0.0


def _roles(
    question: Question, row: Sequence[Token], table: VisibleTable, linked: Sequence[Link]
) -> list[Link]:
    """Link nouns such as user, host and IP to the columns that play this role."""
    covered = {
        place
        for one in linked
        if one.table == table.name and one.score >= 0.8
        for place in range(one.piece.start, one.piece.end)
    }
    found = []
    for token in row:
        word = question.text[token.start : token.end].lower()
        role = ROLE_WORDS.get(word)
        if role is None or token.start in covered:
            continue
        for rank, column in enumerate(columns_of_role(table, role)[:3]):
            score = 0.75 - 0.05 * rank
            piece = _piece(question, [token])
            found.append(Link(piece, table.name, column, score=score, why=f"role {role}"))
    return found


def _values(
    question: Question, row: Sequence[Token], names: Names, tables: Sequence[str]
) -> list[Link]:
    """Link words to values really seen: as written, by the parts of a name, by several words."""
    found: dict[tuple[int, str, str, str], Link] = {}
    wanted = set(tables)
    for piece, score in _phrases(question):
        for table, column, value in names.literal.get(piece.text.lower(), ()):
            if table in wanted and piece.text.lower() not in ROLE_WORDS:
                exact = score if value.lower() == piece.text.lower() else 0.7
                exact = 1.0 if value == piece.text else exact
                one = Link(piece, table, column, value, exact, "value seen")
                found[(piece.start, table, column, value)] = one
    for run in _grams(row):
        stems = tuple(sorted(_plain(t.stem) for t in run))
        for table, column, value in names.values.get(stems, ()):
            if table in wanted:
                one = Link(_piece(question, run), table, column, value, 0.85, "value seen")
                found.setdefault((one.piece.start, table, column, value), one)
    order = {table: rank for rank, table in enumerate(tables)}
    return sorted(found.values(), key=lambda v: (order[v.table], v.piece.start, -v.score))


def _phrases(question: Question) -> Iterable[tuple[Piece, float]]:
    """Yield single telling words and runs of up to four of them, longest first."""
    words = question.words
    for size in (4, 3, 2, 1):
        for index in range(len(words) - size + 1):
            run = words[index : index + size]
            text = question.text[run[0].start : run[-1].end]
            if size == 1 or text.count(" ") == size - 1:
                yield Piece(run[0].start, run[-1].end, text), 0.9 if size > 1 else 0.8


def _grams(row: Sequence[Token]) -> Iterable[Sequence[Token]]:
    telling = [t for t in row if not t.stop or not t.stem.isalpha()]
    for size in (4, 3, 2):
        for index in range(len(telling) - size + 1):
            yield telling[index : index + size]


def _plain(word: str) -> str:
    """Return the stem that names of actions use: creation is create, assumption is assume."""
    return _VERB.get(word, word)


_VERB = {
    "assumption": "assum", "assumpt": "assum", "creation": "creat", "deletion": "delet",
    "removal": "remov", "attachment": "attach", "modification": "modifi", "modif": "modifi",
}  # fmt: skip


def _ambiguous(tables: Sequence[Link]) -> dict[str, tuple[Link, ...]]:
    """Return the words that name several tables equally well."""
    if not tables:
        return {}
    best = tables[0]
    tied = tuple(
        one
        for one in tables
        if best.score - one.score <= _TIED and one.piece.start == best.piece.start
    )
    return {best.piece.text: tied} if len(tied) > 1 and best.piece.text else {}
