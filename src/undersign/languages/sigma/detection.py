"""The `detection` section of a rule or filter -> named selections and condition trees."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from undersign.languages.sigma.condition import ConditionFault, parse_condition
from undersign.languages.sigma.document import Problem
from undersign.languages.sigma.tree import And, Atom, Node, Or, Selection, Unsupported
from undersign.languages.sigma.values import ItemFault, Reading, item_node
from undersign.languages.sigma.yaml_spans import Items, Pairs, Scalar, YamlNode
from undersign.records.artifact import Span


@dataclass(slots=True)
class DetectionReader:
    """Reads the selections and conditions of one document and notes what is wrong with them."""

    reading: Reading
    problems: list[Problem] = field(default_factory=list)

    def selections(self, section: Pairs, reserved: frozenset[str]) -> dict[str, Selection]:
        """Return every named detection in file order; a faulty part becomes `Unsupported`."""
        found: dict[str, Selection] = {}
        for key, value in section.entries:
            if key.raw not in reserved:
                found[key.raw] = Selection(key.raw, self._definition(value), key.span)
        if not found:
            self.problems.append(Problem("no selection is defined", section.span))
        return found

    def conditions(
        self, node: YamlNode | None, selections: dict[str, Selection], whole: Span
    ) -> tuple[tuple[Node, ...], tuple[str, ...]]:
        """Return the trees and texts of a condition, which may be a list of alternatives."""
        if node is None:
            self.problems.append(Problem("there is no condition", whole))
            return (), ()
        written: Sequence[YamlNode] = node.items if isinstance(node, Items) else (node,)
        if not written:
            self.problems.append(Problem("there is no condition", node.span))
        trees: list[Node] = []
        texts: list[str] = []
        for one in written:
            if not isinstance(one, Scalar) or not isinstance(one.value, str):
                self.problems.append(Problem("a condition must be text", one.span))
                continue
            texts.append(one.value)
            tree = self._condition(one, selections)
            if tree is not None:
                trees.append(tree)
        return tuple(trees), tuple(texts)

    def _condition(self, scalar: Scalar, selections: dict[str, Selection]) -> Node | None:
        try:
            return parse_condition(scalar.raw, selections, self.reading.budget)
        except ConditionFault as fault:
            message = f"{fault.message} (column {fault.column} of the condition)"
            self.problems.append(Problem(message, _inside(scalar, fault.column)))
            return None

    def _definition(self, node: YamlNode) -> Node:
        if isinstance(node, Scalar):
            return self._item(None, (node,), node.span)
        if isinstance(node, Pairs):
            args = tuple(self._keyed(key, value) for key, value in node.entries)
            return self._joined(args, node.span, And)
        scalars = [item for item in node.items if isinstance(item, Scalar)]
        if scalars and len(scalars) == len(node.items):
            return self._item(None, scalars, node.span)
        return self._joined(tuple(self._definition(item) for item in node.items), node.span, Or)

    def _joined(self, args: tuple[Node, ...], span: Span, join: type[And] | type[Or]) -> Node:
        if not args:
            self.problems.append(Problem("this selection is empty", span))
            return Atom(None, Unsupported("the selection is empty"), span)
        return args[0] if len(args) == 1 else join(args)

    def _keyed(self, key: Scalar, value: YamlNode) -> Node:
        values = value.items if isinstance(value, Items) else (value,)
        scalars = [item for item in values if isinstance(item, Scalar)]
        if len(scalars) != len(values):
            wrong = next(item for item in values if not isinstance(item, Scalar))
            message = f"`{key.raw[:60]}` takes a value or a list of values"
            self.problems.append(Problem(message, wrong.span))
            return Atom(None, Unsupported(message), wrong.span, key.raw)
        return self._item(key.raw, scalars, key.span)

    def _item(self, key: str | None, scalars: Sequence[Scalar], span: Span) -> Node:
        try:
            return item_node(key, scalars, self.reading)
        except ItemFault as fault:
            place = span if fault.index is None else scalars[fault.index].span
            self.problems.append(Problem(fault.message, place))
            return Atom(None, Unsupported(fault.message), place, key or "")


def _inside(scalar: Scalar, column: int) -> Span:
    """Return the place of a column of a scalar's text; the whole scalar when it is not plain."""
    span = scalar.span
    quotes = 1 if scalar.style in ("'", '"') else 0
    width = span.end_column - span.column - 2 * quotes
    if span.line != span.end_line or width != len(scalar.raw):
        return span
    start = span.column + quotes + column - 1
    return Span(span.line, start, span.line, start + 1)
