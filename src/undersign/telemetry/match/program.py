"""A rule set compiled once: an expression per rule, the tests of every field, who answers it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from undersign.catalogs.log_sources import Answer, LogSources
from undersign.languages.sigma.document import LogSource, Rule
from undersign.languages.sigma.tree import And, Atom, Exists, Node, Not, Null, Or, Regex, Selection
from undersign.telemetry.match.atoms import FieldTests, regex_text
from undersign.telemetry.match.plan import (
    CannotMatch,
    Expression,
    Leaf,
    Tests,
    fields_of,
    has_keywords,
    needed,
)
from undersign.telemetry.match.sets import ANYTHING, NOTHING, Codes


@dataclass(frozen=True, slots=True)
class Compiled:
    """One rule, ready to run."""

    rule: Rule
    expression: Expression | None
    """None when it cannot be evaluated; `reason` says why."""
    answers: tuple[Answer, ...]
    reason: str | None = None
    fields: frozenset[str] = frozenset()
    """Every field it reads, lower-cased Sigma names."""
    keywords: bool = False
    by_table: Mapping[str, tuple[Answer, ...]] = field(default_factory=dict)
    """The answers of each table."""


class KeywordTests(FieldTests):
    """The keyword tests of a program; they know how many they are."""

    @property
    def count(self) -> int:
        """How many keyword tests there are."""
        return len(self._tests)


class Program:
    """Compiled rules and the tests they share."""

    def __init__(self, rules: Iterable[Rule], sources: LogSources) -> None:
        self._tests = Tests()
        self._sources = sources
        self._answers: dict[LogSource, tuple[Answer, ...]] = {}
        self._tables: dict[LogSource, dict[str, tuple[Answer, ...]]] = {}
        self._fields: dict[str, FieldTests] = {}
        self._needed: dict[int, frozenset[int] | None] = {}
        self._absent: dict[str, list[Codes]] = {}
        self.rules: tuple[Compiled, ...] = ()
        self.extend(rules)

    def _compiled(self, rule: Rule) -> Compiled:
        asked = rule.logsource
        answers = self._answers.get(asked)
        if answers is None:
            answers = self._sources.answers(asked.product, asked.category, asked.service)
            self._answers[asked] = answers
        if rule.problems or not rule.conditions:
            what = rule.problems[0].message if rule.problems else "it has no condition"
            return Compiled(rule, None, answers, f"it is no valid rule: {what}")
        try:
            for node in rule.conditions:
                _refuse_bad_regexes(node)
            expression = self._tests.any_of(rule.conditions)
        except CannotMatch as cannot:
            return Compiled(rule, None, answers, str(cannot))
        return Compiled(
            rule,
            expression,
            answers,
            fields=fields_of(expression),
            keywords=has_keywords(expression),
            by_table=self._by_table(asked, answers),
        )

    def _by_table(
        self, asked: LogSource, answers: tuple[Answer, ...]
    ) -> Mapping[str, tuple[Answer, ...]]:
        if asked not in self._tables:
            found: dict[str, tuple[Answer, ...]] = {}
            for answer in answers:
                found[answer.source.name] = (*found.get(answer.source.name, ()), answer)
            self._tables[asked] = found
        return self._tables[asked]

    def extend(self, rules: Iterable[Rule]) -> None:
        """Add rules; their numbers follow those that are there."""
        self.rules = (*self.rules, *(self._compiled(rule) for rule in rules))

    def prepare(self) -> None:
        """Build at once all that depends on the rules alone; otherwise it is built when needed.

        For whoever runs one rule set many times, or wants to time matching apart from compiling.
        """
        for name in self._tests.by_field:
            self.field(name).prepare()
        self.keywords.prepare()
        for leaf in self._tests.leaves():
            self.needed(leaf)

    def field(self, name: str) -> FieldTests:
        """Return the tests of a field."""
        if name not in self._fields:
            self._fields[name] = FieldTests(tuple(self._tests.by_field[name]))
        return self._fields[name]

    def absent(self, name: str) -> list[Codes]:
        """Return what the tests of a field say where the whole column is absent."""
        if name not in self._absent:
            self._absent[name] = [
                ANYTHING
                if isinstance(t, Null) or (isinstance(t, Exists) and not t.expected)
                else NOTHING
                for t in self._tests.by_field[name]
            ]
        return self._absent[name]

    def needed(self, leaf: Leaf) -> frozenset[int] | None:
        """Return tests of which one must pass for the leaf to hold; None when it can without."""
        key = id(leaf)
        if key not in self._needed:
            self._needed[key] = needed(leaf.tree)
        return self._needed[key]

    @cached_property
    def keywords(self) -> KeywordTests:
        """The keyword tests of all rules."""
        return KeywordTests(tuple(self._tests.keywords))

    def gave_up(self) -> tuple[str, ...]:
        """Return sentences on what could not be looked at while matching."""
        said = {s for tests in self._fields.values() for s in tests.gave_up}
        if "keywords" in self.__dict__:
            said |= self.keywords.gave_up
        return tuple(sorted(said))


def _refuse_bad_regexes(node: Node) -> None:
    for atom in atoms_of(node):
        if isinstance(atom.test, Regex):
            try:
                re.compile(regex_text(atom.test))
            except re.error as error:
                import re2

                try:
                    re2.compile(regex_text(atom.test))
                except re2.error:
                    raise CannotMatch(
                        f"the regex {atom.test.pattern!r} is not valid: {error}"
                    ) from error


def atoms_of(node: Node) -> Iterator[Atom]:
    """Yield every atom below a node."""
    match node:
        case Atom():
            yield node
        case Selection() | Not():
            yield from atoms_of(node.arg)
        case And() | Or():
            for arg in node.args:
                yield from atoms_of(arg)
