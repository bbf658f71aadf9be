"""Tie the words of a question to tables, columns and values that are really there."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from undersign.languages.question.choose import tables_of
from undersign.languages.question.names import Named, Names, columns_of_role, names_of
from undersign.languages.question.synonyms import GENERIC, ROLE_WORDS
from undersign.languages.question.tokens import Token, piece_of, same, tokens
from undersign.records.question import Link, Links, Piece, Question
from undersign.records.visible import Visible, VisibleTable

TABLES = 6
"""Tables of which columns and values are linked."""
_TIED = 0.04


def link(question: Question, visible: Visible) -> Links:
    """Say what the words of a question mean in one workspace and language.

    Tables come best first. Columns and values are linked for the best tables only.
    """
    names = names_of(visible)
    row = tokens(question, names)
    tables = tables_of(question, row, names, visible)
    chosen = list(dict.fromkeys(one.table for one in tables))[:TABLES]
    if not chosen and len(visible.tables) == 1:
        chosen = list(visible.tables)  # as when a query is edited: its table needs no naming
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


def _columns(question: Question, row: Sequence[Token], names: Names, table: str) -> list[Link]:
    """Link words to the columns of a table, each word to the column it says most of."""
    candidates: list[tuple[float, int, Link, frozenset[int]]] = []
    for column in names.columns[table]:
        for run in _runs(question.text, row, column.stems):
            score = _coverage(column, run)
            if score >= 0.5:
                places = frozenset(t.start for t in run)
                said = Link(piece_of(question, run), table, column.name, score=score, why="name")
                candidates.append((score, len(run), said, places))
    candidates.sort(key=lambda c: (-c[1] * c[0], -c[0], len(c[2].column or "")))
    taken: set[int] = set()
    found = []
    for _, _, said, places in candidates:
        if not places & taken:
            taken |= places
            found.append(said)
    return found


def _runs(text: str, row: Sequence[Token], stems: tuple[str, ...]) -> Iterable[list[Token]]:
    """Yield the runs of words that belong to these stems, at most one stop word apart."""
    run: list[Token] = []
    last: Token | None = None
    for token in row:
        if last is not None and (_apart(text, last, token) or token.stem in _BREAKS):
            yield from [run] if run else []
            run, last = [], None
        if any(same(token.stem, s) for s in stems) and token.stem not in {t.stem for t in run}:
            run.append(token)
            last = token
        elif run and (not token.stop or last is not run[-1]):
            yield run
            run, last = [], None
        elif run:
            last = token
    if run:
        yield run


_BREAKS = frozenset(("and", "or", "where", "that", "which", "with", "is", "are", "was"))


def _apart(text: str, before: Token, after: Token) -> bool:
    """Tell whether a comma, a quote or a stated value stands between two words."""
    between = text[before.end : after.start]
    return len(between) > 12 or any(c in between for c in ",;:?!\"'()")


def _coverage(column: Named, run: Sequence[Token]) -> float:
    said = total = 0.0
    for one, weight in zip(column.stems, column.weights, strict=True):
        total += weight
        said += weight * max((same(t.stem, one) for t in run), default=0.0)
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
            piece = piece_of(question, [token])
            found.append(Link(piece, table.name, column, score=score, why=f"role {role}"))
    return found


def _values(
    question: Question, row: Sequence[Token], names: Names, tables: Sequence[str]
) -> list[Link]:
    """Link words to values really seen: as written, by the parts of a name, by several words."""
    found: dict[tuple[int, str, str, str], Link] = {}
    wanted = set(tables)
    counting = _counting(question)
    for piece, score in _phrases(question):
        if any(one.start <= piece.start and piece.end <= one.end for one in counting):
            continue
        for table, column, value in names.literal.get(piece.text.lower(), ()):
            if table in wanted and piece.text not in ROLE_WORDS:
                exact = score if value.lower() == piece.text.lower() else 0.7
                exact = 1.0 if value == piece.text else exact
                exact = 0.78 if value.lower() == f"{piece.text.lower()}.exe" else exact
                one = Link(piece, table, column, value, exact, "value seen")
                found[(piece.start, table, column, value)] = one
    for run in _grams([t for t in row if not _asked_for(question, t)]):
        stems = tuple(sorted(_plain(t.stem) for t in run))
        for table, column, value in names.values.get(stems, ()):
            if table in wanted:
                one = Link(piece_of(question, run), table, column, value, 0.85, "value seen")
                found.setdefault((one.piece.start, table, column, value), one)
    order = {table: rank for rank, table in enumerate(tables)}
    return sorted(found.values(), key=lambda v: (order[v.table], v.piece.start, -v.score))


def _counting(question: Question) -> list[Piece]:
    """Return the words that say how many and how long: the 10 of `top 10` is no value."""
    said = [one.piece for one in question.thresholds]
    if question.limit is not None and question.output_piece:
        said.append(question.output_piece)
    return said + [w.piece for w in (question.window, question.within) if w]


def _asked_for(question: Question, token: Token) -> bool:
    """Tell whether a word says what to list: the users of `which users deleted trails`."""
    asked = question.output_piece
    listed = question.output == "distinct" and asked is not None
    return listed and asked is not None and asked.start <= token.start < asked.end


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
