"""The condition of a Sigma rule: text -> tree, with the column of what is wrong.

Grammar of the Sigma specification 2: `not` binds tighter than `and`, `and` tighter than `or`;
`1 of`, `any of`, `all of` and `N of` take a name, a pattern with `*`, or `them`.
Names that begin with `_` are left out of patterns that do not begin with `_` themselves.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import combinations
from math import comb

from undersign.languages.sigma.budget import Budget
from undersign.languages.sigma.tree import And, Atom, Node, Not, Or, Selection
from undersign.languages.sigma.wildcard import fits

MAX_CHARACTERS = 10_000
MAX_DEPTH = 64
_TOKEN = re.compile(r"\s*(?:([()])|([A-Za-z0-9_*.-]+)|(\S))")
_OPERATORS = frozenset({"and", "or", "not"})


class ConditionFault(ValueError):
    """A condition that cannot be read; `column` counts from 1 inside the condition text."""

    def __init__(self, message: str, column: int) -> None:
        super().__init__(message)
        self.message = message
        self.column = column


def parse_condition(text: str, selections: Mapping[str, Selection], budget: Budget) -> Node:
    """Return the tree of a condition over named selections.

    Raises ConditionFault on anything that is not a condition or names an unknown selection.
    """
    if len(text) > MAX_CHARACTERS:
        raise ConditionFault(f"the condition is longer than {MAX_CHARACTERS:,} characters", 1)
    return _Parser(text, selections, budget).whole()


class _Parser:
    def __init__(self, text: str, selections: Mapping[str, Selection], budget: Budget) -> None:
        self._selections = selections
        self._budget = budget
        self._sizes: dict[str, int] = {}
        self._tokens = _tokens(text)
        self._end = len(text) + 1
        self._at = 0
        self._depth = 0

    def whole(self) -> Node:
        if not self._tokens:
            raise ConditionFault("the condition is empty", 1)
        node = self._any()
        if self._at < len(self._tokens):
            word, column = self._tokens[self._at]
            raise ConditionFault(_unexpected(word), column)
        return node

    def _peek(self, ahead: int = 0) -> str:
        at = self._at + ahead
        return self._tokens[at][0] if at < len(self._tokens) else ""

    def _column(self) -> int:
        return self._tokens[self._at][1] if self._at < len(self._tokens) else self._end

    def _any(self) -> Node:
        args = [self._every()]
        while self._peek() == "or":
            self._at += 1
            args.append(self._every())
        return args[0] if len(args) == 1 else Or(tuple(args))

    def _every(self) -> Node:
        args = [self._negated()]
        while self._peek() == "and":
            self._at += 1
            args.append(self._negated())
        return args[0] if len(args) == 1 else And(tuple(args))

    def _negated(self) -> Node:
        nots = 0
        while self._peek() == "not":
            self._at += 1
            nots += 1
        node = self._operand()
        return node if nots % 2 == 0 else Not(node)

    def _operand(self) -> Node:
        word, column = self._peek(), self._column()
        if word == "(":
            return self._group(column)
        if word in ("", ")") or word in _OPERATORS:
            raise ConditionFault("a selection is missing here", column)
        self._at += 1
        if self._peek() == "of" and (word in ("any", "all") or word.isdigit()):
            return self._quantified(word, column)
        if "*" in word:
            raise ConditionFault(f"the pattern `{word}` needs `1 of` or `all of` before it", column)
        if word not in self._selections:
            raise ConditionFault(_unknown(word), column)
        self._refer([self._selections[word]], 1, column)
        return self._selections[word]

    def _group(self, column: int) -> Node:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise ConditionFault(f"parentheses nest deeper than {MAX_DEPTH} levels", column)
        self._at += 1
        node = self._any()
        if self._peek() != ")":
            raise ConditionFault("this parenthesis is never closed", column)
        self._at += 1
        self._depth -= 1
        return node

    def _quantified(self, quantifier: str, column: int) -> Node:
        self._at += 1
        pattern, at = self._peek(), self._column()
        if pattern in ("", "(", ")") or pattern in _OPERATORS:
            raise ConditionFault("`of` needs a name, a pattern with `*`, or `them`", at)
        self._at += 1
        chosen = self._chosen(pattern)
        if not chosen:
            raise ConditionFault(f"no selection fits `{pattern}`", at)
        return self._counted(quantifier, chosen, column)

    def _chosen(self, pattern: str) -> list[Selection]:
        glob = "*" if pattern == "them" else pattern
        parts = [None if part == "*" else part for part in re.split(r"(\*)", glob) if part]
        return [
            selection
            for name, selection in self._selections.items()
            if fits(parts, name) and (glob.startswith("_") or not name.startswith("_"))
        ]

    def _counted(self, quantifier: str, chosen: list[Selection], column: int) -> Node:
        # A number of ten digits asks for more than any file can hold.
        wanted = {"any": 1, "all": len(chosen)}.get(quantifier) or int(quantifier[:10])
        if not 1 <= wanted <= len(chosen):
            message = f"`{quantifier} of` can never be counted over {len(chosen)} selections"
            raise ConditionFault(message, column)
        # Every selection stands in this many of the groups that are or-ed.
        self._refer(chosen, comb(len(chosen) - 1, wanted - 1), column)
        groups = combinations(chosen, wanted)
        args: list[Node] = [group[0] if wanted == 1 else And(group) for group in groups]
        return args[0] if len(args) == 1 else Or(tuple(args))

    def _refer(self, chosen: Sequence[Selection], times: int, column: int) -> None:
        for selection in chosen:
            if selection.name not in self._sizes:
                self._sizes[selection.name] = _comparisons(selection)
        if not self._budget.refer(times * sum(self._sizes[s.name] for s in chosen)):
            raise ConditionFault("the condition expands to more than any rule needs", column)


def _comparisons(node: Node) -> int:
    if isinstance(node, And | Or):
        return sum(_comparisons(arg) for arg in node.args)
    return 1 if isinstance(node, Atom) else _comparisons(node.arg)


def _tokens(text: str) -> list[tuple[str, int]]:
    """Return words and parentheses with their columns from 1."""
    found: list[tuple[str, int]] = []
    for match in _TOKEN.finditer(text):
        parenthesis, word, other = match.groups()
        if other == "|":
            raise ConditionFault(
                "aggregations after `|` are no longer Sigma; write a correlation rule",
                match.start(3) + 1,
            )
        if other:
            raise ConditionFault(f"`{other}` has no meaning in a condition", match.start(3) + 1)
        found.append((parenthesis or word, match.start(1 if parenthesis else 2) + 1))
    return found


def _unexpected(word: str) -> str:
    if word == ")":
        return "this parenthesis was never opened"
    if word.lower() in _OPERATORS:
        return f"write `{word.lower()}` in lower case"
    return f"`and` or `or` is missing before `{word[:60]}`"


def _unknown(word: str) -> str:
    if word.lower() in _OPERATORS:
        return f"write `{word.lower()}` in lower case"
    return f"no selection is called `{word[:60]}`"
