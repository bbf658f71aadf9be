"""The check `too-broad`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from undersign.catalogs.log_sources import Answer, LogSources
from undersign.checks.reading.trees import bare
from undersign.checks.reading.value_logic import always
from undersign.checks.reading.wording import quoted
from undersign.languages.sigma.document import Rule, SigmaFile
from undersign.languages.sigma.tree import (
    And,
    Atom,
    Exists,
    Node,
    Not,
    Null,
    Number,
    Or,
    Place,
    Selection,
    Test,
    Text,
)
from undersign.records.finding import Fault

MIN_TEXT = 3
"""Characters that a `contains`, `startswith` or `endswith` needs to tell anything apart."""
MIN_KEYWORD = 3


def too_broad(file: SigmaFile, sources: LogSources | None) -> Iterator[Fault]:
    """Report a rule in which nothing narrows down what it matches."""
    for rule in file.rules:
        given = _given(rule, sources)
        for index, condition in enumerate(rule.conditions):
            reason = _broad(condition, given)
            if reason:
                span = rule.span("detection", "condition", index)
                yield Fault(
                    f"nothing narrows this rule down: {reason}",
                    span,
                    {"condition": rule.condition_texts[index], "given": dict(given)},
                    "add a comparison that ordinary events do not satisfy",
                )


def _given(rule: Rule, sources: LogSources | None) -> dict[str, list[str]]:
    """Return what the log source alone already fixes: column -> values, lower-cased."""
    source = rule.logsource
    answers = sources.answers(source.product, source.category, source.service) if sources else ()
    return {
        column.lower(): sorted(v.lower() for v in values)
        for column, values in _shared(answers).items()
    }


def _shared(answers: tuple[Answer, ...]) -> Mapping[str, tuple[str, ...]]:
    """Return the narrowing that is the same in every answer."""
    if not answers:
        return {}
    first = answers[0].route.where
    rest = [answer.route.where for answer in answers[1:]]
    return {c: v for c, v in first.items() if all(set(o.get(c, ())) == set(v) for o in rest)}


def _broad(node: Node, given: Mapping[str, list[str]]) -> str:
    """Say why a node tells next to nothing apart; empty when it does narrow."""
    inner = bare(node) if isinstance(node, Selection) else node
    if isinstance(inner, Not):
        return "a `not` alone matches everything else"
    if isinstance(inner, And):
        reasons = [_broad(arg, given) for arg in inner.args]
        return reasons[0] if reasons and all(reasons) else ""
    if isinstance(inner, Or):
        return next(filter(None, (_broad(arg, given) for arg in inner.args)), "")
    return _broad_atom(inner, given) if isinstance(inner, Atom) else ""


def _broad_atom(atom: Atom, given: Mapping[str, list[str]]) -> str:
    written = quoted(atom.written)
    if isinstance(atom.test, Null | Exists) or always(atom.test):
        return f"{written} only asks whether a field is there"
    if atom.field is None:
        short = isinstance(atom.test, Text) and len(atom.test.value.strip()) < MIN_KEYWORD
        return f"the keyword {written} is too short" if short else ""
    if _short(atom.test):
        return f"{written} is found in too many values"
    value = _fixed_value(atom)
    if value is not None and given.get(atom.field.lower()) == [value]:
        return f"{written} is true of every event of this log source"
    return ""


def _short(test: Test) -> bool:
    """Say whether a text is blank, or one or two ordinary letters; signs are rarer than letters."""
    if not isinstance(test, Text) or test.place is Place.EQUALS:
        return False
    text = test.value.strip()
    blank = not text and test.place is Place.CONTAINS
    return blank or (len(test.value) < MIN_TEXT and text.isascii() and text.isalnum())


def _fixed_value(atom: Atom) -> str | None:
    if isinstance(atom.test, Number):
        return str(atom.test.value)
    if isinstance(atom.test, Text) and atom.test.place is Place.EQUALS:
        return atom.test.value.lower()
    return None
