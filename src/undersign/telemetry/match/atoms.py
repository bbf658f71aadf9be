"""All tests of one field, run over its distinct values at once.

Literals go into one Aho-Corasick automaton over the lower-cased values; what a literal cannot
decide alone (case, inner wildcards, regular expressions) is verified on the few values left.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from functools import cached_property
from typing import Any

import ahocorasick_rs
import numpy as np
import re2

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
    TimePart,
)
from undersign.telemetry.match.column import BEGIN, END, Column
from undersign.telemetry.match.required import required_literals
from undersign.telemetry.match.sets import NOTHING, Codes, Ids, distinct

MAX_BACKTRACKING_VALUE = 4_096
"""Characters of a value that a regular expression beyond RE2 is tried on: such ones may explode."""

_LONG_REPEAT = re.compile(r"[{,][0-9]{3,}")
"""Such a regex outgrows the 8 MB that Arrow grants RE2, and then crawls."""
_FEW_LITERALS = 400
"""Up to so many, building the faster automaton costs less than it saves."""

Verify = Callable[[str], bool]


class FieldTests:
    """The tests of one field, compiled once and run over any number of columns."""

    def __init__(self, tests: Sequence[Test]) -> None:
        self._tests = tests
        self._literals: dict[bytes, list[int]] = {}
        self._verify: dict[int, Verify] = {}
        self._equal: dict[str, list[int]] = {}
        self._presence: list[tuple[int, bool]] = []
        self._slow: dict[int, None] = {}
        """Tests that look at every value; a dict for its order and its quick `in`."""
        self._equal_to: dict[float, list[int]] = {}
        self._folding: list[int] = []
        self._plain_regexes: dict[int, str] = {}
        self.gave_up: set[str] = set()
        """Sentences on values that were too long for a regular expression beyond RE2."""
        for number, test in enumerate(tests):
            self._sort(number, test)

    def _sort(self, number: int, test: Test) -> None:
        match test:
            case Text():
                self._text(number, test)
            case Pattern():
                self._pattern(number, test)
            case Regex():
                self._regex(number, test)
            case Null():
                self._presence.append((number, False))
            case Exists():
                self._presence.append((number, test.expected))
            case Number():
                self._equal_to.setdefault(float(test.value), []).append(number)
            case _:
                self._slow[number] = None

    def _text(self, number: int, test: Text) -> None:
        lowered = test.value.lower()
        if test.cased:
            self._verify[number] = cased_text(test)
        if test.place is Place.EQUALS:
            self._equal.setdefault(lowered, []).append(number)
        elif not lowered or BEGIN in lowered or END in lowered:
            self._verify.setdefault(number, plain_text(test))
            self._slow[number] = None
        else:
            literal = {
                Place.CONTAINS: lowered,
                Place.STARTSWITH: BEGIN + lowered,
                Place.ENDSWITH: lowered + END,
            }[test.place]
            self._literal(literal, number)

    def _literal(self, literal: str, number: int) -> None:
        self._literals.setdefault(literal.encode("utf-8", "replace"), []).append(number)

    def _pattern(self, number: int, test: Pattern) -> None:
        self._verify[number] = wildcard(test)
        self._prefiltered(number, (max((p for p in test.parts if p), key=len, default=""),))

    def _regex(self, number: int, test: Regex) -> None:
        written = regex_text(test)
        try:
            self._verify[number] = _searcher(written)
            if not _LONG_REPEAT.search(written):
                self._plain_regexes[number] = written
        except re2.error:
            self._verify[number] = self._guarded(test, written)
        self._prefiltered(number, required_literals(written))
        if number not in self._slow:
            self._folding.append(number)

    def _prefiltered(self, number: int, literals: Sequence[str]) -> None:
        """Let the automaton find the values worth verifying; without literals, all of them."""
        lowered = list(dict.fromkeys(literal.lower() for literal in literals))
        if lowered and all(t and BEGIN not in t and END not in t for t in lowered):
            for literal in lowered:
                self._literal(literal, number)
        else:
            self._slow[number] = None

    def _guarded(self, test: Regex, written: str) -> Verify:
        compiled = re.compile(written)

        def search(value: str) -> bool:
            if len(value) > MAX_BACKTRACKING_VALUE:
                self.gave_up.add(
                    f"the regex {test.pattern[:60]!r} needs backtracking and was not tried on "
                    f"values over {MAX_BACKTRACKING_VALUE:,} characters"
                )
                return False
            return compiled.search(value) is not None

        return search

    @cached_property
    def _automaton(self) -> Any:
        # Deterministic is twice as fast to run, and slow to build for many literals.
        few = len(self._literals) <= _FEW_LITERALS
        kinds = ahocorasick_rs.Implementation
        kind = kinds.DFA if few else kinds.ContiguousNFA
        return ahocorasick_rs.BytesAhoCorasick(list(self._literals), implementation=kind)

    @cached_property
    def _anchored(self) -> bool:
        return any(t[:1] == BEGIN.encode() or t[-1:] == END.encode() for t in self._literals)

    @cached_property
    def _numbers_of(self) -> list[list[int]]:
        return list(self._literals.values())

    def prepare(self) -> None:
        """Build the automaton and the list of whole texts now."""
        if self._literals:
            _ = self._automaton, self._numbers_of
        if self._equal:
            _ = self._equal_texts, self._equal_numbers

    def codes(self, column: Column) -> list[Codes]:
        """Return for every test the codes of the column that pass it."""
        hits: dict[int, list[Ids]] = {}
        self._scan_equal(column, hits)
        self._scan_numbers(column, hits)
        self._scan_literals(column, hits)
        if self._folding and column.folding.size:
            for number in self._folding:
                hits.setdefault(number, []).append(column.folding)
        for number in self._slow:
            hits[number] = [self._one_by_one(number, column)]
        # Of thousands of tests few hit, so only those cost anything.
        answers = [NOTHING] * len(self._tests)
        for number, parts in hits.items():
            answers[number] = self._answer(number, column, parts)
        absent = Codes(np.array([column.absent], dtype=np.int32))
        for number, expected in self._presence:
            answers[number] = ~absent if expected else absent
        return answers

    def _answer(self, number: int, column: Column, parts: list[Ids]) -> Codes:
        elements = distinct(np.concatenate(parts)) if len(parts) > 1 else parts[0]
        verify = self._verify.get(number)
        if verify is not None and number not in self._slow and elements.size:
            texts = column.texts
            elements = _ids(e for e in elements.tolist() if verify(texts[e]))
        return column.codes_of(elements)

    @cached_property
    def _equal_texts(self) -> Any:
        import pyarrow as pa

        return pa.array(list(self._equal), type=pa.string())

    @cached_property
    def _equal_numbers(self) -> list[list[int]]:
        return list(self._equal.values())

    def _scan_equal(self, column: Column, hits: dict[int, list[Ids]]) -> None:
        if not self._equal:
            return
        which = column.equal_to(self._equal_texts)
        passed = np.flatnonzero(which >= 0)
        for literal in np.unique(which[passed]):
            ids = passed[which[passed] == literal].astype(np.int32)
            for number in self._equal_numbers[int(literal)]:
                hits.setdefault(number, []).append(ids)

    def _scan_numbers(self, column: Column, hits: dict[int, list[Ids]]) -> None:
        if not self._equal_to:
            return
        read = column.numbers
        for element in np.flatnonzero(~np.isnan(read)).astype(np.int32):
            for number in self._equal_to.get(float(read[element]), ()):
                hits.setdefault(number, []).append(element.reshape(1))

    def _scan_literals(self, column: Column, hits: dict[int, list[Ids]]) -> None:
        if not self._literals:
            return
        for text, bounds, first in column.blocks if self._anchored else column.bare_blocks:
            found = self._automaton.find_matches_as_indexes(text, overlapping=True)
            if not found:
                continue
            table = np.array(found, dtype=np.int64)
            values = np.searchsorted(bounds, table[:, 1], side="right") - 1
            inside = table[:, 2] <= bounds[values + 1]
            table, values = table[inside], values[inside] + first
            width = len(column.values) + 1
            pairs = np.unique(table[:, 0] * width + values)
            literals, elements = np.divmod(pairs, width)
            if not pairs.size:
                continue
            ids = elements.astype(np.int32)
            starts = [0, *(np.flatnonzero(np.diff(literals)) + 1).tolist()]
            ends = [*starts[1:], pairs.size]
            for literal, low, high in zip(literals[starts].tolist(), starts, ends, strict=True):
                for number in self._numbers_of[literal]:
                    hits.setdefault(number, []).append(ids[low:high])

    def _one_by_one(self, number: int, column: Column) -> Ids:
        test = self._tests[number]
        if isinstance(test, Compare):
            return _compared(test, column)
        if isinstance(test, Cidr):
            network = ipaddress.ip_network(test.network, strict=False)
            return _ids(e for e, a in enumerate(column.addresses) if a is not None and a in network)
        written = self._plain_regexes.get(number)
        if written is not None:
            found = column.found(written)
            if found is not None:
                return found
        verify = self._verify.get(number) or _verifier(test)
        return _ids(e for e, text in enumerate(column.texts) if verify(text))


_COMPARISONS = {"<": np.less, "<=": np.less_equal, ">": np.greater, ">=": np.greater_equal}


def _compared(test: Compare, column: Column) -> Ids:
    with np.errstate(invalid="ignore"):
        passed = _COMPARISONS[test.operator](column.numbers, float(test.value))
    return np.flatnonzero(passed).astype(np.int32)


def _verifier(test: Test) -> Verify:
    match test:
        case Boolean():
            wanted = "true" if test.value else "false"
            return lambda text: text.lower() == wanted
        case TimePart():
            return lambda text: _time_part(text, test.part) == test.value
        case _:
            raise AssertionError(f"{test!r} is no test of a value")


def _time_part(text: str, part: str) -> int | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment.isocalendar().week if part == "week" else int(getattr(moment, part))


def plain_text(test: Text) -> Verify:
    """Return the comparison of a literal without case."""
    wanted = test.value.lower()
    return lambda text: _stands(text.lower(), wanted, test.place)


def cased_text(test: Text) -> Verify:
    """Return the comparison of a literal with case."""
    return lambda text: _stands(text, test.value, test.place)


def _stands(text: str, wanted: str, place: Place) -> bool:
    if place is Place.EQUALS:
        return text == wanted
    if place is Place.CONTAINS:
        return wanted in text
    return text.startswith(wanted) if place is Place.STARTSWITH else text.endswith(wanted)


def wildcard(test: Pattern) -> Verify:
    """Return the comparison of a whole value with a wildcard pattern."""
    if "" not in test.parts:
        # Only `*`: the pieces between must stand in order, which a find each decides at once.
        return _stars(test)
    search = _searcher(pattern_regex(test))
    return search if test.cased else lambda value: search(value.lower())


def _stars(test: Pattern) -> Verify:
    fold = str if test.cased else str.lower
    runs: list[str] = [""]
    for part in test.parts:
        if part is None:
            runs.append("")
        else:
            runs[-1] += fold(part)
    if len(runs) == 1:
        return lambda value: fold(value) == runs[0]
    head, *middle, tail = runs

    def matches(value: str) -> bool:
        text = fold(value)
        if len(text) < len(head) + len(tail) or not text.startswith(head):
            return False
        at, end = len(head), len(text) - len(tail)
        for piece in middle:
            found = text.find(piece, at, end)
            if found < 0:
                return False
            at = found + len(piece)
        return text.endswith(tail)

    return matches


def pattern_regex(test: Pattern) -> str:
    """Write a wildcard pattern as a regular expression over the whole, lower-cased value."""
    fold = str if test.cased else str.lower
    inner = "".join(
        ".*" if part is None else "." if part == "" else re2.escape(fold(part))
        for part in test.parts
    )
    return f"(?s)\\A(?:{inner})\\z"


def regex_text(test: Regex) -> str:
    """Write a regex with its flags in front, as RE2 and Python both read them."""
    flags = "".join(
        letter
        for letter, wanted in (
            ("i", test.ignore_case),
            ("m", test.multiline),
            ("s", test.dotall),
        )
        if wanted
    )
    return f"(?{flags}){test.pattern}" if flags else test.pattern


def _searcher(written: str) -> Verify:
    compiled = re2.compile(written, _quiet())
    return lambda text: compiled.search(text) is not None


def _quiet() -> Any:
    options = re2.Options()
    options.log_errors = False
    options.max_mem = 256 * 1024 * 1024
    return options


def _ids(numbers: Iterable[int]) -> Ids:
    return np.array(list(numbers), dtype=np.int32)
