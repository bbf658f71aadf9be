"""The language of rules: one condition over one element, three-valued, and what it rests on.

    condition := part ("and" part)*
    part      := ["not"] (NAME "." FACT | NAME "(" ELEMENT ["," TEXT] ")")
               | NAME "." FACT ("==" | "!=") LITERAL | NAME "." FACT "in" "[" LITERAL, ... "]"

There is no `or`: an alternative is another rule, so that negating any fact which a threat cites
removes it. Logic is Kleene's: false and unknown is false, true and unknown is unknown. `not c.x`
asks for a control: one that nobody spoke of counts as absent. `c.x` asks for a fact: one that
nobody spoke of is unknown, and the rule becomes a question. Nothing is evaluated but this.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from undersign.records.system import Element, Value
from undersign.records.threat import Cited

NAMES = {"component": "c", "flow": "f", "boundary": "b", "system": "m"}
"""What the element is called in a rule of each sort."""

Known = Callable[[Element, str], "Told"]


@dataclass(frozen=True, slots=True)
class Told:
    """What a function found: true, false or unknown (None)."""

    truth: bool | None
    cited: tuple[Cited, ...] = ()
    """The unknown facts that keep it open."""
    words: Mapping[str, str] | None = None
    """Names for the text of a rule: `src`, `via` ..."""
    because: str = ""
    """Why it is true, in words."""


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a condition."""

    fact: str = ""
    """Name of a fact of the element; empty when a function is asked."""
    end: str = ""
    """Of a flow: `source` or `target` when the fact is one of that component."""
    function: str = ""
    argument: str = ""
    """Text handed to the function."""
    of: str = ""
    """`source` or `target` when the function is asked about an end of the flow."""
    negated: bool = False
    values: tuple[Value, ...] = ()
    """The fact must be one of these; empty: it must be true."""
    differs: bool = False
    """The fact must be none of `values`."""

    @property
    def is_control(self) -> bool:
        """Whether it asks that something is absent which would help."""
        return self.negated and bool(self.fact) and not self.values


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a condition comes to for one element."""

    truth: bool | None
    cited: tuple[Cited, ...] = ()
    """The facts that make it true, or leave it unknown; the element's own first."""
    unknown: tuple[Cited, ...] = ()
    words: Mapping[str, str] | None = None
    because: tuple[str, ...] = ()


class BadCondition(ValueError):
    """A condition that is not of the language; says where."""


@lru_cache(maxsize=1024)
def parse(text: str, name: str) -> tuple[Part, ...]:
    """Read a condition in which the element is called `name`; BadCondition when it is none."""
    try:
        tree = ast.parse(text, mode="eval").body
    except (SyntaxError, ValueError, RecursionError) as error:
        raise BadCondition(f"{text!r}: {error}") from error
    parts = tree.values if isinstance(tree, ast.BoolOp) and isinstance(tree.op, ast.And) else [tree]
    found = tuple(_part(one, name, text) for one in parts)
    if not any(part.fact and not part.end for part in found):
        raise BadCondition(f"{text!r} asks for no fact of the element itself")
    return found


def _part(node: ast.expr, name: str, text: str) -> Part:
    negated = isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not)
    inner = node.operand if isinstance(node, ast.UnaryOp) and negated else node
    match inner:
        case ast.Attribute():
            fact, end = _fact(inner, name, text)
            return Part(fact, end, negated=negated)
        case ast.Call(func=ast.Name(id=function), args=[first, *rest], keywords=[]):
            of = first.attr if isinstance(first, ast.Attribute) else ""
            return Part(function=function, of=of, argument=_text(rest, text), negated=negated)
        case ast.Compare(left=ast.Attribute() as left, ops=[op], comparators=[right]):
            fact, end = _fact(left, name, text)
            values = _values(right, text)
            if not isinstance(op, ast.Eq | ast.NotEq | ast.In):
                raise BadCondition(f"{text!r}: only ==, != and in")
            return Part(
                fact, end, negated=negated, values=values, differs=isinstance(op, ast.NotEq)
            )
    raise BadCondition(f"{text!r}: {ast.unparse(node)} is not of the language")


def _fact(node: ast.Attribute, name: str, text: str) -> tuple[str, str]:
    match node.value:
        case ast.Name(id=found) if found == name:
            return node.attr, ""
        case ast.Attribute(value=ast.Name(id=found), attr="source" | "target" as end) if (
            found == name
        ):
            return node.attr, end
    raise BadCondition(f"{text!r}: {ast.unparse(node)} is no fact of {name}")


def _text(arguments: list[ast.expr], text: str) -> str:
    match arguments:
        case []:
            return ""
        case [ast.Constant(value=str(value))]:
            return value
    raise BadCondition(f"{text!r}: a function takes an element and one text")


def _values(node: ast.expr, text: str) -> tuple[Value, ...]:
    nodes = node.elts if isinstance(node, ast.List) else [node]
    values = [one.value for one in nodes if isinstance(one, ast.Constant)]
    if len(values) != len(nodes) or not all(isinstance(v, str | bool | int) for v in values):
        raise BadCondition(f"{text!r}: only texts, numbers, true and false can be compared with")
    return tuple(values)  # type: ignore[arg-type]


def evaluate(
    parts: tuple[Part, ...],
    element: Element,
    ends: Mapping[str, Element],
    functions: Mapping[str, Known],
) -> Verdict:
    """Return what a condition comes to for an element; `ends` are those of a flow, by name."""
    stated: list[Cited] = []
    unknown: list[Cited] = []
    because: list[str] = []
    words: dict[str, str] = {}
    for part in parts:
        end = part.end or part.of
        about = ends[end] if end else element
        told = _asked(part, about, functions) if part.function else _stated(part, about)
        if told.truth is False:
            return Verdict(False)
        if not part.function:
            stated.extend(told.cited)
        if told.truth is None:
            unknown.extend(told.cited)
        if told.because:
            because.append(told.because)
        words |= told.words or {}
    cited = tuple(sorted(dict.fromkeys(stated), key=lambda one: one.element != element.id))
    truth = None if unknown else True
    return Verdict(truth, cited, tuple(dict.fromkeys(unknown)), words, tuple(because))


def _asked(part: Part, element: Element, functions: Mapping[str, Known]) -> Told:
    told = functions[part.function](element, part.argument)
    if not part.negated or told.truth is None:
        return told
    return Told(not told.truth, told.cited, told.words)


def _stated(part: Part, element: Element) -> Told:
    value = element.facts.get(part.fact)
    cited = (Cited(element.id, part.fact, value, part.is_control),)
    if part.values:
        if value is None:
            return Told(None, cited)
        return Told(((value in part.values) != part.differs) != part.negated, cited)
    if value is None:
        return Told(True if part.negated else None, cited)
    return Told(bool(value) != part.negated, cited)
