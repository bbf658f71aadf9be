"""The check `unreachable-condition`."""

from __future__ import annotations

from collections.abc import Iterator

from undersign.checks.reading.implication import conflict, impossible
from undersign.checks.reading.trees import bare, nodes
from undersign.checks.reading.wording import quoted
from undersign.languages.sigma.document import Rule, SigmaFile
from undersign.languages.sigma.tree import And, Node, Not, Or, Selection
from undersign.records.finding import Fault, Severity


def unreachable_condition(file: SigmaFile) -> Iterator[Fault]:
    """Report a condition, or a branch of one, that no event can make true."""
    for rule in file.rules:
        for index, condition in enumerate(rule.conditions):
            if any(impossible(s.arg) for s in nodes(condition) if isinstance(s, Selection)):
                continue  # `contradictory-selection` names the cause
            if impossible(condition):
                yield _fault(rule, index, condition, "the condition", Severity.ERROR)
                continue
            for branch in _dead_branches(condition):
                where = f"the branch {quoted(_worded(branch))}"
                yield _fault(rule, index, branch, where, Severity.WARNING)


def _dead_branches(condition: Node) -> Iterator[Node]:
    for node in nodes(condition):
        if isinstance(node, Or) and not isinstance(bare(node), Selection):
            yield from (arg for arg in node.args if _of_selections(arg) and impossible(arg))


def _of_selections(node: Node) -> bool:
    return any(isinstance(n, Selection) for n in nodes(node))


def _fault(rule: Rule, index: int, dead: Node, where: str, severity: Severity) -> Fault:
    clash = _named_conflict(dead)
    why = f": {clash[0]} and {clash[1]} exclude each other" if clash else ""
    span = rule.span("detection", "condition", index) or rule.span("detection", "condition")
    evidence = {"condition": rule.condition_texts[index], "parts": list(clash or ())}
    return Fault(f"{where} can never be true{why}", span, evidence, severity=severity)


def _named_conflict(node: Node) -> tuple[str, str] | None:
    """Return the two parts of a conjunction that clash, in the condition's own words."""
    parts = list(_parts(node))
    for index, one in enumerate(parts):
        for other in parts[index + 1 :]:
            if conflict(And((one, other))):
                return quoted(_worded(one)), quoted(_worded(other))
    return None


def _parts(node: Node) -> Iterator[Node]:
    """Yield what a condition joins with `and`, parentheses taken off, selections left whole."""
    if isinstance(node, And):
        for arg in node.args:
            yield from _parts(arg)
    else:
        yield node


def _worded(node: Node) -> str:
    """Write a condition over selection names back as text."""
    if isinstance(node, Selection):
        return node.name
    if isinstance(node, Not):
        return f"not {_worded(node.arg)}"
    if isinstance(node, And | Or):
        word = " and " if isinstance(node, And) else " or "
        return f"({word.join(map(_worded, node.args))})"
    return node.written
