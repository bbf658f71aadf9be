"""The names of a workspace, split into words once, so that a question can be held against them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from math import log

from undersign.languages.question.synonyms import COMPOUNDS, GENERIC, ROLE_NAMES
from undersign.languages.question.words import parts, stem
from undersign.records.visible import Visible, VisibleTable

_EXAMPLE_WORDS = 6
"""Longest value, in words, that a question is searched for."""


@dataclass(frozen=True, slots=True)
class Named:
    """A name as stems, and how much each tells."""

    name: str
    stems: tuple[str, ...]
    weights: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Names:
    """Everything of one `Visible` that words may be linked to."""

    tables: Mapping[str, Named]
    columns: Mapping[str, tuple[Named, ...]]
    """By table."""
    telling: Mapping[str, float]
    """Stem of a table's name -> how much it tells which table is meant; generic ones left out."""
    exact: Mapping[str, tuple[tuple[str, str | None], ...]]
    """Whole name, lower case -> (table, column or None)."""
    values: Mapping[tuple[str, ...], tuple[tuple[str, str, str], ...]]
    """Sorted stems of a seen value -> (table, column, value)."""
    literal: Mapping[str, tuple[tuple[str, str, str], ...]]
    """A seen value, lower case -> (table, column, value)."""
    vocabulary: frozenset[str]
    """Every stem of a name, and of a word that names a log source."""
    parts: frozenset[str]
    """The words that names are made of, as they stand there, lower case."""


@lru_cache(maxsize=16)
def names_of(visible: Visible) -> Names:
    """Split and index all names; kept by identity of `visible`."""
    words_of_table = {name: stems_of(name) for name in visible.tables}
    weigh = _weights(words_of_table.values())
    words_of_column = {
        name: {column: stems_of(column) for column in table.columns}
        for name, table in visible.tables.items()
    }
    weigh_column = _weights(s for columns in words_of_column.values() for s in columns.values())
    exact: dict[str, list[tuple[str, str | None]]] = defaultdict(list)
    for name, table in visible.tables.items():
        exact[name.lower()].append((name, None))
        for column in table.columns:
            exact[column.lower()].append((name, column))
    values, literal = _seen(visible)
    vocabulary = {s for stems in words_of_table.values() for s in stems}
    vocabulary |= {s for cs in words_of_column.values() for stems in cs.values() for s in stems}
    vocabulary |= {s for t in visible.tables.values() for w in t.words for s in stems_of(w)}
    return Names(
        {n: Named(n, s, tuple(weigh[x] for x in s)) for n, s in words_of_table.items()},
        {
            table: tuple(
                Named(c, s, tuple(weigh_column[x] for x in s)) for c, s in columns.items() if s
            )
            for table, columns in words_of_column.items()
        },
        {stem: weight for stem, weight in weigh.items() if stem not in GENERIC},
        {k: tuple(v) for k, v in exact.items()},
        values,
        literal,
        frozenset(vocabulary),
        frozenset(
            p for t in visible.tables.values() for n in (t.name, *t.columns) for p in parts(n)
        ),
    )


def stems_of(text: str) -> tuple[str, ...]:
    """Return the stems of a name, words that are one joined: `SignInLogs` is signin, log."""
    words = list(parts(text))
    joined: list[str] = []
    while words:
        pair = (words[0], words[1]) if len(words) > 1 else ("", "")
        if pair in COMPOUNDS:
            joined.append(COMPOUNDS[pair])
            del words[:2]
        else:
            joined.append(words.pop(0))
    return tuple(stem(word) for word in joined)


def _weights(names: Iterable[tuple[str, ...]]) -> dict[str, float]:
    """Return how much each stem tells: rare ones much, generic ones little."""
    counts: dict[str, int] = defaultdict(int)
    total = 1
    for stems in names:
        total += 1
        for one in set(stems):
            counts[one] += 1
    most = log(1 + total)
    return {
        one: (0.25 if one in GENERIC else 1.0) * (0.3 + 0.7 * log(1 + total / n) / most)
        for one, n in counts.items()
    }


def _seen(
    visible: Visible,
) -> tuple[
    dict[tuple[str, ...], tuple[tuple[str, str, str], ...]],
    dict[str, tuple[tuple[str, str, str], ...]],
]:
    by_stems: dict[tuple[str, ...], list[tuple[str, str, str]]] = defaultdict(list)
    literal: dict[str, list[tuple[str, str, str]]] = defaultdict(list)
    for table in visible.tables.values():
        for column in table.columns.values():
            services = _services(column.examples)
            for value in column.examples:
                if not 1 < len(value) <= 120:
                    continue
                place = (table.name, column.name, value)
                literal[value.lower()].append(place)
                stems = stems_of(value)
                if 1 < len(stems) <= _EXAMPLE_WORDS:
                    by_stems[tuple(sorted(stems))].append(place)
                if value in services:
                    literal[value.partition(".")[0]].append(place)
    return {k: tuple(v) for k, v in by_stems.items()}, {k: tuple(v) for k, v in literal.items()}


def _services(examples: Iterable[str]) -> frozenset[str]:
    """Return values that people call by their first label: `s3.amazonaws.com` is S3.

    Most values of such a column end alike; a column of anybody's host names is none.
    """
    ends: dict[str, list[str]] = defaultdict(list)
    total = 0
    for value in examples:
        label, dot, rest = value.partition(".")
        total += 1
        if dot and label.isalnum() and not label.isdigit() and value.islower():
            ends[rest].append(value)
    most = max(ends.values(), key=len, default=[])
    return frozenset(most) if len(most) > total / 2 else frozenset()


def columns_of_role(table: VisibleTable, role: str) -> tuple[str, ...]:
    """Return the columns that play a role, best first: as declared, else by their names."""
    declared = tuple(c for c in table.roles.get(role, ()) if c in table.columns)
    if declared:
        return declared
    by_words = {" ".join(parts(column)): column for column in table.columns}
    named = ROLE_NAMES.get(role, ())
    if role == "process" and "process" not in table.name.lower():
        # In a table of other events the process is the one that did it.
        named = ("initiating process file name", *named)
    return tuple(dict.fromkeys(by_words[name] for name in named if name in by_words))
